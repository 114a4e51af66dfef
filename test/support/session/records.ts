import { toTokenSet, type JournalEntry, type StoredSession, type TokenInput } from 'tokenward'
import { storedSession } from '../../../src/stores/stored-session.js'
import { LIFETIME_MS } from './issuer.js'

/**
 * Ann's record, named by its version: `access-6` and `refresh-6` are version 6's tokens, made from
 * `ancestors`, the latest first. Without ancestors: a record of a release that kept none.
 */
export function record(
  version: number,
  ancestors?: readonly number[],
  fields: Partial<StoredSession> = {},
): StoredSession {
  const tokens = toTokenSet({
    accessToken: `access-${version}`,
    refreshToken: `refresh-${version}`,
    issuedAt: 1_000,
    expiresAt: 2_000,
  })
  const lineage = ancestors && { ancestors }
  return storedSession({ sessionId: 'ann', version, tokens, ...lineage, ...fields })
}

/** The user logged out. */
export function signedOut(
  version: number,
  ancestors?: readonly number[],
  fields: Partial<StoredSession> = {},
): StoredSession {
  return record(version, ancestors, { tokens: null, ended: { reason: 'signed-out' }, ...fields })
}

/** The server refused the refresh token that this version had brought. */
export function refused(
  version: number,
  refreshTokenVersion: number,
  ancestors?: readonly number[],
): StoredSession {
  const ended = { reason: 'invalid-grant', refreshTokenVersion } as const
  return record(version, ancestors, { tokens: null, ended })
}

/** One thing that happened, at an instant that can be told in a line. */
export function entry(what: JournalEntry['what'], fields: Partial<JournalEntry> = {}) {
  return { at: Date.UTC(2026, 2, 1, 12), by: '41@web-3', what, ...fields } satisfies JournalEntry
}

/** A record as a store holds it. */
export function recordOf(tokens: TokenInput, fields: Partial<StoredSession> = {}): StoredSession {
  return { sessionId: 'first-session', version: 5, tokens: toTokenSet(tokens), ...fields }
}

/** A record as another process would have written it, valid for so long from now. */
export function storedTokens(
  accessToken: string,
  options: {
    sessionId?: string
    version?: number
    lifetimeMs?: number
    refreshToken?: string
  } = {},
): StoredSession {
  const { sessionId = 'session-1', version = 1, lifetimeMs = LIFETIME_MS } = options
  const issuedAt = Date.now()
  return {
    sessionId,
    version,
    tokens: {
      accessToken,
      tokenType: 'Bearer',
      refreshToken: options.refreshToken ?? `rt-of-${accessToken}`,
      issuedAt,
      expiresAt: issuedAt + lifetimeMs,
    },
  }
}
