import type { RefreshReason } from '../events.js'
import { isTokenError, RefreshUnavailableError, type TokenError } from '../errors.js'
import type { TokenSet } from '../tokens/token-set.js'
import type { AccessToken } from './access-token.js'
import type { SessionCore } from './core.js'
import type { TokenRequests } from './token-requests.js'
import type { Outcome, SharedRefresh, TokenRequirements } from './wait-request.js'

/** What all who share a refresh require of it. */
interface Demand {
  /** `false` while it was only begun to save what is unsaved. */
  readonly mustRenew: boolean
  readonly hasCallers: boolean
  /** The most that anyone requires. */
  readonly minValidityMs: number
  readonly rejected: readonly string[]
  /** What the last who came with any wants to be said of the token. */
  readonly claims: string | undefined
}

const NOBODYS: Demand = {
  mustRenew: false,
  hasCallers: false,
  minValidityMs: 0,
  rejected: [],
  claims: undefined,
}

function joined(
  demand: Demand,
  { minValidityMs = 0, rejected, claims }: TokenRequirements,
): Demand {
  const isKnown = rejected === undefined || demand.rejected.includes(rejected)
  return {
    mustRenew: true,
    hasCallers: true,
    minValidityMs: Math.max(demand.minValidityMs, minValidityMs),
    rejected: isKnown ? demand.rejected : [...demand.rejected, rejected],
    claims: claims ?? demand.claims,
  }
}

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
  /** What all who joined require of it. */
  demand: Demand
  /** Whoever makes it wait for its turn is told of the first caller. */
  onCaller: (() => void) | undefined
  /** Whether the server was asked. */
  wasSent = false
  /** What was in force when it began: anything else was adopted. */
  readonly startedWith: TokenSet | undefined
  readonly #access: AccessToken
  #resolve!: (outcome: Outcome) => void
  #reject!: (error: TokenError) => void

  constructor(reason: RefreshReason, access: AccessToken, mustRenew: boolean) {
    this.reason = reason
    this.demand = { ...NOBODYS, mustRenew }
    this.startedWith = access.tokens
    this.#access = access
    this.outcome = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    this.outcome.catch(() => undefined) // nobody waits for one in the background
  }

  /** `false` while it was only begun to save what is unsaved. */
  get mustRenew(): boolean {
    return this.demand.mustRenew
  }

  /** Whether anyone waits, or waited, for it. */
  get hasCallers(): boolean {
    return this.demand.hasCallers
  }

  get isSuperseded(): boolean {
    return this.state === 'superseded'
  }

  /** Whether it is for callers, the first of whom joins a moment after it began. */
  get isAwaited(): boolean {
    return this.hasCallers || (this.reason !== 'due' && this.reason !== 'timer')
  }

  /** A caller shares it, with what it requires. */
  join(requirements: TokenRequirements): void {
    this.demand = joined(this.demand, requirements)
    this.onCaller?.()
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
    const { rejected, minValidityMs, claims } = this.demand
    if (token === undefined || rejected.includes(token) || !this.isNews(access.tokens)) return false
    return access.meets({ minValidityMs, claims })
  }

  answer(outcome: Outcome): void {
    // Once: while it goes on saving, another may have begun, and failed.
    if (this.state === 'running' && this.mustRenew) this.#access.clearCoolDown()
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
