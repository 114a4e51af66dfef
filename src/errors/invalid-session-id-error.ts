import { TokenError } from './token-error.js'

/**
 * What a request brought cannot be the id of a session: an app responds with 400. The id is not quoted: it
 * comes from outside, and may be all that one needs to be someone.
 *
 * @public
 */
export class InvalidSessionIdError extends TokenError<'ERR_INVALID_SESSION_ID'> {
  readonly isTransient = false

  constructor(message: string, options: { cause?: unknown } = {}) {
    super('ERR_INVALID_SESSION_ID', 'InvalidSessionIdError', message, options)
  }
}
