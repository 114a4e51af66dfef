import { oauthError } from './answers.js'
import { base64url } from './id-token.js'
import { idTokenOf, startSession, success } from './issue.js'
import type { CodeEntry } from './ledger.js'
import type { Entry } from './records.js'
import { refuse } from './refusal.js'
import type { ServerState } from './server-state.js'

/** RFC 6749 §4.1.3, with PKCE (RFC 7636 §4.6). */
export async function authorizationCodeGrant(
  state: ServerState,
  form: URLSearchParams,
  entry: Entry,
): Promise<Response> {
  const { settings, ledger, counters } = state
  const code = form.get('code')
  if (!code) return oauthError(settings, 'invalid_request', 'code is missing')

  const found = ledger.codes.get(code)
  if (found) entry.sub = found.sub
  // RFC 6749 §4.1.2: a code that comes again may be in two hands.
  if (found?.session) found.session.isRevoked = true
  const flaw = found ? await flawOf(found, form) : 'is unknown'
  if (flaw !== undefined) return refuse(state, 'bad-code', { description: `The code ${flaw}` })

  const { session, tokens } = startSession(state, found!)
  found!.session = session
  counters.issued++
  return success(state, 'login', { ...tokens, ...(await idTokenOf(state, found!, found!)) })
}

async function flawOf(code: CodeEntry, form: URLSearchParams): Promise<string | undefined> {
  if (code.session) return 'was redeemed before'
  if (Date.now() >= code.expiresAt) return 'has expired'
  const clientId = form.get('client_id')
  if (clientId !== null && clientId !== code.clientId) return "is another client's"
  if (form.get('redirect_uri') !== code.redirectUri)
    return 'was asked for with another redirect_uri'
  const verifier = form.get('code_verifier')
  // Without a challenge a verifier means that someone took the challenge away (RFC 9700 §2.1.1).
  const challenge = verifier === null ? null : await challengeOf(verifier)
  return challenge === code.codeChallenge ? undefined : 'was asked for with another code_verifier'
}

async function challengeOf(verifier: string): Promise<string> {
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))
  return base64url(new Uint8Array(hash))
}
