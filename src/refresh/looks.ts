import { monotonicNow } from '../clock.js'
import type { TokenSet } from '../tokens/token-set.js'
import { lookAtStore } from './look.js'
import type { Desk } from './stock.js'

/** A caller whom nothing serves looks at the store, but not more often than this. */
const LOOK_INTERVAL_MS = 1_000

/**
 * The looks at the store without the lease: one at a time, shared by all who want one.
 *
 * @internal
 */
export class Looks {
  readonly #desk: Desk
  readonly #seed: TokenSet | undefined
  readonly #isRefreshing: () => boolean
  #current: Promise<void> | undefined
  #lastAt = -Infinity

  constructor(desk: Desk, seed: TokenSet | undefined, isRefreshing: () => boolean) {
    this.#desk = desk
    this.#seed = seed
    this.#isRefreshing = isRefreshing
  }

  /** Whether the last one was long enough ago for another. */
  get isStale(): boolean {
    return monotonicNow() - this.#lastAt >= LOOK_INTERVAL_MS
  }

  /** As good as a look was just begun. */
  begun(): void {
    this.#lastAt = monotonicNow()
  }

  /** @throws TokenStoreError */
  look(): Promise<void> {
    this.begun()
    this.#current ??= lookAtStore(this.#desk, this.#seed, this.#isRefreshing).finally(() => {
      this.#current = undefined
    })
    return this.#current
  }
}
