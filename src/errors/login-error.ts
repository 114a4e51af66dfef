import { redact } from '../redact.js'
import { TokenError } from './token-error.js'

/**
 * A login was not completed: begin another. What a server or a network fails at is told by the
 * other classes.
 *
 * @public
 */
export class LoginError extends TokenError<'ERR_LOGIN'> {
  readonly isTransient = false
  /**
   * - `denied`: the user, or the authorization server for them, said no (`access_denied`)
   * - `state`: the response is to another request, or was taken before
   * - `issuer`: the response came from a different issuer (RFC 9207), or omits `iss`
   * - `expired`: the device code has expired (RFC 8628 §3.5)
   * - `timeout`: no response came in time
   * - `port`: the port for the response could not be listened on
   * - `no-browser`: no browser can be opened here, and there is no other way to log in
   * - `aborted`: the caller aborted
   * - `failed`: any other reason; `error` is the server's, if it gave one
   */
  readonly reason:
    | 'denied'
    | 'state'
    | 'issuer'
    | 'expired'
    | 'timeout'
    | 'port'
    | 'no-browser'
    | 'aborted'
    | 'failed'
  /** The server's `error` (RFC 6749 §4.1.2.1, §5.2), if it sent one. */
  readonly error: string | undefined
  /** The server's `error_description`, if it sent one. */
  readonly errorDescription: string | undefined

  constructor(
    message: string,
    options: {
      reason: LoginError['reason']
      error?: string
      errorDescription?: string
      cause?: unknown
    },
  ) {
    super('ERR_LOGIN', 'LoginError', message, options)
    this.reason = options.reason
    this.error = options.error === undefined ? undefined : redact(options.error)
    this.errorDescription =
      options.errorDescription === undefined ? undefined : redact(options.errorDescription)
  }
}
