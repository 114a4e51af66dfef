import { TokenOptionsError, type TokenStoreError } from '../errors.js'
import {
  ancestorsOf,
  formerSessionsOf,
  isSameRecord,
  nextVersion,
  storedSession,
} from '../stores/stored-session.js'
import type { StoredSession } from '../stores/token-store.js'
import type { TokenSet } from '../tokens/token-set.js'
import type { Unsaved } from './compare.js'
import { journalEntry, withEntries } from './journal.js'
import type { SessionCore } from './core.js'
import type { Refresher } from './refresher.js'
import { loginRequired } from './login-required.js'
import { changedAgain, storeErrorOf, updateTokens } from './update-tokens.js'

const MOST_ROUNDS = 8

/** What a login or logout needs of the session. */
interface WritableSession {
  readonly core: SessionCore
  readonly refresher: Refresher
  /** @throws ManagerClosedError */
  assertOpen(): void
}

/** What the store held when a login or logout was written. */
interface StoredAtWrite {
  /** Whether it could be read. */
  wasRead: boolean
  session: StoredSession | undefined
  /** What was in force here, or was before its record was gone, when the user did it. */
  readonly local: StoredSession | undefined
  /** The record that was to be saved last: it may be there, although that failed. */
  tried?: StoredSession
}

/**
 * Logins and logouts: what the user does. They do not wait for the lease, they replace whatever is
 * stored, and they take the place of a refresh under way (law 4). Of those made here the last one
 * stands.
 *
 * @internal
 */
export class LoginWriter {
  readonly #session: WritableSession
  /** The sessions that were replaced here; `true`: they had ended before. */
  readonly #replaced = new Map<string, boolean>()
  #last = 0
  #lastLogout = 0
  /** Once the store was read here: what it held last, which the next may not get to see. */
  #seen: { readonly session: StoredSession | undefined } | undefined

  constructor(session: WritableSession) {
    this.#session = session
  }

  /** @throws TokenStoreError */
  login(tokens: TokenSet): Promise<void> {
    this.#session.assertOpen()
    const found = this.#lookHere()
    const number = ++this.#last
    return this.#write(async () => {
      const update = await updateTokens(this.#session.core, tokens, found.local)
      if (update.isUpdated) return
      found.session = update.stored
      const sessionId = crypto.randomUUID()
      const journal = [journalEntry('logged-in')]
      const isInForce = () => number > this.#lastLogout
      try {
        const record = await this.#replace({ sessionId, tokens, journal }, found)
        this.#forget(number)
        if (isInForce()) this.#logIn(record)
      } catch (error) {
        const record = found.tried ?? this.#successor({ sessionId, tokens, journal }, found)
        const unsaved = this.#unsaved(found)
        if (isInForce()) this.#logIn(record, unsaved, storeErrorOf(error))
        else this.#tellFailure(error)
        throw error
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
        this.#forget(number)
        if (number === this.#last) core.apply({ type: 'saved', record })
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
      this.#seen = { session: session ?? this.#seen?.session }
      this.#replaces(session)
      const isLogout = fields.tokens === null // it names the session that it ends
      const named = isLogout && session ? { ...fields, sessionId: session.sessionId } : fields
      const record = this.#successor(named, found, version)
      if (session && isSameRecord(session, record)) return session // it was saved already
      found.tried = record
      if (await store.save(record, version)) {
        this.#seen = { session: record }
        return record
      }
    }
    throw changedAgain()
  }

  /** What is known when the user does it. */
  #lookHere(): StoredAtWrite {
    const { record, lost, unsaved, storeRead } = this.#session.core.state
    const wasRead = storeRead && !unsaved?.storeWasUnreadable
    return { wasRead, session: undefined, local: record ?? lost }
  }

  #successor(
    fields: Omit<StoredSession, 'version'>,
    { session = this.#seen?.session, local }: StoredAtWrite,
    storedVersion = session?.version,
  ): StoredSession {
    const version = nextVersion(
      storedVersion,
      local?.version,
      this.#session.core.state.record?.version,
    )
    return storedSession({
      ...fields,
      version,
      ancestors: ancestorsOf(session, local),
      formerSessions: formerSessionsOf(fields.sessionId, local, session),
    })
  }

  /** What it takes the place of: all that was held here, found there, or made here before. */
  #unsaved({ wasRead, session, local }: StoredAtWrite): Unsaved {
    this.#replaces(this.#seen?.session, session, local, this.#session.core.state.record)
    return {
      replaced: new Map(this.#replaced),
      storeWasUnreadable: !wasRead && !this.#seen,
    }
  }

  /** It is saved: what came before can no longer be, unless the user has gone on by now. */
  #forget(number: number): void {
    if (number === this.#last) this.#replaced.clear()
  }

  #replaces(...records: (StoredSession | undefined)[]): void {
    for (const one of records) {
      if (!one) continue
      const hadEnded = one.tokens === null || this.#replaced.get(one.sessionId) === true
      this.#replaced.set(one.sessionId, hadEnded)
    }
  }

  #logIn(record: StoredSession, unsaved?: Unsaved, error?: TokenStoreError): void {
    const { core, refresher } = this.#session
    refresher.supersedeAll()
    core.apply({ type: 'logged-in', record, unsaved, error })
  }

  #tellFailure(thrown: unknown, unsaved = this.#session.core.state.unsaved ?? {}): void {
    const error = storeErrorOf(thrown)
    if (error) this.#session.core.apply({ type: 'not-saved', unsaved, error })
  }
}
