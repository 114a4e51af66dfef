import { TokenError } from './token-error.js'

/**
 * The response has a success status but is not a token response (RFC 6749 §5.1): the HTML of a
 * captive portal, no access token, an unknown `token_type`.
 *
 * @public
 */
export class InvalidTokenResponseError extends TokenError<'ERR_INVALID_TOKEN_RESPONSE'> {
  readonly isTransient = true
  /** The HTTP status, or `undefined` if it is not known. */
  readonly status: number | undefined
  /** The body of the response without secrets, for `endsSession`. Not enumerable. */
  declare readonly body: unknown

  constructor(
    message = 'The response is not a token response (RFC 6749 §5.1)',
    options: { status?: number | undefined; body?: unknown; cause?: unknown } = {},
  ) {
    super('ERR_INVALID_TOKEN_RESPONSE', 'InvalidTokenResponseError', message, options)
    this.status = options.status
    Object.defineProperty(this, 'body', { value: options.body })
  }
}
