import { isTokenError, TokenStoreError } from '../../errors.js'
import { createScrubber } from '../../redact.js'

type Operation = TokenStoreError['operation']

/** SQLSTATEs of a server that can be read and not written: a replica, a full disk, no privilege. */
const UNWRITABLE = new Set(['25006', '53100', '42501'])
/** No such table or column. */
const NO_TABLE = new Set(['42P01', '42703'])

/**
 * What a driver threw, as an error of ours. A session's name is not quoted: it may be all that one
 * needs to be that user.
 *
 * @internal
 */
export function postgresError(
  thrown: unknown,
  operation: Operation,
  names: readonly string[],
): TokenStoreError {
  if (isTokenError(thrown, 'ERR_TOKEN_STORE')) return thrown
  const cause = createScrubber(names).cause(thrown)
  const code = String((cause as { code?: unknown }).code)
  if (NO_TABLE.has(code)) {
    return new TokenStoreError(
      'Postgres lacks the tables of postgresStore: run the statements of postgresSchema() in your migrations',
      { operation, isTransient: false, cause },
    )
  }
  if (UNWRITABLE.has(code) && operation !== 'load') {
    const message = `Postgres does not accept writes (SQLSTATE ${code})`
    return new TokenStoreError(message, { operation, reason: 'unwritable', cause })
  }
  return new TokenStoreError(`Postgres: the store's ${operation} failed`, { operation, cause })
}
