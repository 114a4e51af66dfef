import { TokenOptionsError } from './errors.js'
import { assertListener, type TokenEvents } from './events.js'
import { assertOptions, checkedTarget } from './option-checks.js'
import type { TokenManagerOptions } from './options.js'
import type { Explanation } from './session/explain.js'
import { LazySession, type Lifecycle } from './session/lazy-session.js'
import { ManagedTokenSource } from './session/managed-source.js'
import type { TargetParameters } from './session/target.js'
import type { RenewableTokenSource } from './token-source.js'
import { toTokenSet } from './tokens/to-token-set.js'
import type { TokenInput } from './tokens/token-input.js'
import type { TokenSet } from './tokens/token-set.js'

/** For a pool. @internal */
export let lifecycleOf: (manager: TokenManager) => Lifecycle

/**
 * Keeps one session's tokens fresh: holds the access token, knows when it ends, renews it once
 * however many callers ask, and saves it before anyone gets it.
 *
 * @example
 * const tokens = new TokenManager({ refresh: oauth.refreshToken(), initialTokens: loginResponse })
 * await tokens.getAccessToken()
 *
 * @public
 */
export class TokenManager extends ManagedTokenSource {
  readonly #session: LazySession

  static {
    lifecycleOf = (manager) => manager.#session.lifecycle
  }

  /** @throws TokenOptionsError naming the option, what was given and what is wanted */
  constructor(options: TokenManagerOptions) {
    assertOptions(options)
    const session = new LazySession(options) // it is the supply of its own access token
    super(session)
    session.owner = this
    this.#session = session
  }

  /**
   * The tokens as they are, loaded if need be, never refreshed: for `whoami` and `status`.
   * `undefined`: nobody is logged in.
   *
   * @throws TokenStoreError if they cannot be loaded
   */
  async getTokens(): Promise<TokenSet | undefined> {
    const session = this.#session.session()
    await session.known()
    if (session.core.state.ended) await session.readIfStale()
    return session.core.state.record?.tokens ?? undefined
  }

  /**
   * A login: begins another session, also while a refresh is under way. Tokens with the refresh
   * token that is in force already are no new login: the session goes on with them.
   *
   * @throws InvalidTokenResponseError if these are no tokens
   * @throws TokenOptionsError if their `dpopKey` is no private key, or cannot be kept or signed with
   * @throws TokenStoreError if they could not be stored; they are in force here all the same, and
   * saving is tried again
   */
  async setTokens(tokens: TokenInput): Promise<void> {
    const session = this.#session.session()
    await session.writer.login(session.proving.checked(toTokenSet(tokens)))
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
    await this.#session.session().writer.logout(options.revoke)
  }

  /**
   * Another access token of the same session, for another resource or scope: its own token in
   * memory, never stored, renewed with the session's refresh token. The same parameters give the
   * same source. Use it like any: `attachTokens(instance, tokens.for({ resource }))`.
   *
   * @param target.resource - absolute URIs without a fragment (RFC 8707 §2)
   * @param target.scope - space-separated (RFC 6749 §3.3)
   * @throws TokenOptionsError for bad parameters, or a manager with `acquire`
   */
  for(target: TargetParameters): RenewableTokenSource {
    const session = this.#session.session()
    return session.source(checkedTarget(target, session.core.needsRefreshToken))
  }

  /**
   * @returns its own undo
   * @throws TokenOptionsError for an unknown event, or a listener that is no function
   */
  on<K extends keyof TokenEvents>(event: K, listener: (event: TokenEvents[K]) => unknown) {
    assertListener(event, listener)
    return this.#session.session().core.events.on(event, listener)
  }

  /**
   * What happened to this session, here and in the other processes that share its store, and why it
   * ended: as data, and as sentences for a support engineer. No secrets.
   */
  async explain(): Promise<Explanation> {
    return this.#session.session().explain()
  }

  /** Waits for a refresh under way to be saved; afterwards every call is refused. */
  async close(): Promise<void> {
    if (this.isInsideRefresh()) {
      throw new TokenOptionsError('`refresh` closed its own manager and would wait for itself')
    }
    await this.#session.session().close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
