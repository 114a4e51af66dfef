import { RefreshUnavailableError } from '../errors.js'
import type { TokenManagerOptions } from '../options.js'
import type { StoredSession } from '../stores/token-store.js'
import type { TokenSet } from '../tokens/token-set.js'
import { withDeadline } from '../wait.js'

/**
 * Tells the server to forget tokens. Whatever the server responds, nothing ends here: who cannot
 * be reached cannot keep a user logged in.
 *
 * @internal
 */
export async function revokeTokens(
  revoke: NonNullable<TokenManagerOptions['revoke']>,
  tokens: TokenSet,
  timeoutMs: number,
): Promise<void> {
  try {
    await withDeadline(
      (signal) => revoke({ tokens, signal }),
      timeoutMs,
      () => new RefreshUnavailableError(`The revocation took longer than ${timeoutMs} ms`),
    )
  } catch {
    // Told by nothing but the server's own log: the session here is over either way.
  }
}

/** Which tokens the server may forget: none, where one of them is in force. @internal */
export function revocable(
  tokens: TokenSet,
  inForce: StoredSession | undefined,
): TokenSet | undefined {
  const used = inForce?.tokens
  const isInUse =
    used &&
    ((used.accessToken !== '' && used.accessToken === tokens.accessToken) ||
      (used.refreshToken !== undefined && used.refreshToken === tokens.refreshToken))
  return isInUse ? undefined : tokens
}
