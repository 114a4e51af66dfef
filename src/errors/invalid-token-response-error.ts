import { TokenError } from './token-error.js'

/**
 * A success that is not a token response (RFC 6749 §5.1): HTML of a captive portal, no access
 * token, an unknown `token_type`.
 *
 * @public
 */
export class InvalidTokenResponseError extends TokenError {
  readonly code = 'ERR_INVALID_TOKEN_RESPONSE'
  readonly isTransient = true

  constructor(
    message = 'The answer is not a token response (RFC 6749 §5.1)',
    options: { cause?: unknown } = {},
  ) {
    super('InvalidTokenResponseError', message, options)
  }
}
