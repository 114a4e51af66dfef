import { standardNames } from './form.js'
import type { Settings } from './settings.js'
import type { ServerState } from './server-state.js'

/** What is wrong with an authorization request. */
export interface Flaw {
  readonly error: string
  readonly description?: string | undefined
  /** It is told to the user, and not to whoever is behind the redirect URI. */
  readonly isForUser?: true
}

/**
 * The parameters of a browser's request, or of the pushed request that it names (RFC 9126 §4),
 * which can be used once.
 */
export async function readParameters(
  { settings, ledger, emulation }: ServerState,
  request: Request,
): Promise<URLSearchParams | Flaw> {
  const query = new URL(request.url).searchParams
  const sent = request.method === 'POST' ? await request.clone().text() : query
  const given = standardNames(new URLSearchParams(sent), emulation)
  const requestUri = given.get('request_uri')
  if (requestUri === null) {
    if (!settings.requirePushedRequests) return given
    return forUser('invalid_request', 'The request must be pushed first')
  }
  const pushed = ledger.pushedRequests.get(requestUri)
  ledger.pushedRequests.delete(requestUri)
  if (!pushed || Date.now() >= pushed.expiresAt) {
    return forUser('invalid_request_uri', 'The request_uri is unknown, used or expired')
  }
  const isSameClient = given.get('client_id') === pushed.parameters.get('client_id')
  return isSameClient ? pushed.parameters : forUser('invalid_request', 'Another client_id')
}

/** What is wrong, in the order in which a server must look (RFC 6749 §4.1.2.1). */
export function authorizationFlaw(
  { settings, emulation }: ServerState,
  parameters: URLSearchParams,
): Flaw | undefined {
  const clientId = parameters.get('client_id')
  if (clientId === null || (settings.client && clientId !== settings.client.id)) {
    return forUser('invalid_client', 'The client_id is unknown')
  }
  const redirectUri = parameters.get('redirect_uri')
  const isName = emulation?.request?.redirectByName === true
  if (redirectUri === null || (!isName && !isRegistered(settings, redirectUri))) {
    return forUser('invalid_request', 'The redirect_uri is not registered')
  }
  if (parameters.get('response_type') !== 'code') return { error: 'unsupported_response_type' }
  const mode = parameters.get('response_mode') ?? 'query'
  if (mode !== 'query' && mode !== 'form_post') {
    return { error: 'invalid_request', description: 'response_mode is not supported' }
  }
  if (!parameters.has('code_challenge')) {
    const description = 'code_challenge is missing'
    return settings.requirePkce ? { error: 'invalid_request', description } : undefined
  }
  return parameters.get('code_challenge_method') === 'S256'
    ? undefined
    : { error: 'invalid_request', description: 'code_challenge_method must be S256' }
}

/** Where the browser is sent back to. */
export function redirectTarget(
  { settings, emulation }: ServerState,
  parameters: URLSearchParams,
): URL {
  const [registered = 'https://app.example.com/callback'] = settings.redirectUris ?? []
  const isName = emulation?.request?.redirectByName === true
  return new URL(isName ? registered : parameters.get('redirect_uri')!)
}

function isRegistered({ redirectUris }: Settings, redirectUri: string): boolean {
  if (!URL.canParse(redirectUri) || redirectUri.includes('#')) return false
  if (!redirectUris) return true
  return redirectUris.some((each) => each === redirectUri || isLoopbackAlike(each, redirectUri))
}

/** RFC 8252 §7.3: of a loopback address the port is not known before. */
function isLoopbackAlike(registered: string, given: string): boolean {
  const portless = (text: string) => {
    const url = new URL(text)
    url.port = ''
    return url
  }
  const url = portless(given)
  const isLoopback =
    url.protocol === 'http:' && /^(127\.0\.0\.1|\[::1\]|localhost)$/.test(url.hostname)
  return isLoopback && portless(registered).href === url.href
}

function forUser(error: string, description: string): Flaw {
  return { error, description, isForUser: true }
}
