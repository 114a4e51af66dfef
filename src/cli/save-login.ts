import { isTokenError } from '../errors.js'
import type { LoginResult } from './browser-login.js'

/** What of a `TokenManager` a login needs. @public */
export interface LoginTarget {
  setTokens(tokens: LoginResult): Promise<void>
  signOut(): Promise<void>
}

/**
 * Saves what a login brought. If it cannot be saved, it is signed out again, at the server too
 * where the manager has `revoke`: tokens that nobody can find must not stay valid.
 *
 * @throws TokenStoreError if it cannot be saved: nobody is logged in then
 * @throws InvalidTokenResponseError, TokenOptionsError as `setTokens` does
 * @public
 */
export async function saveLogin(tokens: LoginTarget, result: LoginResult): Promise<void> {
  try {
    await tokens.setTokens(result)
  } catch (error) {
    if (isTokenError(error, 'ERR_TOKEN_STORE')) await tokens.signOut().catch(() => undefined)
    throw error
  }
}
