import { isTokenError, TokenOptionsError } from './errors.js'
import { assertListener, type TokenEvents } from './events.js'
import { assertOptions, assertTarget } from './option-checks.js'
import type { TokenManagerOptions } from './options.js'
import { KeptTokens } from './refresh/kept-tokens.js'
import { Proving } from './proving.js'
import { SessionKeeper } from './refresh/session-keeper.js'
import { SessionWriter } from './refresh/session-writer.js'
import type { TargetParameters } from './refresh/target.js'
import type { TokenSource } from './token-source.js'
import { toTokenSet } from './tokens/to-token-set.js'
import type { TokenInput } from './tokens/token-input.js'
import type { TokenSet } from './tokens/token-set.js'

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
  readonly #keeper: SessionKeeper
  readonly #writer: SessionWriter
  #closing: Promise<void> | undefined

  /** @throws TokenOptionsError naming the option, what was given and what is wanted */
  constructor(options: TokenManagerOptions) {
    assertOptions(options)
    const keeper = new SessionKeeper(options, seedOf(options))
    super(keeper)
    this.#keeper = keeper
    this.#writer = new SessionWriter(this.#keeper)
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
   * @throws TokenOptionsError if their `dpopKey` is no private key, or cannot be kept or signed with
   * @throws TokenStoreError if they could not be stored; they are in force here all the same, and
   * saving is tried again
   */
  async setTokens(tokens: TokenInput): Promise<void> {
    await this.#writer.login(this.#keeper.desk.proving.checked(toTokenSet(tokens)))
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
    assertTarget(target, this.#keeper.desk.needsRefreshToken)
    return this.#keeper.resource(target).source
  }

  /**
   * @returns its own undo
   * @throws TokenOptionsError for an unknown event, or a listener that is no function
   */
  on<K extends keyof TokenEvents>(event: K, listener: (event: TokenEvents[K]) => unknown) {
    assertListener(event, listener)
    return this.#keeper.events.on(event, listener)
  }

  /** Waits for a refresh in flight to be saved; afterwards every call is refused. */
  async close(): Promise<void> {
    if (this.isInsideRefresh()) {
      throw new TokenOptionsError('`refresh` closed its own manager and would wait for itself')
    }
    this.#closing ??= this.#keeper.close()
    await this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

function seedOf(options: TokenManagerOptions): TokenSet | undefined {
  const { initialTokens } = options
  try {
    return initialTokens && new Proving(options).checked(toTokenSet(initialTokens))
  } catch (error) {
    const why = isTokenError(error) ? error.message : 'not readable'
    throw new TokenOptionsError(`\`initialTokens\`: ${why}`)
  }
}
