import { revocationRequest } from 'oauth4webapi'
import { isTokenError, RefreshUnavailableError } from '../errors.js'
import type { TokenSet } from '../tokens/token-set.js'
import { untilAborted } from '../wait.js'
import { readSuccess } from './endpoint-answer.js'
import type { Provider } from './provider.js'
import { sessionVariables, type Variables } from './provider/variables.js'
import type { Sender } from './sender.js'

/**
 * What a `revoke` function is called with.
 *
 * @public
 */
export interface RevokeGrantContext {
  readonly tokens: TokenSet
  /** Ends the requests, and the wait between them. */
  readonly signal: AbortSignal
}

/**
 * Revokes tokens at the server: a manager's `revoke`.
 *
 * @public
 */
export type RevokeGrant = (context: RevokeGrantContext) => Promise<void>

const ATTEMPTS = 3
const FIRST_DELAY_MS = 200
/** Who is told to come back later than this is not: a logout is not kept waiting. */
const LONGEST_WAIT_MS = 10_000

type TokenTypeHint = 'refresh_token' | 'access_token'

/** @internal */
export function revocation(sender: Sender, provider?: Provider): RevokeGrant {
  return async ({ tokens, signal }) => {
    const { refreshToken, accessToken, extra } = tokens
    const variables: Variables = sessionVariables(extra, provider?.variables ?? {})
    const send: Sender = (sending) => sender({ ...sending, variables })
    const isDone =
      refreshToken !== undefined && (await revokeRefreshToken(send, refreshToken, signal))
    if (accessToken === '') return
    if (!isDone) return revokeOne(send, accessToken, 'access_token', signal)
    // RFC 7009 §2.1: a server SHOULD do this by itself. Where it cannot be done, the token's end is near.
    await requestRevocation(send, accessToken, 'access_token', signal).catch(() => undefined)
  }
}

/** @returns false if the server revokes no refresh tokens (RFC 7009 §2.2.1) */
async function revokeRefreshToken(
  send: Sender,
  refreshToken: string,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  try {
    await revokeOne(send, refreshToken, 'refresh_token', signal)
    return true
  } catch (error) {
    const isRefused = isTokenError(error, 'ERR_REFRESH_REJECTED')
    if (isRefused && error.error === 'unsupported_token_type') return false
    throw error
  }
}

/** Revoking twice does no harm: what may pass is tried again, whatever became of it. */
async function revokeOne(
  send: Sender,
  token: string,
  hint: TokenTypeHint,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await requestRevocation(send, token, hint, signal)
    } catch (error) {
      if (!isTokenError(error, 'ERR_REFRESH_UNAVAILABLE')) throw error
      const waitMs = error.retryAfterMs ?? FIRST_DELAY_MS * 2 ** (attempt - 1)
      if (attempt === ATTEMPTS || waitMs > LONGEST_WAIT_MS || signal?.aborted) throw error
      await pause(waitMs, signal)
    }
  }
}

async function requestRevocation(
  send: Sender,
  token: string,
  hint: TokenTypeHint,
  signal: AbortSignal | undefined,
): Promise<void> {
  const sent = await send({
    endpoint: 'revocation_endpoint',
    purpose: 'revocation',
    secrets: [token],
    signal,
    request: ({ server, client, authenticate, options }) =>
      revocationRequest(server, client, authenticate, token, {
        ...options,
        additionalParameters: { token_type_hint: hint },
      }),
  })
  await readSuccess('revocation endpoint', sent)
}

/** Holds the process: a logout is under way. */
async function pause(durationMs: number, signal: AbortSignal | undefined): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined
  try {
    await untilAborted(new Promise((resolve) => (timer = setTimeout(resolve, durationMs))), signal)
  } catch (cause) {
    throw new RefreshUnavailableError('Aborted before the tokens were revoked', {
      outcome: 'unknown',
      cause,
    })
  } finally {
    clearTimeout(timer)
  }
}
