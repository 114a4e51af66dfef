import { TokenError } from './token-error.js'

/**
 * Nothing can be renewed without the user: show the login. The same error is given to every call
 * until someone logs in.
 *
 * @public
 */
export class LoginRequiredError extends TokenError<'ERR_LOGIN_REQUIRED'> {
  readonly isTransient = false
  /**
   * - `no-session`: nobody has logged in yet
   * - `signed-out`: the user logged out, here or elsewhere
   * - `invalid-grant`: the authorization server refused the refresh token (RFC 6749 §5.2)
   * - `no-refresh-token`: the token has expired and there is none to renew it with
   * - `gone`: the session's record vanished from its store
   * - `session-changed`: the call began under one login and another took its place
   */
  readonly reason:
    'no-session' | 'signed-out' | 'invalid-grant' | 'no-refresh-token' | 'gone' | 'session-changed'

  /**
   * The authorization server's own word for it, where it said more than `invalid_grant`, such as
   * `AADSTS50173` or `bad_refresh_token`.
   */
  readonly providerError: string | undefined
  /** The server's `error_description`, without secrets, if it sent one. */
  readonly errorDescription: string | undefined

  /** What led to the end of the session, in sentences, as far as it is known: see `explain()`. */
  history: readonly string[] = []

  constructor(
    message = 'The session has ended: the user must log in again',
    options: {
      reason?: LoginRequiredError['reason']
      providerError?: string | undefined
      errorDescription?: string | undefined
      cause?: unknown
    } = {},
  ) {
    super('ERR_LOGIN_REQUIRED', 'LoginRequiredError', message, options)
    this.reason = options.reason ?? 'invalid-grant'
    this.providerError = options.providerError
    this.errorDescription = options.errorDescription
  }
}
