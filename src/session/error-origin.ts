import { RefreshUnavailableError, type TokenError } from '../errors.js'

/** Which manager told its callers this error, in whichever copy of the package. */
const TOLD_BY = Symbol.for('tokenward.toldBy')

/**
 * Remembers that a manager told its callers this error. One's own `refresh` may call another
 * manager, and that one's end is not this one's.
 *
 * @param manager - any object that stands for it
 * @internal
 */
export function tell<E extends TokenError>(error: E, manager: object): E {
  Object.defineProperty(error, TOLD_BY, { value: manager, configurable: true })
  return error
}

/**
 * The error itself, taken at its word; or, where another manager told it, a failure of this refresh.
 *
 * @internal
 */
export function takenAtItsWord(error: TokenError, manager: object): TokenError {
  const teller = (error as { [TOLD_BY]?: object })[TOLD_BY]
  if (teller === undefined || teller === manager) return error
  return new RefreshUnavailableError(
    'Another manager, which the token request needed, could not give a token',
    { outcome: 'not-sent', cause: error },
  )
}
