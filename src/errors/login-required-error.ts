import { TokenError } from './token-error.js'

/**
 * The tokens cannot be renewed without the user: show the login. Every call fails with the same error
 * until someone logs in.
 *
 * @public
 */
export class LoginRequiredError extends TokenError<'ERR_LOGIN_REQUIRED'> {
  readonly isTransient = false
  /**
   * - `no-session`: nobody has logged in yet
   * - `signed-out`: the user logged out, in this process or in another that shares the store
   * - `invalid-grant`: the authorization server refused the refresh token (RFC 6749 §5.2)
   * - `no-refresh-token`: the access token has expired, and there is no refresh token
   * - `gone`: the session's record has disappeared from its store
   * - `session-changed`: while the call was waiting, another login replaced the session
   */
  readonly reason:
    'no-session' | 'signed-out' | 'invalid-grant' | 'no-refresh-token' | 'gone' | 'session-changed'

  /**
   * The authorization server's own code, if it is more specific than `invalid_grant`, such as
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
