import { TokenOptionsError } from '../../errors.js'
import type { EncryptionKey } from '../sealing/sealing-key.js'
import { createSealing, type RecordEncryption } from '../sealing/sealing.js'
import { runnerOf, type RedisClient, type RunScript } from './client.js'
import { keysOf, type RedisKeys } from './keys.js'
import { JSON_CODEC, sealedCodec, type SessionCodec } from './record.js'

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
  /**
   * Encrypts what is stored, by AES-256-GCM: whoever reads the server's memory or its backups finds
   * no tokens, and a record put in another's place opens nothing. Versions stay readable.
   *
   * @default what is stored can be read
   */
  encryption?: RedisEncryption
}

/** @public */
export interface RedisEncryption {
  /** Seals and opens. Not in Redis: from a secret store, or the environment. */
  key: EncryptionKey
  /**
   * Open only: to rotate, put the new key in the place of the old one, and the old one here until
   * every session was refreshed or has expired.
   */
  oldKeys?: readonly EncryptionKey[]
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

/** One for all sessions of a client, or of the same keys: there may be a hundred thousand. */
const runners = new WeakMap<object, RunScript>()
const sealings = new WeakMap<object, RecordEncryption>()

/**
 * @throws TokenOptionsError
 * @internal
 */
export function readOptions(options: RedisStoreOptions): RedisSettings {
  if (typeof options !== 'object' || options === null) {
    throw new TokenOptionsError(`redisStore: options wanted, got ${typeof options}`)
  }
  const { client, key, ttlMs = DEFAULT_TTL_MS, encryption, ...rest } = options
  const [unknown] = Object.keys(rest)
  if (unknown !== undefined)
    throw new TokenOptionsError(`redisStore: unknown option \`${unknown}\``)
  if (!Number.isInteger(ttlMs) || ttlMs < 1 || ttlMs > LONGEST_TTL_MS) {
    const given = typeof ttlMs === 'number' ? ttlMs : typeof ttlMs
    throw new TokenOptionsError(`\`ttlMs\`: whole milliseconds, 1 or more wanted, got ${given}`)
  }
  const keys = keysOf(key)
  const codec = codecOf(keys.record, encryption)
  return { run: sharedRunner(client), keys, ttlMs, codec }
}

function sharedRunner(client: RedisClient): RunScript {
  const known = runners.get(client)
  if (known) return known
  const made = runnerOf(client)
  runners.set(client, made)
  return made
}

function codecOf(key: string, encryption: RedisEncryption | undefined): SessionCodec {
  return encryption === undefined ? JSON_CODEC : sealedCodec(sharedSealing(encryption), key)
}

/** By the object, which is the app's configuration; another one is read anew. */
function sharedSealing(encryption: RedisEncryption): RecordEncryption {
  if (typeof encryption !== 'object' || encryption === null) {
    throw new TokenOptionsError(`\`encryption\`: { key } wanted, got ${typeof encryption}`)
  }
  const known = sealings.get(encryption)
  if (known) return known
  const { key, oldKeys = [], ...rest } = encryption
  const [unknown] = Object.keys(rest)
  if (unknown !== undefined) throw new TokenOptionsError(`\`encryption\`: unknown \`${unknown}\``)
  if (!Array.isArray(oldKeys)) {
    throw new TokenOptionsError(`\`encryption.oldKeys\`: a list wanted, got ${typeof oldKeys}`)
  }
  const made = createSealing('`encryption`', [key, ...(oldKeys as readonly EncryptionKey[])])
  sealings.set(encryption, made)
  return made
}
