import { anObject, check, checkOptions, checkValue } from '../../checks.js'
import { codecOf, type StoreEncryption } from '../server/codec.js'
import { aRecordName, aTtl, DEFAULT_TTL_MS } from '../server/option-checks.js'
import { ServerStore } from '../server/server-store.js'
import type { TokenStore } from '../token-store.js'
import { isRedisClient, runnerOf, type RedisClient, type RunScript } from './client.js'
import { RedisServer } from './redis-server.js'

/** @public */
export interface RedisStoreOptions {
  /**
   * A client of `redis` (node-redis 4 or later: a client, pool, cluster or sentinel), `ioredis` (5 or
   * later), `@upstash/redis` or Bun, connected by you, with its password and TLS. One for all
   * sessions.
   */
  client: RedisClient
  /**
   * Names the session, such as `` `session:${session.id}` ``; no two sessions have the same. Whatever
   * is in it, one name is one session, and all that belongs to it is in one hash slot of a cluster.
   */
  key: string
  /**
   * How long a session stays that nobody refreshes, in milliseconds: each save begins it again. A
   * sign-out stays as long. What has expired is gone, and its user must log in again.
   *
   * @default 2_592_000_000 (30 days)
   */
  ttlMs?: number | undefined
  /**
   * Encrypts what is stored, by AES-256-GCM: whoever reads the server's memory or its backups finds
   * no tokens, and a record put in another's place is not decrypted. Versions stay readable.
   *
   * @default what is stored can be read
   */
  encryption?: StoreEncryption | undefined
}

/**
 * One session in Redis or Valkey, for web apps of several processes or machines: who shares the key
 * shares the session, and one at a time renews it. Make one for each session, over one client.
 *
 * What cannot be read or written in time is a `TokenStoreError`; a usable token goes on being used
 * in the meantime.
 *
 * @example
 * const store = redisStore({ client, key: `session:${session.id}` })
 *
 * @throws TokenOptionsError for a client of another kind, an empty key, or an unknown option
 * @public
 */
export function redisStore(options: RedisStoreOptions): TokenStore {
  checkOptions('redisStore', options, OPTIONS)
  checkValue('redisStore', 'client', options.client, OPTIONS.client)
  checkValue('redisStore', 'key', options.key, OPTIONS.key)
  const { client, key, ttlMs = DEFAULT_TTL_MS, encryption } = options
  const server = new RedisServer(sharedRunner(client), key, ttlMs)
  return new ServerStore(server, codecOf('redisStore', key, encryption))
}

const OPTIONS = {
  client: check('a client of node-redis (4 or later), ioredis (5 or later), @upstash/redis or Bun', isRedisClient), // prettier-ignore
  key: aRecordName,
  ttlMs: aTtl,
  encryption: anObject,
}

/** One for all sessions of a client: there may be a hundred thousand. */
const runners = new WeakMap<object, RunScript>()

function sharedRunner(client: RedisClient): RunScript {
  const known = runners.get(client)
  if (known) return known
  const made = runnerOf(client)
  runners.set(client, made)
  return made
}
