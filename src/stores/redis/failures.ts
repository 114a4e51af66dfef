import { isTokenError, TokenStoreError } from '../../errors.js'
import { createScrubber } from '../../redact.js'

type Operation = TokenStoreError['operation']

/** How Redis says that it can be read but not written: full, a replica, its disk failing. */
const UNWRITABLE = /\b(OOM|READONLY|MISCONF|NOREPLICAS)\b/

/** The key holds something that is no record. */
const NO_RECORD = /\bWRONGTYPE\b/

/**
 * What a client threw, as an error of ours. A session's key is not quoted: it may be all that one
 * needs to be that user.
 *
 * @internal
 */
export function redisError(thrown: unknown, operation: Operation, key: string): TokenStoreError {
  if (isTokenError(thrown, 'ERR_TOKEN_STORE')) return thrown
  const cause = createScrubber([key]).cause(thrown)
  const [, code] = UNWRITABLE.exec(cause.message) ?? []
  if (code !== undefined) {
    return new TokenStoreError(`Redis takes no writes (${code})`, {
      operation,
      reason: 'unwritable',
      cause,
    })
  }
  if (NO_RECORD.test(cause.message)) return damagedRecord('the key holds another kind of value')
  return new TokenStoreError(`Redis: the store's ${operation} failed`, { operation, cause })
}

/** @internal */
export function damagedRecord(what: string): TokenStoreError {
  return new TokenStoreError(`What Redis holds is no session: ${what}`, {
    operation: 'load',
    reason: 'damaged',
  })
}

/** @internal */
export function slowRedis(operation: Operation, durationMs: number): TokenStoreError {
  return new TokenStoreError(`Redis: the store's ${operation} took longer than ${durationMs} ms`, {
    operation,
  })
}
