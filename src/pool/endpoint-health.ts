import { isTokenError, type TokenError } from '../errors.js'

/** So many sessions in a row must fail: one that fails alone says nothing about the endpoint. */
const SESSIONS_THAT_TELL = 3
const FIRST_PAUSE_MS = 1_000
/** An outage is noticed to be over within this. */
const LONGEST_PAUSE_MS = 10_000
/**
 * A `Retry-After` that a second session was told too. Until then it may speak of one user alone, and
 * binds nobody else for longer than any other pause.
 */
const LONGEST_NAMED_PAUSE_MS = 60_000

/** What is known of a token endpoint by the requests that were sent to it. */
export interface EndpointHealth {
  /** The sessions whose requests failed since the last request that did not. */
  readonly failing: readonly object[]
  /** Pauses one after the other, each ended by a probe that failed too. */
  readonly pauses: number
  /** By the monotonic clock; from then on one probe may be sent. `undefined`: it is well. */
  readonly pausedUntil: number | undefined
}

/** How one request ended. */
export interface EndedRequest {
  /** `undefined`: with tokens. */
  readonly error: TokenError | undefined
  readonly session: object
  /** Whether it was the one that was sent to see whether the endpoint is well again. */
  readonly isProbe: boolean
  /** By the monotonic clock. */
  readonly at: number
}

export const WELL: EndpointHealth = { failing: [], pauses: 0, pausedUntil: undefined }

/** What is known after one more request. */
export function healthAfter(health: EndpointHealth, request: EndedRequest): EndpointHealth {
  const { error, session, isProbe, at } = request
  const isPaused = health.pausedUntil !== undefined
  // What was sent before the pause says nothing of what is after it, except when to come again.
  const isLate = isPaused && !isProbe
  if (isResponse(error)) return isLate ? health : WELL
  if (!isTokenError(error, 'ERR_REFRESH_UNAVAILABLE')) return health
  const namedMs = error.retryAfterMs
  if (isLate) return namedMs === undefined ? health : prolonged(health, namedMs, at)
  const failing = [...health.failing.filter((other) => other !== session), session]
  const tells = isProbe || namedMs !== undefined || failing.length >= SESSIONS_THAT_TELL
  if (!tells) return { ...health, failing }
  const backoffMs = Math.min(FIRST_PAUSE_MS * 2 ** health.pauses, LONGEST_PAUSE_MS)
  const pauseMs = Math.max(backoffMs, bounded(namedMs ?? 0, health.pauses))
  return { failing: [], pauses: health.pauses + 1, pausedUntil: at + pauseMs }
}

function prolonged(health: EndpointHealth, namedMs: number, at: number): EndpointHealth {
  const until = at + bounded(namedMs, health.pauses - 1)
  return { ...health, pausedUntil: Math.max(health.pausedUntil!, until) }
}

function bounded(namedMs: number, formerPauses: number): number {
  return Math.min(namedMs, formerPauses === 0 ? LONGEST_PAUSE_MS : LONGEST_NAMED_PAUSE_MS)
}

/** Whether the endpoint did its work: a refusal is as good a response as tokens. */
function isResponse(error: TokenError | undefined): boolean {
  if (!error) return true
  return (
    isTokenError(error, 'ERR_LOGIN_REQUIRED') ||
    isTokenError(error, 'ERR_REFRESH_REJECTED') ||
    isTokenError(error, 'ERR_STEP_UP_REQUIRED')
  )
}
