import { TokenOptionsError } from './errors.js'
import { assertListener, type TokenEvents } from './events.js'
import { assertOptions, assertTarget } from './option-checks.js'
import type { TokenManagerOptions } from './options.js'
import { KeptTokens } from './refresh/kept-tokens.js'
import { Session, type Upkeep } from './refresh/session.js'
import type { TargetParameters } from './refresh/target.js'
import type { TokenSource } from './token-source.js'
import { toTokenSet } from './tokens/to-token-set.js'
import type { TokenInput } from './tokens/token-input.js'
import type { TokenSet } from './tokens/token-set.js'

/** For a pool. @internal */
export let upkeepOf: (manager: TokenManager) => Upkeep

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
export class TokenManager extends KeptTokens {
  readonly #session: Session

  static {
    upkeepOf = (manager) => manager.#session.upkeep
  }

  /** @throws TokenOptionsError naming the option, what was given and what is wanted */
  constructor(options: TokenManagerOptions) {
    assertOptions(options)
    const session = new Session(options)
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
    const keeper = this.#session.keeper()
    await keeper.known()
    if (keeper.held.ended) await keeper.lookIfStale()
    return keeper.held.record?.tokens ?? undefined
  }

  /**
   * A login: begins another session, also while a refresh is in flight.
   *
   * @throws InvalidTokenResponseError if these are no tokens
   * @throws TokenOptionsError if their `dpopKey` is no private key, or cannot be kept or signed with
   * @throws TokenStoreError if they could not be stored; they are in force here all the same, and
   * saving is tried again
   */
  async setTokens(tokens: TokenInput): Promise<void> {
    const { writer, desk } = this.#session.keeper()
    await writer.login(desk.proving.checked(toTokenSet(tokens)))
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
    await this.#session.keeper().writer.logout(options.revoke)
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
  for(target: TargetParameters): TokenSource {
    const keeper = this.#session.keeper()
    assertTarget(target, keeper.desk.needsRefreshToken)
    return keeper.resource(target).source
  }

  /**
   * @returns its own undo
   * @throws TokenOptionsError for an unknown event, or a listener that is no function
   */
  on<K extends keyof TokenEvents>(event: K, listener: (event: TokenEvents[K]) => unknown) {
    assertListener(event, listener)
    return this.#session.keeper().events.on(event, listener)
  }

  /** Waits for a refresh in flight to be saved; afterwards every call is refused. */
  async close(): Promise<void> {
    if (this.isInsideRefresh()) {
      throw new TokenOptionsError('`refresh` closed its own manager and would wait for itself')
    }
    await this.#session.keeper().close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
