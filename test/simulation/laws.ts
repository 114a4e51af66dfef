import type { StoredSession } from '../../src/index.js'
import {
  nameOf,
  type AccessToken,
  type Act,
  type Family,
  type TokenRequest,
} from './world/server.js'
import type { SimulatedProcess } from './world/process.js'
import type { World } from './world/world.js'

/**
 * The laws as the simulation checks them, after every step. The numbers are those of the README's
 * table; each sentence says exactly what is checked, and what is excused.
 */
export const LAWS = {
  1: 'Two token requests of one session are never under way at once, unless one outlived its time or its process lost the lease.',
  2: 'A process that knows the successor of a refresh token never sends that token; nobody who holds the lease sends one whose successor was in the store before the lease began.',
  '2 lease':
    'A refresh token is sent only while the process has the lease, by its own monotonic clock.',
  '2 once more':
    'A refresh token whose outcome is unknown is sent once more; then again only a second or more after the last time, whichever process sends it.',
  '2 socket':
    'A process that was frozen reads the response that came meanwhile before it takes the request for lost.',
  '2 reuse':
    'The server never sees a spent refresh token again, unless nobody who could have saved its successor lived to do so: the response was lost or late, its process was killed, frozen out of its lease, or kept from saving, or the store was set back.',
  3: 'A token from a refresh is handed out only after its record was saved, or after `saveFailed` was told.',
  4: 'What is saved never takes the place of what a later login or logout saved, nor of a newer refresh of the same session.',
  '4 revoke': 'Tokens of the session in force are never revoked.',
  6: 'Every call ends: a caller waits `waitTimeoutMs` at most, a login, logout or close 90 s, frozen time not counted.',
  7: 'A caller who finds a usable token gets it without waiting.',
  8: 'A session ends only because its user logged out, because the server refused its refresh token for good, or because its record is gone from the store.',
  '8 gone':
    'A process that finds nothing in the store where it had found or saved the session hands out none of its tokens to later calls, unless something of it is unsaved, or it is logging in just then.',
  '8 recheck':
    'With `recheckMs`, a login or logout made elsewhere is known at the second of two calls that are longer apart than that.',
  '8 at rest':
    'After an end, a process makes no token request until there has been a login, or a late response.',
  '8 alive':
    'When all trouble is over, whoever has a living session gets a token, as long as its refresh token is in the store or in the memory of a living process.',
  9: 'An API that answers 401 to everything costs at most two refreshes within ten seconds, or a fifth of the lifetime if that is less; three where messages are slow, so that a new token is refused before the replay with it is.',
  '9 retry-after':
    'No token request of a session is made before the time that the server named has passed, by whoever could have known it.',
  '9 first caller':
    'A refusal that came in the background, while the token was good, does not keep a caller waiting after its expiry, unless the server named a time.',
  '15 keepFresh':
    'With `keepFresh`, a session that is alive has a usable token at all times, a minute after whatever went wrong.',
  13: 'Nothing is scheduled after a manager is closed.',
  14: 'No rejection is left unhandled, and nothing is thrown into the process.',
  16: 'Nobody gets a token of a login that he knows, or has himself replaced, by a later login or logout.',
} as const

export type LawName = keyof typeof LAWS

export interface Broken {
  readonly law: LawName
  readonly what: string
}

/** What one process has seen. */
interface Knowledge {
  /** The highest generation of refresh token, by session. */
  readonly generations: Map<Family, number>
  /** Logins and logouts that it made itself or acted upon, and since which step. */
  readonly acts: Map<Act, number>
  /** What the store showed last. */
  shown: Act | undefined
  /** The login whose record was gone when the process looked, and since which step. */
  gone: { readonly act: Act; readonly since: number } | undefined
  /** All that the store ever showed, and with each login or logout of its own what it had seen. */
  readonly seen: Set<Act>
  hasSeenStore: boolean
  /** Those of its logins and logouts before which it had read the store. */
  readonly sawStoreBefore: Set<Act>
  /** The sessions that have ended here, and the login that each was of. */
  readonly ended: Map<Family, Act>
  /** Whether a user is handing in once more what it holds. */
  isHandingIn: boolean
  /** When the token ends that it got last. */
  tokenExpiresAt: number | undefined
  /** Failed or hung saves since the last that worked. */
  failedSaves: number
  toldSaveFailed: boolean
  /** When something of the store last failed it. */
  storeFaultAt: number
}

