import { TokenOptionsError } from '../../errors.js'

/** Where the things of one session are: all in one hash slot, so that one script may touch them. */
export interface RedisKeys {
  readonly record: string
  readonly lease: string
  /** What could not be read, until a login or logout took its place. */
  readonly damaged: string
}

const SUFFIXES = [':lease', ':damaged']

/**
 * A key that has a hash tag keeps it; any other becomes one (`{key}`).
 *
 * @throws TokenOptionsError for a key that cannot name a session
 * @internal
 */
export function keysOf(key: unknown): RedisKeys {
  if (typeof key !== 'string' || key === '') {
    const given = typeof key === 'string' ? 'an empty one' : typeof key
    throw new TokenOptionsError(`\`key\`: a non-empty string wanted, got ${given}`)
  }
  if (key.startsWith('}') || SUFFIXES.some((suffix) => key.endsWith(suffix))) {
    throw new TokenOptionsError(
      `\`key\` must not begin with } or end with ${SUFFIXES.join(' or ')}`,
    )
  }
  const record = hasHashTag(key) ? key : `{${key}}`
  return { record, lease: `${record}:lease`, damaged: `${record}:damaged` }
}

/** Between the first `{` and the first `}` after it, if there is anything (Redis Cluster). */
function hasHashTag(key: string): boolean {
  return /^[^{]*\{[^}]+\}/.test(key)
}
