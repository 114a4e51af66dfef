import { mintAccessToken, wholeSeconds } from './access-token.js'
import { jsonAnswer } from './answers.js'
import type { SuccessOf } from './emulation.js'
import { mintRefreshToken, openSession, serverNow, type Session } from './ledger.js'
import type { ServerState } from './server-state.js'

/**
 * A token response in its wire form (RFC 6749 §5.1).
 *
 * @public
 */
export interface TokenResponse {
  access_token: string
  token_type: 'Bearer'
  /** Seconds. */
  expires_in?: number
  refresh_token?: string | undefined
  scope?: string
  /** Of a login whose scope has `openid`. */
  id_token?: string
}

/** What one access token is for. */
export interface Issue {
  readonly scope: string | undefined
  readonly audience: readonly string[]
  readonly lifetimeMs?: number
}

/** The part of a token response that every grant has in common. */
export function issueAccessToken(
  { settings, ledger, issuer, emulation }: ServerState,
  session: Session,
  { scope, audience, lifetimeMs = settings.accessTokenLifetimeMs }: Issue,
): TokenResponse {
  const request = { issuer, scope, audience, lifetimeMs }
  const accessToken = mintAccessToken(ledger, settings, session, request)
  if (emulation?.exchange) ledger.refreshTokens.set(accessToken, { session, spentAt: undefined })
  return {
    access_token: accessToken,
    token_type: 'Bearer',
    ...(!settings.omitExpiresIn && { expires_in: lifetimeMs / 1000 }),
    ...(scope !== undefined && { scope }),
  }
}

/** Who logged in, and what the login asked for. */
export interface Login extends Issue {
  readonly sub: string
}

/** Begins a session. */
export function startSession(state: ServerState, login: Login) {
  state.counters.logins++
  const session = openSession(state.ledger, login.sub, login.scope)
  const tokens = issueAccessToken(state, session, login)
  if (state.emulation?.exchange) return { session, tokens }
  return { session, tokens: { ...tokens, refresh_token: mintRefreshToken(state.ledger, session) } }
}

/** A success as the emulated server says it, else as RFC 6749 §5.1 has it. */
export function success(state: ServerState, grant: SuccessOf, tokens: TokenResponse): Response {
  return jsonAnswer(state.settings, 200, successBody(state, grant, tokens))
}

export function successBody(
  { emulation }: ServerState,
  grant: SuccessOf,
  tokens: TokenResponse,
): Record<string, unknown> {
  return emulation?.success?.(tokens, grant) ?? { ...tokens }
}

/** The ID token of a login that asked for one (OpenID Connect Core §2): else nothing. */
export async function idTokenOf(
  { settings, issuer, idTokens }: ServerState,
  { sub, scope }: Login,
  asked: { readonly clientId: string | null; readonly nonce?: string | null },
): Promise<{ id_token?: string }> {
  if (!scope?.split(' ').includes('openid')) return {}
  const now = wholeSeconds(serverNow(settings))
  const claims = {
    iss: issuer,
    sub,
    aud: asked.clientId ?? 'client',
    iat: now,
    auth_time: now,
    exp: now + 300,
    ...(asked.nonce && { nonce: asked.nonce }),
  }
  return { id_token: await idTokens.sign(claims) }
}
