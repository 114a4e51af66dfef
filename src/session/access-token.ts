import { monotonicNow } from '../clock.js'
import type { TokenError } from '../errors.js'
import type { StoredCoolDown } from '../stores/token-store.js'
import type { Timing } from '../timing.js'
import type { TokenSet } from '../tokens/token-set.js'
import { afterFailure, cleared, isOver, NO_COOL_DOWN } from './cool-down.js'
import { heldAfter, NOTHING, type Held, type TokenOrigin } from './held.js'
import { freshFromServer, ignoringRejections, isJustIssued, reputeOf, UNKNOWN } from './repute.js'
import type { TargetParameters } from './target.js'
import type { SharedRefresh, SharedWait, TokenRequirements } from './wait-request.js'

/**
 * An access token in force, the session's own or one resource's: how fresh it is, whether an API
 * rejected it, what its last failed refresh asks to wait for, and the refresh under way. No store,
 * no record.
 *
 * @internal
 */
export class AccessToken {
  readonly parameters: TargetParameters
  refreshing: SharedRefresh | undefined
  /** The wait that callers share now, if any waits. */
  sharedWait: SharedWait | undefined
  /** What its last failed refresh asks to wait for. */
  coolDown = NO_COOL_DOWN
  readonly #timing: Timing
  #held = NOTHING
  #repute = UNKNOWN

  constructor(timing: Timing, parameters: TargetParameters = {}) {
    this.#timing = timing
    this.parameters = parameters
  }

  get tokens(): TokenSet | undefined {
    return this.#held.tokens
  }

  get token(): string | undefined {
    return this.#held.tokens?.accessToken
  }

  get sessionId(): string | undefined {
    return this.#held.sessionId
  }

  get former(): Held['former'] {
    return this.#held.former
  }

  /** One promise for everyone while the token is the same. */
  get promise(): Promise<string> {
    return this.#held.promise!
  }

  /**
   * Puts tokens in force, or takes them away.
   *
   * @param origin - where they came from; absent: where those before them came from
   */
  hold(
    tokens: TokenSet | undefined,
    sessionId: string | undefined,
    origin: TokenOrigin = this.#held.origin,
  ): void {
    const before = this.#held
    this.#held = heldAfter(before, { tokens, sessionId, origin }, this.#timing)
    if (sessionId !== before.sessionId) this.clearCoolDown()
    if (this.token !== before.tokens?.accessToken) this.#repute = reputeOf(this.#held)
  }

  /**
   * The server has just given out what is in force, be it the same token as before.
   *
   * @param claims - what was to be said of it
   */
  confirm(claims?: string): void {
    this.clearCoolDown()
    this.#repute = freshFromServer(this.#repute, claims)
  }

  get isDue(): boolean {
    return this.dueInMs <= 0
  }

  get isExpired(): boolean {
    const { freshness, now } = this.#held
    return now() >= freshness.expiresAt
  }

  /** How long until it is due, in milliseconds. */
  get dueInMs(): number {
    const { freshness, now } = this.#held
    return freshness.refreshAt - now()
  }

  /** Whether it could still be sent: a refresh that fails now costs nobody anything. */
  get isUsable(): boolean {
    return this.token !== undefined && !this.isExpired && !this.isRejected
  }

  get isRejected(): boolean {
    return this.#repute.isRejected
  }

  /** Whether callers are to wait for another token: this one was rejected, and one can be had. */
  get isWithheld(): boolean {
    return this.isRejected && isOver(this.coolDown)
  }

  /** Whether the token can be handed to this caller, all else aside. */
  meets({ rejected, minValidityMs, claims }: TokenRequirements): boolean {
    const { tokens, origin, freshness, now } = this.#held
    if (!this.maySay(claims)) return false
    if (!tokens || this.isExpired || tokens.accessToken === rejected) return false
    if (!minValidityMs || tokens.expiresAt === undefined) return true
    // What a refresh gave has its whole lifetime: asking again would give no more.
    const most = origin === 'login' ? Infinity : freshness.maxMinValidityMs
    return tokens.expiresAt - now() >= Math.min(minValidityMs, most)
  }

  /**
   * Whether the claims may be said of it. Of which ones it was asked for with nobody keeps account:
   * to ask for others again and again would be a storm.
   */
  maySay(claims: string | undefined): boolean {
    return claims === undefined || !this.#repute.isWithoutClaims
  }

  /** An API rejected it with 401: callers wait for the next one. */
  reject(token: string): void {
    if (token === this.token) this.#repute = { ...this.#repute, isRejected: true }
  }

  /**
   * The API rejected the replay with this token too (401). Fresh from the server, it is not the token's
   * fault: further rejections of it cost nothing for a while.
   */
  rejectReplay(token: string): void {
    if (token !== this.token) return
    if (isJustIssued(this.#repute, this.#held.freshness)) this.#ignoreRejections()
    else this.reject(token)
  }

  get areRejectionsIgnored(): boolean {
    return monotonicNow() < this.#repute.rejectionsIgnoredUntil
  }

  /**
   * Forgets the rejection of a token that another process got from the server a moment ago: to ask
   * for one more would help no more than it did there.
   *
   * @returns whether it was such a token
   */
  reinstateIfJustIssued(): boolean {
    const { origin, freshness } = this.#held
    const isFromElsewhere = origin === 'refresh-elsewhere'
    if (!this.isRejected || !isFromElsewhere || !isJustIssued(this.#repute, freshness)) return false
    this.#ignoreRejections()
    return true
  }

  /**
   * Its refresh failed: the next one waits.
   *
   * @returns what all who share the store are to wait for
   */
  failed(error: TokenError, bindsCallers: boolean): StoredCoolDown | undefined {
    const { coolDown, shared } = afterFailure(this.coolDown, error, bindsCallers)
    this.coolDown = coolDown
    return shared
  }

  clearCoolDown(): void {
    this.coolDown = cleared(this.coolDown)
  }

  #ignoreRejections(): void {
    this.#repute = ignoringRejections(this.#repute, this.#held.freshness)
  }
}
