import { monotonicNow, now } from '../clock.js'
import { isTokenError, RefreshUnavailableError, type TokenError } from '../errors.js'
import { LONGEST_RETRY_AFTER_MS } from '../retry-after-limit.js'
import type { StoredCoolDown } from '../stores/token-store.js'

const FIRST_MS = 1_000
const LONGEST_MS = 60_000

/**
 * After a failed refresh nobody hammers the server: 1 s, doubling to 60 s, or what its
 * `Retry-After` says if that is longer. It belongs to one access token, and is measured by the
 * monotonic clock.
 *
 * @internal
 */
export class CoolDown {
  #failures = 0
  #until = -Infinity
  #cause: TokenError | undefined
  #bindsCallers = false
  #adoptedSince: number | undefined

  get remainingMs(): number {
    return Math.max(this.#until - monotonicNow(), 0)
  }

  get isOver(): boolean {
    return this.remainingMs === 0
  }

  /**
   * It begins, or goes on: for no less than what was left, where callers wait already. The same
   * error counts once while it goes on.
   *
   * @param bindsCallers - `false`: only background renewals wait, because the server was not asked,
   * or was asked ahead of time while the token was still good
   * @returns what is to be shared with all who use the store, if the server asked for it
   */
  fail(error: TokenError, bindsCallers: boolean): StoredCoolDown | undefined {
    const isKnown = error === this.#cause && (this.#bindsCallers || !bindsCallers)
    if (isKnown && !this.isOver) return undefined
    const named = retryAfterOf(error)
    const backoffMs = Math.min(FIRST_MS * 2 ** this.#failures, LONGEST_MS)
    const boundMs = this.#bindsCallers ? Math.ceil(this.remainingMs) : 0
    const durationMs = Math.max(backoffMs, named ?? 0, boundMs)
    this.#failures += 1
    this.#begin(durationMs, error, bindsCallers || named !== undefined || boundMs > 0)
    if (!this.#bindsCallers || !wasAnswered(error)) return undefined
    const since = now()
    this.#adoptedSince = since // one's own needs no other clock
    const isRefusal = isTokenError(error, 'ERR_REFRESH_REJECTED')
    return { since, durationMs, failures: this.#failures, ...(isRefusal && { isRefusal }) }
  }

  /** Keeps one that another process began, and what was refused there. */
  adopt(stored: StoredCoolDown, refusal?: TokenError): void {
    const remainingMs = this.remainingOf(stored)
    this.#adoptedSince = stored.since
    if (remainingMs <= this.remainingMs) return
    this.#failures = Math.max(this.#failures, stored.failures)
    this.#begin(remainingMs, refusal, true)
  }

  /**
   * How much is left of a stored one. It is counted by the wall clock only until it is adopted, so
   * that a clock set back does not make it begin again and again.
   */
  remainingOf(stored: StoredCoolDown): number {
    return stored.since === this.#adoptedSince ? this.remainingMs : remainingOf(stored)
  }

  clear(): void {
    this.#failures = 0
    this.#until = -Infinity
    this.#cause = undefined
  }

  /**
   * What a caller gets who needs a token now. `undefined` if it may try. What passes by itself is
   * told with the time that is left; a refusal that does not pass is told as it was.
   */
  refusal(): TokenError | undefined {
    if (this.isOver || !this.#bindsCallers) return undefined
    if (this.#cause && !this.#cause.isTransient) return this.#cause
    return coolingDown(this.remainingMs, this.#cause)
  }

  #begin(durationMs: number, cause: TokenError | undefined, bindsCallers: boolean): void {
    this.#until = monotonicNow() + durationMs
    this.#cause = cause
    this.#bindsCallers = bindsCallers
  }
}

/** By the wall clock; never more than it was, whatever the clocks say. */
function remainingOf({ since, durationMs }: StoredCoolDown): number {
  const wholeMs = Math.min(durationMs, LONGEST_RETRY_AFTER_MS)
  return Math.min(Math.max(since + wholeMs - now(), 0), wholeMs)
}

/** @internal */
export function coolingDown(remainingMs: number, cause?: TokenError): RefreshUnavailableError {
  const retryAfterMs = Math.ceil(remainingMs)
  return new RefreshUnavailableError(
    `The last refresh failed. The next attempt is possible in ${retryAfterMs} ms`,
    { outcome: 'not-sent', retryAfterMs, cause },
  )
}

function retryAfterOf(error: TokenError): number | undefined {
  return isTokenError(error, 'ERR_REFRESH_UNAVAILABLE') ? error.retryAfterMs : undefined
}

/** Whether it is the server's word, and not this process's trouble with the network. */
function wasAnswered(error: TokenError): boolean {
  if (isTokenError(error, 'ERR_REFRESH_UNAVAILABLE')) return error.outcome === 'failed'
  return isTokenError(error, 'ERR_REFRESH_REJECTED')
}
