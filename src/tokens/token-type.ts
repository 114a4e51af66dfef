import { InvalidTokenResponseError } from '../errors.js'
import type { DpopKey } from './dpop-key.js'

/**
 * Without a key any type is kept, and what has it is sent as Bearer: servers say `bot` or `User
 * Access Token` and mean Bearer. A DPoP token is nothing without its key; and who asked for one is
 * not content with a token that any thief can use (RFC 9449 §5: the response must be discarded).
 *
 * @throws InvalidTokenResponseError
 * @internal
 */
export function knownType(value: unknown, dpopKey: DpopKey | undefined): string {
  const wanted = dpopKey ? 'DPoP' : 'Bearer'
  if (typeof value !== 'string' || value === '' || isType(value, wanted)) return wanted
  if (!dpopKey && !isType(value, 'DPoP')) return value
  throw new InvalidTokenResponseError(
    dpopKey
      ? 'A DPoP token was requested, but the token_type is a different one: does the server support DPoP (RFC 9449 §5)?'
      : 'The token_type is DPoP, but there is no `dpopKey` that the token is bound to (RFC 9449)',
  )
}

/** Whether a type out of a store goes with the key, or with there being none. @internal */
export function isTypeFor(value: unknown, dpopKey: DpopKey | undefined): boolean {
  if (dpopKey) return isType(value, 'DPoP')
  return typeof value === 'string' && value !== '' && !isType(value, 'DPoP')
}

/** RFC 6749 §5.1: the case does not matter. */
function isType(value: unknown, type: string): boolean {
  return typeof value === 'string' && value.toLowerCase() === type.toLowerCase()
}
