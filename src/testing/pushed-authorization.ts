import { jsonAnswer, oauthError } from './answers.js'
import { authorizationFlaw } from './authorization-parameters.js'
import { readForm } from './form.js'
import { randomText } from './ledger.js'
import type { ServerState } from './server-state.js'

const LIFETIME_MS = 60_000

/** Keeps an authorization request for the browser to name (RFC 9126 §2). */
export async function answerPushedAuthorization(
  state: ServerState,
  request: Request,
): Promise<Response> {
  const { settings, ledger } = state
  const form = await readForm(state, request)
  if (form instanceof Response) return form
  if (form.has('request_uri')) {
    return oauthError(settings, 'invalid_request', 'A pushed request names no request_uri')
  }
  const parameters = new URLSearchParams(form)
  parameters.delete('client_secret')
  // Who authenticates by the header need not say the client_id in the body too.
  if (!parameters.has('client_id') && settings.client) {
    parameters.set('client_id', settings.client.id)
  }
  const flaw = authorizationFlaw(state, parameters)
  if (flaw) return oauthError(settings, flaw.error, flaw.description, { status: 400 })
  const requestUri = `urn:ietf:params:oauth:request_uri:${randomText()}`
  ledger.pushedRequests.set(requestUri, { parameters, expiresAt: Date.now() + LIFETIME_MS })
  return jsonAnswer(settings, 201, { request_uri: requestUri, expires_in: LIFETIME_MS / 1000 })
}
