import { TokenStoreError } from '../errors.js'
import {
  ancestorsOf,
  formerSessionsOf,
  newSession,
  nextVersion,
  refreshTokenVersionOf,
  storedSession,
} from '../stores/stored-session.js'
import type { StoredSession } from '../stores/token-store.js'
import type { TokenSet } from '../tokens/token-set.js'
import { compareWithStore, type LocalSession } from './compare.js'
import type { SessionCore } from './core.js'
import { journalEntry } from './journal.js'
import { loginRequired } from './login-required.js'

/** What the next request is made from: the session in force, and what the store holds beside it. */
export interface RefreshBase extends LocalSession {
  /** The very object `record` where the store says the same. */
  readonly stored: StoredSession | undefined
  /** Why what is unsaved could not be saved first, where it could not. */
  readonly saveError?: TokenStoreError | undefined
}

const MOST_ROUNDS = 4

/** Nobody will make a request from it. */
const NOTHING: RefreshBase = { record: undefined, unsaved: undefined, stored: undefined }

/**
 * Reads the store, inside the lease; adopts what is newer there (`theirs`, `signed-out`), and saves
 * first what is newer here (`ours`). Then it is clear what the next request is made from.
 *
 * @throws LoginRequiredError if the session has ended
 * @throws TokenStoreError if the store cannot be read
 * @internal
 */
export async function syncWithStore(
  core: SessionCore,
  isSuperseded: () => boolean,
): Promise<RefreshBase> {
  for (let round = 1; ; round++) {
    await core.writes.idle()
    if (isSuperseded()) return NOTHING
    const found = await core.store.inspect()
    const stored = found.session
    if (isSuperseded()) return NOTHING
    if (core.writes.isBusy) continue
    if (found.damage && !core.state.unsaved?.replaced) throw found.damage
    const comparison = found.damage ? 'ours' : compareWithStore(core.state, stored)
    core.apply({ type: 'read', comparison, stored })
    let saveError: TokenStoreError | undefined
    if (comparison === 'ours') {
      const result = await saveOurs(core, stored, found.version, isSuperseded)
      if (result === 'changed' && round < MOST_ROUNDS) continue
      if (typeof result !== 'string') saveError = result
    }
    const { ended, record, unsaved } = core.state
    if (ended && !isSuperseded()) throw ended
    const isStored = comparison !== 'gone' && comparison !== 'nothing' && !unsaved
    return { record, unsaved, stored: isStored ? record : stored, saveError }
  }
}

/** @returns `changed` if the stored record changed in the meantime: read it again */
async function saveOurs(
  core: SessionCore,
  stored: StoredSession | undefined,
  ifVersion: number | undefined,
  isSuperseded: () => boolean,
): Promise<'saved' | 'changed' | TokenStoreError> {
  const { record, unsaved = {} } = core.state
  const next = rebased(record!, stored, ifVersion)
  const isStillInForce = () => !isSuperseded() && core.state.record === record
  try {
    if (!(await core.store.save(next, ifVersion))) return 'changed'
    if (isStillInForce()) core.apply({ type: 'saved', record: next })
    return 'saved'
  } catch (thrown) {
    const error = thrown as TokenStoreError
    if (isStillInForce()) core.apply({ type: 'not-saved', unsaved, error })
    return error // in force here all the same
  }
}

/** The same record, made to follow what is stored; where nothing is, there is nothing to follow. */
export function rebased(
  record: StoredSession,
  stored: StoredSession | undefined,
  storedVersion = stored?.version,
): StoredSession {
  if (storedVersion === undefined) return record
  const refreshTokenVersion = record.tokens ? refreshTokenVersionOf(record) : undefined
  const isLive = record.tokens && stored?.tokens
  const isSameToken = isLive && refreshTokenVersionOf(stored) === refreshTokenVersion
  const isSameSession = isLive && stored.sessionId === record.sessionId
  const isPause = isSameSession && !stored.coolDown?.isRefusal
  return storedSession({
    ...record,
    version: nextVersion(record.version, storedVersion),
    ancestors: ancestorsOf(record, stored),
    formerSessions: formerSessionsOf(record.sessionId, stored, record),
    refreshTokenVersion,
    // It may be on its way to the server. What that refused is known of this refresh token only; a
    // pause that it asked for binds the session.
    spending: isSameToken ? stored.spending : undefined,
    coolDown: isSameToken || isPause ? stored.coolDown : undefined,
  })
}

/**
 * Reads the store without the lease. What was decided or saved while it waited (a login, a refresh)
 * is newer than what it saw.
 *
 * @throws TokenStoreError
 * @internal
 */
export async function readStore(
  core: SessionCore,
  seed: TokenSet | undefined,
  isRefreshing: () => boolean,
): Promise<void> {
  await core.writes.idle()
  const { epoch, record } = core.state
  const stored = await core.store.load()
  if (core.writes.isBusy) return core.writes.idle()
  if (core.state.epoch !== epoch || core.state.record !== record || isRefreshing()) return
  if (stored === undefined && !core.state.storeRead) return begin(core, seed)
  core.apply({ type: 'read', comparison: compareWithStore(core.state, stored), stored })
}

/** The store holds nothing yet: the initial tokens go there, or nobody has logged in. */
async function begin(core: SessionCore, seed: TokenSet | undefined): Promise<void> {
  if (!seed) return core.apply({ type: 'ended', error: loginRequired('no-session') })
  const record = storedSession({ ...newSession(seed), journal: [journalEntry('logged-in')] })
  const { epoch } = core.state
  const isOvertaken = () => core.state.epoch !== epoch
  try {
    const isSaved = await core.store.save(record, undefined)
    if (isOvertaken()) return
    if (isSaved) return core.apply({ type: 'seeded', record })
  } catch (thrown) {
    if (!isOvertaken()) core.apply({ type: 'seeded', record, error: thrown as TokenStoreError })
    return
  }
  const stored = await core.store.load() // another process was first
  if (isOvertaken() || core.writes.isBusy) return
  if (!stored) throw refusedToSave()
  core.apply({ type: 'read', comparison: compareWithStore(core.state, stored), stored })
}

function refusedToSave(): TokenStoreError {
  return new TokenStoreError('The store refused to save although it contains no record', {
    operation: 'save',
  })
}
