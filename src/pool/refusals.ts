import { RefreshUnavailableError } from '../errors.js'

/** Nobody is told to come again at once. */
const LEAST_RETRY_MS = 1_000

/** @param leftMs - for callers; a cool-down with a time would bind those who come after it too */
export function unavailable(leftMs?: number): RefreshUnavailableError {
  const message = 'The token endpoint fails for other sessions too, or asked to wait'
  if (leftMs === undefined) return new RefreshUnavailableError(message, { outcome: 'not-sent' })
  const retryAfterMs = Math.ceil(leftMs)
  return new RefreshUnavailableError(
    `${message}. The next attempt is possible in ${retryAfterMs} ms`,
    { outcome: 'not-sent', retryAfterMs },
  )
}

/** @param tooLongMs - in so long the queue is short enough, if nobody comes in the meantime */
export function crowded(tooLongMs: number): RefreshUnavailableError {
  const retryAfterMs = Math.max(Math.ceil(tooLongMs), LEAST_RETRY_MS)
  return new RefreshUnavailableError(
    'So many sessions wait for the token endpoint that this one would wait for longer than ' +
      `\`waitTimeoutMs\`. The next attempt is useful in ${retryAfterMs} ms`,
    { outcome: 'not-sent', retryAfterMs },
  )
}

export function closed(): RefreshUnavailableError {
  return new RefreshUnavailableError(
    'The pool was closed before the token request had its turn: it was not sent',
    { outcome: 'not-sent' },
  )
}