const QUIET_MS = 10_000
const PLAIN_SLOWNESS_MS = 3
const CYCLE_MS = 25_000

export class Laws {
  broken: Broken | undefined
  /** In the order in which they were made. */
  readonly acts: Act[] = []
  readonly #world: World
  readonly #knowledge = new Map<SimulatedProcess, Knowledge>()
  /** Saved at some time, and when first. */
  readonly #savedAt = new Map<string, number>()
  /** Whose sign-out or end a record without tokens is, by version. */
  readonly #actOfVersion = new Map<number, Act | undefined>()
  readonly #rejectedRefreshes: { at: number; family: Family }[] = []

  constructor(world: World) {
    this.#world = world
  }

  // What happens

  actBegins(act: Act): void {
    this.acts.push(act)
    if (act.what === 'logout') this.#knowsOf(act.by, act) // in force from the call on
    const knows = this.knows(act.by)
    if (knows.hasSeenStore) knows.sawStoreBefore.add(act)
  }

  /** @param isStored - whether the call succeeded */
  actEnds(act: Act, isStored: boolean): void {
    act.settledAt = this.#world.step
    for (const seen of this.knows(act.by).seen) act.replaced.add(seen)
    this.#beginsAgain(act.by, act)
    if (act.isNoNews) return this.#knowsOf(act.by, act)
    act.counts ||= isStored
      ? act.what === 'login'
      : act.sawStore || !this.knows(act.by).sawStoreBefore.has(act)
    this.#knowsOf(act.by, act)
  }

  requestStarts(request: TokenRequest): void {
    this.#checkLease(request)
    this.#checkOneRequest(request)
    this.#checkSuccessorUnknown(request)
    this.#checkOnceMore(request)
    this.#checkRetryAfter(request)
    this.#checkAtRest(request)
  }

  /** The tokens of a request reached the process. */
  received(request: TokenRequest, accessToken: string): void {
    const token = this.#world.server.accessTokens.get(accessToken)!
    this.#learn(request.by, token.family, token.generation)
    const knows = this.knows(request.by)
    knows.ended.delete(token.family) // what the server gives out, if late, is in force
    knows.failedSaves = 0
    knows.toldSaveFailed = false
    if (request.resource === undefined) knows.tokenExpiresAt = token.expiresAt
  }

