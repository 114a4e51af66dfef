import { delay, monotonicNow } from '../clock.js'
import { isTokenError, RefreshUnavailableError, type TokenError } from '../errors.js'
import type { Timing } from '../timing.js'

const MOST_RESTARTS = 5
/** Of an attempt's time: with less of it left, none is begun. */
const LEAST_SHARE = 0.1
const RETRIED_STATUSES = new Set([408, 429, 502, 503, 504])

/**
 * How often one refresh asks the server, by the outcome of the last request. Not sent, or told to try
 * later: until the attempts are used up. Unknown: once more. Anything else: not again. All of it is
 * inside one time budget.
 *
 * @internal
 */
export class RetryPolicy {
  readonly #timing: Timing
  #deadline: number | undefined
  #attempts = 0
  #restarts = 0
  #wasUnknown = false
  #failure: TokenError | undefined

  constructor(timing: Timing) {
    this.#timing = timing
  }

  /** The budget counts from the first lease that is held: waiting for it is bounded by itself. */
  begin(): void {
    this.#deadline ??= monotonicNow() + this.#timing.cycleBudgetMs
  }

  /** What the last request failed with. */
  get failure(): TokenError | undefined {
    return this.#failure
  }

  get remainingMs(): number {
    return Math.max((this.#deadline ?? Infinity) - monotonicNow(), 0)
  }

  /** How long the next attempt may take. */
  get timeoutMs(): number {
    return Math.min(this.#timing.attemptTimeoutMs, this.remainingMs)
  }

  /**
   * Why no request is to be sent any more: a slow store left too little time. Who spends a refresh
   * token and hangs up right away loses the response.
   */
  get tooLate(): TokenError | undefined {
    if (this.timeoutMs >= LEAST_SHARE * this.#timing.attemptTimeoutMs) return undefined
    return this.#failure ?? tooLate()
  }

  /**
   * Waits until the next attempt.
   *
   * @throws the error itself if there is none
   */
  async backOff(error: TokenError): Promise<void> {
    this.#attempts += 1
    this.#failure = error
    if (!this.#isRetried(error)) throw error
    const pauseMs = Math.max(this.#backoffMs(this.#attempts - 1), error.retryAfterMs ?? 0)
    if (pauseMs >= this.remainingMs) throw error
    await delay(pauseMs)
  }

  /** How long to wait before a failed save is tried again; `undefined`: no time is left for it. */
  savePauseMs(failures: number): number | undefined {
    const pauseMs = Math.max(this.#backoffMs(failures), LEAST_SAVE_PAUSE_MS)
    return pauseMs < this.remainingMs ? pauseMs : undefined
  }

  /**
   * The session was changed by others in the meantime: begin again from the store, but not forever.
   *
   * @throws the error itself if that happened too often
   */
  restart(error: TokenError): void {
    this.#restarts += 1
    if (this.#restarts > MOST_RESTARTS) throw error
  }

  /** Full jitter. */
  #backoffMs(doublings: number): number {
    return this.#timing.baseDelayMs * 2 ** doublings * Math.random()
  }

  #isRetried(error: TokenError): error is RefreshUnavailableError {
    if (!isTokenError(error, 'ERR_REFRESH_UNAVAILABLE')) return false
    if (error.outcome === 'unknown') {
      const isFirst = !this.#wasUnknown
      this.#wasUnknown = true
      return isFirst && this.#timing.attempts > 1
    }
    if (this.#attempts >= this.#timing.attempts) return false
    return error.outcome === 'not-sent' || RETRIED_STATUSES.has(error.status ?? 0)
  }
}

const LEAST_SAVE_PAUSE_MS = 50

function tooLate(): RefreshUnavailableError {
  return new RefreshUnavailableError(
    'The store was too slow: no time was left to send the token request, so it was not sent',
    { outcome: 'not-sent' },
  )
}
