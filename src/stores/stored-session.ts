import { isObject } from '../checks.js'
import { TokenStoreError } from '../errors.js'
import { hideFromInspect } from '../inspect.js'
import { isInstant, readStoredTokens, type TokenSet } from '../tokens/token-set.js'
import type { StoredSession } from './token-store.js'

/** What a store holds; damage keeps its version where one can be read, since a login replaces it. */
export type Found =
  | { session: StoredSession | undefined; version: number | undefined; damage?: undefined }
  | { session?: undefined; version: number | undefined; damage: TokenStoreError }

/**
 * Checks what came out of a store.
 *
 * @internal
 */
export function readSession(value: unknown): Found {
  try {
    return read(value)
  } catch {
    return damaged('it cannot be read')
  }
}

function read(value: unknown): Found {
  if (value === undefined || value === null) return { session: undefined, version: undefined }
  if (typeof value !== 'object') return damaged(`expected an object, got ${typeof value}`)

  const fields = { ...value } as Record<keyof StoredSession, unknown>
  const { sessionId, version, tokens } = fields
  if (!isVersion(version)) return damaged('`version` must be a whole number')
  if (typeof sessionId !== 'string' || sessionId === '') {
    return damaged('`sessionId` must be a non-empty string', version)
  }
  const stored = tokens === null ? null : readStoredTokens(tokens)
  if (stored === undefined) {
    return damaged('`tokens` must be null or a TokenSet with absolute times', version)
  }
  const known = { sessionId, version, tokens: stored, ...lineageOf(fields) }
  return { session: storedSession({ ...value, ...known }), version }
}

/** What is not as it should be says nothing: the tokens matter more than their history. */
function lineageOf(fields: Record<keyof StoredSession, unknown>): Partial<StoredSession> {
  const { ancestors, formerSessions, refreshTokenVersion, spending, coolDown, ended, journal } =
    fields
  const isMark = hasNumbers(spending, 'since', 'attempts') && isText(spending.by)
  const isCoolDown = hasNumbers(coolDown, 'since', 'durationMs', 'failures')
  const reason = isObject(ended) ? (Reflect.get(ended, 'reason') as unknown) : undefined
  const isEnd = isText(reason) && REASON.test(reason)
  return {
    ancestors: Array.isArray(ancestors) ? ancestors.filter(isVersion) : undefined,
    formerSessions: Array.isArray(formerSessions) ? formerSessions.filter(isText) : undefined,
    refreshTokenVersion: isVersion(refreshTokenVersion) ? refreshTokenVersion : undefined,
    spending: isMark ? (spending as unknown as StoredSession['spending']) : undefined,
    coolDown: isCoolDown ? (coolDown as unknown as StoredSession['coolDown']) : undefined,
    ended: isEnd ? (ended as StoredSession['ended']) : undefined,
    journal: Array.isArray(journal)
      ? (journal.filter(isEntry) as StoredSession['journal'])
      : undefined,
  }
}

/** A newer version may have others than this one. */
const REASON = /^[a-z-]{1,40}$/

function isEntry(entry: unknown): boolean {
  return hasNumbers(entry, 'at') && isInstant(entry.at) && isText(entry.by) && isText(entry.what)
}

function hasNumbers(value: unknown, ...names: string[]): value is Record<string, unknown> {
  return isObject(value) && names.every((name) => Number.isFinite(Reflect.get(value, name)))
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

/**
 * Makes a record that shows no token when inspected, and holds only what is known.
 *
 * @internal
 */
export function storedSession(fields: StoredSession): StoredSession {
  const known = Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  )
  return Object.freeze(hideFromInspect(known as unknown as StoredSession, showSession))
}

/**
 * The record of a session that begins where nothing is stored.
 *
 * @internal
 */
export function newSession(
  tokens: TokenSet,
  sessionId: string = crypto.randomUUID(),
): StoredSession {
  return storedSession({ sessionId, version: nextVersion(), tokens })
}

