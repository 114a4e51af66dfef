import { check } from '../../checks.js'
import { NO_ACCESS_TOKEN, type TokenSet } from '../../tokens/token-set.js'
import { descendsFrom, readSession } from '../stored-session.js'
import type { StoredSession, TokenStore } from '../token-store.js'

/** What of a session is stored. @public */
export type Keep = 'all' | 'refresh-token'

/** @internal */
export const aKeep = check(
  "'all' or 'refresh-token'",
  (value) => value === 'all' || value === 'refresh-token',
)

/**
 * With `refresh-token`, what is stored has no access token and no ID token. The session's last ones
 * are remembered here, and put back into what is loaded: also beside a refresh token that another
 * process has rotated since, which leaves them valid.
 *
 * @internal
 */
export function keepInMemory<S extends TokenStore>(store: S, keep: Keep): S {
  if (keep === 'all') return store
  let last: StoredSession | undefined
  let tried: StoredSession | undefined
  return {
    ...store,
    load: async () => {
      const stored = await store.load()
      if (stored && tried && hasArrived(tried, stored)) last = tried
      if (!stored?.tokens || !last?.tokens || stored.sessionId !== last.sessionId) return stored
      return readSession({ ...stored, tokens: withMemory(stored.tokens, last.tokens) }).session
    },
    save: async (session, condition) => {
      tried = session
      const isSaved = await store.save(bareSession(session), condition)
      if (isSaved) last = session // and not before: what was not saved is nothing to go by
      return isSaved
    },
  }
}

/** Whatever was said of the save: another process may have built on it already. */
function hasArrived(tried: StoredSession, stored: StoredSession): boolean {
  return stored.version === tried.version || descendsFrom(stored, tried)
}

function bareSession(session: StoredSession): StoredSession {
  const { tokens, moving } = session
  if (tokens) return { ...session, tokens: bare(tokens) }
  return moving ? { ...session, moving: bareSession(moving) } : session
}

function bare({ idToken: _, ...tokens }: TokenSet): TokenSet {
  return { ...tokens, ...NO_ACCESS_TOKEN }
}

function withMemory(stored: TokenSet, { refreshToken: _, ...remembered }: TokenSet): TokenSet {
  if (stored.accessToken !== NO_ACCESS_TOKEN.accessToken) return stored
  const { refreshToken } = stored
  return refreshToken === undefined ? remembered : { ...remembered, refreshToken }
}
