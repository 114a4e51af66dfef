import { atInstant, monotonicNow, now } from '../clock.js'
import {
  isTokenError,
  type LoginRequiredError,
  ManagerClosedError,
  RefreshUnavailableError,
  TokenOptionsError,
  type TokenError,
} from '../errors.js'
import { Events, type RefreshReason } from '../events.js'
import { timingOf, type TokenManagerOptions } from '../options.js'
import { createRenewal } from '../renewal.js'
import { memoryStore } from '../stores/memory.js'
import { StoreAccess } from '../stores/store-access.js'
import { newSession } from '../stores/stored-session.js'
import type { TokenSet } from '../tokens/token-set.js'
import { Acts } from './acts.js'
import { Calls, type Call } from './calls.js'
import { commit } from './commit.js'
import { refreshSession, type CycleDesk } from './cycle.js'
import { Flight, type Landing } from './flight.js'
import { HeldSession, type Wish } from './held-session.js'
import { revokeTokens } from './revocations.js'
import { lookAtStore } from './look.js'
import type { Request } from './obtain.js'

/** A caller whom nothing serves looks at the store, but not more often than this. */
const LOOK_INTERVAL_MS = 1_000

/**
 * Keeps one session: answers callers, starts the one refresh, looks at the store.
 *
 * @internal
 */
export class SessionKeeper {
  readonly held: HeldSession
  readonly events = new Events()
  readonly desk: CycleDesk
  readonly #options: Pick<TokenManagerOptions, 'revoke' | 'keepFresh'>
  /** What must be over before the manager is closed. */
  readonly #pending = new Set<Promise<unknown>>()
  #seed: TokenSet | undefined
  #flight: Flight | undefined
  #looking: Promise<void> | undefined
  #lookedAt = -Infinity
  #cancelTimer: (() => void) | undefined