/** The range of one step: two that begin at the same version do not come to the same again. */
const LONGEST_STEP = 2 ** 28

/**
 * A version after all of these. The step is random, so that a number says which record it is also
 * after a store was set back, or a record deleted and made again.
 *
 * @internal
 */
export function nextVersion(...known: readonly (number | undefined)[]): number {
  const latest = Math.max(0, ...known.map((version) => version ?? 0))
  const room = Math.max(Number.MAX_SAFE_INTEGER - latest, 1)
  return latest + 1 + Math.floor(Math.random() * Math.min(LONGEST_STEP, room))
}

const MOST_ANCESTORS = 32

/**
 * Versions that a record made from these descends from, the latest first. The one that brought the
 * refresh token is never cut off, however many notes and access tokens came since.
 *
 * @internal
 */
export function ancestorsOf(...records: readonly (StoredSession | undefined)[]): number[] {
  const known = records.filter((record) => record !== undefined)
  const versions = known.map(({ version }) => version)
  const former = known.flatMap(({ ancestors = [] }) => ancestors)
  const all = [...versions, ...known.map(refreshTokenVersionOf), ...former]
  return [...new Set(all)].slice(0, MOST_ANCESTORS)
}

const MOST_FORMER_SESSIONS = 8

/**
 * The sessions that are over once `sessionId` is in force: those of these records, and those that
 * they had replaced.
 *
 * @internal
 */
export function formerSessionsOf(
  sessionId: string,
  ...replaced: readonly (StoredSession | undefined)[]
): readonly string[] | undefined {
  const known = replaced.filter((record) => record !== undefined)
  const former = known.flatMap(({ formerSessions = [], sessionId }) => [
    ...formerSessions,
    sessionId,
  ])
  const others = former.filter((one, at) => one !== sessionId && former.lastIndexOf(one) === at)
  return others.length ? others.slice(-MOST_FORMER_SESSIONS) : undefined
}

/** Whether `record` descends from `other`; from a logout no record of its session does. @internal */
export function descendsFrom(record: StoredSession, other: StoredSession): boolean {
  const { version, sessionId, tokens } = other
  return tokens ? cameAfter(record, version, sessionId) : isAncestor(record, version)
}

/**
 * Whether `record` came after the tokens that this version of a session brought. A version of its
 * own session below all that are remembered is one that was cut off: each is higher than what it
 * was made from.
 *
 * @internal
 */
export function cameAfter(record: StoredSession, version: number, sessionId: string): boolean {
  const { ancestors = [] } = record
  const isCutOff = ancestors.length >= MOST_ANCESTORS && sessionId === record.sessionId
  return isAncestor(record, version) || (isCutOff && version < Math.min(...ancestors))
}

function isAncestor({ ancestors = [] }: StoredSession, version: number): boolean {
  return ancestors.includes(version)
}

/** The version that brought the record's refresh token. @internal */
export function refreshTokenVersionOf(record: StoredSession): number {
  return record.refreshTokenVersion ?? record.version
}

/**
 * Whether the two say the same: one session, the same tokens or the same end. The version may
 * differ: a save that was thought lost has landed, or one of the two has a note of a spending.
 *
 * @internal
 */
export function isSameRecord(one: StoredSession | undefined, other: StoredSession): boolean {
  return (
    one?.sessionId === other.sessionId &&
    one.tokens?.accessToken === other.tokens?.accessToken &&
    one.tokens?.refreshToken === other.tokens?.refreshToken &&
    one.tokens?.expiresAt === other.tokens?.expiresAt &&
    one.ended?.reason === other.ended?.reason
  )
}

function showSession(this: StoredSession): string {
  return `StoredSession { version: ${this.version}, ${this.tokens ? 'logged in' : 'logged out'} }`
}

function isVersion(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function damaged(what: string, version?: number): Found {
  const damage = new TokenStoreError(`What is stored is not a session: ${what}`, {
    operation: 'load',
    reason: 'damaged',
  })
  return { version, damage }
}
