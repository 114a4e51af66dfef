import { redact } from '../redact.js'
import { TokenError } from './token-error.js'

/**
 * A login was not completed: begin another one. If the network or the server failed, the error is
 * one of the other classes, such as `RefreshUnavailableError`.
 *
 * @public
 */
export class LoginError extends TokenError<'ERR_LOGIN'> {
  readonly isTransient = false
  /**
   * - `denied`: the user or the authorization server denied the request (`access_denied`)
   * - `state`: the response belongs to another login, or was used before
   * - `issuer`: the response came from a different issuer (RFC 9207), or omits `iss`
   * - `expired`: the device code has expired (RFC 8628 §3.5)
   * - `timeout`: the user did not finish in time
   * - `port`: it was not possible to listen on the port for the response
   * - `no-browser`: no browser can be opened here, and there is no other way to log in
   * - `aborted`: the caller aborted the login
   * - `failed`: any other reason; `error` is the server's own code, if it sent one
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
