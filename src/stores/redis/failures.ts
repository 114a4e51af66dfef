import { isTokenError, TokenStoreError } from '../../errors.js'
import { createScrubber } from '../../redact.js'
import { damagedRecord } from '../server/failures.js'

/** How Redis says that it can be read but not written: full, a replica, its disk failing. */
const UNWRITABLE = /\b(OOM|READONLY|MISCONF|NOREPLICAS)\b/

/** The key holds something that is no record. */
const NO_RECORD = /\bWRONGTYPE\b/

/** Upstash's client quotes the whole command in its errors, and what was to be saved is in it. */
const QUOTED_COMMAND = /, command was: .*$/s

/**
 * What a client threw, as an error of ours. A session's name is not quoted: it may be all that one
 * needs to be that user.
 *
 * @internal
 */
export function redisError(
  thrown: unknown,
  operation: TokenStoreError['operation'],
  names: readonly string[],
): TokenStoreError {
  if (isTokenError(thrown, 'ERR_TOKEN_STORE')) return thrown
  const cause = createScrubber(names).cause(withoutCommand(thrown))
  const [, code] = UNWRITABLE.exec(cause.message) ?? []
  if (code !== undefined) {
    const message = `Redis does not accept writes (${code})`
    return new TokenStoreError(message, { operation, reason: 'unwritable', cause })
  }
  if (NO_RECORD.test(cause.message)) return damagedRecord('the key holds another kind of value')
  return new TokenStoreError(`Redis: the store's ${operation} failed`, { operation, cause })
}

function withoutCommand(thrown: unknown): unknown {
  if (!(thrown instanceof Error) || !QUOTED_COMMAND.test(thrown.message)) return thrown
  const { name, stack = '', message } = thrown
  const short = message.replace(QUOTED_COMMAND, '')
  return Object.assign(new Error(short), { name, stack: stack.replace(message, short) })
}
