import { every, monotonicNow, now } from '../../clock.js'
import { withTimeout } from '../../wait.js'
import type { Lease } from '../token-store.js'
import { slowServer } from './failures.js'
import type { RawRecord } from './record.js'
import type { RecordServer } from './record-server.js'

/** Shorter than a server's reuse grace, so that a killed holder costs nothing. */
const LEASE_MS = 5_000
const RENEW_MS = 1_500
/** A client may keep a command forever while it reconnects. */
const COMMAND_TIMEOUT_MS = 5_000

/**
 * One's own right to spend a session's refresh token: on the server a name of one's own, which
 * expires by itself, is renewed while the task runs, and is deleted by its owner only.
 *
 * @internal
 */
export class TimedLease implements Lease {
  readonly #server: RecordServer
  readonly #owner = crypto.randomUUID()
  #heldUntil = NEVER
  #isOver = false

  constructor(server: RecordServer) {
    this.#server = server
  }

  /** By both clocks: one may be set, and the other stands still while the machine sleeps. */
  isHeld(): boolean {
    const { monotonic, wall } = this.#heldUntil
    return monotonicNow() < monotonic && now() < wall
  }

  /**
   * @param knownVersion - the version of a record that need not be told
   * @returns `undefined` if the lease is ours, else what is stored while another has it
   */
  async acquire(knownVersion: string | undefined): Promise<RawRecord | undefined> {
    const heldUntil = leaseFromNow()
    const sent = this.#server.acquire(this.#owner, LEASE_MS, knownVersion)
    let stored: RawRecord | undefined
    try {
      stored = await this.#inTime(sent)
    } catch (error) {
      // It may have been done, or be done yet.
      const release = () => this.#release()
      sent.then(release, release)
      throw error
    }
    if (!stored) this.#heldUntil = heldUntil
    return stored
  }

  /** Runs the task, renewing the lease in the meantime, and gives it back. */
  async during<T>(task: () => Promise<T>): Promise<T> {
    const isLate = this.#heldUntil.monotonic - monotonicNow() < LEASE_MS - RENEW_MS
    if (isLate) void this.#renew()
    const stop = every(RENEW_MS, () => void this.#renew())
    try {
      return await task()
    } finally {
      stop()
      this.#isOver = true
      this.#heldUntil = NEVER
      await this.#release()
    }
  }

  /** Where it fails, the lease runs out in its time. */
  async #renew(): Promise<void> {
    const heldUntil = leaseFromNow()
    try {
      const isOurs = await this.#server.renew(this.#owner, LEASE_MS)
      if (!isOurs) this.#isOver = true // whatever an earlier renewal is answered later
      if (this.#isOver) this.#heldUntil = NEVER
      else if (heldUntil.monotonic > this.#heldUntil.monotonic) this.#heldUntil = heldUntil
    } catch {
      // The next one may succeed.
    }
  }

  async #release(): Promise<void> {
    try {
      await this.#inTime(this.#server.release(this.#owner))
    } catch {
      // It expires by itself.
    }
  }

  #inTime<T>(sent: Promise<T>): Promise<T> {
    const tooSlow = () => slowServer(this.#server.name, 'exclusive', COMMAND_TIMEOUT_MS)
    return withTimeout(() => sent, COMMAND_TIMEOUT_MS, tooSlow)
  }
}

const NEVER = { monotonic: -Infinity, wall: -Infinity }

/** Counted from before the command is sent: the server counts from later on. */
function leaseFromNow() {
  return { monotonic: monotonicNow() + LEASE_MS, wall: now() + LEASE_MS }
}