  constructor(options: TokenManagerOptions, seed: TokenSet | undefined) {
    const timing = timingOf(options)
    const renewal = createRenewal(options)
    this.#options = { revoke: options.revoke, keepFresh: options.keepFresh }
    this.#seed = seed
    this.held = new HeldSession(timing)
    this.desk = {
      held: this.held,
      store: new StoreAccess(options.store ?? this.#memoryOf(seed)),
      events: this.events,
      timing,
      acts: new Acts(),
      needsRefreshToken: renewal.needsRefreshToken,
      calls: new Calls(renewal, (call, tokens) => this.track(this.#saveLate(call, tokens))),
      revokeLater: (tokens) => void this.revoke(tokens),
    }
    this.schedule()
  }

  /** Whether the token may be handed out now, for this wish. */
  isServable(wish: Wish): boolean {
    return !this.held.isClosed && !this.held.isWithheld && this.held.meets(wish)
  }

  /** Behind a use of the current token: whatever is due is done in the background (law 7). */
  attend(): void {
    const { held } = this
    if (this.#flight || held.isClosed) return
    if (held.isDue && this.held.coolDown.isOver) return void this.#launch('due')
    if (!held.isLookDue) return
    held.looked() // also where it fails: not at every use
    if (held.unsaved) this.#save()
    else this.look().catch(() => undefined)
  }

  /** Makes sure that the store was looked at. */
  async known(): Promise<void> {
    this.assertOpen()
    while (!this.held.isKnown) await this.look()
  }

  /** @throws ManagerClosedError after `close()` */
  assertOpen(): void {
    if (this.held.isClosed) throw new ManagerClosedError()
  }

  get canRevoke(): boolean {
    return this.#options.revoke !== undefined
  }

  /**
   * Looks at the store without the lease: what is newer there is taken over.
   *
   * @throws TokenStoreError
   */
  look(): Promise<void> {
    this.#lookedAt = monotonicNow()
    this.#looking ??= lookAtStore(this.desk, this.#seed, () => this.#flight !== undefined).finally(
      () => {
        this.#looking = undefined
        this.schedule()
      },
    )
    return this.#looking
  }

  /** @returns whether a look was made, so that it is worth to judge again */
  async lookIfStale(): Promise<boolean> {
    const isStale = monotonicNow() - this.#lookedAt >= LOOK_INTERVAL_MS
    if (!isStale || this.desk.acts.isPending || this.desk.calls.isInside()) return false
    this.#lookedAt = monotonicNow()
    const flight = this.#flight ?? (this.held.unsaved && this.#save())
    const look = flight ? flight.landed : this.look()
    await look.catch(() => undefined) // the caller's own error says more than this one
    return true
  }

  /**
   * The refresh that the caller shares: the one in flight, or a new one.
   *
   * @throws TokenError if none may be started now
   */
  board(request: Request): Promise<Landing> {
    if (this.desk.calls.isInside()) throw insideRefresh()
    const flight = this.#flight ?? this.#launch(this.#reasonFor(request))
    flight.join(request)
    return flight.landed
  }

  /** Why no refresh may be started now, if so. One in flight may always be shared. */
  get refusal(): TokenError | undefined {
    return this.#flight ? undefined : this.held.coolDown.refusal()
  }

  /** A login or logout was made here: it takes the place of whatever is under way. */
  interrupt(end?: LoginRequiredError): void {
    this.#flight?.orphan(end)
    this.#flight = undefined
    this.held.coolDown.clear()
  }

  /** Tells the server to forget the tokens, where the user said how. */
  revoke(tokens: TokenSet): Promise<void> {
    const { revoke } = this.#options
    if (!revoke) return Promise.resolve()
    return this.track(revokeTokens(revoke, tokens, this.desk.timing.attemptTimeoutMs))
  }

  /** Lets `close` wait for it. */
  track<T>(work: Promise<T>): Promise<T> {
    const settled = work.catch(() => undefined)
    this.#pending.add(settled)
    void settled.then(() => this.#pending.delete(settled))
    return work
  }

  /** With `keepFresh`, the timer for the next renewal. */
  schedule(): void {
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
    const { held } = this
    const { coolDown } = held
    if (!this.#options.keepFresh || held.isClosed || this.#flight || !held.token) return
    const instant = Math.max(held.dueAt, now() + coolDown.remainingMs)
    if (instant === Infinity) return
    this.#cancelTimer = atInstant(instant, () => {
      if (this.#flight || held.isClosed || !held.token) return
      if (coolDown.isOver && held.isDue) this.#launch('timer')
      else this.schedule()
    })
  }

  /** Waits until nothing is under way and, if that can be had, nothing is unsaved. */
  async close(): Promise<void> {
    this.held.close()
    this.schedule()
    await this.#idle()
    if (this.held.unsaved) this.#save()
    await this.#idle()
    await this.desk.store.allReleased()
  }

  #reasonFor(request: Request): RefreshReason {
    if (request.isForced) return 'forced'
    if (this.held.token === undefined) return 'missing'
    return this.held.isRejected ? 'rejected' : 'expired'
  }

  /** Saves what is unsaved, and no more unless somebody joins who wants a token. */
  #save(): Flight {
    return this.#launch('due', false)
  }

  #launch(reason: RefreshReason, mustRenew = true): Flight {
    const flight = new Flight(reason, this.held.token, mustRenew)
    this.#flight = flight
    void this.track(this.#fly(flight))
    return flight
  }

  async #fly(flight: Flight): Promise<void> {
    const startedAt = monotonicNow()
    try {
      const landing = await refreshSession(this.desk, flight)
      this.#leave(flight)
      if (flight.mustRenew && !flight.isOrphan) this.held.coolDown.clear()
      flight.land(landing)
    } catch (thrown) {
      const error = asTokenError(thrown)
      this.#leave(flight)
      if (!flight.isOrphan && flight.mustRenew) this.#failed(flight, error, startedAt)
      flight.fail(error)
    }
    this.schedule()
  }

  /** Only its own place: a login may have made room for another flight. */
  #leave(flight: Flight): void {
    if (this.#flight === flight) this.#flight = undefined
  }

  #failed(flight: Flight, error: TokenError, startedAt: number): void {
    if (!this.held.ended) this.held.coolDown.fail(error, flight.wasSent)
    const { reason } = flight
    const durationMs = monotonicNow() - startedAt
    const retryInMs = this.held.coolDown.remainingMs
    this.events.emit('refreshFailed', { reason, durationMs, error, retryInMs })
  }

  async #saveLate(call: Call, tokens: TokenSet): Promise<void> {
    const { record } = call.stock
    const isInterrupted = () =>
      this.held.sessionId !== (record?.tokens ? record.sessionId : undefined)
    const isOurs = await commit(this.desk, call.stock, tokens, isInterrupted)
    if (!isOurs) return
    this.held.coolDown.clear()
    this.schedule()
  }

  async #idle(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending)
  }

  /** A store that nobody else can see holds the seed from the start. */
  #memoryOf(seed: TokenSet | undefined) {
    const record = seed && newSession(seed)
    if (record) this.held.hold(record, 'store')
    return memoryStore(record)
  }
}

function asTokenError(thrown: unknown): TokenError {
  if (isTokenError(thrown)) return thrown
  return new RefreshUnavailableError('The refresh failed unexpectedly', { cause: thrown })
}

function insideRefresh(): TokenOptionsError {
  return new TokenOptionsError(
    '`refresh` asked its own manager for a token and would wait for itself: make that request ' +
      'with `{ tokens: false }` or through an instance without tokens',
  )
}
