import { every, monotonicNow } from '../../clock.js'
import { withTimeout } from '../../wait.js'
import type { Lease } from '../token-store.js'
import type { RunScript } from './client.js'
import { slowRedis } from './failures.js'
import type { RedisKeys } from './keys.js'
import { rawRecord, textOf, type RawRecord } from './record.js'
import { ACQUIRE, RELEASE, RENEW } from './scripts.js'

/** Shorter than a server's reuse grace, so that a killed holder costs nothing. */
const LEASE_MS = 5_000
const RENEW_MS = 1_500
/** A client may keep a command for ever while it reconnects. */
const COMMAND_TIMEOUT_MS = 5_000

/**
 * One's own right to spend a session's refresh token: a key of Redis with a token of one's own in
 * it, which expires by itself, is renewed while the task runs, and is deleted by its owner only.
 *
 * @internal
 */
export class RedisLease implements Lease {
  readonly #run: RunScript
  readonly #keys: RedisKeys
  readonly #owner = crypto.randomUUID()
  #heldUntil = -Infinity
  #isOver = false

  constructor(run: RunScript, keys: RedisKeys) {
    this.#run = run
    this.#keys = keys
  }

  /** Counted from before the command was sent: Redis counts from later on. */
  isHeld(): boolean {
    return monotonicNow() < this.#heldUntil
  }

  /**
   * @param knownVersion - the version of a record that need not be told
   * @returns `undefined` if the lease is ours, else what is stored while another has it
   */
  async acquire(knownVersion: string | undefined): Promise<RawRecord | undefined> {
    const { lease, record } = this.#keys
    const sentAt = monotonicNow()
    const sent = this.#run(
      ACQUIRE,
      [lease, record],
      [this.#owner, `${LEASE_MS}`, knownVersion ?? ''],
    )
    let reply: unknown
    try {
      reply = await inTime(sent)
    } catch (error) {
      // It may have been done, or be done yet.
      const release = () => this.#release()
      sent.then(release, release)
      throw error
    }
    const [isOurs, version, session] = reply as unknown[]
    if (textOf(isOurs) !== '1') return rawRecord(version, session)
    this.#heldUntil = sentAt + LEASE_MS
    return undefined
  }

  /** Runs the task, renewing the lease meanwhile, and gives it back. */
  async during<T>(task: () => Promise<T>): Promise<T> {
    const isLate = this.#heldUntil - monotonicNow() < LEASE_MS - RENEW_MS
    if (isLate) void this.#renew()
    const stop = every(RENEW_MS, () => void this.#renew())
    try {
      return await task()
    } finally {
      stop()
      this.#isOver = true
      this.#heldUntil = -Infinity
      await this.#release()
    }
  }

  /** Where it fails, the lease runs out in its time. */
  async #renew(): Promise<void> {
    const sentAt = monotonicNow()
    try {
      const args = [this.#owner, `${LEASE_MS}`]
      const isOurs = textOf(await this.#run(RENEW, [this.#keys.lease], args)) === '1'
      if (isOurs && !this.#isOver) this.#heldUntil = Math.max(this.#heldUntil, sentAt + LEASE_MS)
      else this.#heldUntil = -Infinity
    } catch {
      // The next one may succeed.
    }
  }

  async #release(): Promise<void> {
    try {
      await inTime(this.#run(RELEASE, [this.#keys.lease], [this.#owner]))
    } catch {
      // It expires by itself.
    }
  }
}

function inTime<T>(sent: Promise<T>): Promise<T> {
  const tooSlow = () => slowRedis('exclusive', COMMAND_TIMEOUT_MS)
  return withTimeout(() => sent, COMMAND_TIMEOUT_MS, tooSlow)
}
