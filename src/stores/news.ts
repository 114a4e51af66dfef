import type { StoredSession } from './token-store.js'

/**
 * Whether what is stored is of use to whoever waits for the lease: another session or another
 * access token. A record that differs in its version, or its refresh token alone, helps nobody.
 *
 * @param seen - what was known when the wait began
 * @internal
 */
export function isNews(found: StoredSession | undefined, seen: StoredSession | undefined): boolean {
  if (found?.sessionId !== seen?.sessionId) return true
  return found?.tokens?.accessToken !== seen?.tokens?.accessToken
}
