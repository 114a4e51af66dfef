import { wholeSeconds } from './access-token.js'
import { isLive, judgeRefreshToken } from './ledger.js'
import type { ServerState } from './server-state.js'

/**
 * What the server knows about a token (RFC 7662 §2.2). For a token that is not valid, it is only
 * `active: false`.
 *
 * @public
 */
export interface Introspection {
  active: boolean
  /** Whether it is an access token or a refresh token. */
  token_use?: 'access_token' | 'refresh_token'
  sub?: string
  scope?: string
  /** Epoch seconds by the server's clock. */
  iat?: number
  exp?: number
  jti?: string
}

export function introspectToken(state: ServerState, token: string): Introspection {
  const { settings, ledger } = state
  const access = ledger.accessTokens.get(token)
  if (isLive(access, settings)) {
    return {
      active: true,
      token_use: 'access_token',
      sub: access.session.sub,
      ...(access.scope !== undefined && { scope: access.scope }),
      iat: wholeSeconds(access.issuedAt),
      exp: wholeSeconds(access.expiresAt),
      jti: access.jti,
    }
  }
  const refresh = ledger.refreshTokens.get(token)
  const verdict = judgeRefreshToken(refresh, settings)
  if (!refresh || (verdict !== 'current' && verdict !== 'in-grace')) return { active: false }
  const { sub, scope } = refresh.session
  return {
    active: true,
    token_use: 'refresh_token',
    sub,
    ...(scope !== undefined && { scope }),
  }
}
