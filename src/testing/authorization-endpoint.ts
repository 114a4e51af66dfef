import { textAnswer } from './answers.js'
import {
  authorizationFlaw,
  readParameters,
  redirectTarget,
  type Flaw,
} from './authorization-parameters.js'
import { isDenial } from './consent.js'
import { audienceOf } from './form.js'
import { randomText } from './ledger.js'
import type { Entry } from './records.js'
import type { ServerState } from './server-state.js'

/** RFC 6749 §4.1.2 recommends ten minutes at most; OAuth 2.1 and good servers give one. */
const CODE_LIFETIME_MS = 60_000

/**
 * Responds to the user's browser (RFC 6749 §4.1.1) as if the user had logged in and decided at once:
 * by the script, else by agreeing.
 */
export async function answerAuthorization(
  state: ServerState,
  request: Request,
  entry: Entry,
): Promise<Response> {
  const parameters = await readParameters(state, request)
  if (!(parameters instanceof URLSearchParams)) return refusalPage(state, parameters)
  const flaw = authorizationFlaw(state, parameters)
  // RFC 6749 §4.1.2.1: nobody is sent to an address that may not be the client's.
  if (flaw?.isForUser) return refusalPage(state, flaw)
  return sendBack(state, parameters, flaw ? errorOf(flaw) : decide(state, parameters, entry))
}

type Outcome = Readonly<Record<string, string>>

function decide(state: ServerState, parameters: URLSearchParams, entry: Entry): Outcome {
  const consent = state.consents.shift() ?? {}
  if (isDenial(consent)) return errorOf({ error: consent.deny, description: consent.description })
  const { sub = 'user', scope } = consent
  entry.sub = sub
  const code = `code_${randomText()}`
  state.ledger.codes.set(code, {
    clientId: parameters.get('client_id'),
    redirectUri: parameters.get('redirect_uri'),
    codeChallenge: parameters.get('code_challenge'),
    nonce: parameters.get('nonce'),
    audience: audienceOf(parameters),
    sub,
    scope: scope ?? parameters.get('scope') ?? state.settings.scope,
    expiresAt: Date.now() + CODE_LIFETIME_MS,
  })
  return { ...state.emulation?.redirect, code }
}

function errorOf({ error, description }: Omit<Flaw, 'isForUser'>): Outcome {
  return { error, ...(description !== undefined && { error_description: description }) }
}

function sendBack(state: ServerState, parameters: URLSearchParams, outcome: Outcome): Response {
  const target = redirectTarget(state, parameters)
  const given = parameters.get('state')
  const members = {
    ...outcome,
    ...(given !== null && { state: given }),
    ...(sendsIssuer(state) && { iss: state.issuer }),
  }
  if (parameters.get('response_mode') === 'form_post') return formPost(state, target, members)
  for (const [name, value] of Object.entries(members)) target.searchParams.append(name, value)
  return textAnswer(state.settings, 302, null, { location: target.href })
}

/** RFC 9207: few of the servers that are emulated do so. */
export function sendsIssuer({ emulation }: ServerState): boolean {
  return emulation === undefined
}

/** OAuth 2.0 Form Post Response Mode. */
function formPost({ settings }: ServerState, target: URL, members: Outcome): Response {
  const inputs = Object.entries(members).map(
    ([name, value]) => `<input type="hidden" name="${escaped(name)}" value="${escaped(value)}">`,
  )
  const page = `<!doctype html><body onload="document.forms[0].submit()"><form method="post" action="${escaped(target.href)}">${inputs.join('')}</form>`
  return textAnswer(settings, 200, page, { 'content-type': 'text/html; charset=utf-8' })
}

function refusalPage({ settings }: ServerState, { error, description }: Flaw): Response {
  const page = `<!doctype html><title>${escaped(error)}</title><p>${escaped(description ?? '')}`
  return textAnswer(settings, 400, page, { 'content-type': 'text/html; charset=utf-8' })
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`)
}
