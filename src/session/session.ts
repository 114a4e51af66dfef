import { monotonicNow, now } from '../clock.js'
import { ManagerClosedError } from '../errors.js'
import type { TokenManagerOptions } from '../options.js'
import type { DpopBinding } from '../dpop-binding.js'
import { createRenewal } from '../renewal.js'
import { memoryStore } from '../stores/memory.js'
import { StoreAccess } from '../stores/store-access.js'
import { newSession } from '../stores/stored-session.js'
import { timingOf } from '../timing.js'
import type { RenewableTokenSource } from '../token-source.js'
import type { TokenSet } from '../tokens/token-set.js'
import { AccessToken } from './access-token.js'
import { isOver } from './cool-down.js'
import { SessionCore } from './core.js'
import { explanationOf, type Explanation } from './explain.js'
import { supplyFor, type ServingSession } from './token-supply.js'
import { keepLate, saveLate } from './late-response.js'
import { LoginWriter } from './login.js'
import { ManagedTokenSource } from './managed-source.js'
import { Refresher } from './refresher.js'
import { resourceFor, takeTokens, type Resources } from './resources.js'
import { readStore } from './sync.js'
import type { TargetParameters } from './target.js'
import { TokenRequests } from './token-requests.js'
import type { TokenRequirements } from './wait-request.js'

/** An ended session, or a caller whom nothing serves, reads the store no more often than this. */
const READ_INTERVAL_MS = 1_000

/**
 * One session and all that belongs to it: says whether a token may be handed out, reads the
 * store, and sees to what is due behind a use.
 *
 * @internal
 */
export class Session implements ServingSession {
  readonly core: SessionCore
  readonly refresher: Refresher
  readonly requests: TokenRequests
  readonly proving: DpopBinding
  /** Logins and logouts. */
  readonly writer = new LoginWriter(this)
  /**
   * Whose it is: in memory as long as a resource's source is in use, or a refresh under way, so that
   * a pool makes no second one of the same session.
   */
  owner: object | undefined
  /** While the clock stands between these two, the own token is handed out without a second thought. */
  fastFrom = Infinity
  fastUntil = -Infinity
  readonly #seed: TokenSet | undefined
  readonly #resources: Resources = new Map()
  #reading: Promise<void> | undefined
  #readBegunAt = -Infinity
  #closing: Promise<void> | undefined

  /**
   * @param sessionId - by which the seed's session is known already, if it is
   */
  constructor(options: TokenManagerOptions, seed?: TokenSet, sessionId?: string) {
    const renewal = createRenewal(options)
    const timing = timingOf(options)
    const record = options.store || !seed ? undefined : newSession(seed, sessionId)
    const store = new StoreAccess(options.store ?? memoryStore(record))
    const onChange = (sessionId: string | undefined) => this.#changed(sessionId)
    this.#seed = seed
    this.proving = renewal.proving
    this.core = new SessionCore(
      store,
      timing,
      renewal,
      options.revoke,
      onChange,
      options.background,
    )
    this.requests = new TokenRequests(
      renewal,
      (request, tokens) => this.core.track(saveLate(this.core, request, tokens)),
      (request, error) => this.core.track(keepLate(this.core, request, error)),
    )
    this.refresher = new Refresher(this.core, this.requests, options.keepFresh ?? false)
    if (record) this.core.apply({ type: 'seeded', record })
  }

  /** Whether the token may be handed out now, to whoever requires this. */
  isServable(access: AccessToken, requirements: TokenRequirements): boolean {
    const isOfSession = access.sessionId === this.core.sessionId
    return (
      !this.core.state.isClosed && isOfSession && !access.isWithheld && access.meets(requirements)
    )
  }

  /** Whether a plain caller is neither served nor refused at once; who is inside must not wait. */
  mustWait(access: AccessToken): boolean {
    const { isClosed, ended } = this.core.state
    if (isClosed || ended || this.isServable(access, {})) return false
    return !this.requests.isInside() && this.refresher.refusal(access) === undefined
  }

