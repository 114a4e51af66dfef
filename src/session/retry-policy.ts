import { isTokenError, type RefreshUnavailableError, type TokenError } from '../errors.js'
import type { Timing } from '../timing.js'

const RETRIED_STATUSES = new Set([408, 429, 502, 503, 504])
const LEAST_SAVE_PAUSE_MS = 50
/** The lease that makes a save safe is used to its end: an outage is over at any time. */
const LONGEST_SAVE_PAUSE_MS = 2_000

/**
 * Whether one refresh asks the server once more, by the outcome of its last request. Not sent, or
 * told to try later: until the attempts are used up. Unknown: once more. Anything else: not again.
 *
 * @param failures - of all its requests, the last one too
 * @returns after how long, or `undefined`
 * @internal
 */
export function pauseBeforeRetry(
  error: TokenError,
  failures: readonly TokenError[],
  timing: Timing,
): number | undefined {
  if (!isTokenError(error, 'ERR_REFRESH_UNAVAILABLE')) return undefined
  const isTriedAgain = isUnknown(error)
    ? timing.attempts > 1 && failures.filter(isUnknown).length === 1
    : failures.length < timing.attempts && isWorthRetry(error)
  if (!isTriedAgain) return undefined
  return Math.max(backoffMs(failures.length - 1, timing), error.retryAfterMs ?? 0)
}

/** How long to wait before a failed save is tried again. @internal */
export function pauseBeforeSave(failures: number, timing: Timing): number {
  const pauseMs = Math.max(backoffMs(failures, timing), LEAST_SAVE_PAUSE_MS)
  return Math.min(pauseMs, LONGEST_SAVE_PAUSE_MS)
}

/** Whether nobody knows what the server did. @internal */
export function isUnknown(error: TokenError): boolean {
  return isTokenError(error, 'ERR_REFRESH_UNAVAILABLE') && error.outcome === 'unknown'
}

function isWorthRetry({ outcome, status }: RefreshUnavailableError): boolean {
  return outcome === 'not-sent' || RETRIED_STATUSES.has(status ?? 0)
}

/** Full jitter. */
function backoffMs(doublings: number, { baseDelayMs }: Timing): number {
  return baseDelayMs * 2 ** doublings * Math.random()
}
