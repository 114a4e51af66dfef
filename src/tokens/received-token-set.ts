import { instantAt } from './judge-expiry.js'
import type { TokenInput } from './token-input.js'
import { tokenSet, type TokenSet } from './token-set.js'
import { readTokens, refuse, type ToTokenSetOptions } from './to-token-set.js'

/** What the sender of a request knows of the server that responded. */
export interface Reception extends ToTokenSetOptions {
  readonly receivedAt: number
  /** What cannot be read is refused where it costs no more than another login. */
  readonly isLogin?: boolean
  /** How long tokens live of which the response does not say it. */
  readonly assumedLifetimeMs?: number | undefined
  readonly assumedRefreshTokenLifetimeMs?: number | undefined
  /** There is no refresh token: the access token itself is exchanged while it lives. */
  readonly isOwnRefreshToken?: boolean
}

/**
 * The set of a response to a request of our own.
 *
 * @throws InvalidTokenResponseError as `tokenSetOfAnswer`; of a login also for an expiry that cannot
 * be read
 * @internal
 */
export function receivedTokenSet(response: TokenInput, reception: Reception): TokenSet {
  const warnings: string[] = []
  const tokens = readTokens(response, reception, (problem, isExpiry) => {
    if (reception.isLogin && isExpiry) refuse(problem)
    warnings.push(problem)
  })
  const { issuedAt } = tokens
  const { assumedLifetimeMs, assumedRefreshTokenLifetimeMs } = reception
  const expiresAt = tokens.expiresAt ?? after(issuedAt, assumedLifetimeMs)
  const refreshToken = reception.isOwnRefreshToken ? tokens.accessToken : tokens.refreshToken
  const refreshTokenExpiresAt = reception.isOwnRefreshToken
    ? expiresAt
    : (tokens.refreshTokenExpiresAt ??
      (refreshToken && after(issuedAt, assumedRefreshTokenLifetimeMs)))
  return tokenSet(
    {
      ...tokens,
      expiresAt,
      refreshToken,
      refreshTokenExpiresAt: refreshTokenExpiresAt || undefined,
    },
    warnings,
  )
}

function after(instant: number, durationMs: number | undefined): number | undefined {
  return durationMs === undefined ? undefined : instantAt(instant + durationMs)
}
