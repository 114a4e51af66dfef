import { atInstant, monotonicNow, now } from '../clock.js'
import { ManagerClosedError, type LoginRequiredError, type TokenError } from '../errors.js'
import { Events } from '../events.js'
import type { TokenManagerOptions } from '../options.js'
import { timingOf } from '../timing.js'
import { createRenewal } from '../renewal.js'
import { memoryStore } from '../stores/memory.js'
import { StoreAccess } from '../stores/store-access.js'
import { newSession } from '../stores/stored-session.js'
import type { TokenSet } from '../tokens/token-set.js'
import { Acts } from './acts.js'
import { Calls, type Call } from './calls.js'
import { commit } from './commit.js'
import type { CycleDesk } from './cycle.js'
import type { Flight, Landing } from './flight.js'
import { Flights } from './flights.js'
import { HeldSession, type Wish } from './held-session.js'
import { revokeTokens } from './revocations.js'
import { sessionTarget, type TargetParameters } from './target.js'
import { lookAtStore } from './look.js'
import type { Request } from './obtain.js'
import { ResourceKeeper } from './resource-keeper.js'

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
  readonly #flights: Flights
  readonly #resources = new Map<string, ResourceKeeper>()
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
      proving: renewal.proving,
      calls: new Calls(renewal, (call, tokens) => this.track(this.#saveLate(call, tokens))),
      revokeLater: (tokens) => void this.revoke(tokens),
      track: (work) => this.track(work),
    }
    this.#flights = new Flights(this.desk, sessionTarget(this.held), this.held, () =>
      this.schedule(),
    )
    this.schedule()
  }

  /** The session, and how its own access token stands. */
  get served(): HeldSession {
    return this.held
  }

  get attentionAt(): number {
    return this.held.attentionAt
  }

  /** Whether the token may be handed out now, for this wish. */
  isServable(wish: Wish): boolean {
    return !this.held.isClosed && !this.held.isWithheld && this.held.meets(wish)
  }

  /** Behind a use of the current token: whatever is due is done in the background (law 7). */
  attend(): void {
    const { held } = this
    if (this.#flights.current || held.isClosed) return
    if (held.isDue && held.coolDown.isOver) this.#flights.launch('due')
    else this.attendStore()
  }

  /** Behind a use of any token of the session. */
  attendStore(): void {
    const { held } = this
    if (!held.isLookDue || this.#flights.current) return
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
    this.#looking ??= lookAtStore(
      this.desk,
      this.#seed,
      () => this.#flights.current !== undefined,
    ).finally(() => {
      this.#looking = undefined
      this.schedule()
    })
    return this.#looking
  }

  /** @returns whether a look was made, so that it is worth to judge again */
  async lookIfStale(): Promise<boolean> {
    const isStale = monotonicNow() - this.#lookedAt >= LOOK_INTERVAL_MS
    if (!isStale || this.desk.acts.isPending || this.desk.calls.isInside()) return false
    this.#lookedAt = monotonicNow()
    const flight = this.#flights.current ?? (this.held.unsaved && this.#save())
    const look = flight ? flight.landed : this.look()
    await look.catch(() => undefined) // the caller's own error says more than this one
    return true
  }

  board(request: Request): Promise<Landing> {
    return this.#flights.board(request)
  }

  get refusal(): TokenError | undefined {
    return this.#flights.refusal
  }

  /** A login or logout was made here: it takes the place of whatever is under way. */
  interrupt(end?: LoginRequiredError): void {
    this.#flights.interrupt(end)
    for (const resource of this.#resources.values()) resource.interrupt(end)
  }

  /** The keeper of another access token of the session: one for all who ask for the same. */
  resource(parameters: TargetParameters): ResourceKeeper {
    const name = JSON.stringify([parameters.resource, parameters.scope])
    const known = this.#resources.get(name)
    if (known) return known
    const made = new ResourceKeeper(this, parameters)
    this.#resources.set(name, made)
    return made
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
    if (!this.#options.keepFresh || held.isClosed || this.#flights.current || !held.token) return
    const instant = Math.max(held.dueAt, now() + coolDown.remainingMs)
    if (instant === Infinity) return
    this.#cancelTimer = atInstant(instant, () => {
      if (this.#flights.current || held.isClosed || !held.token) return
      if (coolDown.isOver && held.isDue) this.#flights.launch('timer')
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

  /** Saves what is unsaved, and no more unless somebody joins who wants a token. */
  #save(): Flight {
    return this.#flights.launch('due', false)
  }

  async #saveLate(call: Call, tokens: TokenSet): Promise<void> {
    const { record } = call.stock
    const isInterrupted = () =>
      this.held.sessionId !== (record?.tokens ? record.sessionId : undefined)
    await commit(this.desk, call.target, call.stock, tokens, isInterrupted)
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
