import { isTokenError, LoginRequiredError, type TokenError } from '../errors.js'
import type { TokenStore } from '../stores/token-store.js'
import type { TokenManager } from '../token-manager.js'
import type { LoginNeed, McpLogin } from './mcp-login.js'
import type { Challenge } from './resource-metadata.js'
import { hasScopes } from './scope.js'
import { sessionClientOf, type SessionClient } from './session-client.js'

type Need = Pick<LoginNeed, 'challenge'> & Partial<LoginNeed>

/** The logins of one session: when one helps, and one at a time however many requests need it. */
export class SessionLogins {
  #underWay: Promise<void> | undefined

  constructor(
    readonly tokens: TokenManager,
    private readonly store: TokenStore | undefined,
    private readonly login: McpLogin | undefined,
  ) {}

  /**
   * Logs in, or waits for the login under way.
   *
   * @throws as the login does
   */
  begin(need: Need): Promise<void> {
    return this.#oneAtATime(() => this.#logIn(need))
  }

  /**
   * Does what makes it worth sending a refused request again.
   *
   * @param error - why it was refused
   * @returns whether anything was done
   * @throws the error itself if it takes the user, and there is no login; and as the login does
   */
  async satisfy(error: TokenError, challenge: Challenge): Promise<boolean> {
    // Whoever found no session may find one now.
    if (isTokenError(error, 'ERR_LOGIN_REQUIRED') && this.tokens.peek() !== undefined) return true
    const previous = await this.#client()
    const stepUp = isTokenError(error, 'ERR_STEP_UP_REQUIRED') ? error : undefined
    if (stepUp?.scope !== undefined) {
      if (await this.#adoptIfGranted(stepUp.scope)) return true
      // It was asked for, and not granted: asking again and again would not help.
      if (previous && hasScopes(previous.scope, stepUp.scope)) return false
    }
    const isClientUnknown = isTokenError(error, 'ERR_REFRESH_REJECTED')
    if (isClientUnknown && !previous?.isRegistered) return false
    if (!this.login) throw error
    const need = { challenge, stepUp, previous, isClientUnknown }
    await (previous ? this.begin(need) : this.#oneAtATime(() => this.#logInForAll(need)))
    return true
  }

  #oneAtATime(logIn: () => Promise<void>): Promise<void> {
    this.#underWay ??= logIn().finally(() => (this.#underWay = undefined))
    return this.#underWay
  }

  /**
   * Of processes that find no session at the same time one asks the user, under the store's lease;
   * the others wait for it, and go on with the session that it brought.
   */
  async #logInForAll(need: Need): Promise<void> {
    const before = this.tokens.sessionId
    const unlessDone = async () => {
      // It reads the store, however short ago that was read.
      const { state, sessionId } = await this.tokens.explain()
      if (state !== 'signed-in' || sessionId === before) await this.#logIn(need)
    }
    await (this.store?.exclusive ? this.store.exclusive(unlessDone) : unlessDone())
  }

  async #logIn({ challenge, stepUp, isClientUnknown = false, ...need }: Need): Promise<void> {
    if (!this.login) {
      throw new LoginRequiredError('There is no `login`', { reason: 'no-session' })
    }
    const previous = need.previous ?? (await this.#client())
    const tokens = await this.login({ challenge, stepUp, previous, isClientUnknown })
    await this.tokens.setTokens(tokens)
  }

  async #client(): Promise<SessionClient | undefined> {
    return sessionClientOf((await this.tokens.getTokens())?.extra)
  }

  /** Another process may have stepped up in the meantime: then its tokens are in the store. */
  async #adoptIfGranted(scope: string): Promise<boolean> {
    const ours = await this.tokens.getTokens()
    await this.tokens.explain() // it reads the store, however short ago that was read
    const theirs = await this.tokens.getTokens()
    if (!ours || !theirs || theirs.accessToken === ours.accessToken) return false
    const client = sessionClientOf(theirs.extra)
    return client !== undefined && hasScopes(client.scope, scope)
  }
}
