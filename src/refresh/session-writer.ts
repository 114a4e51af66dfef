import { isTokenError, LoginRequiredError, TokenOptionsError, TokenStoreError } from '../errors.js'
import { createMutex } from '../stores/mutex.js'
import { firstVersion, storedSession } from '../stores/stored-session.js'
import type { StoredSession } from '../stores/token-store.js'
import type { TokenSet } from '../tokens/token-set.js'
import { sessionChanged } from './obtain.js'
import type { SessionKeeper } from './session-keeper.js'
import { endSession } from './stock.js'

const MAX_ROUNDS = 8

/**
 * Logins and logouts: the user's own acts. They do not wait for the lease, they replace whatever is
 * stored, and they take the place of a refresh in flight (law 4). Made here one after another, the
 * last one stands.
 *
 * @internal
 */
export class SessionWriter {
  readonly #keeper: SessionKeeper
  readonly #oneAtATime = createMutex()
  #last = 0

  constructor(keeper: SessionKeeper) {
    this.#keeper = keeper
  }

  /** @throws TokenStoreError */
  login(tokens: TokenSet): Promise<void> {
    this.#keeper.assertOpen()
    const act = ++this.#last
    return this.#write(async () => {
      const sessionId = crypto.randomUUID()
      const before = this.#keeper.held.replaced
      try {
        const { record } = await this.#replace(() => ({ sessionId, tokens }))
        if (act === this.#last) this.#logIn(record)
      } catch (error) {
        const unsaved = { replaces: before, isUsersAct: true }
        const record = storedSession({ sessionId, version: versionAfter(before), tokens })
        if (act === this.#last) this.#logIn(record, unsaved)
        throw this.#told(error)
      }
    })
  }

  /** @throws TokenStoreError */
  async logout(revoke: boolean | undefined): Promise<void> {
    const { held } = this.#keeper
    this.#keeper.assertOpen()
    if (revoke && !this.#keeper.canRevoke) {
      throw new TokenOptionsError('signOut({ revoke: true }) needs the option `revoke`')
    }
    const act = ++this.#last
    const live = held.record
    this.#logOut(live)
    let tokens = live?.tokens
    try {
      await this.#write(async () => {
        const { record, previous } = await this.#replace((stored) => ({
          sessionId: stored?.sessionId ?? live?.sessionId ?? crypto.randomUUID(),
          tokens: null,
        }))
        tokens = previous?.tokens ?? tokens
        if (act === this.#last) held.saved(record)
      })
    } catch (error) {
      throw this.#told(error)
    } finally {
      if (tokens && revoke !== false) await this.#keeper.revoke(tokens)
    }
  }

  #write<T>(task: () => Promise<T>): Promise<T> {
    return this.#keeper.track(this.#oneAtATime(task))
  }

  /** Saves over whatever is stored, damaged or not: nothing outranks what the user does now. */
  async #replace(
    make: (stored: StoredSession | undefined) => Pick<StoredSession, 'sessionId' | 'tokens'>,
  ): Promise<{ record: StoredSession; previous: StoredSession | undefined }> {
    const { store } = this.#keeper.desk
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const { session: previous, version } = await store.inspect()
      const next = version === undefined ? firstVersion() : version + 1
      const record = storedSession({ ...make(previous), version: next })
      if (await store.save(record, version)) return { record, previous }
    }
    throw new TokenStoreError('The store changed again and again while it was written', {
      operation: 'save',
    })
  }

  #logIn(record: StoredSession, unsaved?: Parameters<SessionKeeper['held']['hold']>[2]): void {
    const keeper = this.#keeper
    keeper.interrupt(sessionChanged())
    keeper.held.hold(record, 'server', unsaved)
    keeper.events.emit('tokensSet', { expiresAt: record.tokens?.expiresAt })
    keeper.schedule()
  }

  /** At once: no request that begins after a logout goes out with its token. */
  #logOut(live: StoredSession | undefined): void {
    const keeper = this.#keeper
    const error = new LoginRequiredError('The user has logged out', { reason: 'signed-out' })
    const unsaved = { replaces: keeper.held.replaced, isUsersAct: true }
    const record = storedSession({
      sessionId: live?.sessionId ?? crypto.randomUUID(),
      version: versionAfter(live),
      tokens: null,
    })
    keeper.interrupt(error)
    endSession(keeper.desk, 'signed-out', record, { error, unsaved })
    keeper.schedule()
  }

  #told(error: unknown): unknown {
    if (isTokenError(error, 'ERR_TOKEN_STORE')) this.#keeper.events.emit('saveFailed', { error })
    return error
  }
}

function versionAfter(record: StoredSession | undefined): number {
  return record ? record.version + 1 : firstVersion()
}
