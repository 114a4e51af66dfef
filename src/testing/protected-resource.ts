import { jsonAnswer } from './answers.js'
import { exchange } from './exchange.js'
import { isLive } from './ledger.js'
import type { Entry } from './records.js'
import type { ServerState } from './server-state.js'

/**
 * Whom a valid access token speaks for.
 *
 * @public
 */
export interface ApiCaller {
  readonly sub: string
  /** Space-separated, if the token has any. */
  readonly scope?: string
}

/**
 * The response to a request whose access token is valid.
 *
 * @public
 */
export type ApiHandler = (request: Request, caller: ApiCaller) => Response | Promise<Response>

/** Puts the check of RFC 6750 before a handler. */
export function protectResource(
  state: ServerState,
  handler: ApiHandler = echo(state),
): (request: Request) => Promise<Response> {
  return (request) =>
    exchange(state, 'api', request, (entry) => {
      const caller = identify(state, request, entry)
      return caller instanceof Response ? caller : handler(request.clone(), caller)
    })
}

function identify(state: ServerState, request: Request, entry: Entry): ApiCaller | Response {
  const { settings, ledger, counters } = state
  const [, token] = /^bearer +([^ ].*)$/i.exec(request.headers.get('authorization') ?? '') ?? []
  const found = token === undefined ? undefined : ledger.accessTokens.get(token)
  if (found) entry.sub = found.session.sub
  if (isLive(found, settings)) {
    const { session, scope } = found
    return { sub: session.sub, ...(scope !== undefined && { scope }) }
  }
  counters.apiRejections++
  // RFC 6750 §3.1: who sent no token at all is not told of an error.
  const isBare = token === undefined
  const challenge = isBare ? 'Bearer' : 'Bearer error="invalid_token"'
  const body = { error: isBare ? 'unauthorized' : 'invalid_token' }
  return jsonAnswer(settings, 401, body, { 'www-authenticate': challenge })
}

function echo({ settings }: ServerState): ApiHandler {
  return (request, caller) => {
    const { pathname } = new URL(request.url)
    return jsonAnswer(settings, 200, { ...caller, method: request.method, path: pathname })
  }
}
