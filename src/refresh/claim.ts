import { isSameRecord } from '../stores/stored-session.js'
import type { StoredSession } from '../stores/token-store.js'

/**
 * A login or logout, while it is unsaved: the sessions whose place it took. A later refresh of one
 * of them does not undo it; nor does the end of one that had ended before (`true`).
 */
export interface UsersAct {
  readonly replaced: ReadonlyMap<string, boolean>
  /** Nobody could look at the store before: whatever is found there counts as replaced. */
  readonly isBlind: boolean
}

/** A record that is in force here and not in the store. */
export interface Unsaved {
  /** The records that it was made from, stored or not: finding one of them is no news. */
  readonly ancestors: readonly StoredSession[]
  readonly act?: UsersAct | undefined
}

/** What one side holds to be the session. */
export interface Claim {
  readonly record: StoredSession | undefined
  readonly unsaved: Unsaved | undefined
}

/** Who holds nothing. @internal */
export const NO_CLAIM: Claim = { record: undefined, unsaved: undefined }

/**
 * How what is stored relates to a claim:
 * - `same`: it says what we say
 * - `ours`: we have what is to replace it
 * - `theirs`: another login, or another's refresh, which wins
 * - `signed-out`: a logout, or another's end, which wins
 * - `gone`: there is nothing, though our session was saved there
 * - `nothing`: there is nothing, and we have nothing
 */
export type Relation = 'same' | 'ours' | 'theirs' | 'signed-out' | 'gone' | 'nothing'

/**
 * Laws 3 and 4 as one decision: whether the store or the claim has the newer session. Newer is told
 * by what each was made from, never by a clock.
 *
 * @internal
 */
export function relate({ record, unsaved }: Claim, stored: StoredSession | undefined): Relation {
  if (record && isSameRecord(stored, record)) return 'same'
  if (record && unsaved && outranks(unsaved, stored)) return 'ours'
  if (stored === undefined) return record?.tokens ? 'gone' : 'nothing'
  if (stored.tokens === null) return 'signed-out'
  return record && !unsaved && isFallenBack(record, stored) ? 'ours' : 'theirs'
}

function outranks({ ancestors, act }: Unsaved, stored: StoredSession | undefined): boolean {
  if (stored === undefined || act?.isBlind) return true
  if (ancestors.some((ancestor) => isSameRecord(stored, ancestor))) return true
  const hadEnded = act?.replaced.get(stored.sessionId)
  return hadEnded === true || (hadEnded === false && stored.tokens !== null)
}

/** A store that lost its last write (a failover, a backup) holds an ancestor of what we saved. */
function isFallenBack(record: StoredSession, stored: StoredSession): boolean {
  return stored.sessionId === record.sessionId && stored.version < record.version
}

const MOST_ANCESTORS = 8

/**
 * What it means that a record made from this claim could not be saved over `stored`.
 *
 * @internal
 */
export function unsavedOver(
  { record, unsaved }: Claim,
  stored: StoredSession | undefined,
): Unsaved {
  const ancestors: StoredSession[] = []
  for (const candidate of [stored, record, ...(unsaved?.ancestors ?? [])]) {
    const isNews = candidate && !ancestors.some((known) => isSameRecord(known, candidate))
    if (isNews && ancestors.length < MOST_ANCESTORS) ancestors.push(candidate)
  }
  return { ancestors, act: unsaved?.act }
}
