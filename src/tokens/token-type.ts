import { InvalidTokenResponseError } from '../errors.js'
import type { DpopKey } from './dpop-key.js'

/**
 * A DPoP token is nothing without its key; and who asked for one is not content with a token that
 * any thief can use (RFC 9449 §5: then the answer must be discarded).
 *
 * @throws InvalidTokenResponseError
 * @internal
 */
export function knownType(value: unknown, dpopKey: DpopKey | undefined): string {
  const wanted = dpopKey ? 'DPoP' : 'Bearer'
  if (value === undefined || value === null || value === '' || isType(value, wanted)) return wanted
  if (isType(value, 'Bearer')) {
    throw new InvalidTokenResponseError(
      'A DPoP token was asked for and the token_type is Bearer: does the server do DPoP (RFC 9449 §5)?',
    )
  }
  throw new InvalidTokenResponseError(
    isType(value, 'DPoP')
      ? 'The token_type is DPoP, and there is no `dpopKey` that the token is bound to (RFC 9449)'
      : 'Unknown token_type: only Bearer and DPoP are supported',
  )
}

/** RFC 6749 §5.1: the case does not matter. @internal */
export function isType(value: unknown, type: string): boolean {
  return typeof value === 'string' && value.toLowerCase() === type.toLowerCase()
}
