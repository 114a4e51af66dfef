import {
  cameAfter,
  descendsFrom,
  isSameRecord,
  refreshTokenVersionOf,
} from '../stores/stored-session.js'
import type { StoredSession } from '../stores/token-store.js'

/** That the record in force here is not in the store yet. */
export interface Unsaved {
  /**
   * For a login or logout: the sessions that it replaced, and whether each had ended before. A
   * later refresh of one of them does not undo it.
   */
  readonly replaced?: ReadonlyMap<string, boolean> | undefined
  /** What the store held of the session when ours was made: a note of a spending is no news. */
  readonly over?: StoredSession | undefined
  /** The store could not be read before: whatever other session is found there counts as replaced. */
  readonly storeWasUnreadable?: boolean | undefined
}

/** What this process holds to be the session. */
export interface LocalSession {
  readonly record: StoredSession | undefined
  readonly unsaved: Unsaved | undefined
  /** What was in force until its record was gone from the store. */
  readonly lost?: StoredSession | undefined
}

/**
 * How the stored record relates to the local one:
 * - `same`: it says what we say
 * - `ours`: we have what is to replace it
 * - `theirs`: another login, or another's refresh, which wins
 * - `signed-out`: a logout, or an end that the server told another process, which wins
 * - `gone`: there is nothing, though our session was saved there
 * - `nothing`: there is nothing, and we have nothing
 */
export type Comparison = 'same' | 'ours' | 'theirs' | 'signed-out' | 'gone' | 'nothing'

/**
 * Laws 3, 4 and 8 as one decision: whether the store or this process has the newer session. Newer
 * is decided by what each record was made from, never by a clock.
 *
 * @internal
 */
export function compareWithStore(
  local: LocalSession,
  stored: StoredSession | undefined,
): Comparison {
  const { record, unsaved } = local
  if (stored === undefined) {
    if (record && unsaved) return 'ours'
    return record?.tokens ? 'gone' : 'nothing'
  }
  if (record && (stored.version === record.version || isSameRecord(stored, record))) return 'same'
  const newest = record ?? local.lost // where something older comes back, it is still the newer one
  if (newest && outranks(newest, local, stored)) return 'ours'
  return stored.tokens === null ? 'signed-out' : 'theirs'
}

function outranks(
  record: StoredSession,
  { unsaved }: LocalSession,
  stored: StoredSession,
): boolean {
  if (descendsFrom(stored, record)) return false
  const isOther = stored.sessionId !== record.sessionId
  if (unsaved?.storeWasUnreadable && isOther) return true
  if (unsaved?.over && isSameRecord(stored, unsaved.over)) return true
  return (
    isMadeFrom(record, stored) ||
    isMadeAfterEnd(record, stored) ||
    isLegacyPredecessor(record, stored) ||
    isEndedHere(record, stored) ||
    isOver(record, stored) ||
    (unsaved !== undefined && isOfReplacedSession(unsaved, stored))
  )
}

/**
 * The store still holds what ours was made from, or was set back to it; or it holds the refresh
 * token that ours was made from, with another process's note that it is being spent.
 */
function isMadeFrom(record: StoredSession, stored: StoredSession): boolean {
  if (descendsFrom(record, stored)) return true
  const spent = refreshTokenVersionOf(stored)
  const isSpentHere = refreshTokenVersionOf(record) !== spent
  return stored.tokens !== null && isSpentHere && cameAfter(record, spent, stored.sessionId)
}

/** The server refused a refresh token, and ours came from it or after it all the same (law 4). */
function isMadeAfterEnd(record: StoredSession, stored: StoredSession): boolean {
  const refused = isRefused(stored) ? stored.ended?.refreshTokenVersion : undefined
  if (refused === undefined || !record.tokens) return false
  return cameAfter(record, refused, stored.sessionId)
}

function isRefused({ tokens, ended }: StoredSession): boolean {
  return tokens === null && ended?.reason === 'invalid-grant'
}

/** The user's, or an end for no reason that is told. @internal */
export function isLogout(record: StoredSession): boolean {
  return record.tokens === null && !isRefused(record)
}

/** A record of an older release has no ancestors: there only its number tells that it is older. */
function isLegacyPredecessor(record: StoredSession, stored: StoredSession): boolean {
  if (record.ancestors || stored.ancestors || stored.tokens === null) return false
  return stored.sessionId === record.sessionId && stored.version < record.version
}

/**
 * Only a logout outranks a token response, wherever it was made from (a store that was set back). It
 * outranks a refusal too, which a later token response would undo.
 */
function isEndedHere(record: StoredSession, stored: StoredSession): boolean {
  return isLogout(record) && !isLogout(stored) && stored.sessionId === record.sessionId
}

/**
 * The store was set back to a session that another login had replaced; or there the server has
 * refused it to another process since.
 */
function isOver({ formerSessions }: StoredSession, stored: StoredSession): boolean {
  const isFormer = formerSessions?.includes(stored.sessionId) ?? false
  return isFormer && !isLogout(stored)
}

function isOfReplacedSession({ replaced }: Unsaved, stored: StoredSession): boolean {
  const hadEnded = replaced?.get(stored.sessionId)
  if (hadEnded === undefined) return false
  return hadEnded || !isLogout(stored)
}