  /** Behind a use of a token: whatever is due is done in the background (law 7). */
  attend(access: AccessToken): void {
    if (access.refreshing || this.core.state.isClosed) return
    const { background, endpoint } = this.core
    const mayBegin = background !== false && isOver(access.coolDown) && !endpoint?.isPaused
    if (access.isDue && mayBegin) this.refresher.start(access, 'due')
    else if (this.#isReadDue && !this.core.own.refreshing) {
      this.core.storeReadAt = monotonicNow() // also where it fails: not at every use
      this.read().catch(() => undefined)
    }
    this.#setFastPath()
  }

  /** @throws ManagerClosedError after `close()` */
  assertOpen(): void {
    if (this.core.state.isClosed) throw new ManagerClosedError()
  }

  /**
   * Makes sure that the store was read.
   *
   * @throws TokenStoreError
   */
  async known(): Promise<void> {
    this.assertOpen()
    while (!this.core.state.storeRead) await this.read()
  }

  /**
   * Reads the store without the lease: what is newer there is adopted. One read for all.
   *
   * @throws TokenStoreError
   */
  read(): Promise<void> {
    this.#readBegunAt = monotonicNow()
    const isRefreshing = () => this.core.own.refreshing?.wasSent === true
    this.#reading ??= this.core.track(
      readStore(this.core, this.#seed, isRefreshing).finally(() => (this.#reading = undefined)),
    )
    return this.#reading
  }

  /** @returns whether the store was read, so that it is worth to judge again */
  async readIfStale(): Promise<boolean> {
    const { core } = this
    const isStale = monotonicNow() - this.#readBegunAt >= READ_INTERVAL_MS
    if (!isStale || core.writes.isBusy || this.requests.isInside()) return false
    this.#readBegunAt = monotonicNow()
    const refresh = core.own.refreshing ?? (core.state.unsaved && this.refresher.save())
    await (refresh ? refresh.outcome : this.read()).catch(() => undefined)
    return true // the caller's own error says more than one of this
  }

  /** The source of another access token of the session: one for all who ask for the same. */
  source(target: TargetParameters): RenewableTokenSource {
    const { source } = resourceFor(this.#resources, target, () => {
      const access = new AccessToken(this.core.timing, target)
      return { access, source: new ManagedTokenSource(supplyFor(this, access)) }
    })
    return source
  }

  /** What happened to the session, as far as it is known here and in the store. */
  async explain(): Promise<Explanation> {
    await this.read().catch(() => undefined) // what is known here is told all the same
    return explanationOf(this.core.state)
  }

  /** Whether something is under way, unsaved, or to be waited for: nobody may forget it now. */
  get isBusy(): boolean {
    return (
      !this.core.isIdle || this.core.state.unsaved !== undefined || !isOver(this.core.own.coolDown)
    )
  }

  get isClosed(): boolean {
    return this.core.state.isClosed
  }

  /** Waits until nothing is under way and, if that can be had, nothing is unsaved. */
  async settle(): Promise<void> {
    await this.core.idle()
    if (this.core.state.unsaved) this.refresher.save()
    await this.core.idle()
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#close())
  }

  async #close(): Promise<void> {
    this.core.apply({ type: 'closed' })
    void this.core.unfinishedSave?.tryNow()
    await this.settle()
    await this.core.store.allReleased()
  }

  /** An API rejected the token with 401. */
  reject(access: AccessToken, token: string): void {
    access.reject(token)
    this.#setFastPath()
  }

  /** The API rejected the replay with the token too (401). */
  rejectReplay(access: AccessToken, token: string): void {
    access.rejectReplay(token)
    this.#setFastPath()
  }

  #changed(formerId: string | undefined): void {
    if (formerId !== this.core.sessionId) {
      takeTokens(this.#resources)
      if (formerId !== undefined) this.#resources.clear()
    }
    this.refresher.schedule()
    this.#setFastPath()
  }

  #setFastPath(): void {
    const { own, state } = this.core
    const isPlain = own.token !== undefined && !own.isRejected && !state.isClosed
    this.fastFrom = now()
    this.fastUntil = isPlain ? this.fastFrom + Math.min(own.dueInMs, this.#readInMs) : -Infinity
  }

  /** From then on a use is a reason to read the store again. */
  get #readInMs(): number {
    return this.core.storeReadAt + this.core.timing.recheckMs - monotonicNow()
  }

  get #isReadDue(): boolean {
    return this.#readInMs <= 0
  }
}
