import { LRUCache } from 'lru-cache'
import { monotonicNow } from '../clock.js'
import { lifecycleOf, type TokenManager } from '../token-manager.js'

/** How often those are seen to whom nobody comes, at a use of others. */
const SWEEP_MS = 5_000

/**
 * The managers in memory, one for a session at any time. They are those in use, ordered by their last
 * use; those that are being evicted; and those that are evicted but still referenced by someone.
 *
 * @internal
 */
export class ManagerCache {
  readonly #used: LRUCache<string, TokenManager>
  /** Out of the cache with a refresh in flight, or unsaved. */
  readonly #evicting = new Map<string, TokenManager>()
  readonly #settling = new WeakSet<TokenManager>()
  /** Out of the cache; someone may still hold it, and would make two of one session. */
  readonly #evicted = new Map<string, WeakRef<TokenManager>>()
  readonly #collected = new FinalizationRegistry<string>((sessionId) => {
    if (!this.#evicted.get(sessionId)?.deref()) this.#evicted.delete(sessionId)
  })
  readonly #sweepMs: number
  #sweepAt = -Infinity

  constructor(max: number, idleMs: number) {
    this.#sweepMs = Math.min(SWEEP_MS, idleMs)
    this.#used = new LRUCache({
      max,
      ttl: idleMs,
      updateAgeOnGet: true,
      ttlResolution: 0, // else it sets a timer to read the clock less often
      perf: { now: monotonicNow },
      dispose: (manager, sessionId, reason) => {
        if (reason !== 'set') this.#evict(sessionId, manager)
      },
    })
  }

  get size(): number {
    return this.#used.size + this.#evicting.size
  }

  /** A manager that is closed counts as none. */
  find(sessionId: string): TokenManager | undefined {
    this.#sweep()
    const known = this.#used.get(sessionId)
    if (known && !lifecycleOf(known).isClosed) return known
    const former = this.#evicting.get(sessionId) ?? this.#evicted.get(sessionId)?.deref()
    if (!former || lifecycleOf(former).isClosed) return undefined
    this.add(sessionId, former)
    return former
  }

  add(sessionId: string, manager: TokenManager): void {
    this.#evicting.delete(sessionId)
    this.#evicted.delete(sessionId)
    this.#used.set(sessionId, manager)
  }

  /** Nobody will use the session. */
  release(sessionId: string): void {
    this.#used.delete(sessionId)
  }

  *entries(): Generator<[sessionId: string, manager: TokenManager]> {
    this.#used.purgeStale() // the cache does not tell of those
    yield* this.#used.entries()
    yield* this.#evicting
    for (const [sessionId, reference] of this.#evicted) {
      const manager = reference.deref()
      if (manager) yield [sessionId, manager]
    }
  }

  #evict(sessionId: string, manager: TokenManager): void {
    if (lifecycleOf(manager).isBusy) {
      this.#evicting.set(sessionId, manager)
      void this.#settle(sessionId, manager)
    } else {
      this.#evicted.set(sessionId, new WeakRef(manager))
      this.#collected.unregister(manager) // it may have left before
      this.#collected.register(manager, sessionId, manager)
    }
  }

  /** What could not be saved stays, and is tried again. */
  async #settle(sessionId: string, manager: TokenManager): Promise<void> {
    if (this.#settling.has(manager)) return
    this.#settling.add(manager)
    await lifecycleOf(manager).settle()
    this.#settling.delete(manager)
    if (this.#evicting.get(sessionId) !== manager || lifecycleOf(manager).isBusy) return
    this.#evicting.delete(sessionId)
    this.#evict(sessionId, manager)
  }

  #sweep(): void {
    if (monotonicNow() < this.#sweepAt) return
    this.#sweepAt = monotonicNow() + this.#sweepMs
    this.#used.purgeStale()
    for (const [sessionId, manager] of this.#evicting) void this.#settle(sessionId, manager)
  }
}
