import { oauthError, textAnswer } from './answers.js'
import { readForm } from './form.js'
import type { Entry } from './records.js'
import type { ServerState } from './server-state.js'

/**
 * RFC 7009: a refresh token takes its whole session with it, an access token goes alone, and an
 * unknown token is no error (§2.2).
 */
export async function answerRevocation(
  state: ServerState,
  request: Request,
  entry: Entry,
): Promise<Response> {
  const { settings, ledger } = state
  const form = await readForm(state, request)
  if (form instanceof Response) return form
  const token = form.get('token')
  if (!token) return oauthError(settings, 'invalid_request', 'token is missing')

  const refreshToken = ledger.refreshTokens.get(token)
  const accessToken = ledger.accessTokens.get(token)
  if (refreshToken) refreshToken.session.isRevoked = true
  if (accessToken) accessToken.isDenied = true
  const sub = (refreshToken ?? accessToken)?.session.sub
  if (sub !== undefined) entry.sub = sub
  return textAnswer(settings, 200, '')
}
