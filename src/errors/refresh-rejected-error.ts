import { redact } from '../redact.js'
import { TokenError } from './token-error.js'

/**
 * The authorization server refused for a reason that a login does not fix (`invalid_client`,
 * `invalid_scope`, ...). The tokens are kept: fix the configuration.
 *
 * @public
 */
export class RefreshRejectedError extends TokenError<'ERR_REFRESH_REJECTED'> {
  readonly isTransient = false
  /** The server's `error` (RFC 6749 §5.2), if it sent one. */
  readonly error: string | undefined
  /** The server's `error_description`, if it sent one. */
  readonly errorDescription: string | undefined
  /** The HTTP status, if known. */
  readonly status: number | undefined
  /**
   * The body of the response without secrets, for `endsSession`: an object if it is JSON, otherwise
   * text. Not enumerable.
   */
  declare readonly body: unknown

  constructor(
    message = 'The authorization server rejected the token request',
    options: {
      error?: string | undefined
      errorDescription?: string | undefined
      status?: number | undefined
      body?: unknown
      cause?: unknown
    } = {},
  ) {
    super('ERR_REFRESH_REJECTED', 'RefreshRejectedError', message, options)
    this.error = options.error === undefined ? undefined : redact(options.error)
    this.errorDescription =
      options.errorDescription === undefined ? undefined : redact(options.errorDescription)
    this.status = options.status
    Object.defineProperty(this, 'body', { value: options.body })
  }
}
