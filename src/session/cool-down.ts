import { monotonicNow, now } from '../clock.js'
import { isTokenError, RefreshUnavailableError, type TokenError } from '../errors.js'
import { LONGEST_RETRY_AFTER_MS } from '../retry-after-limit.js'
import type { StoredCoolDown } from '../stores/token-store.js'

const FIRST_MS = 1_000
const LONGEST_MS = 60_000

/**
 * After a failed refresh nobody hammers the server: 1 s, doubling to 60 s, or what its
 * `Retry-After` says if that is longer. It belongs to one access token.
 *
 * @internal
 */
export interface CoolDown {
  readonly failures: number
  /** By the monotonic clock. */
  readonly until: number
  readonly cause: TokenError | undefined
  readonly bindsCallers: boolean
  /** By its `since`: the stored one that is counted here already, and by no other clock any more. */
  readonly storedSince: number | undefined
}

/** Before anything has failed. @internal */
export const NO_COOL_DOWN: CoolDown = {
  failures: 0,
  until: -Infinity,
  cause: undefined,
  bindsCallers: false,
  storedSince: undefined,
}

/** How much is left. @internal */
export function leftMs({ until }: CoolDown): number {
  return Math.max(until - monotonicNow(), 0)
}

/** @internal */
export function isOver(coolDown: CoolDown): boolean {
  return leftMs(coolDown) === 0
}

/**
 * It begins, or goes on: for no less than what was left, where callers wait already. The same
 * error counts once while it goes on.
 *
 * @param bindsCallers - `false`: only background renewals wait, because the server was not asked,
 * or was asked ahead of time while the token was still good
 * @returns also what is to be shared with all who use the store, if the server asked for it
 * @internal
 */
export function afterFailure(
  before: CoolDown,
  error: TokenError,
  bindsCallers: boolean,
): { coolDown: CoolDown; shared?: StoredCoolDown } {
  const isKnown = error === before.cause && (before.bindsCallers || !bindsCallers)
  if (isKnown && !isOver(before)) return { coolDown: before }
  const named = retryAfterOf(error)
  const backoffMs = Math.min(FIRST_MS * 2 ** before.failures, LONGEST_MS)
  const boundMs = before.bindsCallers ? Math.ceil(leftMs(before)) : 0
  const durationMs = Math.max(backoffMs, named ?? 0, boundMs)
  const coolDown = {
    ...before,
    failures: before.failures + 1,
    until: monotonicNow() + durationMs,
    cause: error,
    bindsCallers: bindsCallers || named !== undefined || boundMs > 0,
  }
  if (!coolDown.bindsCallers || !wasAnswered(error)) return { coolDown }
  const since = now()
  const isRefusal = isTokenError(error, 'ERR_REFRESH_REJECTED')
  const { failures } = coolDown
  return {
    coolDown: { ...coolDown, storedSince: since },
    shared: { since, durationMs, failures, ...(isRefusal && { isRefusal }) },
  }
}

/** Keeps one that another process began, and what was refused there. @internal */
export function afterFailureElsewhere(
  before: CoolDown,
  stored: StoredCoolDown,
  refusal?: TokenError,
): CoolDown {
  const storedSince = stored.since
  const remainingMs = leftOfStored(before, stored)
  if (remainingMs <= leftMs(before)) return { ...before, storedSince }
  return {
    failures: Math.max(before.failures, stored.failures),
    until: monotonicNow() + remainingMs,
    cause: refusal,
    bindsCallers: true,
    storedSince,
  }
}

/** All is well again; a stored one that was counted here is over, too. @internal */
export function cleared({ storedSince }: CoolDown): CoolDown {
  return { ...NO_COOL_DOWN, storedSince }
}

/**
 * How much is left of a stored one. It is counted by the wall clock only until it is counted here,
 * so that a clock set back does not make it begin again and again.
 *
 * @internal
 */
export function leftOfStored(coolDown: CoolDown, stored: StoredCoolDown): number {
  if (stored.since === coolDown.storedSince) return leftMs(coolDown)
  const wholeMs = Math.min(stored.durationMs, LONGEST_RETRY_AFTER_MS)
  return Math.min(Math.max(stored.since + wholeMs - now(), 0), wholeMs) // whatever the clocks say
}

/**
 * What a caller gets who needs a token now. `undefined` if it may try. What passes by itself is
 * told with the time that is left; a refusal that does not pass is told as it was.
 *
 * @internal
 */
export function refusalIn(coolDown: CoolDown): TokenError | undefined {
  const { cause, bindsCallers } = coolDown
  if (isOver(coolDown) || !bindsCallers) return undefined
  if (cause && !cause.isTransient) return cause
  return coolingDown(leftMs(coolDown), cause)
}

/** @internal */
export function coolingDown(remainingMs: number, cause?: TokenError): RefreshUnavailableError {
  const retryAfterMs = Math.ceil(remainingMs)
  return new RefreshUnavailableError(
    `The last refresh failed. The next attempt is possible in ${retryAfterMs} ms`,
    { outcome: 'not-sent', retryAfterMs, cause },
  )
}

function retryAfterOf(error: TokenError): number | undefined {
  return isTokenError(error, 'ERR_REFRESH_UNAVAILABLE') ? error.retryAfterMs : undefined
}

/** Whether it is the server's word, and not this process's trouble with the network. */
function wasAnswered(error: TokenError): boolean {
  if (isTokenError(error, 'ERR_REFRESH_UNAVAILABLE')) return error.outcome === 'failed'
  return isTokenError(error, 'ERR_REFRESH_REJECTED')
}
