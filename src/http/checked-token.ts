import { TokenOptionsError } from '../errors.js'
import { isSendable } from '../tokens/token-set.js'

/** @throws TokenOptionsError for what no header can carry @internal */
export function checkedToken(token: unknown): string {
  if (isSendable(token)) return token
  const received = typeof token === 'string' ? 'one that cannot be sent in a header' : typeof token
  throw new TokenOptionsError(
    `The token source must return a non-empty string of visible ASCII, received ${received}`,
  )
}
