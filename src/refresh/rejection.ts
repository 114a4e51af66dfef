import { monotonicNow } from '../clock.js'

/**
 * What APIs said of the token in force, by the monotonic clock.
 *
 * @internal
 */
export class Rejection {
  #rejected: string | undefined
  #fromServerAt = -Infinity
  #quietUntil = -Infinity

  /** How long a rejection is to cost nothing yet. */
  get quietMs(): number {
    return Math.max(this.#quietUntil - monotonicNow(), 0)
  }

  isOf(token: string | undefined): boolean {
    return token !== undefined && this.#rejected === token
  }

  reject(token: string): void {
    this.#rejected = token
  }

  /** The server has just given out the token in force. */
  fromServer(): void {
    this.#rejected = undefined
    this.#fromServerAt = monotonicNow()
  }

  /** Another token is in force. */
  otherToken(): void {
    this.#fromServerAt = -Infinity
    this.#quietUntil = -Infinity
  }

  /** @returns whether further rejections cost nothing for a while: the token is fresh */
  quiet(durationMs: number): boolean {
    const isFresh = monotonicNow() - this.#fromServerAt <= durationMs
    if (isFresh) this.#quietUntil = monotonicNow() + durationMs
    return isFresh
  }
}
