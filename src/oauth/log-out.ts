import type { TokenSet } from '../tokens/token-set.js'
import type { EndSessionOptions } from './end-session.js'

/** @public */
export type LogOutOptions = Pick<EndSessionOptions, 'postLogoutRedirectUri' | 'state'>

/** The part of a `TokenManager` that `logOut` uses. @public */
export interface SignedInSession {
  getTokens(): Promise<Pick<TokenSet, 'idToken'> | undefined>
  signOut(): Promise<void>
}

/**
 * A whole logout. The ID token is read before the session forgets it; the session ends before the
 * server is asked for its URL, so that a server in trouble keeps nobody logged in.
 *
 * @internal
 */
export async function logOut(
  session: SignedInSession,
  endSessionUrl: (options: EndSessionOptions) => Promise<string>,
  options: LogOutOptions,
): Promise<string | undefined> {
  const none = () => undefined // a store that cannot be read, a server that has no such endpoint
  const tokens = await session.getTokens().catch(none)
  await session.signOut()
  const idToken = tokens?.idToken
  return endSessionUrl({ ...options, ...(idToken !== undefined && { idToken }) }).catch(none)
}
