import { oauthError } from './answers.js'
import { authorizationCodeGrant } from './authorization-code-grant.js'
import { clientCredentialsGrant } from './client-credentials-grant.js'
import { DEVICE_CODE_GRANT, deviceCodeGrant } from './device-code-grant.js'
import { readForm } from './form.js'
import type { Entry, GrantType } from './records.js'
import { refreshTokenGrant } from './refresh-token-grant.js'
import type { ServerState } from './server-state.js'

/** Responds to a token request of one grant, its client authenticated. */
export type Grant = (
  state: ServerState,
  form: URLSearchParams,
  entry: Entry,
) => Response | Promise<Response>

const GRANTS = new Map<string, { readonly name: GrantType; readonly answer: Grant }>([
  ['refresh_token', { name: 'refresh_token', answer: refreshTokenGrant }],
  ['client_credentials', { name: 'client_credentials', answer: clientCredentialsGrant }],
  ['authorization_code', { name: 'authorization_code', answer: authorizationCodeGrant }],
  [DEVICE_CODE_GRANT, { name: 'device_code', answer: deviceCodeGrant }],
])

/** Responds to one token request. */
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
  const form = await readForm(state, request)
  if (form instanceof Response) return form
  const type = form.get('grant_type')
  if (type === null) {
    return oauthError(state.settings, 'invalid_request', 'grant_type is missing')
  }
  const grant = GRANTS.get(type)
  entry.grantType = grant?.name ?? 'other'
  if (!grant) return oauthError(state.settings, 'unsupported_grant_type')
  return grant.answer(state, form, entry)
}
