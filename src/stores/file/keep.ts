import { check } from '../../checks.js'
import type { TokenSet } from '../../tokens/token-set.js'
import { readSession } from '../stored-session.js'
import type { StoredSession, TokenStore } from '../token-store.js'

/** What of a session is stored. @public */
export type Keep = 'all' | 'refresh-token'

/** @internal */
export const aKeep = check(
  "'all' or 'refresh-token'",
  (value) => value === 'all' || value === 'refresh-token',
)

/**
 * With `refresh-token`, what is stored has an access token that has expired long ago, and no ID
 * token. The session's last ones are remembered here, and put back into what is loaded: also beside
 * a refresh token that another process has rotated since, which leaves them valid.
 *
 * @internal
 */
export function keepInMemory<S extends TokenStore>(store: S, keep: Keep): S {
  if (keep === 'all') return store
  let last: StoredSession | undefined
  return {
    ...store,
    load: async () => {
      const stored = await store.load()
      if (!stored?.tokens || !last?.tokens || stored.sessionId !== last.sessionId) return stored
      return readSession({ ...stored, tokens: withMemory(stored.tokens, last.tokens) }).session
    },
    save: async (session, condition) => {
      const isSaved = await store.save(bareSession(session), condition)
      if (isSaved) last = session // and not before: what was not saved is nothing to go by
      return isSaved
    },
  }
}

/** Can never be sent: it has expired whatever the clock says. */
const NOT_KEPT = 'kept-in-memory-only'

function bareSession(session: StoredSession): StoredSession {
  const { tokens, moving } = session
  if (tokens) return { ...session, tokens: bare(tokens) }
  return moving ? { ...session, moving: bareSession(moving) } : session
}

function bare({ idToken: _, ...tokens }: TokenSet): TokenSet {
  return { ...tokens, accessToken: NOT_KEPT, issuedAt: 0, expiresAt: 0 }
}

function withMemory(stored: TokenSet, { refreshToken: _, ...remembered }: TokenSet): TokenSet {
  if (stored.accessToken !== NOT_KEPT) return stored
  const { refreshToken } = stored
  return refreshToken === undefined ? remembered : { ...remembered, refreshToken }
}
