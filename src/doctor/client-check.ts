import { isTokenError } from '../errors.js'
import type { OAuthClient } from '../oauth/oauth-client.js'
import { toTokenSet } from '../tokens/to-token-set.js'
import type { Finding } from './report.js'

const TIMEOUT_MS = 10_000

/** Codes that speak of the client, not of the token. */
const OF_THE_CLIENT = /client|access_denied|application/i

/**
 * Sends a refresh token that nobody has given out: nothing is spent, and nothing real is revoked.
 * What comes back tells whether the client is accepted, and whether a dead refresh token is
 * recognised.
 */
export async function clientFinding(client: OAuthClient): Promise<Finding> {
  const finding = (verdict: Finding['verdict'], text: string): Finding => ({
    about: 'client',
    verdict,
    text,
  })
  const refreshToken = `tokenward-doctor-${crypto.randomUUID()}`
  const tokens = toTokenSet({ access_token: 'none', refresh_token: refreshToken })
  const signal = AbortSignal.timeout(TIMEOUT_MS)
  try {
    await client.refreshToken()({ refreshToken, tokens, signal })
    return finding(
      'problem',
      'the server issued tokens for a refresh token that it had never issued',
    )
  } catch (error) {
    if (!isTokenError(error)) throw error
    if (error.code === 'ERR_LOGIN_REQUIRED') {
      return finding('good', 'the client is accepted, and a dead refresh token is recognised')
    }
    if (!isTokenError(error, 'ERR_REFRESH_REJECTED')) return finding('problem', error.message)
    const isAboutClient = error.status === 401 || OF_THE_CLIENT.test(error.error ?? '')
    return isAboutClient
      ? finding('problem', `the client is refused: ${error.message}`)
      : finding(
          'problem',
          `the response to a dead refresh token is not recognised: ${error.message}. If the client is right, describe it with errors.endsSession of a provider, or with endsSession`,
        )
  }
}
