import { LoginRequiredError, type TokenStoreError } from '../errors.js'
import type { Events } from '../events.js'
import type { StoreAccess } from '../stores/store-access.js'
import { isNewer, isSameRecord, storedSession } from '../stores/stored-session.js'
import type { StoredSession } from '../stores/token-store.js'
import type { TokenSet } from '../tokens/token-set.js'
import type { HeldSession, Unsaved } from './held-session.js'

/** What the steps of a refresh work on. */
export interface Desk {
  readonly held: HeldSession
  readonly store: StoreAccess
  readonly events: Events
  /** Whether a session without a refresh token is none; `acquire` needs none and never ends. */
  readonly needsRefreshToken: boolean
  /** Tells the server, in the background, to forget what nobody will use. */
  revokeLater(tokens: TokenSet): void
}

/** What the next request is made from, and what a save of its answer replaces. */
export interface Stock {
  /** The record in force: the stored one, or an unsaved one of ours that outranks it. */
  readonly record: StoredSession | undefined
  /** What the store holds. */
  readonly stored: StoredSession | undefined
}

/** How what was found in the store relates to what is held here. */
export type Relation = 'same' | 'ours' | 'theirs' | 'signed-out' | 'gone' | 'nothing'

/**
 * Law 3 and 4, as one decision: whether the store or this process has the newer session.
 *
 * @internal
 */
export function relate(held: HeldSession, stored: StoredSession | undefined): Relation {
  const { record, unsaved } = held
  if (record && isSameRecord(stored, record)) return 'same'
  if (record && unsaved && outranks(unsaved, stored)) return 'ours'
  if (stored === undefined) return record?.tokens ? 'gone' : 'nothing'
  if (record && !isNewer(stored, record) && stored.version < record.version) return 'ours'
  return stored.tokens === null ? 'signed-out' : 'theirs'
}

/**
 * Unsaved, ours counts as long as the store still holds what it replaced, or nothing. A login or
 * logout also outranks a refresh of the session that it replaced, which came later.
 */
function outranks(unsaved: Unsaved, stored: StoredSession | undefined): boolean {
  const { replaces, isUsersAct } = unsaved
  if (stored === undefined) return true
  if (isUsersAct && replaces === undefined) return true
  if (replaces === undefined || stored.sessionId !== replaces.sessionId) return false
  if (isUsersAct) return stored.tokens !== null
  return stored.version === replaces.version && stored.tokens !== null
}

/**
 * Puts in force what was found, and ends the session where it was ended.
 *
 * @internal
 */
export function takeOver(desk: Desk, stored: StoredSession | undefined, relation: Relation): void {
  const { held, events } = desk
  if (relation === 'theirs' && stored) {
    const isFirstLook = !held.isKnown
    const isOtherSession = stored.sessionId !== held.record?.sessionId
    dropUnsaved(desk, stored)
    held.hold(stored, 'store')
    const expiresAt = stored.tokens?.expiresAt
    if (!isFirstLook) events.emit('adopted', { expiresAt, isOtherSession })
  } else if (relation === 'signed-out' && stored) {
    dropUnsaved(desk, stored)
    endSession(desk, 'signed-out', stored)
  } else if (relation === 'gone' && desk.needsRefreshToken) {
    endSession(desk, 'gone')
  }
}

/**
 * Ends the session here. An `acquire` manager has no end: it holds nothing, and acquires again.
 *
 * @internal
 */
export function endSession(
  desk: Desk,
  reason: LoginRequiredError['reason'],
  record?: StoredSession,
  options: { error?: LoginRequiredError; unsaved?: Unsaved | undefined } = {},
): void {
  const { held, events, needsRefreshToken } = desk
  const wasLive = held.token !== undefined
  const error = options.error ?? new LoginRequiredError(END_MESSAGES[reason], { reason })
  held.end(needsRefreshToken ? error : undefined, record, options.unsaved)
  if (wasLive) events.emit('sessionEnded', { reason })
}

const END_MESSAGES: Partial<Record<LoginRequiredError['reason'], string>> = {
  'no-session': 'Nobody has logged in yet',
  'signed-out': 'The user has logged out',
  gone: 'The session is gone from its store: the user must log in again',
}

/**
 * Looks at the store, inside the lease, and saves first what is unsaved: then it is clear what the
 * next request is made from.
 *
 * @throws LoginRequiredError if the session has ended
 * @throws TokenStoreError if the store cannot be read
 * @internal
 */
export async function takeStock(desk: Desk, isWanted: () => boolean): Promise<Stock> {
  const { held, store } = desk
  for (let round = 0; ; round++) {
    const stored = await store.load()
    if (!isWanted()) return { record: stored, stored }
    held.looked()
    const relation = relate(held, stored)
    if (relation === 'same') held.saved(held.record!)
    if (relation !== 'ours') {
      takeOver(desk, stored, relation)
      if (held.ended) throw held.ended
      return { record: held.record ?? stored, stored }
    }
    const isSettled = await saveOurs(desk, stored, isWanted)
    if (isSettled || round === MAX_ROUNDS) {
      return { record: held.record, stored: held.unsaved ? stored : held.record }
    }
  }
}

const MAX_ROUNDS = 3

/** @returns `false` if the store changed meanwhile: look again */
async function saveOurs(
  desk: Desk,
  stored: StoredSession | undefined,
  isWanted: () => boolean,
): Promise<boolean> {
  const { held, store, events } = desk
  const record = held.record!
  const version = Math.max(record.version, (stored?.version ?? 0) + 1)
  const next = version === record.version ? record : storedSession({ ...record, version })
  try {
    const isSaved = await store.save(next, stored?.version)
    if (isSaved && isWanted()) held.saved(next)
    return isSaved
  } catch (error) {
    events.emit('saveFailed', { error: error as TokenStoreError })
    return true // in force here all the same; the next cycle tries again
  }
}

/** Another login took the place of tokens that only this process knew. */
function dropUnsaved(desk: Desk, stored: StoredSession): void {
  const { record, unsaved } = desk.held
  const isLost = unsaved && record?.tokens && record.sessionId !== stored.sessionId
  if (isLost && record.tokens) desk.revokeLater(record.tokens)
}
