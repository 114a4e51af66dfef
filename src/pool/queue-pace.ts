import { monotonicNow } from '../clock.js'

/** What is longer ago hardly counts: time enough for a few pauses of an endpoint that limits rates. */
const MEMORY_MS = 10_000

/**
 * How fast those who wait get their turns, pauses of the endpoint included: what a newcomer at the
 * end of the queue can expect.
 *
 * @internal
 */
export class QueuePace {
  #turns = 0
  #durationMs = 0
  #lastTurnAt: number | undefined

  /** The mean of late; `0`: not known yet. */
  get betweenTurnsMs(): number {
    return this.#turns && this.#durationMs / this.#turns
  }

  /**
   * @param waitsSince - when the one whose turn it is began to wait, by the monotonic clock;
   * `undefined` if it did not wait
   */
  onTurn(waitsSince: number | undefined): void {
    const at = monotonicNow()
    const last = this.#lastTurnAt
    this.#lastTurnAt = at
    // Who came after the last turn says nothing of the time before.
    if (waitsSince === undefined || last === undefined || waitsSince > last) return
    const fading = Math.exp((last - at) / MEMORY_MS)
    this.#turns = this.#turns * fading + 1
    this.#durationMs = this.#durationMs * fading + at - last
  }
}
