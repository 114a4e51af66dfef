import { monotonicNow } from '../clock.js'
import { isTokenError, RefreshUnavailableError, type TokenError } from '../errors.js'

const FIRST_MS = 1_000
const LONGEST_MS = 60_000

/**
 * After a failed refresh nobody hammers the server: 1 s, doubling to 60 s, or what its
 * `Retry-After` says if that is longer. One session's own, by the monotonic clock.
 *
 * @internal
 */
export class CoolDown {
  #failures = 0
  #until = -Infinity
  #cause: TokenError | undefined
  #bindsCallers = false

  get remainingMs(): number {
    return Math.max(this.#until - monotonicNow(), 0)
  }

  get isOver(): boolean {
    return this.remainingMs === 0
  }

  /** @param wasSent - whether the server was asked: if not, only background renewals wait */
  fail(error: TokenError, wasSent: boolean): void {
    const asked = isTokenError(error, 'ERR_REFRESH_UNAVAILABLE') ? (error.retryAfterMs ?? 0) : 0
    const backoffMs = Math.min(FIRST_MS * 2 ** this.#failures, LONGEST_MS)
    this.#failures += 1
    this.#until = monotonicNow() + Math.max(backoffMs, asked)
    this.#cause = error
    this.#bindsCallers = wasSent
  }

  clear(): void {
    this.#failures = 0
    this.#until = -Infinity
    this.#cause = undefined
  }

  /**
   * What a caller gets who needs a token now. `undefined` if it may try: the cool-down is over, or
   * the server was not asked, because the store had failed.
   */
  refusal(): TokenError | undefined {
    if (this.isOver) return undefined
    if (isTokenError(this.#cause, 'ERR_LOGIN_REQUIRED')) return this.#cause
    if (!this.#bindsCallers) return undefined
    const retryAfterMs = Math.ceil(this.remainingMs)
    return new RefreshUnavailableError(
      `The last refresh failed, the next try is in ${retryAfterMs} ms at the earliest`,
      { outcome: 'not-sent', retryAfterMs, cause: this.#cause },
    )
  }
}