  /** The process reads what the store held. */
  shown(process: SimulatedProcess, record: StoredSession | undefined): void {
    for (const act of this.#underWayIn(process)) act.wasShownStore = true
    this.knows(process).hasSeenStore = true
    const act = record && this.#actOf(record)
    const { shown: before } = this.knows(process)
    this.knows(process).gone =
      record || !before ? undefined : { act: before, since: this.#world.step }
    this.knows(process).shown = act
    if (act) this.knows(process).seen.add(act)
    if (!record) return
    const token = this.#refreshTokenOf(record)
    if (token) this.#learn(process, token.family, token.generation)
  }

  saving(process: SimulatedProcess): void {
    for (const act of this.#underWayIn(process)) act.sawStore ||= act.wasShownStore
  }

  saved(process: SimulatedProcess, before: StoredSession | undefined, now: StoredSession): void {
    const knows = this.knows(process)
    knows.gone = undefined
    knows.failedSaves = 0
    this.#nameEnd(process, before, now)
    const act = this.#actOf(now)
    if (act) act.isSaved = true
    if (act?.by === process && !act.isNoNews && (act.what === 'login' || before?.tokens))
      act.counts = true
    const isMadeAgain = act && (!act.sawStore || knows.isHandingIn)
    if (isMadeAgain && before && this.#actOf(before) !== act) {
      act.settledAt = Math.max(act.settledAt, this.#world.step) // it replaces whatever is there
    }
    this.#checkNothingNewerLost(process, before, now)
    const { tokens } = now
    for (const value of [tokens?.refreshToken, tokens?.accessToken]) {
      if (value && !this.#savedAt.has(value)) this.#savedAt.set(value, this.#world.scheduler.now)
    }
  }

  saveFailed(process: SimulatedProcess): void {
    this.knows(process).failedSaves += 1
  }

  storeFault(process: SimulatedProcess): void {
    this.knows(process).storeFaultAt = this.#world.scheduler.now
  }

  toldSaveFailed(process: SimulatedProcess): void {
    this.knows(process).toldSaveFailed = true
  }

  toldAdopted(process: SimulatedProcess): void {
    const { shown, acts } = this.knows(process)
    if (!shown) return
    this.#beginsAgain(process, shown)
    if (this.#isBeyondTelling(this.#world.store.record)) return
    const later = [...acts.keys()].find((act) => isLater(act, shown) && this.#isNews(act, shown))
    if (later) {
      this.#break(
        process,
        4,
        `process ${process.place} goes back to ${shown.name}, after ${later.name}`,
      )
    }
    this.#knowsOf(process, shown)
  }

  toldEnd(process: SimulatedProcess, reason: string, family: Family | undefined): void {
    const { shown, ended } = this.knows(process)
    if (shown && reason === 'signed-out') this.#knowsOf(process, shown)
    if (!family) return
    ended.set(family, family.act)
    const { emptiedAt } = this.#world.store
    if (this.#isSuperseded(family) || !this.isReachable(family)) return
    if (reason === 'gone' && emptiedAt > -Infinity) return
    if (reason === 'invalid-grant' && family.isLossExcused) return
    const isOldSetBack = this.#world.options.oldPlace > 0 // an end of theirs says no reason
    const isEnd = reason === 'invalid-grant' || isOldSetBack
    if (isEnd && this.#world.store.setBackAt > -Infinity) return
    if (reason === 'signed-out' && this.acts.some(({ what }) => what === 'logout')) return
    this.#break(
      process,
      8,
      `process ${process.place} ends ${family.name} (${reason}), which is alive`,
    )
  }

  toldRefreshed(process: SimulatedProcess, reason: string, family: Family | undefined): void {
    if (family) this.knows(process).ended.delete(family)
    if (reason !== 'rejected' || !family) return
    const { scheduler, options, server } = this.#world
    const { now } = scheduler
    if (now >= server.deniesUntil) return
    const quietMs = Math.min(QUIET_MS, 200 * options.lifetimeS)
    this.#rejectedRefreshes.push({ at: now, family })
    const recent = this.#rejectedRefreshes.filter(
      (each) => each.family === family && now - each.at < quietMs,
    )
    const most = options.slownessMs > PLAIN_SLOWNESS_MS ? 3 : 2
    if (recent.length > most) {
      this.#break(undefined, 9, `${recent.length} refreshes of ${family.name} within ${quietMs} ms`)
    }
  }

  /** A caller gets a token. */
  handedOut(process: SimulatedProcess, value: string, calledAtStep: number): void {
    const token = this.#world.server.accessTokens.get(value)
    if (!token)
      return this.#break(process, 16, `process ${process.place} hands out ${value}: no token`)
    this.#checkNotGone(process, token, calledAtStep)
    this.#checkSavedFirst(process, token)
    this.#checkWhose(process, token, calledAtStep)
    this.#knowsOf(process, token.family.act)
  }

  notServed(process: SimulatedProcess, what: string): void {
    this.#break(process, 7, `process ${process.place} has a usable token, but ${what}`)
  }

  otherSession(process: SimulatedProcess, from: Family, to: Family): void {
    this.#break(
      process,
      16,
      `a request of ${from.name} in process ${process.place} is repeated with ${to.name}`,
    )
  }

  waitsTooLong(process: SimulatedProcess, what: string, ms: number): void {
    this.#break(process, 6, `${what} in process ${process.place} has waited ${ms} ms`)
  }

  revoking(process: SimulatedProcess, family: Family): void {
    if (this.#isEndOfOldRelease()) return
    const inForce = this.actsInForce()
    if (inForce.length !== 1 || inForce[0] !== family.act || family.act.what === 'logout') return
    if (family.revokedBy) return
    const { record } = this.#world.store
    const stored = record && this.#actOf(record)
    if (!family.act.isSaved && stored && stored !== family.act) return // what is found there wins
    this.#break(
      process,
      '4 revoke',
      `process ${process.place} revokes ${family.name}, which is in force`,
    )
  }

  reuseDetected(request: TokenRequest): void {
    const excuse = this.#excuseOf(request)
    const { by, token } = request
    if (excuse) {
      token.family.isLossExcused = true
      return this.#world.tell(`(that is excused: ${excuse})`)
    }
    this.#break(
      by,
      '2 reuse',
      `process ${by.place} sent ${nameOf(token)} again, and its session is lost`,
    )
  }

  crashed(what: string): void {
    this.#break(undefined, 14, what)
  }

  notAlive(process: SimulatedProcess, what: string): void {
    this.#break(process, '8 alive', `process ${process.place}: ${what}`)
  }

  stillScheduled(process: SimulatedProcess, count: number): void {
    this.#break(process, 13, `process ${process.place} has ${count} timers after close()`)
  }

  responseIgnored(request: TokenRequest): void {
    const { by, number } = request
    const what = `process ${by.place} gives up request ${number}, whose response is in its socket`
    this.#break(by, '2 socket', what)
  }

  notRechecked(process: SimulatedProcess, token: AccessToken, act: Act): void {
    if (this.#world.store.setBackAt > -Infinity) return
    const what = `process ${process.place} still hands out ${token.family.name} after ${act.name}`
    this.#break(process, '8 recheck', what)
  }

  notFresh(process: SimulatedProcess): void {
    this.#break(process, '15 keepFresh', `process ${process.place} has no usable token`)
  }

  /** A caller is told to wait, nothing being asked of the server. */
  refusedToAsk(process: SimulatedProcess, family: Family | undefined): void {
    const { requests } = this.#world.server
    const last = requests.findLast(
      ({ token, resource }) => token.family === family && resource === undefined,
    )
    if (last?.outcome !== 'failed' || last.retryAfterMs !== undefined) return
    if (last.token.presented.some(isOpen)) return
    const { tokenExpiresAt } = this.knows(last.by)
    const marginMs = Math.min(10_000, 50 * this.#world.options.lifetimeS) + 50
    if (tokenExpiresAt === undefined || last.startedAt >= tokenExpiresAt - marginMs) return
    if (this.#world.scheduler.now < tokenExpiresAt) return
    const what = `process ${process.place} refuses to ask, because of request ${last.number}, which failed in the background`
    this.#break(process, '9 first caller', what)
  }

  // What is asked of it

  /** Logins and logouts that no later one has replaced: one, unless two were made at once. */
  actsInForce(): Act[] {
    return this.acts.filter((act) => !this.acts.some((other) => isLater(other, act)))
  }

  knows(process: SimulatedProcess): Knowledge {
    let knowledge = this.#knowledge.get(process)
    if (!knowledge) {
      knowledge = {
        generations: new Map(),
        acts: new Map(),
        shown: undefined,
        gone: undefined,
        seen: new Set(),
        hasSeenStore: false,
        sawStoreBefore: new Set(),
        ended: new Map(),
        isHandingIn: false,
        tokenExpiresAt: undefined,
        failedSaves: 0,
        toldSaveFailed: false,
        storeFaultAt: -Infinity,
      }
      this.#knowledge.set(process, knowledge)
    }
    return knowledge
  }

  // The checks

  #checkLease({ by, token }: TokenRequest): void {
    if (this.#world.options.lease === 'none') return
    const holder = this.#world.store.lease.lastOf.get(by)
    if (holder && !holder.isReleased && by.monotonicNow() < holder.validUntil) return
    this.#break(by, '2 lease', `process ${by.place} sends ${nameOf(token)} without the lease`)
  }

  #checkOneRequest(request: TokenRequest): void {
    for (const other of this.#world.server.requests) {
      if (other.token.family !== request.token.family || other.outcome !== 'under way') continue
      if (other.by.state === 'dead') continue
      if (other.lease?.lostAt !== undefined) continue
      if (request.startedAt - other.startedAt >= 10_000) continue
      if (this.#isSuperseded(request.token.family)) continue
      this.#break(
        request.by,
        1,
        `request ${request.number} of process ${request.by.place} begins while request ${other.number} of process ${other.by.place} is under way`,
      )
    }
  }

  #checkSuccessorUnknown({ by, token, lease }: TokenRequest): void {
    const { options, store } = this.#world
    if (options.rotation === 'keeps') return
    if (options.oldPlace > 0 && store.setBackAt > -Infinity) return // no ancestry, no telling
    const known = this.knows(by).generations.get(token.family) ?? 0
    if (known > token.generation) {
      this.#break(
        by,
        2,
        `process ${by.place} sends ${nameOf(token)}, though it knows refresh token ${known}`,
      )
    }
    const stored = this.#refreshTokenOf(store.record)
    const isNewer = stored?.family === token.family && stored.generation > token.generation
    const since = options.lease === 'none' ? undefined : lease?.since
    if (isNewer && since !== undefined && store.writtenAt < since) {
      this.#break(
        by,
        2,
        `process ${by.place} sends ${nameOf(token)}, though ${nameOf(stored)} was in the store before it got the lease`,
      )
    }
  }

  #checkOnceMore(request: TokenRequest): void {
    const { token, by, startedAt } = request
    const { options, store } = this.#world
    if (options.oldPlace > 0 || this.#world.hasClockTrouble) return
    const known = token.presented.findLastIndex(({ outcome }) => outcome === 'refreshed')
    const loggedInAt = token.family.act.calledAtMs
    const open = token.presented
      .slice(known + 1)
      .filter((each) => isOpen(each) && each.startedAt >= loggedInAt)
    const last = open.at(-1)
    if (open.some((each) => each.by.wasFrozen)) return // it counts from the mark
    if (open.length < 2 || !last) return
    const markedSince = open[0]!.lease?.since ?? open[0]!.startedAt
    if (store.setBackAt >= markedSince) return // the mark is gone
    if (startedAt - last.startedAt >= 990) return
    this.#break(
      by,
      '2 once more',
      `process ${by.place} sends ${nameOf(token)} for the ${open.length + 1}th time, ${startedAt - last.startedAt} ms after the last, and the outcome of all is unknown`,
    )
  }

  #checkRetryAfter(request: TokenRequest): void {
    const { by, startedAt, lease, resource } = request
    const { options, store } = this.#world
    for (const other of this.#world.server.requests) {
      if (other.retryAfterMs === undefined || other.token.family !== request.token.family) continue
      if (other.resource !== resource || resource !== undefined) continue
      if (startedAt >= other.endedAt! + other.retryAfterMs - 10) continue
      if (request.token.family.act.calledAtMs > other.startedAt) continue
      if (this.#wasRefreshedSince(request.token.family, other.endedAt!)) continue
      const isOwn = other.by === by
      if (!isOwn) {
        if (options.oldPlace > 0 || this.#world.hasClockTrouble) continue
        if (other.by.state === 'dead' || other.by.wasFrozen) continue
        if (other.lease?.lostAt !== undefined || store.setBackAt > other.startedAt) continue
        if (
          this.knows(other.by).storeFaultAt >= other.endedAt! ||
          store.downUntil >= other.endedAt!
        )
          continue
        if (lease === undefined || lease.since < other.endedAt! + 100) continue
      }
      this.#break(
        by,
        '9 retry-after',
        `process ${by.place} sends request ${request.number} ${startedAt - other.endedAt!} ms after the server had told ${isOwn ? 'it' : `process ${other.by.place}`} to wait ${other.retryAfterMs} ms`,
      )
    }
  }

  /** The server gave out tokens meanwhile: it has come round. */
  #wasRefreshedSince(family: Family, instant: number): boolean {
    return this.#world.server.requests.some(
      ({ token, outcome, endedAt }) =>
        token.family === family && outcome === 'refreshed' && endedAt! >= instant,
    )
  }

