import { monotonicNow } from '../clock.js'
import { Events } from '../events.js'
import type { TokenStoreError } from '../errors.js'
import type { TokenManagerOptions } from '../options.js'
import type { Renewal } from '../renewal.js'
import { createMutex } from '../stores/mutex.js'
import type { StoreAccess } from '../stores/store-access.js'
import type { Timing } from '../timing.js'
import type { TokenEndpoint } from '../token-endpoint.js'
import type { TokenSet } from '../tokens/token-set.js'
import { AccessToken } from './access-token.js'
import { revokeTokens } from './revocation.js'
import type { Change } from './change.js'
import { next } from './next.js'
import { initialState, type SessionState } from './state.js'

/** What is saved again and again, inside the lease of the refresh that brought it. */
export interface UnfinishedSave {
  /** Saves at once, since someone needs the lease. @returns why that failed, if it did */
  readonly tryNow: () => Promise<TokenStoreError | undefined>
}

/**
 * The session in this process: its state, and the one door through which it changes. Nobody else
 * writes the state, tells events or revokes.
 *
 * @internal
 */
export class SessionCore {
  readonly own: AccessToken
  readonly store: StoreAccess
  readonly events = new Events(() => this.#state.record?.sessionId ?? this.own.former?.sessionId)
  /**
   * Logins and logouts, written one after another. While one is being written nobody can tell
   * whether what the store holds came before it or after: whoever would take that over waits.
   */
  readonly writes = createMutex()
  readonly timing: Timing
  readonly needsRefreshToken: boolean
  /** What a pool's sessions share of it. */
  readonly endpoint: TokenEndpoint | undefined
  /** While a refresh whose callers have their result goes on saving what it brought, inside its lease. */
  unfinishedSave: UnfinishedSave | undefined
  /** When the store was read last, by the monotonic clock. */
  storeReadAt = -Infinity
  #state: SessionState
  readonly #revoke: TokenManagerOptions['revoke']
  readonly #onChange: (formerId: string | undefined) => void
  readonly #underWay = new Set<Promise<unknown>>()

  constructor(
    store: StoreAccess,
    timing: Timing,
    { needsRefreshToken, endpoint }: Renewal,
    revoke: TokenManagerOptions['revoke'],
    onChange: (formerId: string | undefined) => void,
    readonly background?: TokenManagerOptions['background'],
  ) {
    this.store = store
    this.timing = timing
    this.needsRefreshToken = needsRefreshToken
    this.endpoint = endpoint
    this.own = new AccessToken(timing)
    this.#state = initialState(needsRefreshToken)
    this.#revoke = revoke
    this.#onChange = onChange
  }

  get state(): SessionState {
    return this.#state
  }

  /** The session whose tokens are handed out, if there are any. */
  get sessionId(): string | undefined {
    const { record } = this.#state
    return record?.tokens ? record.sessionId : undefined
  }

  /** The one door. */
  apply(change: Change): void {
    const before = this.#state
    const formerId = this.sessionId
    const { state, told, origin, revoke } = next(before, change)
    this.#state = state
    if (state.storeRead) this.storeReadAt = monotonicNow()
    // Other tokens or another session came in force, or it ended; a mark or a save moves nothing.
    if (state.epoch !== before.epoch) {
      this.own.hold(state.record?.tokens ?? undefined, this.sessionId, origin)
    }
    for (const { name, event } of told) this.events.emit(name, event)
    if (revoke) void this.revoke(revoke)
    this.#onChange(formerId)
  }

  get canRevoke(): boolean {
    return this.#revoke !== undefined
  }

  /** Tells the server to forget tokens, where the user said how. */
  revoke(tokens: TokenSet): Promise<void> {
    if (!this.#revoke) return Promise.resolve()
    return this.track(revokeTokens(this.#revoke, tokens, this.timing.attemptTimeoutMs))
  }

  /** Lets `close` wait for work that nobody else waits for. */
  track<T>(work: Promise<T>): Promise<T> {
    const settled = work.catch(() => undefined)
    this.#underWay.add(settled)
    void settled.then(() => this.#underWay.delete(settled))
    this.#keepRunning(settled)
    return work
  }

  /** A platform that freezes its processes is asked to wait. */
  #keepRunning(work: Promise<unknown>): void {
    if (typeof this.background !== 'function') return
    try {
      this.background(work)
    } catch {
      // The work goes on as far as the platform lets it.
    }
  }

  get isIdle(): boolean {
    return this.#underWay.size === 0
  }

  /** When nothing is under way any more. */
  async idle(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay)
  }
}
