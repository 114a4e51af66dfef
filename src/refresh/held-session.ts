import { now } from '../clock.js'
import type { LoginRequiredError } from '../errors.js'
import type { Timing } from '../timing.js'
import type { StoredSession } from '../stores/token-store.js'
import { freshnessOf, type Freshness } from '../tokens/freshness.js'
import type { Unsaved } from './claim.js'
import { CoolDown } from './cool-down.js'
import { Rejection } from './rejection.js'

/** What a caller wants of a token. */
export interface Wish {
  minValidityMs?: number | undefined
  /** The token that it must not be. */
  rejected?: string | undefined
}

/** How long an unsaved record waits at most for a use before saving is tried again. */
const RESAVE_MS = 5_000

/**
 * What this process holds of the session, and how it is to be judged: state and its transitions,
 * no I/O. `epoch` moves with every transition, so that whoever waited in between can tell.
 *
 * @internal
 */
export class HeldSession {
  record: StoredSession | undefined
  unsaved: Unsaved | undefined
  /** Set once nothing can be renewed until a login: the one error that every caller gets. */
  ended: LoginRequiredError | undefined
  /** Whether the store was looked at (or cannot hold anything that we do not know). */
  isKnown = false
  epoch = 0
  /** Up to here the token is handed out without a second thought, epoch milliseconds. */
  attentionAt = -Infinity
  /** The last token of the session before, and that session. */
  former: { token: string; sessionId: string } | undefined

  /** The session's own: another login begins without one. */
  readonly coolDown = new CoolDown()

  readonly #timing: Timing
  #freshness: Freshness = NONE
  #answer: Promise<string> | undefined
  #lookedAt = 0
  readonly #rejection = new Rejection()
  #isClosed = false

  constructor(timing: Timing) {
    this.#timing = timing
  }

  get token(): string | undefined {
    return this.record?.tokens?.accessToken
  }

  /** The session whose tokens are handed out, if there are any. */
  get sessionId(): string | undefined {
    return this.record?.tokens ? this.record.sessionId : undefined
  }

  get dueAt(): number {
    return this.#freshness.dueAt
  }

  /** One promise for everybody while the token is the same. */
  get answer(): Promise<string> {
    return (this.#answer ??= Promise.resolve(this.token!))
  }

  /** Puts a record in force. */
  hold(record: StoredSession, from: 'server' | 'store', unsaved?: Unsaved): void {
    if (record.sessionId !== this.record?.sessionId) {
      this.#remember()
      this.coolDown.clear()
    }
    if (record.tokens?.accessToken !== this.token) this.#rejection.otherToken()
    if (from === 'server') {
      this.coolDown.clear()
      this.#rejection.fromServer()
    }
    this.record = record
    this.unsaved = unsaved
    this.ended = undefined
    this.#answer = undefined
    this.#freshness = record.tokens ? freshnessOf(record.tokens, this.#timing) : NONE
    this.#moved()
  }

  /** Ends the session: nothing is handed out until a login. */
  end(error: LoginRequiredError | undefined, record?: StoredSession, unsaved?: Unsaved): void {
    this.#remember()
    this.record = record
    this.unsaved = unsaved
    this.ended = error
    this.#answer = undefined
    this.#freshness = NONE
    this.#moved()
  }

  /** The record in force is in the store now, under this version. */
  saved(record: StoredSession): void {
    this.record = record
    this.unsaved = undefined
    this.looked()
  }

  /** Nothing is handed out any more. */
  close(): void {
    this.#isClosed = true
    this.#setAttention()
  }

  /** The store was looked at just now. */
  looked(): void {
    this.isKnown = true
    this.#lookedAt = now()
    this.#setAttention()
  }

  /** The current token was answered with 401: callers wait for the next one. */
  reject(token: string): void {
    if (token !== this.token) return
    this.#rejection.reject(token)
    this.#setAttention()
  }

  /**
   * The replay with this token was answered 401 too. Fresh from the server, it is not the token's
   * fault: further rejections of it cost nothing for a while.
   */
  rejectReplay(token: string): void {
    if (token !== this.token) return
    if (!this.#rejection.quiet(this.#freshness.quietMs)) this.reject(token)
  }

  get quietMs(): number {
    return this.#rejection.quietMs
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Whether callers are to wait for another token: this one was rejected, and one can be had. */
  get isWithheld(): boolean {
    return this.isRejected && this.coolDown.isOver
  }

  get isRejected(): boolean {
    return this.#rejection.isOf(this.token)
  }

  get isExpired(): boolean {
    return now() >= this.#freshness.usableUntil
  }

  get isDue(): boolean {
    return now() >= this.#freshness.dueAt
  }

  /** From here on a use is a reason to look at the store again, epoch milliseconds. */
  get lookAt(): number {
    return this.#lookedAt + (this.unsaved ? RESAVE_MS : this.#timing.recheckMs)
  }

  get isLookDue(): boolean {
    return now() >= this.lookAt
  }

  /** Whether the token can be handed to this caller, all else aside. */
  meets(wish: Wish): boolean {
    if (this.token === undefined || this.isExpired || this.token === wish.rejected) return false
    const expiresAt = this.record?.tokens?.expiresAt
    if (!wish.minValidityMs || expiresAt === undefined) return true
    return expiresAt - now() >= Math.min(wish.minValidityMs, this.#freshness.longestWishMs)
  }

  #remember(): void {
    const { token, sessionId } = this
    if (token !== undefined && sessionId !== undefined) this.former = { token, sessionId }
  }

  #moved(): void {
    this.epoch += 1
    this.looked()
  }

  #setAttention(): void {
    const isPlain = this.token !== undefined && !this.isRejected && !this.#isClosed
    this.attentionAt = isPlain ? Math.min(this.#freshness.dueAt, this.lookAt) : -Infinity
  }
}

/** How "no token" is judged. */
const NONE: Freshness = { dueAt: -Infinity, usableUntil: -Infinity, longestWishMs: 0, quietMs: 0 }
