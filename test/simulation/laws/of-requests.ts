import { nameOf, type Family, type TokenRequest } from '../world/server.js'
import { isOpen, type History } from './history.js'
import type { Broken } from './statements.js'

const CYCLE_MS = 25_000

/** Whether a token request may begin now: the laws that speak of sending a refresh token. */
export const LAWS_OF_REQUESTS: readonly ((
  history: History,
  request: TokenRequest,
) => Broken | undefined)[] = [
  needsLease,
  isTheOnlyOne,
  knowsNoSuccessor,
  waitsBetweenUnknownOutcomes,
  waitsAsTheServerSaid,
  isNotAfterTheEnd,
]

function needsLease({ world }: History, { by, token }: TokenRequest): Broken | undefined {
  if (world.options.lease === 'none') return undefined
  const holder = world.store.lease.lastOf.get(by)
  if (holder && !holder.isReleased && by.monotonicNow() < holder.validUntil) return undefined
  return {
    law: '2 lease',
    what: `process ${by.place} sends ${nameOf(token)} without the lease`,
  }
}

function isTheOnlyOne(history: History, request: TokenRequest): Broken | undefined {
  const { by, number, token, startedAt } = request
  for (const other of history.world.server.requests) {
    if (other.token.family !== token.family || other.outcome !== 'under way') continue
    if (other.by.state === 'dead') continue
    if (other.lease?.lostAt !== undefined) continue
    if (startedAt - other.startedAt >= 10_000) continue
    if (history.isSuperseded(token.family)) continue
    return {
      law: 1,
      what: `request ${number} of process ${by.place} begins while request ${other.number} of process ${other.by.place} is under way`,
    }
  }
  return undefined
}

function knowsNoSuccessor(
  history: History,
  { by, token, lease }: TokenRequest,
): Broken | undefined {
  const { options, store } = history.world
  if (options.rotation === 'keeps') return undefined
  if (options.oldPlace > 0 && store.setBackAt > -Infinity) return undefined // no ancestry, no telling
  const known = history.knows(by).generations.get(token.family) ?? 0
  const sends = `process ${by.place} sends ${nameOf(token)}`
  if (known > token.generation) {
    return { law: 2, what: `${sends}, though it knows refresh token ${known}` }
  }
  const stored = history.refreshTokenOf(store.record)
  const isNewer = stored?.family === token.family && stored.generation > token.generation
  const since = options.lease === 'none' ? undefined : lease?.since
  if (!isNewer || since === undefined || store.writtenAt >= since) return undefined
  return {
    law: 2,
    what: `${sends}, though ${nameOf(stored)} was in the store before it got the lease`,
  }
}

function waitsBetweenUnknownOutcomes(
  { world }: History,
  { token, by, startedAt }: TokenRequest,
): Broken | undefined {
  if (world.options.oldPlace > 0 || world.hasClockTrouble) return undefined
  const known = token.presented.findLastIndex(({ outcome }) => outcome === 'refreshed')
  const loggedInAt = token.family.act.calledAtMs
  const open = token.presented
    .slice(known + 1)
    .filter((each) => isOpen(each) && each.startedAt >= loggedInAt)
  const last = open.at(-1)
  if (open.some((each) => each.by.wasFrozen)) return undefined // it counts from the mark
  if (open.length < 2 || !last) return undefined
  const markedSince = open[0]!.lease?.since ?? open[0]!.startedAt
  if (world.store.setBackAt >= markedSince) return undefined // the mark is gone
  if (startedAt - last.startedAt >= 990) return undefined
  return {
    law: '2 once more',
    what: `process ${by.place} sends ${nameOf(token)} for the ${open.length + 1}th time, ${startedAt - last.startedAt} ms after the last, and the outcome of all is unknown`,
  }
}

function waitsAsTheServerSaid(history: History, request: TokenRequest): Broken | undefined {
  const { by, startedAt, lease, resource, token, number } = request
  const { options, store, server, hasClockTrouble } = history.world
  for (const other of server.requests) {
    if (other.retryAfterMs === undefined || other.token.family !== token.family) continue
    if (other.resource !== resource || resource !== undefined) continue
    if (startedAt >= other.endedAt! + other.retryAfterMs - 10) continue
    if (token.family.act.calledAtMs > other.startedAt) continue
    if (wasRefreshedSince(history, token.family, other.endedAt!)) continue
    const isOwn = other.by === by
    if (!isOwn) {
      if (options.oldPlace > 0 || hasClockTrouble) continue
      if (other.by.state === 'dead' || other.by.wasFrozen) continue
      if (
        other.lease?.lostAt !== undefined ||
        store.setBackAt >= (other.lease?.since ?? other.startedAt)
      )
        continue
      if (history.knows(other.by).storeFaultAt >= other.endedAt!) continue
      if (store.downUntil >= other.endedAt!) continue
      if (lease === undefined || lease.since < other.endedAt! + 100) continue
    }
    return {
      law: '9 retry-after',
      what: `process ${by.place} sends request ${number} ${startedAt - other.endedAt!} ms after the server had told ${isOwn ? 'it' : `process ${other.by.place}`} to wait ${other.retryAfterMs} ms`,
    }
  }
  return undefined
}

/** The server gave out tokens in the meantime: it has come round. */
function wasRefreshedSince({ world }: History, family: Family, instant: number): boolean {
  return world.server.requests.some(
    ({ token, outcome, endedAt }) =>
      token.family === family && outcome === 'refreshed' && endedAt! >= instant,
  )
}

function isNotAfterTheEnd(history: History, { by, token }: TokenRequest): Broken | undefined {
  if (history.knows(by).ended.get(token.family) !== token.family.act) return undefined
  return {
    law: '8 at rest',
    what: `process ${by.place} sends ${nameOf(token)} after the session's end`,
  }
}

/** Why it is nobody's fault that a spent refresh token came again; `undefined`: it is ours. */
export function excuseOf(history: History, request: TokenRequest): string | undefined {
  const { token, startedAt, lease, by } = request
  const first = token.spentBy!
  const { store, options } = history.world
  if (history.isSuperseded(token.family)) return 'the session had been replaced'
  if (first === request) return 'the network sent it twice'
  if (first.by.state === 'dead') return 'the process that had spent it was killed'
  if (first.deliveredAt === undefined) return 'the response never came, or too late'
  if (first.lease?.lostAt !== undefined) return 'the process that spent it lost its lease'
  if (first.isTimedOut || first.deliveredAt - first.startedAt >= 10_000) return 'it came late'
  if (startedAt <= first.deliveredAt) return 'it was sent before the response came'
  if (lease?.lostAt !== undefined) return 'its sender had lost the lease'
  if (store.setBackAt > first.startedAt) return 'the store was set back'
  const savedAt = history.firstSaved(token.family, token.generation)
  if (savedAt === undefined || savedAt > startedAt) {
    const { failedSaves } = history.knows(first.by)
    if (startedAt - first.startedAt >= CYCLE_MS) return 'it could not be saved'
    const wasDown = store.downUntil >= first.deliveredAt
    if (wasDown && startedAt <= store.downUntil + 3_000) return 'the store was down'
    if (first.by.isClosing && failedSaves > 0) return 'its process ended, and could not save'
  }
  if (by !== first.by && by.place === options.oldPlace) return 'an older release'
  return undefined
}
