import type { Closing } from './disposable.js'
import { TokenOptionsError } from './errors.js'
import { assertListener, type TokenEvents } from './events.js'
import { checkedOptions, checkedTarget } from './option-checks.js'
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
 * Keeps the tokens of one session fresh. It holds the access token, knows when it expires, renews it
 * once however many callers ask, and saves it before anyone gets it.
 *
 * @example
 * const tokens = new TokenManager({ refresh: oauth.refreshToken(), initialTokens: loginResponse })
 * await tokens.getAccessToken()
 *
 * @public
 */
export class TokenManager extends ManagedTokenSource implements Closing {
  readonly #session: LazySession

  static {
    lifecycleOf = (manager) => manager.#session.lifecycle
  }

  /** @throws TokenOptionsError that names the option, the value and what was expected */
  constructor(options: TokenManagerOptions) {
    const session = new LazySession(checkedOptions(options)) // it is the supply of its own access token
    super(session)
    session.owner = this
    this.#session = session
  }

  /**
   * Resolves to all tokens of the session, or to `undefined` if nobody is logged in. They are loaded
   * if necessary, but never refreshed: use it for commands such as `whoami`.
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
   * A login: begins a new session, also while a refresh is in progress. If the tokens contain the
   * refresh token that is already in use, they are not a new login: the session continues with them.
   *
   * @throws InvalidTokenResponseError if these are not tokens
   * @throws TokenOptionsError if their `dpopKey` is not a private key, or cannot be stored or used
   * @throws TokenStoreError if they could not be stored. They are used in this process anyway, and
   * the manager tries again to save them
   */
  async setTokens(tokens: TokenInput): Promise<void> {
    const session = this.#session.session()
    await session.writer.login(session.proving.checked(toTokenSet(tokens)))
  }

  /**
   * A logout. It takes effect in this process at once, also while a refresh is in progress.
   *
   * @param options.revoke - whether to revoke the tokens at the server, too. The session ends here
   * whatever the server responds. Default: `true` if the manager has a `revoke` function
   * @throws TokenStoreError if it could not be stored. The session has ended in this process anyway,
   * and the manager tries again to save the logout
   */
  async signOut(options: { revoke?: boolean } = {}): Promise<void> {
    await this.#session.session().writer.logout(options.revoke)
  }

  /**
   * A source of a separate access token in the same session, for another resource or scope. The token
   * is renewed with the session's refresh token and kept in memory only. The same parameters return
   * the same source. Use it like any source: `attachTokens(instance, tokens.for({ resource }))`.
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
   * @returns a function that removes the listener
   * @throws TokenOptionsError for an unknown event, or a listener that is not a function
   */
  on<K extends keyof TokenEvents>(event: K, listener: (event: TokenEvents[K]) => unknown) {
    assertListener(event, listener)
    return this.#session.session().core.events.on(event, listener)
  }

  /**
   * Tells what happened to this session, in this and in all other processes that share its store, and
   * why it ended: as data, and as sentences for a support engineer. It contains no secrets.
   */
  async explain(): Promise<Explanation> {
    return this.#session.session().explain()
  }

  /**
   * Waits for a refresh in progress to be saved, and tries once more to save what is still unsaved.
   * Afterwards, calls fail with `ManagerClosedError`, and `peek()` returns `undefined`. The session
   * stays in its store.
   *
   * @throws TokenOptionsError if it is called inside the manager's own `refresh` function
   */
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
