import { TokenError } from './token-error.js'

/**
 * A bad option or call. The message says which option, what was given and what is wanted; the
 * value of a secret is never in it.
 *
 * @public
 */
export class TokenOptionsError extends TokenError<'ERR_TOKEN_OPTIONS'> {
  readonly isTransient = false

  constructor(message: string, options: { cause?: unknown } = {}) {
    super('ERR_TOKEN_OPTIONS', 'TokenOptionsError', message, options)
  }
}
