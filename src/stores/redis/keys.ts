import { escapeName } from '../server/record-name.js'

/** Where the things of one session are: all in one hash slot, so that one script may touch them. */
export interface RedisKeys {
  readonly record: string
  readonly lease: string
  /** What could not be read, until a login or logout took its place. */
  readonly damaged: string
}

/**
 * The whole name is the hash tag, and no `}` is in it: one name has one key, and none that a name
 * gives is another's lease.
 *
 * @internal
 */
export function keysOf(name: string): RedisKeys {
  const record = `{${escapeName(name)}}`
  return { record, lease: `${record}:lease`, damaged: `${record}:damaged` }
}
