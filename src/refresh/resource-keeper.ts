import { storedSession } from '../stores/stored-session.js'
import type { StoredSession } from '../stores/token-store.js'
import type { LoginRequiredError, TokenError } from '../errors.js'
import type { TokenSource } from '../token-source.js'
import type { DpopKey } from '../tokens/dpop-key.js'
import { withRefreshTokenOf, type TokenSet } from '../tokens/token-set.js'
import type { Unsaved } from './claim.js'
import type { Flight, Landing } from './flight.js'
import { Flights } from './flights.js'
import { HeldSession, type Wish } from './held-session.js'
import { KeptTokens } from './kept-tokens.js'
import type { Keeper, Kept, Request } from './obtain.js'
import type { SessionKeeper } from './session-keeper.js'
import type { SharedWait } from './shared-wait.js'
import { isOther, type Target, type TargetParameters } from './target.js'

/**
 * Keeps another access token of a session, for one resource: in memory alone, so that it never
 * reaches another's API, here or in another process. Refresh token, store, lease and end are the
 * session's; token, flight and cool-down its own.
 *
 * @internal
 */
export class ResourceKeeper implements Kept, Keeper, Target {
  readonly parameters: TargetParameters
  readonly served: HeldSession
  readonly source: TokenSource
  sharedWait: SharedWait | undefined
  readonly #session: SessionKeeper
  readonly #flights: Flights

  constructor(session: SessionKeeper, parameters: TargetParameters) {
    this.#session = session
    this.parameters = parameters
    this.served = new HeldSession(session.desk.timing)
    this.source = new KeptTokens(this)
    this.#flights = new Flights(session.desk, this, this.served, () => session.schedule())
  }

  get held(): HeldSession {
    return this.#session.held
  }

  get desk() {
    return this.#session.desk
  }

  /** The token, as long as the session is that which it was got for. */
  get token(): string | undefined {
    return this.served.sessionId === this.held.sessionId ? this.served.token : undefined
  }

  get record(): StoredSession | undefined {
    return this.served.record
  }

  get attentionAt(): number {
    const isPlain = !this.held.isClosed && this.token !== undefined
    return isPlain ? Math.min(this.served.attentionAt, this.held.lookAt) : -Infinity
  }

  get answer(): Promise<string> {
    return this.served.answer
  }

  get sessionId(): string | undefined {
    return this.held.sessionId
  }

  get dpopKey(): DpopKey | undefined {
    return this.held.record?.tokens?.dpopKey
  }

  isInsideRefresh(): boolean {
    return this.desk.calls.isInside()
  }

  keeper(): Keeper {
    return this
  }

  isServable(wish: Wish): boolean {
    const isWithheld = this.served.isWithheld
    return !this.held.isClosed && this.token !== undefined && !isWithheld && this.served.meets(wish)
  }

  attend(): void {
    const { served } = this
    if (this.#flights.current || this.held.isClosed) return
    if (served.isDue && served.coolDown.isOver) this.#flights.launch('due')
    else this.#session.attendStore()
  }

  get refusal(): TokenError | undefined {
    return this.#flights.refusal
  }

  board(request: Request): Promise<Landing> {
    return this.#flights.board(request)
  }

  interrupt(end?: LoginRequiredError): void {
    this.#flights.interrupt(end)
  }

  assertOpen(): void {
    this.#session.assertOpen()
  }

  look(): Promise<void> {
    return this.#session.look()
  }

  lookIfStale(): Promise<boolean> {
    return this.#session.lookIfStale()
  }

  /** Nobody else can have renewed it: it is nowhere but here. */
  isServedBy(flight: Flight): boolean {
    const { token } = this
    return token !== undefined && isOther(this.record, flight) && !flight.rejected.has(token)
  }

  /** Only the refresh token is the session's; its own access token stays what it was. */
  sessionTokens(tokens: TokenSet | null | undefined, answer: TokenSet): TokenSet {
    return tokens ? withRefreshTokenOf(tokens, answer) : answer
  }

  hold(record: StoredSession, answer: TokenSet, unsaved?: Unsaved): void {
    this.held.hold(record, 'store', unsaved)
    this.served.hold(storedSession({ ...record, tokens: answer }), 'server')
  }
}
