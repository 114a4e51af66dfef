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
import { SessionTarget, type TargetParameters } from './target.js'
import { KeepFresh } from './keep-fresh.js'
import { Looks } from './looks.js'
import type { Request } from './obtain.js'
import { Pending } from './pending.js'
import { ResourceKeeper } from './resource-keeper.js'
import { SessionWriter } from './session-writer.js'
import type { SharedWait } from './shared-wait.js'

/**
 * Keeps one session: answers callers, starts the one refresh, looks at the store.
 *
 * @internal
 */
export class SessionKeeper {
  readonly held: HeldSession
  readonly events: Events
  readonly desk: CycleDesk
  sharedWait: SharedWait | undefined
  readonly #revoke: TokenManagerOptions['revoke']
  readonly #pending = new Pending()
  readonly #looks: Looks
  readonly #flights: Flights
  readonly #timer: KeepFresh | undefined
  readonly #resources = new Map<string, ResourceKeeper>()
  #writer: SessionWriter | undefined
  #closing: Promise<void> | undefined

  /** @param sessionId - by which the seed's session is known already, if it is */
  constructor(options: TokenManagerOptions, seed?: TokenSet, sessionId?: string) {
    const timing = timingOf(options)
    const renewal = createRenewal(options)
    this.#revoke = options.revoke
    this.held = new HeldSession(timing)
    this.events = new Events(this.held)
    this.desk = {
      held: this.held,
      store: new StoreAccess(options.store ?? this.#memoryOf(seed, sessionId)),
      events: this.events,
      timing,
      acts: new Acts(),
      needsRefreshToken: renewal.needsRefreshToken,
      proving: renewal.proving,
      calls: new Calls(renewal, (call, tokens) => this.track(this.#saveLate(call, tokens))),
      revokeLater: (tokens) => void this.revoke(tokens),
      track: (work) => this.track(work),
    }
    const schedule = () => this.schedule()
    this.#flights = new Flights(this.desk, new SessionTarget(this.held), this.held, schedule)
    this.#looks = new Looks(this.desk, seed, () => this.#flights.current !== undefined)
    if (options.keepFresh) this.#timer = new KeepFresh(this.held, this.#flights)
    this.schedule()
  }

  /** The session, and how its own access token stands. */
  get served(): HeldSession {
    return this.held
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
    return this.#revoke !== undefined
  }

  /**
   * Looks at the store without the lease: what is newer there is taken over.
   *
   * @throws TokenStoreError
   */
  look(): Promise<void> {
    return this.track(this.#looks.look().finally(() => this.schedule()))
  }

  /** @returns whether a look was made, so that it is worth to judge again */
  async lookIfStale(): Promise<boolean> {
    const { acts, calls } = this.desk
    if (!this.#looks.isStale || acts.isPending || calls.isInside()) return false
    this.#looks.begun()
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
    if (!this.#revoke) return Promise.resolve()
    return this.track(revokeTokens(this.#revoke, tokens, this.desk.timing.attemptTimeoutMs))
  }

  /** Lets `close` wait for it. */
  track<T>(work: Promise<T>): Promise<T> {
    return this.#pending.track(work)
  }

  /** With `keepFresh`, sets the timer for the next renewal anew. */
  schedule(): void {
    this.#timer?.schedule()
  }

  /** Whether something is under way, or unsaved: nobody may forget it now. */
  get isBusy(): boolean {
    return !this.#pending.isOver || this.held.unsaved !== undefined
  }

  get isClosed(): boolean {
    return this.held.isClosed
  }

  /** Waits until nothing is under way and, if that can be had, nothing is unsaved. */
  async settle(): Promise<void> {
    await this.#pending.over()
    if (this.held.unsaved) this.#save()
    await this.#pending.over()
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#close())
  }

  /** Logins and logouts. */
  get writer(): SessionWriter {
    return (this.#writer ??= new SessionWriter(this))
  }

  async #close(): Promise<void> {
    this.held.close()
    this.schedule()
    await this.settle()
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

  /** A store that nobody else can see holds the seed from the start. */
  #memoryOf(seed: TokenSet | undefined, sessionId: string | undefined) {
    const record = seed && newSession(seed, sessionId)
    if (record) this.held.hold(record, 'store')
    return memoryStore(record)
  }
}
