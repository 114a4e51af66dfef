import { now } from './clock.js'
import { NotReplayedError, TokenOptionsError, isTokenError } from './errors.js'
import type { TokenEvents } from './events.js'
import { INSPECT } from './inspect.js'
import { assertOptions, isDuration, type TokenManagerOptions } from './options.js'
import { obtainToken } from './refresh/obtain.js'
import { SessionKeeper } from './refresh/session-keeper.js'
import { SessionWriter } from './refresh/session-writer.js'
import type { RefreshOptions, TokenSource } from './token-source.js'
import { toTokenSet, type TokenInput, type TokenSet } from './tokens/token-set.js'

/**
 * Keeps one session's tokens fresh: holds the access token, knows when it ends, renews it once
 * however many callers ask, and saves it before anybody gets it.
 *
 * @example
 * const tokens = new TokenManager({ refresh: oauth.refreshToken(), initialTokens: loginResponse })
 * await tokens.getAccessToken()
 *
 * @public
 */
export class TokenManager implements TokenSource {
  readonly #keeper: SessionKeeper
  readonly #writer: SessionWriter
  #closing: Promise<void> | undefined

  /** @throws TokenOptionsError naming the option, what was given and what is wanted */
  constructor(options: TokenManagerOptions) {
    assertOptions(options)
    this.#keeper = new SessionKeeper(options, seedOf(options))
    this.#writer = new SessionWriter(this.#keeper)
  }

  /**
   * The access token to send now. While it is fresh: one promise, the same for everybody. In its
   * refresh window: at once, renewed behind it. Expired: after the one refresh that all share.
   *
   * @param options.minValidityMs - wait for a token that is valid this long, in milliseconds;
   * counts for no more than a fresh token has before its refresh window
   * @param options.signal - ends this call's wait only
   * @throws LoginRequiredError if nothing can be renewed without the user
   * @throws RefreshUnavailableError, RefreshRejectedError, InvalidTokenResponseError,
   * TokenStoreError as the refresh failed, the same for all who shared it
   * @throws ManagerClosedError after `close()`
   */
  getAccessToken(options?: { minValidityMs?: number; signal?: AbortSignal }): Promise<string> {
    if (options === undefined && now() < this.#keeper.held.attentionAt) {
      return this.#keeper.held.answer
    }
    return this.#obtain(options)
  }

  /**
   * The access token, if it may be sent now. Never waits, never throws; like any use, it renews a
   * due token in the background.
   */
  peek(): string | undefined {
    const keeper = this.#keeper
    if (now() < keeper.held.attentionAt) return keeper.held.token
    if (!keeper.isServable({})) return undefined
    keeper.attend()
    return keeper.held.token
  }

  /**
   * A renewed token. With `rejected`, one other than that: a token that was replaced already costs
   * nothing. Shares the refresh in flight; bound by the cool-down after a failed one.
   *
   * @throws NotReplayedError `cool-down` if the token came fresh from the server a moment ago and
   * was rejected all the same
   * @throws LoginRequiredError `session-changed` if the rejected token was another login's; and as
   * `getAccessToken`
   */
  async refresh(options: RefreshOptions = {}): Promise<string> {
    const { rejected, signal } = options
    const { held } = this.#keeper
    if (rejected === undefined) return obtainToken(this.#keeper, { isForced: true, signal })
    const isFormer = rejected === held.former?.token && rejected !== held.token
    const sessionId = options.sessionId ?? (isFormer ? held.former?.sessionId : undefined)
    if (rejected === held.token) {
      if (held.quietMs > 0) throw quiet()
      held.reject(rejected)
    }
    return obtainToken(this.#keeper, { rejected, sessionId, signal })
  }

  /**
   * The tokens as they are, loaded if need be, never refreshed: for `whoami` and `status`.
   * `undefined`: nobody is logged in.
   *
   * @throws TokenStoreError if they cannot be loaded
   */
  async getTokens(): Promise<TokenSet | undefined> {
    const keeper = this.#keeper
    await keeper.known()
    if (keeper.held.ended) await keeper.lookIfStale()
    return keeper.held.record?.tokens ?? undefined
  }

  /**
   * A login: begins another session, also while a refresh is in flight.
   *
   * @throws InvalidTokenResponseError if these are no tokens
   * @throws TokenStoreError if they could not be stored; they are in force here all the same, and
   * saving is tried again
   */
  async setTokens(tokens: TokenInput): Promise<void> {
    await this.#writer.login(toTokenSet(tokens))
  }

  /**
   * A logout, in force here from this call on, also while a refresh is in flight.
   *
   * @param options.revoke - tell the server too; it ends the session here whatever the server says.
   * Default: if the manager was given a `revoke`
   * @throws TokenStoreError if it could not be stored; the session has ended here all the same, and
   * saving is tried again
   */
  async signOut(options: { revoke?: boolean } = {}): Promise<void> {
    await this.#writer.logout(options.revoke)
  }

  /** @returns its own undo */
  on<K extends keyof TokenEvents>(event: K, listener: (event: TokenEvents[K]) => unknown) {
    return this.#keeper.events.on(event, listener)
  }

  /** Waits for a refresh in flight to be saved; afterwards every call is refused. */
  close(): Promise<void> {
    this.#closing ??= this.#keeper.close()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Names the session whose tokens are handed out now. */
  get sessionId(): string | undefined {
    return this.#keeper.held.sessionId
  }

  /** Told by an adapter: the replay with this token was answered 401 too. */
  replayRejected(token: string): void {
    this.#keeper.held.rejectReplay(token)
  }

  /** Whether the caller runs inside this manager's own `refresh` function. */
  isInsideRefresh(): boolean {
    return this.#keeper.desk.calls.isInside()
  }

  [INSPECT](): string {
    const { record } = this.#keeper.held
    return `TokenManager { ${record?.tokens ? 'signed in' : 'no session'} }`
  }

  async #obtain(options: { minValidityMs?: number; signal?: AbortSignal } = {}): Promise<string> {
    const { minValidityMs, signal } = options
    if (minValidityMs !== undefined && !isDuration(minValidityMs)) {
      throw new TokenOptionsError(
        `\`minValidityMs\`: milliseconds, 0 or more wanted, got ${typeof minValidityMs === 'number' ? minValidityMs : typeof minValidityMs}`,
      )
    }
    return obtainToken(this.#keeper, { minValidityMs, signal })
  }
}

function seedOf({ initialTokens }: TokenManagerOptions): TokenSet | undefined {
  try {
    return initialTokens && toTokenSet(initialTokens)
  } catch (error) {
    const why = isTokenError(error) ? error.message : 'not readable'
    throw new TokenOptionsError(`\`initialTokens\`: ${why}`)
  }
}

function quiet(): NotReplayedError {
  return new NotReplayedError('A token fresh from the server was rejected a moment ago', {
    reason: 'cool-down',
  })
}
