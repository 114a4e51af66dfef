import { mintAccessToken } from './access-token.js'
import { jsonAnswer, oauthError } from './answers.js'
import { readForm } from './form.js'
import {
  judgeRefreshToken,
  mintRefreshToken,
  openSession,
  type RefreshTokenEntry,
  type Session,
} from './ledger.js'
import type { Entry } from './records.js'
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
  refresh_token?: string
  scope?: string
}

/** Answers one token request. */
export async function answerTokenRequest(
  state: ServerState,
  request: Request,
  entry: Entry,
): Promise<Response> {
  const response = await answerGrant(state, request, entry)
  if (response.status !== 200) state.counters.rejected++
  return response
}

async function answerGrant(state: ServerState, request: Request, entry: Entry): Promise<Response> {
  const form = await readForm(state.settings, request)
  if (form instanceof Response) return form
  const grantType = form.get('grant_type')
  if (grantType === null) {
    return oauthError(state.settings, 'invalid_request', 'grant_type is missing')
  }
  if (grantType !== 'refresh_token' && grantType !== 'client_credentials') {
    entry.grantType = 'other'
    return oauthError(state.settings, 'unsupported_grant_type')
  }
  entry.grantType = grantType
  return grantType === 'refresh_token'
    ? refreshGrant(state, form, entry)
    : clientCredentialsGrant(state, form, entry)
}

/** RFC 6749 §6. */
function refreshGrant(state: ServerState, form: URLSearchParams, entry: Entry): Response {
  const { settings, ledger, counters } = state
  const token = form.get('refresh_token')
  if (!token) return oauthError(settings, 'invalid_request', 'refresh_token is missing')

  const found = ledger.refreshTokens.get(token)
  const verdict = judgeRefreshToken(found, settings)
  if (found) entry.sub = found.session.sub
  if (verdict === 'reused') {
    counters.reuse++
    found!.session.isRevoked = true
  }
  if (!found || (verdict !== 'current' && verdict !== 'in-grace')) {
    return oauthError(settings, 'invalid_grant', `The refresh token is ${verdict}`)
  }
  const scope = form.get('scope') ?? found.session.scope
  if (!isWithin(scope, found.session.scope)) return oauthError(settings, 'invalid_scope')

  if (verdict === 'in-grace') counters.reuseInGrace++
  counters.issued++
  counters.refreshes++
  return jsonAnswer(settings, 200, {
    ...issueAccessToken(state, found.session, { scope, audience: audienceOf(form) }),
    refresh_token: nextRefreshToken(state, token, found),
  })
}

/** RFC 6749 §4.4. No refresh token (§4.4.3). */
function clientCredentialsGrant(state: ServerState, form: URLSearchParams, entry: Entry): Response {
  const { settings, ledger, counters } = state
  if (settings.client && settings.client.secret === undefined) {
    return oauthError(settings, 'unauthorized_client', 'A public client has no credentials')
  }
  const scope = form.get('scope') ?? settings.scope
  if (!isWithin(scope, settings.scope)) return oauthError(settings, 'invalid_scope')

  const sub = settings.client?.id ?? form.get('client_id') ?? 'client'
  entry.sub = sub
  counters.issued++
  counters.clientCredentials++
  const session = openSession(ledger, sub, scope)
  const tokens = issueAccessToken(state, session, { scope, audience: audienceOf(form) })
  return jsonAnswer(settings, 200, { ...tokens })
}

/** The part of a token response that every grant has in common. */
export function issueAccessToken(
  state: ServerState,
  session: Session,
  request: { scope: string | undefined; audience: readonly string[]; lifetimeMs?: number },
): TokenResponse {
  const { settings, ledger, issuer } = state
  const { scope, audience, lifetimeMs = settings.accessTokenLifetimeMs } = request
  return {
    access_token: mintAccessToken(ledger, settings, session, {
      issuer,
      scope,
      audience,
      lifetimeMs,
    }),
    token_type: 'Bearer',
    ...(!settings.omitExpiresIn && { expires_in: lifetimeMs / 1000 }),
    ...(scope !== undefined && { scope }),
  }
}

/** `undefined` where the answer leaves it out. */
function nextRefreshToken(
  { settings, ledger }: ServerState,
  token: string,
  entry: RefreshTokenEntry,
): string | undefined {
  if (!settings.rotation) return settings.repeatRefreshToken ? token : undefined
  entry.spentAt ??= Date.now()
  return mintRefreshToken(ledger, entry.session)
}

function audienceOf(form: URLSearchParams): string[] {
  return [...form.getAll('resource'), ...form.getAll('audience')]
}

/** What was granted without a scope is bound to none. */
function isWithin(asked: string | undefined, granted: string | undefined): boolean {
  if (asked === undefined || granted === undefined) return true
  const allowed = new Set(granted.split(' '))
  return asked.split(' ').every((scope) => allowed.has(scope))
}
