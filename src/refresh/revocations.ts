import { withTimeout } from '../clock.js'
import { RefreshUnavailableError } from '../errors.js'
import type { TokenManagerOptions } from '../options.js'
import type { TokenSet } from '../tokens/token-set.js'

/**
 * Tells the server to forget tokens. It ends nothing here whatever the server answers: who cannot
 * be reached cannot keep a user logged in.
 *
 * @internal
 */
export async function revokeTokens(
  revoke: NonNullable<TokenManagerOptions['revoke']>,
  tokens: TokenSet,
  timeoutMs: number,
): Promise<void> {
  const controller = new AbortController()
  const giveUp = () => {
    const error = new RefreshUnavailableError(`The revocation took longer than ${timeoutMs} ms`)
    controller.abort(error)
    return error
  }
  try {
    await withTimeout(() => revoke({ tokens, signal: controller.signal }), timeoutMs, giveUp)
  } catch {
    // Told by nothing but the server's own log: the session here is over either way.
  }
}
