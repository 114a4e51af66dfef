import { delay } from '../../clock.js'
import type { TokenStoreError } from '../../errors.js'
import { INSPECT } from '../../inspect.js'
import type { Lease, LeaseWait, StoredSession, TokenStore } from '../token-store.js'
import { redisError } from './failures.js'
import { RedisLease } from './lease.js'
import { readOptions, type RedisSettings, type RedisStoreOptions } from './options.js'
import type { RawRecord } from './record.js'
import { RedisRecords } from './records.js'

/**
 * One session in Redis or Valkey, for web apps of several processes or machines: who shares the key
 * shares the session, and one at a time renews it. Make one for each session, over one client.
 *
 * What cannot be read or written in time is a `TokenStoreError`; a usable token goes on being used
 * meanwhile.
 *
 * @example
 * const store = redisStore({ client, key: `session:${session.id}` })
 *
 * @throws TokenOptionsError for a client of another kind, a bad key, or an unknown option
 * @public
 */
export function redisStore(options: RedisStoreOptions): TokenStore {
  return new RedisStore(readOptions(options))
}

/** Waiters look again after this, at random, so that they do not come all at once. */
const SHORTEST_POLL_MS = 50
const LONGEST_POLL_MS = 150

class RedisStore implements TokenStore {
  readonly #settings: RedisSettings
  readonly #records: RedisRecords

  constructor(settings: RedisSettings) {
    this.#settings = settings
    this.#records = new RedisRecords(settings)
  }

  load(): Promise<StoredSession | undefined> {
    return this.#telling('load', () => this.#records.load())
  }

  save(session: StoredSession, { ifVersion }: { ifVersion: number | undefined }): Promise<boolean> {
    return this.#telling('save', () => this.#records.save(session, ifVersion))
  }

  async exclusive<T>(task: (lease: Lease) => Promise<T>, wait: LeaseWait = {}): Promise<T> {
    const { run, keys } = this.#settings
    const lease = new RedisLease(run, keys)
    const isOurs = await this.#telling('exclusive', () => this.#waitFor(lease, wait))
    return isOurs ? lease.during(() => task(lease)) : task(lease)
  }

  [INSPECT](): string {
    return 'TokenStore { redis }'
  }

  /** @returns `false` if the record has changed, and that will do */
  async #waitFor(lease: RedisLease, { signal, wakeOnChange }: LeaseWait): Promise<boolean> {
    let known = versionOf(this.#records.seen)
    for (;;) {
      signal?.throwIfAborted()
      const found = await lease.acquire(known)
      if (!found) return true
      const isChanged = found.version !== known
      if (isChanged && wakeOnChange && this.#isNews(found)) return false
      known = found.version
      await delay(SHORTEST_POLL_MS + Math.random() * (LONGEST_POLL_MS - SHORTEST_POLL_MS))
    }
  }

  /** A record that differs in its version, or its refresh token alone, helps nobody who waits. */
  #isNews(found: RawRecord): boolean {
    const { seen } = this.#records
    const record = this.#readable(found)
    const isOtherSession = record?.sessionId !== seen?.sessionId
    return isOtherSession || record?.tokens?.accessToken !== seen?.tokens?.accessToken
  }

  /** What cannot be read is news too: who loads it is told. */
  #readable(found: RawRecord): StoredSession | undefined {
    try {
      return this.#records.read(found)
    } catch {
      return undefined
    }
  }

  async #telling<T>(operation: TokenStoreError['operation'], task: () => Promise<T>): Promise<T> {
    try {
      return await task()
    } catch (error) {
      throw redisError(error, operation, this.#settings.keys.record)
    }
  }
}

function versionOf(session: StoredSession | undefined): string | undefined {
  return session && String(session.version)
}
