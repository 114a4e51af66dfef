import { TokenStoreError } from '../errors.js'
import { veil } from '../inspect.js'
import { readStoredTokens, type TokenSet } from '../tokens/token-set.js'
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
    return damaged('it cannot even be read')
  }
}

function read(value: unknown): Found {
  if (value === undefined || value === null) return { session: undefined, version: undefined }
  if (typeof value !== 'object') return damaged(`an object wanted, got ${typeof value}`)

  const { sessionId, version, tokens } = { ...value } as Record<keyof StoredSession, unknown>
  if (!isVersion(version)) return damaged('`version` must be a whole number')
  if (typeof sessionId !== 'string' || sessionId === '') {
    return damaged('`sessionId` must be a non-empty string', version)
  }
  const stored = tokens === null ? null : readStoredTokens(tokens)
  if (stored === undefined) {
    return damaged('`tokens` must be null or a TokenSet with absolute times', version)
  }
  return { session: storedSession({ ...value, sessionId, version, tokens: stored }), version }
}

/**
 * Makes a record that shows no token when inspected.
 *
 * @internal
 */
export function storedSession(fields: StoredSession): StoredSession {
  return Object.freeze(veil({ ...fields }, showSession))
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
  return storedSession({ sessionId, version: firstVersion(), tokens })
}

/**
 * The first version of a record where nothing was stored: at random, so that the version alone
 * tells it from one that was deleted before (a login in between must not be overwritten).
 *
 * @internal
 */
export function firstVersion(): number {
  return 1 + Math.floor(Math.random() * 2 ** 30)
}

/**
 * Whether the two say the same: one session, the same tokens. The version may differ, where a save
 * that was thought lost has landed.
 *
 * @internal
 */
export function isSameRecord(one: StoredSession | undefined, other: StoredSession): boolean {
  return (
    one?.sessionId === other.sessionId &&
    one.tokens?.accessToken === other.tokens?.accessToken &&
    one.tokens?.refreshToken === other.tokens?.refreshToken &&
    one.tokens?.expiresAt === other.tokens?.expiresAt
  )
}

function showSession(this: StoredSession): string {
  return `StoredSession { version: ${this.version}, ${this.tokens ? 'signed in' : 'signed out'} }`
}

function isVersion(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function damaged(what: string, version?: number): Found {
  const damage = new TokenStoreError(`What is stored is no session: ${what}`, {
    operation: 'load',
    reason: 'damaged',
  })
  return { version, damage }
}
