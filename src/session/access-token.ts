import { monotonicNow, now, steadyClock } from '../clock.js'
import type { TokenError } from '../errors.js'
import type { Timing } from '../timing.js'
import { freshnessOf, NO_TOKEN, type Freshness } from '../tokens/freshness.js'
import type { TokenSet } from '../tokens/token-set.js'
import { CoolDown } from './cool-down.js'
import type { TargetParameters } from './target.js'
import type { SharedWait, TokenRequirements } from './wait-request.js'

/** How a refresh ended well: with a token from the server, or with what the store held. */
export interface Outcome {
  readonly token: string | undefined
  readonly isFromServer: boolean
  /** Whether it is another token than the one in force when the refresh began. */
  readonly isOther: boolean
}

/** A refresh under way, as far as others have to do with it. */
export interface SharedRefresh {
  /** `false` while it was only begun to save what is unsaved. */
  readonly mustRenew: boolean
  readonly outcome: Promise<Outcome>
  /** A caller shares it, with what it requires. */
  join(requirements: TokenRequirements): void
  /** A login or logout takes its place. */
  supersede(end?: TokenError): void
}

/** Where a token came from: how far its times and the server's word about it can be relied on. */
export type TokenOrigin = 'login' | 'refresh' | 'refresh-elsewhere'

/**
 * An access token in force, the session's own or one resource's: how fresh it is, whether an API
 * rejected it, what its last failed refresh asks to wait for, and the refresh under way. No store,
 * no record.
 *
 * @internal
 */
export class AccessToken {
  readonly parameters: TargetParameters
  readonly coolDown = new CoolDown()
  tokens: TokenSet | undefined
  /** The session that it was got for. */
  sessionId: string | undefined
  /** The last token of the session before, and that session. */
  former: { readonly token: string; readonly sessionId: string } | undefined
  refreshing: SharedRefresh | undefined
  /** The wait that callers share now, if any waits. */
  sharedWait: SharedWait | undefined
  /** When the last refresh began, by the monotonic clock. */
  refreshedAt = -Infinity
  readonly #timing: Timing
  #freshness: Freshness = NO_TOKEN
  #now: () => number = now
  #promise: Promise<string> | undefined
  #origin: TokenOrigin = 'login'
  #rejected: string | undefined
  /** When the server gave the token out, by the monotonic clock. */
  #issuedAt = -Infinity
  #rejectionsIgnoredUntil = -Infinity
  /** Whether this process asked for it without any claims. */
  #isWithoutClaims = false

  constructor(timing: Timing, parameters: TargetParameters = {}) {
    this.#timing = timing
    this.parameters = parameters
  }

  get token(): string | undefined {
    return this.tokens?.accessToken
  }

