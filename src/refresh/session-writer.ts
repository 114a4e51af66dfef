import { isTokenError, LoginRequiredError, TokenOptionsError, TokenStoreError } from '../errors.js'
import { firstVersion, isSameRecord, storedSession } from '../stores/stored-session.js'
import type { StoredSession } from '../stores/token-store.js'
import type { TokenSet } from '../tokens/token-set.js'
import type { Unsaved } from './claim.js'
import { endSession } from './end.js'
import type { SessionKeeper } from './session-keeper.js'

const MAX_ROUNDS = 8

/** What the store held while an act was written; `isSeen`: it could be looked at. */
interface Sight {
  isSeen: boolean
  session: StoredSession | undefined
}

/**
 * Logins and logouts: the user's own acts. They do not wait for the lease, they replace whatever is
 * stored, and they take the place of a refresh in flight (law 4). Made here one after another, the
 * last one stands.
 *
 * @internal
 */
export class SessionWriter {
  readonly #keeper: SessionKeeper
  /** The sessions whose place the acts made here took; `true`: they had ended before. */
  readonly #replaced = new Map<string, boolean>()
  #last = 0

  constructor(keeper: SessionKeeper) {
    this.#keeper = keeper
  }

  /** @throws TokenStoreError */
  login(tokens: TokenSet): Promise<void> {
    this.#keeper.assertOpen()
    const act = ++this.#last
    return this.#write(async () => {
      const sight: Sight = { isSeen: false, session: undefined }
      const sessionId = crypto.randomUUID()
      try {
        const record = await this.#replace({ sessionId, tokens }, sight)
        this.#replaced.clear() // what came before can no longer land
        if (act === this.#last) this.#logIn(record)
      } catch (error) {
        const record = storedSession({ sessionId, version: this.#nextVersion(), tokens })
        const unsaved = this.#unsaved(sight)
        if (act === this.#last) this.#logIn(record, unsaved)
        throw this.#told(error)
      } finally {
        this.#replaced.set(sessionId, true) // whatever is done next comes after it
      }
    })
  }

  /** @throws TokenStoreError */
  async logout(revoke: boolean | undefined): Promise<void> {
    const keeper = this.#keeper
    const { held } = keeper
    keeper.assertOpen()
    if (revoke && !keeper.canRevoke) {
      throw new TokenOptionsError('signOut({ revoke: true }) needs the option `revoke`')
    }
    const act = ++this.#last
    const sight: Sight = { isSeen: held.isKnown, session: held.record }
    const sessionId = held.record?.sessionId ?? crypto.randomUUID()
    let tokens = held.record?.tokens
    // At once: no request that begins after a logout goes out with its token.
    const signedOut = storedSession({ sessionId, version: this.#nextVersion(), tokens: null })
    const unsaved = this.#unsaved(sight)
    const error = new LoginRequiredError('The user has logged out', { reason: 'signed-out' })
    keeper.interrupt(error)
    endSession(keeper.desk, 'signed-out', { error, record: signedOut, unsaved })
    keeper.schedule()
    try {
      await this.#write(async () => {
        const record = await this.#replace({ sessionId, tokens: null }, sight)
        this.#replaced.clear()
        if (act === this.#last) held.saved(record)
      })
    } catch (error) {
      if (act === this.#last) held.unsaved = this.#unsaved(sight)
      throw this.#told(error)
    } finally {
      tokens = sight.session?.tokens ?? tokens
      if (tokens && revoke !== false) await keeper.revoke(tokens)
    }
  }

  #write(task: () => Promise<void>): Promise<void> {
    return this.#keeper.track(this.#keeper.desk.acts.run(task))
  }

  /** Saves over whatever is stored, damaged or not: nothing outranks what the user does now. */
  async #replace(
    act: Pick<StoredSession, 'sessionId' | 'tokens'>,
    sight: Sight,
  ): Promise<StoredSession> {
    const { store } = this.#keeper.desk
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const { session, version } = await store.inspect()
      const record = storedSession({ ...act, version: (version ?? firstVersion()) + 1 })
      if (session && isSameRecord(session, record)) return session // it has landed already
      sight.isSeen = true
      sight.session = session
      if (await store.save(record, version)) return record
    }
    throw new TokenStoreError('The store changed again and again while it was written', {
      operation: 'save',
    })
  }

  /** What an act takes the place of: all that was held here, found there, or made here before. */
  #unsaved({ isSeen, session }: Sight): Unsaved {
    const { held } = this.#keeper
    const replaced = this.#replaced
    for (const record of [session, held.record]) {
      if (record)
        replaced.set(record.sessionId, record.tokens === null || isEnded(replaced, record))
    }
    const ancestors = session ? [session] : []
    const isBlind = !isSeen && !held.isKnown
    return { ancestors, act: { replaced: new Map(replaced), isBlind } }
  }

  #nextVersion(): number {
    const { record } = this.#keeper.held
    return record ? record.version + 1 : firstVersion()
  }

  #logIn(record: StoredSession, unsaved?: Unsaved): void {
    const keeper = this.#keeper
    // A flight may have found it in the store before the writer heard that it is there.
    if (keeper.held.sessionId !== record.sessionId) {
      keeper.interrupt()
      keeper.held.hold(record, 'server', unsaved)
    }
    keeper.events.emit('tokensSet', { expiresAt: record.tokens?.expiresAt })
    keeper.schedule()
  }

  #told(error: unknown): unknown {
    if (isTokenError(error, 'ERR_TOKEN_STORE')) this.#keeper.events.emit('saveFailed', { error })
    return error
  }
}

function isEnded(replaced: ReadonlyMap<string, boolean>, record: StoredSession): boolean {
  return replaced.get(record.sessionId) === true
}
