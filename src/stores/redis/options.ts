import { TokenOptionsError } from '../../errors.js'
import { runnerOf, type RedisClient, type RunScript } from './client.js'
import { keysOf, type RedisKeys } from './keys.js'
import { JSON_CODEC, type SessionCodec } from './record.js'

/** @public */
export interface RedisStoreOptions {
  /**
   * A client of `redis` (node-redis 4 or later: a client, pool, cluster or sentinel) or of `ioredis`
   * (5 or later), connected by you, with its password and TLS. One for all sessions.
   */
  client: RedisClient
  /**
   * Names the session, such as `` `session:${session.id}` ``; no two sessions have the same. Its
   * hash tag is kept, without one it becomes one (`{key}`): what belongs to a session is in one hash
   * slot of a cluster.
   */
  key: string
  /**
   * How long a session stays that nobody refreshes, in milliseconds: each save begins it anew. A
   * sign-out stays as long. What has expired is gone, and its user must log in again.
   *
   * @default 30 days
   */
  ttlMs?: number
}

/** What a store is made of. */
export interface RedisSettings {
  readonly run: RunScript
  readonly keys: RedisKeys
  readonly ttlMs: number
  readonly codec: SessionCodec
}

const DAY_MS = 24 * 60 * 60 * 1000
const DEFAULT_TTL_MS = 30 * DAY_MS
/** What Redis can add to its clock, and then some. */
const LONGEST_TTL_MS = 10_000 * 365 * DAY_MS

/** One for all sessions of a client: there may be a hundred thousand. */
const runners = new WeakMap<object, RunScript>()

/**
 * @throws TokenOptionsError
 * @internal
 */
export function readOptions(options: RedisStoreOptions): RedisSettings {
  if (typeof options !== 'object' || options === null) {
    throw new TokenOptionsError(`redisStore: options wanted, got ${typeof options}`)
  }
  const { client, key, ttlMs = DEFAULT_TTL_MS, ...rest } = options
  const [unknown] = Object.keys(rest)
  if (unknown !== undefined)
    throw new TokenOptionsError(`redisStore: unknown option \`${unknown}\``)
  if (!Number.isInteger(ttlMs) || ttlMs < 1 || ttlMs > LONGEST_TTL_MS) {
    const given = typeof ttlMs === 'number' ? ttlMs : typeof ttlMs
    throw new TokenOptionsError(`\`ttlMs\`: whole milliseconds, 1 or more wanted, got ${given}`)
  }
  return { run: sharedRunner(client), keys: keysOf(key), ttlMs, codec: JSON_CODEC }
}

function sharedRunner(client: RedisClient): RunScript {
  const known = runners.get(client)
  if (known) return known
  const made = runnerOf(client)
  runners.set(client, made)
  return made
}