  /** One promise for everyone while the token is the same. */
  get promise(): Promise<string> {
    return (this.#promise ??= Promise.resolve(this.token!))
  }

  /**
   * Puts tokens in force, or takes them away.
   *
   * @param origin - where they came from; absent: where those before them came from
   */
  hold(
    tokens: TokenSet | undefined,
    sessionId: string | undefined,
    origin: TokenOrigin = this.#origin,
  ): void {
    const { token } = this
    if (sessionId !== this.sessionId) {
      if (token !== undefined && this.sessionId !== undefined) {
        this.former = { token, sessionId: this.sessionId }
      }
      this.coolDown.clear()
    }
    const isNew = tokens?.accessToken !== token
    // The same token goes on by the same clock, which may have been set meanwhile.
    if (isNew || isNewLife(tokens, this.tokens)) {
      this.#now = steadyClock()
      this.#freshness = tokens ? freshnessOf(tokens, this.#timing) : NO_TOKEN
    }
    this.#promise = undefined
    this.tokens = tokens
    this.sessionId = sessionId
    this.#origin = origin
    if (isNew) this.#forgetRejections(origin)
  }

  /**
   * The server has just given out what is in force, be it the same token as before.
   *
   * @param claims - what was to be said of it
   */
  confirm(claims?: string): void {
    this.coolDown.clear()
    this.#isWithoutClaims = claims === undefined
    this.#rejected = undefined
    this.#issuedAt = monotonicNow()
  }

  get isDue(): boolean {
    return this.#now() >= this.#freshness.refreshAt
  }

  get isExpired(): boolean {
    return this.#now() >= this.#freshness.expiresAt
  }

  /** How long until it is due, in milliseconds. */
  get dueInMs(): number {
    return this.#freshness.refreshAt - this.#now()
  }

  /** Whether it could still be sent: a refresh that fails now costs nobody anything. */
  get isUsable(): boolean {
    return this.token !== undefined && !this.isExpired && !this.isRejected
  }

  get isRejected(): boolean {
    return this.token !== undefined && this.#rejected === this.token
  }

  /** Whether callers are to wait for another token: this one was rejected, and one can be had. */
  get isWithheld(): boolean {
    return this.isRejected && this.coolDown.isOver
  }

  /** Whether the token can be handed to this caller, all else aside. */
  meets({ rejected, minValidityMs, claims }: TokenRequirements): boolean {
    const { tokens } = this
    if (!this.maySay(claims)) return false
    if (!tokens || this.isExpired || tokens.accessToken === rejected) return false
    if (!minValidityMs || tokens.expiresAt === undefined) return true
    // What a refresh gave has its whole lifetime: asking again would give no more.
    const most = this.#origin === 'login' ? Infinity : this.#freshness.maxMinValidityMs
    return tokens.expiresAt - this.#now() >= Math.min(minValidityMs, most)
  }

  /**
   * Whether the claims may be said of it. Of which ones it was asked for with nobody keeps account:
   * to ask for others again and again would be a storm.
   */
  maySay(claims: string | undefined): boolean {
    return claims === undefined || !this.#isWithoutClaims
  }

  /** An API rejected it with 401: callers wait for the next one. */
  reject(token: string): void {
    if (token === this.token) this.#rejected = token
  }

  /**
   * The API rejected the replay with this token too (401). Fresh from the server, it is not the token's
   * fault: further rejections of it cost nothing for a while.
   */
  rejectReplay(token: string): void {
    if (token !== this.token) return
    if (this.#isJustIssued) this.#ignoreRejections()
    else this.reject(token)
  }

  get areRejectionsIgnored(): boolean {
    return monotonicNow() < this.#rejectionsIgnoredUntil
  }

  /**
   * Forgets the rejection of a token that another process got from the server a moment ago: to ask
   * for one more would help no more than it did there.
   *
   * @returns whether it was such a token
   */
  reinstateIfJustIssued(): boolean {
    if (!this.isRejected || this.#origin !== 'refresh-elsewhere' || !this.#isJustIssued)
      return false
    this.#ignoreRejections()
    return true
  }

  get #isJustIssued(): boolean {
    return monotonicNow() - this.#issuedAt <= this.#freshness.rejectionCooldownMs
  }

  #ignoreRejections(): void {
    this.#rejected = undefined
    this.#rejectionsIgnoredUntil = monotonicNow() + this.#freshness.rejectionCooldownMs
  }

  #forgetRejections(origin: TokenOrigin): void {
    this.#rejected = undefined
    this.#isWithoutClaims = false
    this.#rejectionsIgnoredUntil = -Infinity
    const isFromElsewhere = origin === 'refresh-elsewhere' && this.tokens !== undefined
    this.#issuedAt = isFromElsewhere
      ? monotonicNow() - Math.abs(now() - this.tokens!.issuedAt)
      : -Infinity
  }
}

/** Whether the same token was given out once more, to end at another time. */
function isNewLife(tokens: TokenSet | undefined, before: TokenSet | undefined): boolean {
  return tokens?.expiresAt !== before?.expiresAt || tokens?.issuedAt !== before?.issuedAt
}
