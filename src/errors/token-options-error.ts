import { TokenError } from './token-error.js'

/**
 * A bad option or call. The message names the option, what was received and what was expected; it
 * never contains the value of a secret.
 *
 * @public
 */
export class TokenOptionsError extends TokenError<'ERR_TOKEN_OPTIONS'> {
  readonly isTransient = false

  constructor(message: string, options: { cause?: unknown } = {}) {
    super('ERR_TOKEN_OPTIONS', 'TokenOptionsError', message, options)
  }
}
