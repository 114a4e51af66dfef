import { LONGEST_RETRY_AFTER_MS } from '../retry-after-limit.js'
import { TokenError } from './token-error.js'

/**
 * There is no new token for now: the network failed, the request timed out, the server responded
 * with 408, 429 or 5xx, or the pause after such a failure (the cool-down) is not over. The tokens
 * are kept: try later.
 *
 * @public
 */
export class RefreshUnavailableError extends TokenError<'ERR_REFRESH_UNAVAILABLE'> {
  readonly isTransient = true
  /** How long to wait, in milliseconds and at most one hour, if that is known. */
  readonly retryAfterMs: number | undefined
  /**
   * - `not-sent`: no request left this process
   * - `failed`: the server responded that it did not issue a token
   * - `unknown`: no response arrived; the server may have processed the request
   */
  readonly outcome: 'not-sent' | 'failed' | 'unknown'
  /** The HTTP status, if there was a response. */
  readonly status: number | undefined

  constructor(
    message = 'The token could not be refreshed for now',
    options: {
      retryAfterMs?: number
      outcome?: RefreshUnavailableError['outcome']
      status?: number
      cause?: unknown
    } = {},
  ) {
    super('ERR_REFRESH_UNAVAILABLE', 'RefreshUnavailableError', message, options)
    this.retryAfterMs = soundWait(options.retryAfterMs)
    this.outcome = options.outcome ?? 'unknown'
    this.status = options.status
  }
}

/** What a user's own error says may be no number at all. */
function soundWait(waitMs: number | undefined): number | undefined {
  if (waitMs === undefined || Number.isNaN(waitMs) || waitMs < 0) return undefined
  return Math.min(waitMs, LONGEST_RETRY_AFTER_MS)
}
