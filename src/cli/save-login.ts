import { isTokenError } from '../errors.js'
import type { LoginResult } from './browser-login.js'

/** The part of a `TokenManager` that `saveLogin` uses. @public */
export interface LoginTarget {
  setTokens(tokens: LoginResult): Promise<void>
  signOut(): Promise<void>
}

/**
 * Saves the result of a login. If it cannot be saved, the user is logged out again, and the tokens
 * are revoked if the manager has `revoke`: tokens that nobody can find must not stay valid.
 *
 * @throws TokenStoreError if the login cannot be saved; nobody is logged in then
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
