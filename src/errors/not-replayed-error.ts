import { TokenError } from './token-error.js'

/**
 * Why a 401 was returned to the caller instead of sending the request again.
 *
 * @public
 */
export class NotReplayedError extends TokenError<'ERR_NOT_REPLAYED'> {
  readonly isTransient: boolean
  /**
   * - `body`: the request's body can be sent only once
   * - `origin`: the 401 came from an origin that the token is not sent to
   * - `cool-down`: a short time ago, a new token was rejected as well
   * - `scope`: the token is valid but not sufficient (RFC 6750 §3.1), or the API requires another
   *   authentication scheme
   * - `already-replayed`: the API rejected the replay too (401)
   */
  readonly reason: 'body' | 'origin' | 'cool-down' | 'scope' | 'already-replayed'

  constructor(message: string, options: { reason: NotReplayedError['reason']; cause?: unknown }) {
    super('ERR_NOT_REPLAYED', 'NotReplayedError', message, options)
    this.reason = options.reason
    this.isTransient = options.reason === 'cool-down'
  }
}
