import { delay, monotonicNow } from '../clock.js'
import { isTokenError, RefreshUnavailableError, type TokenError } from '../errors.js'
import type { Timing } from '../timing.js'

const MAX_CHANGES = 5
/** Of an attempt's time: with less of it left, none is begun. */
const LEAST_SHARE = 0.1
const RETRIED_STATUSES = new Set([408, 429, 502, 503, 504])

/**
 * How often one cycle tries, by what became of the last request: not sent, or answered "later":
 * until the attempts are spent; nobody knows: once more; anything else: not again. All of it inside
 * one budget.
 *
 * @internal
 */
export class Tries {
  readonly #timing: Timing
  #deadline: number | undefined
  #made = 0
  #isUnknownSpent = false
  #changes = 0
  #failure: TokenError | undefined

  constructor(timing: Timing) {
    this.#timing = timing
  }

  /** The budget counts from the first lease that is held: waiting for it is bounded by itself. */
  begin(): void {
    this.#deadline ??= monotonicNow() + this.#timing.cycleBudgetMs
  }

  /** How long the next attempt may take. */
  get timeoutMs(): number {
    return Math.min(this.#timing.attemptTimeoutMs, this.#remainingMs)
  }

  /**
   * The same, for a request that is sent at once: who spends a refresh token and hangs up right
   * away loses the answer.
   *
   * @throws the last error, or one of its own, if a slow store left too little
   */
  requestTimeoutMs(): number {
    const { timeoutMs } = this
    if (timeoutMs >= LEAST_SHARE * this.#timing.attemptTimeoutMs) return timeoutMs
    throw this.#failure ?? tooLate()
  }

  /**
   * Waits until the next try.
   *
   * @throws the error itself if there is none
   */
  async pauseAfter(error: TokenError): Promise<void> {
    this.#made += 1
    this.#failure = error
    if (!this.#isRetried(error)) throw error
    const backoffMs = this.#timing.baseDelayMs * 2 ** (this.#made - 1) * Math.random()
    const pauseMs = Math.max(backoffMs, error.retryAfterMs ?? 0)
    if (pauseMs >= this.#remainingMs) throw error
    await delay(pauseMs)
  }

  /**
   * The session was changed by others while the request was under way: look again, but not for ever.
   *
   * @throws the error itself if that happened too often
   */
  lookAgain(error: TokenError): void {
    this.#changes += 1
    if (this.#changes > MAX_CHANGES) throw error
  }

  get #remainingMs(): number {
    return Math.max((this.#deadline ?? Infinity) - monotonicNow(), 0)
  }

  #isRetried(error: TokenError): error is RefreshUnavailableError {
    if (!isTokenError(error, 'ERR_REFRESH_UNAVAILABLE')) return false
    if (error.outcome === 'unknown') {
      const isFirst = !this.#isUnknownSpent
      this.#isUnknownSpent = true
      return isFirst && this.#timing.attempts > 1
    }
    if (this.#made >= this.#timing.attempts) return false
    return error.outcome === 'not-sent' || RETRIED_STATUSES.has(error.status ?? 0)
  }
}

function tooLate(): RefreshUnavailableError {
  return new RefreshUnavailableError('The store took the time that the refresh had: not sent', {
    outcome: 'not-sent',
  })
}
