import { TokenError } from './token-error.js'

/**
 * A success that is not a token response (RFC 6749 §5.1): HTML of a captive portal, no access
 * token, an unknown `token_type`.
 *
 * @public
 */
export class InvalidTokenResponseError extends TokenError<'ERR_INVALID_TOKEN_RESPONSE'> {
  readonly isTransient = true
  /** The HTTP status; `undefined` where it is not known, or where tokens came that cannot be used. */
  readonly status: number | undefined
  /** What the response said, without secrets, for `endsSession`. Not shown when the error is. */
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
