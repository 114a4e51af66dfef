import { TokenError } from './token-error.js'

/**
 * The value that was passed as a session ID cannot be one: respond with 400. The message does not
 * contain the value, because it comes from outside and may be the session ID of a user.
 *
 * @public
 */
export class InvalidSessionIdError extends TokenError<'ERR_INVALID_SESSION_ID'> {
  readonly isTransient = false

  constructor(message: string, options: { cause?: unknown } = {}) {
    super('ERR_INVALID_SESSION_ID', 'InvalidSessionIdError', message, options)
  }
}