  #checkAtRest({ by, token }: TokenRequest): void {
    if (this.knows(by).ended.get(token.family) !== token.family.act) return
    this.#break(
      by,
      '8 at rest',
      `process ${by.place} sends ${nameOf(token)} after the session's end`,
    )
  }

  #checkNothingNewerLost(
    process: SimulatedProcess,
    before: StoredSession | undefined,
    now: StoredSession,
  ): void {
    if (!before || this.#isBeyondTelling(before, now)) return
    if (!before.tokens && !now.tokens) return // an end is an end, whoever says it
    const [actBefore, actNow] = [this.#actOf(before), this.#actOf(now)]
    if (actBefore && actNow && actBefore !== actNow) {
      if (!isLater(actBefore, actNow) || !actNow.sawStore) return
      if (this.knows(process).isHandingIn) return // begun before or after: nobody can tell
      this.#break(
        process,
        4,
        `process ${process.place} saves ${this.#world.nameOfRecord(now)} over ${this.#world.nameOfRecord(before)}, which came later`,
      )
    }
    const [tokenBefore, tokenNow] = [this.#refreshTokenOf(before), this.#refreshTokenOf(now)]
    if (!tokenBefore || tokenBefore.family !== tokenNow?.family) return
    if (tokenBefore.generation <= tokenNow.generation) return
    this.#break(
      process,
      4,
      `process ${process.place} saves ${nameOf(tokenNow)} over ${nameOf(tokenBefore)}`,
    )
  }

  #checkNotGone(process: SimulatedProcess, { family }: AccessToken, calledAtStep: number): void {
    const { gone, toldSaveFailed, isHandingIn } = this.knows(process)
    if (!gone || toldSaveFailed || gone.act !== family.act || calledAtStep <= gone.since) return
    if (isHandingIn || this.#underWayIn(process).length > 0) return
    const what = `process ${process.place} hands out ${family.name}, whose record it found gone`
    this.#break(process, '8 gone', what)
  }

  #checkSavedFirst(process: SimulatedProcess, token: AccessToken): void {
    if (token.from?.by !== process) return
    const refreshToken = [...this.#world.server.refreshTokens.values()].find(
      ({ family, generation }) => family === token.family && generation === token.generation,
    )!
    const isSaved =
      token.from.resource === undefined
        ? this.#savedAt.has(token.value)
        : this.#savedAt.has(refreshToken.value)
    if (isSaved || this.knows(process).toldSaveFailed) return
    this.#break(process, 3, `process ${process.place} hands out ${token.value} before it is saved`)
  }

  #checkWhose(process: SimulatedProcess, { family }: AccessToken, calledAtStep: number): void {
    if (this.#isBeyondTelling(this.#world.store.record)) return
    for (const [act, since] of this.knows(process).acts) {
      if (since > calledAtStep || !isLater(act, family.act)) continue
      if (!this.#isNews(act, family.act)) continue
      this.#break(
        process,
        16,
        `process ${process.place} hands out a token of ${family.name} to a call made after it knew of ${act.name}`,
      )
    }
  }

  // What follows from what happened

  /** Why it is nobody's fault that a spent refresh token came again; `undefined`: it is ours. */
  #excuseOf(request: TokenRequest): string | undefined {
    const { token, startedAt, lease, by } = request
    const first = token.spentBy!
    const { store } = this.#world
    if (this.#isSuperseded(token.family)) return 'the session had been replaced'
    if (first === request) return 'the network sent it twice'
    if (first.by.state === 'dead') return 'the process that had spent it was killed'
    if (first.deliveredAt === undefined) return 'the response never came, or too late'
    if (first.lease?.lostAt !== undefined) return 'the process that spent it lost its lease'
    if (first.isTimedOut || first.deliveredAt - first.startedAt >= 10_000) return 'it came late'
    if (startedAt <= first.deliveredAt) return 'it was sent before the response came'
    if (lease?.lostAt !== undefined) return 'its sender had lost the lease'
    if (store.setBackAt > first.startedAt) return 'the store was set back'
    const savedAt = this.#firstSaved(token.family, token.generation)
    if (savedAt === undefined || savedAt > startedAt) {
      const { failedSaves } = this.knows(first.by)
      if (failedSaves >= 3 || startedAt - first.startedAt >= CYCLE_MS)
        return 'it could not be saved'
      if (store.downUntil >= first.deliveredAt) return 'the store was down'
      if (first.by.isClosing && failedSaves > 0) return 'its process ended, and could not save'
    }
    if (by !== first.by && by.place === this.#world.options.oldPlace) return 'an older release'
    return undefined
  }

  /** When a successor of this generation was first saved. */
  #firstSaved(family: Family, generation: number): number | undefined {
    for (const token of this.#world.server.refreshTokens.values()) {
      if (token.family !== family || token.generation <= generation) continue
      const at = this.#savedAt.get(token.value)
      if (at !== undefined) return at
    }
    return undefined
  }

  /** An end that a release before this one wrote says no reason: it reads as a logout. */
  #isEndOfOldRelease(): boolean {
    const { record } = this.#world.store
    return this.#world.options.oldPlace > 0 && record?.tokens === null && !record.ended
  }

  /** Whether the store says so. */
  isStored(act: Act): boolean {
    const { record } = this.#world.store
    return record !== undefined && this.#actOf(record) === act
  }

  /** Whether anybody could still renew it: its refresh token is in the store, or known to a living process. */
  isReachable(family: Family): boolean {
    if (family.revokedBy) return false
    const { generation, value } = family.current
    if (this.#world.store.record?.tokens?.refreshToken === value) return true
    return [...this.#knowledge].some(
      ([{ state }, { generations }]) => state !== 'dead' && generations.get(family) === generation,
    )
  }

  /** Whether a login or logout has taken the session's place, or is about to. */
  #isSuperseded(family: Family): boolean {
    return this.acts.some((act) => act !== family.act && act.settledAt > family.act.calledAt)
  }

  #underWayIn(process: SimulatedProcess): Act[] {
    return this.acts.filter(({ by, settledAt }) => by === process && settledAt === Infinity)
  }

  /** A session is in force in the process once more. */
  #beginsAgain(process: SimulatedProcess, begun: Act): void {
    const { ended } = this.knows(process)
    for (const [family, act] of ended) if (act === begun) ended.delete(family)
  }

  #knowsOf(process: SimulatedProcess, act: Act): void {
    const { acts } = this.knows(process)
    if (!acts.has(act)) acts.set(act, this.#world.step)
  }

  /**
   * The store forgot something, and one and the same refresh token was handed in by several logins,
   * or a release that does not know what a record descends from wrote some: nobody can tell what
   * came after what.
   */
  #isBeyondTelling(...records: (StoredSession | undefined)[]): boolean {
    if (this.#world.store.setBackAt === -Infinity) return false
    if (this.#world.options.oldPlace > 0) return true
    const wasHandedIn = (record: StoredSession | undefined) =>
      this.#refreshTokenOf(record)?.family.wasHandedInAgain === true
    return this.#world.options.sharesGrant || records.some(wasHandedIn)
  }

  /**
   * Whether it can be told that the one came later: whoever made it had seen the other. Two logins
   * that knew nothing of each other are as good as made at once, once the store forgot one.
   */
  #isNews(later: Act, earlier: Act): boolean {
    return later.replaced.has(earlier) || this.#world.store.setBackAt === -Infinity
  }

  #learn(process: SimulatedProcess, family: Family, generation: number): void {
    const { generations } = this.knows(process)
    generations.set(family, Math.max(generations.get(family) ?? 0, generation))
  }

  /** A record without tokens: whose logout, or which session's end. */
  #nameEnd(process: SimulatedProcess, before: StoredSession | undefined, now: StoredSession): void {
    if (now.tokens) return
    const logouts = this.acts.filter(({ what, by }) => what === 'logout' && by === process)
    const logout = logouts.at(-1)
    const isEnd = now.ended?.reason === 'invalid-grant'
    const isLogout =
      !isEnd && logout && !this.acts.some((act) => act.by === process && isLater(act, logout))
    this.#actOfVersion.set(now.version, isLogout ? logout : before && this.#actOf(before))
  }

  #actOf(record: StoredSession): Act | undefined {
    if (!record.tokens) return this.#actOfVersion.get(record.version)
    return this.#world.server.familyOf(record.tokens.accessToken)?.act
  }

  #refreshTokenOf(record: StoredSession | undefined) {
    const value = record?.tokens?.refreshToken
    return value === undefined ? undefined : this.#world.server.refreshTokens.get(value)
  }

  /** @param by - who breaks it: from a release before this one not all can be expected */
  #break(by: SimulatedProcess | undefined, law: LawName, what: string): void {
    if (this.broken || by?.place === this.#world.options.oldPlace) return
    this.broken = { law, what }
    this.#world.tell(`LAW ${law} IS BROKEN: ${what}`)
  }
}

/**
 * Whether one act was begun after the other had ended. One that could neither be saved nor see what
 * it replaced does not count: a login or logout found in the store wins (law 3).
 */
function isLater(one: Act, other: Act): boolean {
  return one.counts && one.calledAt > other.settledAt
}

function isOpen(request: TokenRequest): boolean {
  return request.outcome === 'unknown' || request.outcome === 'under way'
}
