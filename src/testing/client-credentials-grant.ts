import { oauthError } from './answers.js'
import { audienceOf, isWithin } from './form.js'
import { issueAccessToken, success } from './issue.js'
import { openSession } from './ledger.js'
import type { Entry } from './records.js'
import type { ServerState } from './server-state.js'

/** RFC 6749 §4.4. No refresh token (§4.4.3). */
export function clientCredentialsGrant(
  state: ServerState,
  form: URLSearchParams,
  entry: Entry,
): Response {
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
  return success(state, 'client_credentials', tokens)
}
