import { wholeSeconds } from './access-token.js'
import { isLive, judgeRefreshToken } from './ledger.js'
import type { ServerState } from './server-state.js'

/**
 * What the server knows of a token (RFC 7662 §2.2). Nothing but `active: false` of one that is
 * not good any more.
 *
 * @public
 */
export interface Introspection {
  active: boolean
  /** Which kind it is. */
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
