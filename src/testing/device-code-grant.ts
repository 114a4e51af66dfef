import { oauthError } from './answers.js'
import { isDenial } from './consent.js'
import { idTokenOf, startSession, success } from './issue.js'
import type { Entry } from './records.js'
import type { ServerState } from './server-state.js'

export const DEVICE_CODE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code'

/** RFC 8628 §3.5. */
const SLOWER_BY_MS = 5_000

/** A client's timer may fire a little early, by a clock that is not the server's. */
const TOLERANCE_MS = 500

/** RFC 8628 §3.4. */
export async function deviceCodeGrant(
  state: ServerState,
  form: URLSearchParams,
  entry: Entry,
): Promise<Response> {
  const { settings, ledger, counters } = state
  const deviceCode = form.get('device_code')
  if (!deviceCode) return oauthError(settings, 'invalid_request', 'device_code is missing')

  const login = ledger.deviceLogins.get(deviceCode)
  if (!login) return oauthError(settings, 'invalid_grant', 'The device code is unknown')
  if (Date.now() >= login.expiresAt) return oauthError(settings, 'expired_token')
  const isTooSoon = Date.now() - login.polledAt < login.intervalMs - TOLERANCE_MS
  login.polledAt = Date.now()
  if (isTooSoon) {
    login.intervalMs += SLOWER_BY_MS
    return oauthError(settings, 'slow_down')
  }
  const { consent } = login
  if (!consent) return oauthError(settings, 'authorization_pending')
  ledger.deviceLogins.delete(deviceCode)
  if (isDenial(consent)) return oauthError(settings, consent.deny, consent.description)

  const granted = {
    sub: consent.sub ?? 'user',
    scope: consent.scope ?? login.scope,
    audience: login.audience,
  }
  entry.sub = granted.sub
  counters.issued++
  const { tokens } = startSession(state, granted)
  return success(state, 'login', { ...tokens, ...(await idTokenOf(state, granted, login)) })
}
