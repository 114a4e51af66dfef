import { RefreshUnavailableError } from '../errors.js'
import type { TokenManagerOptions } from '../options.js'
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
