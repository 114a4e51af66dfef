import { aText, checkOptions, milliseconds } from '../checks.js'
import { TokenOptionsError } from '../errors.js'
import { hideFromInspect } from '../inspect.js'
import { connectionReset } from './connection.js'
import { checkConsent } from './consent.js'
import { enterUserCode } from './device-endpoint.js'
import { metadataOf } from './discovery.js'
import { checkFault } from './check-fault.js'
import { createGate } from './gate.js'
import { interruptAll } from './interruptions.js'
import { introspectToken } from './introspection.js'
import { startSession, successBody, type TokenResponse } from './issue.js'
import { pathOf } from './issuer.js'
import { isLive, sessionOf } from './ledger.js'
import { listenOnLoopback, type LoopbackOptions, type LoopbackServer } from './loopback.js'
import type { AuthorizationServerOptions } from './options.js'
import { protectResource } from './protected-resource.js'
import { EMULATIONS } from './providers/index.js'
import { route } from './routes.js'
import type { AuthorizationServer, LoginOptions } from './server-api.js'
import { addStanding } from './script.js'
import { blank, createState, type ServerState } from './server-state.js'
import { readSettings } from './settings.js'

/**
 * Makes an authorization server for tests. It opens no port until `listen()` is called.
 *
 * @throws TokenOptionsError if an option is bad
 * @public
 */
export function createAuthorizationServer(
  options: AuthorizationServerOptions = {},
): AuthorizationServer {
  const settings = readSettings(options)
  const state = createState(settings, options.as && EMULATIONS[options.as])
  const api = protectResource(state)
  const handle = (request: Request) => route(state, api, request)

  const server: AuthorizationServer = {
    get issuer() {
      return state.issuer
    },
    get metadata() {
      return metadataOf(state)
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
    consent: (...decisions) => void state.consents.push(...decisions.map(checkConsent)),
    enterUserCode: (userCode, consent) => enterUserCode(state, userCode, consent),
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

function logIn(state: ServerState, login: LoginOptions = {}) {
  checkOptions('login', login, { sub: aText, scope: aText, accessTokenLifetimeMs: milliseconds })
  const { sub = 'user', scope = state.settings.scope, ...lifetime } = login
  const { accessTokenLifetimeMs = state.settings.accessTokenLifetimeMs } = lifetime
  const session = { sub, scope, audience: [], lifetimeMs: accessTokenLifetimeMs }
  const { tokens } = startSession(state, session)
  return successBody(state, 'login', tokens) as unknown as TokenResponse & { refresh_token: string }
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
