import type { RefreshReason } from '../events.js'
import { isTokenError, RefreshUnavailableError, type TokenError } from '../errors.js'
import type { TokenSet } from '../tokens/token-set.js'
import type { AccessToken, Outcome, SharedRefresh } from './access-token.js'
import type { SessionCore } from './core.js'
import type { TokenRequests } from './token-requests.js'
import type { TokenRequirements } from './wait-request.js'

/**
 * One refresh that all callers share, and what those who joined require of it.
 *
 * - `running`: until its callers have their result
 * - `answered`: they have it; it may still be saving what it got
 * - `superseded`: a login or logout took its place: callers were let go at once, a request that was
 *   sent runs to its end, and its result is no longer wanted
 *
 * @internal
 */
export class Refresh implements SharedRefresh {
  state: 'running' | 'answered' | 'superseded' = 'running'
  /** For those who wait. */
  readonly outcome: Promise<Outcome>
  readonly reason: RefreshReason
  /** `false` while it was only begun to save what is unsaved. */
  mustRenew: boolean
  /** Whether anyone waits, or waited, for it. */
  hasCallers = false
  /** Whoever makes it wait for its turn is told of the first caller. */
  onCaller: (() => void) | undefined
  /** Whether the server was asked. */
  wasSent = false
  /** The most that anyone who joined requires. */
  minValidityMs = 0
  readonly rejected = new Set<string>()
  /** What the last who joined with any wants to be said of the token. */
  claims: string | undefined
  /** What was in force when it began: anything else was adopted. */
  readonly startedWith: TokenSet | undefined
  readonly #access: AccessToken
  #resolve!: (outcome: Outcome) => void
  #reject!: (error: TokenError) => void

  constructor(reason: RefreshReason, access: AccessToken, mustRenew: boolean) {
    this.reason = reason
    this.mustRenew = mustRenew
    this.startedWith = access.tokens
    this.#access = access
    this.outcome = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    this.outcome.catch(() => undefined) // nobody waits for one in the background
  }

  get isSuperseded(): boolean {
    return this.state === 'superseded'
  }

  /** Whether it is for callers, the first of whom joins a moment after it began. */
  get isAwaited(): boolean {
    return this.hasCallers || (this.reason !== 'due' && this.reason !== 'timer')
  }

  /** A caller shares it, with what it requires. */
  join({ minValidityMs, rejected, claims }: TokenRequirements): void {
    this.mustRenew = true
    this.hasCallers = true
    this.onCaller?.()
    this.minValidityMs = Math.max(this.minValidityMs, minValidityMs ?? 0)
    if (rejected !== undefined) this.rejected.add(rejected)
    this.claims = claims ?? this.claims
  }

  /** Whether these are other tokens than those in force when it began, or the same with another life. */
  isNews(tokens: TokenSet | undefined): boolean {
    const { startedWith } = this
    return (
      tokens?.accessToken !== startedWith?.accessToken ||
      tokens?.expiresAt !== startedWith?.expiresAt
    )
  }

  /** Whether what is in force by now is good enough for all who joined, and not due itself. */
  isSatisfiedBy(access: AccessToken): boolean {
    return !access.isDue && this.isServedBy(access)
  }

  /** Whether it is good enough as long as only another process may renew it. */
  isServedBy(access: AccessToken): boolean {
    const { token } = access
    if (token === undefined || this.rejected.has(token) || !this.isNews(access.tokens)) return false
    return access.meets({ minValidityMs: this.minValidityMs, claims: this.claims })
  }

  answer(outcome: Outcome): void {
    // Once: while it goes on saving, another may have begun, and failed.
    if (this.state === 'running' && this.mustRenew) this.#access.coolDown.clear()
    this.#leave('answered')
    this.#resolve(outcome)
  }

  fail(error: TokenError): void {
    this.#leave('answered')
    this.#reject(error)
  }

  /**
   * @param end - what ends the wait of those who share it; without, they judge again: one who began
   * under the session before gets `session-changed`
   */
  supersede(end?: TokenError): void {
    this.#leave('superseded')
    if (end) this.#reject(end)
    else this.#resolve({ token: undefined, isFromServer: false, isOther: false })
  }

  /** Makes room for another; only its own place, since a login may have done so already. */
  #leave(state: 'answered' | 'superseded'): void {
    if (this.state !== 'superseded') this.state = state
    if (this.#access.refreshing === this) this.#access.refreshing = undefined
  }
}

/** What a refresh works on. */
export interface RefreshWork {
  readonly core: SessionCore
  readonly requests: TokenRequests
  readonly access: AccessToken
  readonly refresh: Refresh
}

/**
 * How a refresh failed, whatever was thrown.
 *
 * @internal
 */
export function asTokenError(thrown: unknown): TokenError {
  if (isTokenError(thrown)) return thrown
  return new RefreshUnavailableError('The refresh failed unexpectedly', { cause: thrown })
}
