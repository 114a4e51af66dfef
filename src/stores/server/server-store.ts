import { delay } from '../../clock.js'
import type { TokenStoreError } from '../../errors.js'
import { INSPECT } from '../../inspect.js'
import { throwIfAborted } from '../../wait.js'
import { isNews } from '../news.js'
import type { Lease, LeaseWait, StoredSession, TokenStore } from '../token-store.js'
import type { SessionCodec } from './codec.js'
import type { RawRecord } from './record.js'
import type { RecordServer } from './record-server.js'
import { ServerRecords } from './records.js'
import { TimedLease } from './timed-lease.js'

/** Waiters look again after this: soon, since a refresh is short, and less often if it is not. */
const FIRST_POLL_MS = 50
const LONGEST_POLL_MS = 100
const POLL_GROWTH = 1.3

/**
 * One session on a server that many processes share: who uses the same name shares the session, and
 * one at a time renews it.
 *
 * @internal
 */
export class ServerStore implements TokenStore {
  readonly #server: RecordServer
  readonly #records: ServerRecords

  constructor(server: RecordServer, codec: SessionCodec) {
    this.#server = server
    this.#records = new ServerRecords(server, codec)
  }

  load(): Promise<StoredSession | undefined> {
    return this.#attempt('load', () => this.#records.load())
  }

  save(session: StoredSession, { ifVersion }: { ifVersion: number | undefined }): Promise<boolean> {
    return this.#attempt('save', () => this.#records.save(session, ifVersion))
  }

  async exclusive<T>(task: (lease: Lease) => Promise<T>, wait: LeaseWait = {}): Promise<T> {
    const lease = new TimedLease(this.#server)
    const isOurs = await this.#attempt('exclusive', () => this.#waitFor(lease, wait))
    return isOurs ? lease.during(() => task(lease)) : task(lease)
  }

  [INSPECT](): string {
    return `TokenStore { ${this.#server.name} }`
  }

  /** @returns `false` if the record has changed, and that will do */
  async #waitFor(lease: TimedLease, { signal, wakeOnChange }: LeaseWait): Promise<boolean> {
    const { seen } = this.#records // by whoever waits; others may read in the meantime
    let known = versionOf(seen)
    for (let pollMs = FIRST_POLL_MS; ; pollMs = Math.min(POLL_GROWTH * pollMs, LONGEST_POLL_MS)) {
      throwIfAborted(signal)
      const found = await lease.acquire(known)
      if (!found) return true
      const isChanged = found.version !== known
      if (isChanged && wakeOnChange && isNews(this.#readable(found), seen)) return false
      known = found.version
      await delay(pollMs * (0.5 + Math.random())) // so that they do not come all at once
    }
  }

  /** What cannot be read is news too: who loads it is told. */
  #readable(found: RawRecord): StoredSession | undefined {
    try {
      return this.#records.decode(found)
    } catch {
      return undefined
    }
  }

  async #attempt<T>(operation: TokenStoreError['operation'], task: () => Promise<T>): Promise<T> {
    try {
      return await task()
    } catch (error) {
      throw this.#server.errorOf(error, operation)
    }
  }
}

function versionOf(session: StoredSession | undefined): string | undefined {
  return session && String(session.version)
}
