import type { SimulatedProcess } from '../world/process.js'
import type { AccessToken, Family } from '../world/server.js'
import { isLater, isOpen, type History } from './history.js'
import type { Broken } from './statements.js'

const QUIET_MS = 10_000
const ATTEMPTS_MS = 2_000
const PLAIN_SLOWNESS_MS = 3

/** Whether a caller may get this token: the laws that speak of handing one out. */
export const LAWS_OF_CALLERS: readonly ((
  history: History,
  process: SimulatedProcess,
  token: AccessToken,
  calledAtStep: number,
) => Broken | undefined)[] = [isNotOfWhatIsGone, isSavedFirst, isOfNoFormerSession]

function isNotOfWhatIsGone(
  history: History,
  process: SimulatedProcess,
  { family }: AccessToken,
  calledAtStep: number,
): Broken | undefined {
  const { gone, toldSaveFailed, isHandingIn, generations } = history.knows(process)
  if (!gone || toldSaveFailed || gone.act !== family.act) return undefined
  const known = generations.get(family) ?? 0
  if (history.firstSaved(family, known - 1) === undefined) return undefined // it is about to be
  if (calledAtStep <= gone.since) return undefined
  if (isHandingIn || history.underWayIn(process).length > 0) return undefined
  const what = `process ${process.place} hands out ${family.name}, whose record it found gone`
  return { law: '8 gone', what }
}

function isSavedFirst(
  history: History,
  process: SimulatedProcess,
  token: AccessToken,
): Broken | undefined {
  if (token.from?.by !== process) return undefined
  const refreshToken = [...history.world.server.refreshTokens.values()].find(
    ({ family, generation }) => family === token.family && generation === token.generation,
  )!
  const isStored = token.from.resource === undefined && history.world.options.keepsAll
  const { value } = isStored ? token : refreshToken
  if (history.savedAt.has(value) || history.knows(process).toldSaveFailed) return undefined
  return { law: 3, what: `process ${process.place} hands out ${token.value} before it is saved` }
}

function isOfNoFormerSession(
  history: History,
  process: SimulatedProcess,
  { family }: AccessToken,
  calledAtStep: number,
): Broken | undefined {
  if (history.isBeyondTelling(history.world.store.record)) return undefined
  for (const [act, since] of history.knows(process).acts) {
    if (since > calledAtStep || !isLater(act, family.act)) continue
    if (!history.isNews(act, family.act)) continue
    return {
      law: 16,
      what: `process ${process.place} hands out a token of ${family.name} to a call made after it knew of ${act.name}`,
    }
  }
  return undefined
}

/** Law 9: a caller is told to wait only for a reason that binds callers. */
export function refusesForAReason(
  history: History,
  process: SimulatedProcess,
  family: Family | undefined,
): Broken | undefined {
  const { server, options, scheduler } = history.world
  const last = server.requests.findLast(
    ({ token, resource }) => token.family === family && resource === undefined,
  )
  if (last?.outcome !== 'failed' || last.retryAfterMs !== undefined) return undefined
  if (last.token.presented.some(isOpen) || history.world.hasClockTrouble) return undefined
  const tokens = [...server.accessTokens.values()]
  if (tokens.some((token) => token.family === family && token.isRevoked)) return undefined
  const { tokenExpiresAt, askedAt } = history.knows(last.by)
  const isAskedFor = askedAt <= last.startedAt && last.startedAt - askedAt < ATTEMPTS_MS
  if (isAskedFor) return undefined // it was not in the background
  const marginMs = Math.min(10_000, 50 * options.lifetimeS) + 50
  if (tokenExpiresAt === undefined || last.startedAt >= tokenExpiresAt - marginMs) return undefined
  if (scheduler.now < tokenExpiresAt) return undefined
  const what = `process ${process.place} refuses to ask, because of request ${last.number}, which failed in the background`
  return { law: '9 first caller', what }
}

/**
 * Law 9: what an API that answers 401 to everything costs.
 *
 * @param place - the process, for a resource's token; the session's own is everybody's
 */
export function refreshesFewTimes(
  history: History,
  family: Family,
  place: SimulatedProcess | undefined,
): Broken | undefined {
  const { scheduler, options, server, hasClockTrouble } = history.world
  const { now } = scheduler
  if (now >= server.deniesUntil) return undefined
  const quietMs = Math.min(QUIET_MS, 200 * options.lifetimeS)
  history.rejectedRefreshes.push({ at: now, family, place })
  const recent = history.rejectedRefreshes.filter(
    (each) => each.family === family && each.place === place && now - each.at < quietMs,
  )
  const isSlow = options.slownessMs > PLAIN_SLOWNESS_MS
  const isHindered = isSlow || options.oldPlace > 0 || hasClockTrouble
  const most = isHindered ? 3 : 2
  if (recent.length <= most) return undefined
  return { law: 9, what: `${recent.length} refreshes of ${family.name} within ${quietMs} ms` }
}
