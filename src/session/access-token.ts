import { monotonicNow, now, steadyClock } from '../clock.js'
import type { TokenError } from '../errors.js'
import type { StoredCoolDown } from '../stores/token-store.js'
import type { Timing } from '../timing.js'
import { freshnessOf, NO_TOKEN, type Freshness } from '../tokens/freshness.js'
import type { TokenSet } from '../tokens/token-set.js'
import { afterFailure, cleared, isOver, NO_COOL_DOWN } from './cool-down.js'
import type { TargetParameters } from './target.js'
import { freshFromServer, ignoringRejections, isJustIssued, UNKNOWN } from './repute.js'
import type { SharedRefresh, SharedWait, TokenRequirements } from './wait-request.js'

/** Where a token came from: how far its times and the server's word about it can be relied on. */
export type TokenOrigin = 'login' | 'refresh' | 'refresh-elsewhere'

/** What is in force, whose it is, and by which instants it is judged. */
interface Held {
  readonly tokens: TokenSet | undefined
  /** One for everyone while the token is the same. */
  readonly promise: Promise<string> | undefined
  /** The session that they were got for. */
  readonly sessionId: string | undefined
  /** The last token of the session before, and that session. */
  readonly former: { readonly token: string; readonly sessionId: string } | undefined
  readonly origin: TokenOrigin
  readonly freshness: Freshness
  readonly now: () => number
}

const NOTHING: Held = {
  tokens: undefined,
  promise: undefined,
  sessionId: undefined,
  former: undefined,
  origin: 'login',
  freshness: NO_TOKEN,
  now,
}

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
    const { token } = this
    if (sessionId !== before.sessionId) this.clearCoolDown()
    const isNew = tokens?.accessToken !== token
    // The same token goes on by the same clock, which may have been set meanwhile.
    const judged = isNew || isNewLife(tokens, before.tokens) ? this.#judged(tokens) : before
    const { freshness, now } = judged
    const promise = isNew ? tokens && Promise.resolve(tokens.accessToken) : before.promise
    const former = formerAfter(before, sessionId)
    this.#held = { tokens, promise, sessionId, former, origin, freshness, now }
    if (isNew) this.#repute = { ...UNKNOWN, issuedAt: issuedElsewhereAt(this.#held) }
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

  #judged(tokens: TokenSet | undefined): Pick<Held, 'freshness' | 'now'> {
    const freshness = tokens ? freshnessOf(tokens, this.#timing) : NO_TOKEN
    return { freshness, now: steadyClock() }
  }
}

function formerAfter({ tokens, sessionId, former }: Held, nextId: string | undefined) {
  const isOver = tokens !== undefined && sessionId !== undefined && sessionId !== nextId
  return isOver ? { token: tokens.accessToken, sessionId } : former
}

/** Whether the same token was given out once more, to end at another time. */
function isNewLife(tokens: TokenSet | undefined, before: TokenSet | undefined): boolean {
  return tokens?.expiresAt !== before?.expiresAt || tokens?.issuedAt !== before?.issuedAt
}

/** When another process got it from the server, by this one's monotonic clock. */
function issuedElsewhereAt({ tokens, origin }: Held): number {
  if (origin !== 'refresh-elsewhere' || !tokens) return -Infinity
  return monotonicNow() - Math.abs(now() - tokens.issuedAt)
}
