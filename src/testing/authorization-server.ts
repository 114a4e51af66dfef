import { TokenOptionsError } from '../errors.js'
import { hideFromInspect } from '../inspect.js'
import { jsonAnswer } from './answers.js'
import { connectionReset } from './connection.js'
import { answerDiscovery, isDiscoveryPath, metadataOf } from './discovery.js'
import { exchange } from './exchange.js'
import { checkFault } from './fault.js'
import { createGate } from './gate.js'
import { interruptAll } from './interruptions.js'
import { introspectToken } from './introspection.js'
import { isLive, mintRefreshToken, openSession, sessionOf } from './ledger.js'
import { listenOnLoopback, type LoopbackOptions, type LoopbackServer } from './loopback.js'
import {
  baseOf,
  duration,
  pathOf,
  readOptions,
  type AuthorizationServerOptions,
} from './options.js'
import { protectResource } from './protected-resource.js'
import { answerRevocation } from './revocation-endpoint.js'
import type { AuthorizationServer, LoginOptions } from './server-api.js'
import { addStanding } from './script.js'
import { blank, createState, type ServerState } from './server-state.js'
import { answerTokenRequest, issueAccessToken } from './token-endpoint.js'

/**
 * Makes an authorization server for tests. It does nothing until it is asked.
 *
 * @throws TokenOptionsError if an option is not what its docs want
 * @public
 */
export function createAuthorizationServer(
  options: AuthorizationServerOptions = {},
): AuthorizationServer {
  const state = createState(readOptions(options))
  const { settings } = state
  const api = protectResource(state)
  const handle = (request: Request) => route(state, api, request)

  const server: AuthorizationServer = {
    get issuer() {
      return state.issuer
    },
    get metadata() {
      return metadataOf(settings, state.issuer)
    },
    get stats() {
      return { ...state.counters }
    },
    get requests() {
      return state.requests.map((entry) => ({ ...entry }))
    },
    get scripted() {
      return state.script.queue.length
    },
    handle,
    fetch: async (input, init) => handle(new Request(input, init)),
    listen: (loopback) => listen(state, handle, loopback),

    login: (login) => logIn(state, login),
    revokeSession: (who) => revokeSessions(state, who),
    denyAccessToken(accessToken) {
      const entry = state.ledger.accessTokens.get(accessToken)
      if (entry) entry.isDenied = true
    },
    isValid: (accessToken) => isLive(state.ledger.accessTokens.get(accessToken), settings),
    introspect: (token) => introspectToken(state, token),

    api,
    protect: (handler) => protectResource(state, handler),

    next: (...faults) => void state.script.queue.push(...faults.map(checkFault)),
    always: (fault) => addStanding(state.script, checkFault(fault)),
    hold(place = {}) {
      checkFault({ pass: true, ...place })
      const { gate, held } = createGate()
      state.script.queue.push({ ...place, held })
      return gate
    },
    reset() {
      Object.assign(state, blank())
      interruptAll(state.interruptions, connectionReset())
    },
  }
  return hideFromInspect(server, () => show(state))
}

async function route(
  state: ServerState,
  api: (request: Request) => Promise<Response>,
  request: Request,
): Promise<Response> {
  const { pathname } = new URL(request.url)
  if (isDiscoveryPath(state.issuer, pathname)) {
    return exchange(state, 'discovery', request, () => answerDiscovery(state, request))
  }
  const base = pathOf(baseOf(state.issuer))
  const path = pathname.startsWith(base) ? pathname.slice(base.length) : undefined
  if (path === '/token') {
    return exchange(state, 'token', request, (entry) => answerTokenRequest(state, request, entry))
  }
  if (path === '/revoke') {
    return exchange(state, 'revocation', request, (entry) =>
      answerRevocation(state, request, entry),
    )
  }
  if (path === '/api' || path?.startsWith('/api/')) return api(request)
  return jsonAnswer(state.settings, 404, { error: 'not_found' })
}

function logIn(state: ServerState, login: LoginOptions = {}) {
  const { settings, ledger, counters } = state
  const { sub = 'user', scope = settings.scope } = login
  const lifetimeMs = duration(
    'accessTokenLifetimeMs',
    login.accessTokenLifetimeMs ?? settings.accessTokenLifetimeMs,
  )
  counters.logins++
  const session = openSession(ledger, sub, scope)
  return {
    ...issueAccessToken(state, session, { scope, audience: [], lifetimeMs }),
    refresh_token: mintRefreshToken(ledger, session),
  }
}

function revokeSessions({ ledger }: ServerState, who: string): number {
  const own = sessionOf(ledger, who)
  const ended = [...ledger.sessions.values()].filter(
    (session) => !session.isRevoked && (session === own || session.sub === who),
  )
  for (const session of ended) session.isRevoked = true
  return ended.length
}

async function listen(
  state: ServerState,
  handle: (request: Request) => Promise<Response>,
  options?: LoopbackOptions,
): Promise<LoopbackServer & { readonly issuer: string }> {
  if (state.isListening) {
    throw new TokenOptionsError(`listen: the server listens already, at ${state.issuer}`)
  }
  state.isListening = true
  const stop = () => {
    state.isListening = false
    state.issuer = state.settings.issuer
  }
  const loopback = await listenOnLoopback(handle, options).catch((error: unknown) => {
    stop()
    throw error
  })
  state.issuer = loopback.url + pathOf(state.settings.issuer)
  const close = () => loopback.close().then(stop)
  return { url: loopback.url, issuer: state.issuer, close, [Symbol.asyncDispose]: close }
}

function show({ issuer, counters }: ServerState): string {
  const { tokenRequests, issued, reuse } = counters
  return `AuthorizationServer { issuer: ${issuer}, tokenRequests: ${tokenRequests}, issued: ${issued}, reuse: ${reuse} }`
}
