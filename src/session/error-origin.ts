import { monotonicNow } from '../clock.js'
import { RefreshUnavailableError, type TokenError } from '../errors.js'

/** Which manager told its callers this error, and when, in whichever copy of the package. */
const TOLD_BY = Symbol.for('tokenward.toldBy')

interface Telling {
  readonly manager: object
  readonly at: number
}

/**
 * Remembers that a manager told its callers this error. One's own `refresh` may call another
 * manager, and that one's end is not this one's.
 *
 * @param manager - any object that stands for it
 * @internal
 */
export function markAsTold<E extends TokenError>(error: E, manager: object): E {
  Object.defineProperty(error, TOLD_BY, {
    value: { manager, at: monotonicNow() },
    configurable: true,
  })
  return error
}

/**
 * The error itself, taken at its word; or, where another manager told it during this request, a
 * failure of this refresh. What was told before is no sign of another manager: an app may throw one
 * and the same error object for all its users.
 *
 * @param since - when the request began, by the monotonic clock
 * @internal
 */
export function takenAtItsWord(error: TokenError, manager: object, since: number): TokenError {
  const told = (error as { [TOLD_BY]?: Telling })[TOLD_BY]
  if (told === undefined || told.manager === manager || told.at < since) return error
  return new RefreshUnavailableError(
    'Another manager, which the token request needed, could not give a token',
    { outcome: 'not-sent', cause: error },
  )
}
