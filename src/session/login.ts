import { isTokenError, TokenOptionsError, TokenStoreError } from '../errors.js'
import {
  ancestorsOf,
  isSameRecord,
  nextVersion,
  refreshTokenVersionOf,
  storedSession,
} from '../stores/stored-session.js'
import type { StoredSession } from '../stores/token-store.js'
import { withKept, type TokenSet } from '../tokens/token-set.js'
import { compareWithStore, type Unsaved } from './compare.js'
import { journalEntry, withEntries } from './journal.js'
import type { Session } from './session.js'
import { loginRequired } from './state.js'
import { rebased } from './sync.js'

const MOST_ROUNDS = 8

/** What the store held when a login or logout was written. */
interface StoredAtWrite {
  /** Whether it could be read. */
  wasRead: boolean
  session: StoredSession | undefined
  /** What was in force here when the user did it: what came later is not replaced by it. */
  readonly local: StoredSession | undefined
}

/**
 * Logins and logouts: what the user does. They do not wait for the lease, they replace whatever is
 * stored, and they take the place of a refresh under way (law 4). Of those made here the last one
 * stands.
 *
 * @internal
 */
export class LoginWriter {
  readonly #session: Session
  /** The sessions that were replaced here; `true`: they had ended before. */
  readonly #replaced = new Map<string, boolean>()
  #last = 0
  #lastLogout = 0

  constructor(session: Session) {
    this.#session = session
  }

