import { oauthError } from './answers.js'
import { audienceOf, isWithin } from './form.js'
import { issueAccessToken, success } from './issue.js'
import { judgeRefreshToken, mintRefreshToken, type RefreshTokenEntry } from './ledger.js'
import type { Entry } from './records.js'
import { refuse } from './refusal.js'
import type { ServerState } from './server-state.js'

/** RFC 6749 §6. */
export function refreshTokenGrant(
  state: ServerState,
  form: URLSearchParams,
  entry: Entry,
): Response {
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
    const description = `The refresh token is ${verdict}`
    return refuse(state, verdict === 'revoked' ? 'revoked' : 'dead-token', { description })
  }
  const scope = form.get('scope') ?? found.session.scope
  if (!isWithin(scope, found.session.scope)) return oauthError(settings, 'invalid_scope')

  if (verdict === 'in-grace') counters.reuseInGrace++
  counters.issued++
  counters.refreshes++
  const tokens = issueAccessToken(state, found.session, { scope, audience: audienceOf(form) })
  return success(state, 'refresh', {
    ...tokens,
    refresh_token: nextRefreshToken(state, token, found),
  })
}

/** `undefined` where the response leaves it out. */
function nextRefreshToken(
  { settings, ledger, emulation }: ServerState,
  token: string,
  entry: RefreshTokenEntry,
): string | undefined {
  if (emulation?.exchange) return undefined
  if (!settings.rotation) return settings.repeatRefreshToken ? token : undefined
  entry.spentAt ??= Date.now()
  return mintRefreshToken(ledger, entry.session)
}