  /** @throws TokenStoreError */
  login(tokens: TokenSet): Promise<void> {
    this.#session.assertOpen()
    const found = this.#lookHere()
    const number = ++this.#last
    return this.#write(async () => {
      if (await this.#updated(tokens)) return
      const sessionId = crypto.randomUUID()
      const journal = [journalEntry('logged-in')]
      const isInForce = () => number > this.#lastLogout
      try {
        const record = await this.#replace({ sessionId, tokens, journal }, found)
        this.#replaced.clear() // what came before can no longer be saved
        if (isInForce()) this.#logIn(record, found)
      } catch (error) {
        const record = this.#successor({ sessionId, tokens, journal }, found)
        const unsaved = this.#unsaved(found)
        if (isInForce()) this.#logIn(record, found, unsaved, storeErrorOf(error))
        else this.#tellFailure(error)
        throw error
      } finally {
        this.#replaced.set(sessionId, true) // whatever is done next comes after it
      }
    })
  }

  /** @throws TokenStoreError */
  async logout(revoke: boolean | undefined): Promise<void> {
    const { core, refresher } = this.#session
    this.#session.assertOpen()
    if (revoke && !core.canRevoke) {
      throw new TokenOptionsError('signOut({ revoke: true }) needs the option `revoke`')
    }
    const number = ++this.#last
    this.#lastLogout = number
    const found = this.#lookHere()
    const before = found.local
    found.session = before
    const sessionId = before?.sessionId ?? crypto.randomUUID()
    let tokens = before?.tokens
    const signedOut = {
      sessionId,
      tokens: null,
      ended: { reason: 'signed-out' },
      journal: withEntries(before?.journal, journalEntry('signed-out')),
    } as const
    // At once: no request that begins after a logout goes out with its token.
    const error = loginRequired('signed-out')
    const unsaved = this.#unsaved(found)
    refresher.supersedeAll(error)
    core.apply({ type: 'logged-out', error, record: this.#successor(signedOut, found), unsaved })
    try {
      await this.#write(async () => {
        const record = await this.#replace(signedOut, found)
        this.#replaced.clear()
        const replaced = found.session?.sessionId
        if (number === this.#last) core.apply({ type: 'saved', record, replaced })
      })
    } catch (thrown) {
      if (number === this.#last) this.#tellFailure(thrown, this.#unsaved(found))
      else this.#tellFailure(thrown)
      throw thrown
    } finally {
      tokens = found.session?.tokens ?? tokens
      if (tokens && revoke !== false) await core.revoke(tokens)
    }
  }

  #write(task: () => Promise<void>): Promise<void> {
    const { core } = this.#session
    return core.track(core.writes.run(task))
  }

  /** Saves over whatever is stored, damaged or not: nothing outranks what the user does now. */
  async #replace(
    fields: Omit<StoredSession, 'version'>,
    found: StoredAtWrite,
  ): Promise<StoredSession> {
    const { store } = this.#session.core
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const { session, version } = await store.inspect()
      found.wasRead = true
      found.session = session
      const isLogout = fields.tokens === null // it names the session that it ends
      const named = isLogout && session ? { ...fields, sessionId: session.sessionId } : fields
      const record = this.#successor(named, found, version)
      if (session && isSameRecord(session, record)) return session // it was saved already
      if (await store.save(record, version)) return record
    }
    throw changedAgain()
  }

  /** What is known when the user does it. */
  #lookHere(): StoredAtWrite {
    const { record, unsaved, storeRead } = this.#session.core.state
    const wasRead = storeRead && !unsaved?.storeWasUnreadable
    return { wasRead, session: undefined, local: record }
  }

  /**
   * Tokens with the refresh token in force are no new login: the session goes on with them, unless
   * a refresh has brought newer ones by now.
   *
   * @returns `false` if they are a login: another refresh token is in force, or none
   */
  async #updated(tokens: TokenSet): Promise<boolean> {
    const { core } = this.#session
    const { record: before, unsaved } = core.state
    const refreshToken = before?.tokens?.refreshToken
    if (!before || refreshToken === undefined || refreshToken !== tokens.refreshToken) return false
    let record = storedSession({
      ...before,
      version: nextVersion(before.version),
      tokens: withKept(before.tokens, tokens),
      ancestors: ancestorsOf(before),
      refreshTokenVersion: refreshTokenVersionOf(before),
    })
    const isOvertaken = () => core.state.record?.sessionId !== before.sessionId || !core.sessionId
    let stored: StoredSession | undefined = before
    try {
      for (let round = 0; round < MOST_ROUNDS; round++) {
        const isSaved = await core.store.save(record, stored?.version)
        if (isOvertaken()) return true // by a logout, which replaces whatever was saved
        if (isSaved) {
          core.apply({ type: 'logged-in', record })
          return true
        }
        stored = await core.store.load()
        if (isOvertaken()) return true
        const comparison = compareWithStore({ record, unsaved: unsaved ?? {} }, stored)
        if (comparison === 'ours' || comparison === 'same') {
          record = rebased(record, stored)
          continue
        }
        if (comparison !== 'theirs' || stored?.sessionId !== before.sessionId) return false
        core.apply({ type: 'read', comparison, stored }) // a refresh came first
        return true
      }
      throw changedAgain()
    } catch (thrown) {
      const error = storeErrorOf(thrown)
      if (!isOvertaken()) core.apply({ type: 'logged-in', record, unsaved: { ...unsaved }, error })
      throw thrown
    }
  }

  #successor(
    fields: Omit<StoredSession, 'version'>,
    { session, local }: StoredAtWrite,
    storedVersion = session?.version,
  ): StoredSession {
    const version = nextVersion(
      storedVersion,
      local?.version,
      this.#session.core.state.record?.version,
    )
    return storedSession({ ...fields, version, ancestors: ancestorsOf(session, local) })
  }

  /** What it takes the place of: all that was held here, found there, or made here before. */
  #unsaved({ wasRead, session }: StoredAtWrite): Unsaved {
    const { record } = this.#session.core.state
    for (const one of [session, record]) {
      if (!one) continue
      const hadEnded = one.tokens === null || this.#replaced.get(one.sessionId) === true
      this.#replaced.set(one.sessionId, hadEnded)
    }
    return { replaced: new Map(this.#replaced), storeWasUnreadable: !wasRead }
  }

  #logIn(
    record: StoredSession,
    { session }: StoredAtWrite,
    unsaved?: Unsaved,
    error?: TokenStoreError,
  ): void {
    const { core, refresher } = this.#session
    refresher.supersedeAll()
    core.apply({ type: 'logged-in', record, replaced: session?.sessionId, unsaved, error })
  }

  #tellFailure(thrown: unknown, unsaved = this.#session.core.state.unsaved ?? {}): void {
    const error = storeErrorOf(thrown)
    if (error) this.#session.core.apply({ type: 'not-saved', unsaved, error })
  }
}

function changedAgain(): TokenStoreError {
  return new TokenStoreError('The store changed again and again while it was written', {
    operation: 'save',
  })
}

function storeErrorOf(thrown: unknown): TokenStoreError | undefined {
  return isTokenError(thrown, 'ERR_TOKEN_STORE') ? thrown : undefined
}
