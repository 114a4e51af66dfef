import { jsonAnswer } from './answers.js'
import { answerAuthorization } from './authorization-endpoint.js'
import { answerDeviceAuthorization, answerDevicePage } from './device-endpoint.js'
import { answerDocument, isDiscoveryPath, metadataOf } from './discovery.js'
import { exchange } from './exchange.js'
import type { Endpoint } from './fault.js'
import { baseOf, pathOf } from './issuer.js'
import type { Paths } from './paths.js'
import { answerPushedAuthorization } from './pushed-authorization.js'
import type { Entry } from './records.js'
import { answerRevocation } from './revocation-endpoint.js'
import type { ServerState } from './server-state.js'
import { answerTokenRequest } from './token-endpoint.js'

interface Route {
  /** What faults are scripted for. */
  readonly endpoint: Endpoint
  readonly answer: (
    state: ServerState,
    request: Request,
    entry: Entry,
  ) => Response | Promise<Response>
}

const ROUTES: Readonly<Record<keyof Paths, Route>> = {
  token: { endpoint: 'token', answer: answerTokenRequest },
  revocation: { endpoint: 'revocation', answer: answerRevocation },
  authorization: { endpoint: 'authorization', answer: answerAuthorization },
  pushedAuthorization: { endpoint: 'pushed-authorization', answer: answerPushedAuthorization },
  deviceAuthorization: { endpoint: 'device-authorization', answer: answerDeviceAuthorization },
  device: { endpoint: 'authorization', answer: answerDevicePage },
  jwks: {
    endpoint: 'discovery',
    answer: async (state, request) => answerDocument(state, request, await state.idTokens.jwks()),
  },
}

/** Responds to a request by its path alone: whatever host it was sent to. */
export async function route(
  state: ServerState,
  api: (request: Request) => Promise<Response>,
  request: Request,
): Promise<Response> {
  const { pathname } = new URL(request.url)
  if (isDiscoveryPath(state.issuer, pathname)) {
    const answer = () => answerDocument(state, request, metadataOf(state))
    return exchange(state, 'discovery', request, answer)
  }
  const base = pathOf(baseOf(state.issuer))
  const path = pathname.startsWith(base) ? pathname.slice(base.length) : undefined
  const name = (Object.keys(ROUTES) as (keyof Paths)[]).find((each) => state.paths[each] === path)
  if (name) {
    const { endpoint, answer } = ROUTES[name]
    return exchange(state, endpoint, request, (entry) => answer(state, request, entry))
  }
  if (path === '/api' || path?.startsWith('/api/')) return api(request)
  return jsonAnswer(state.settings, 404, { error: 'not_found' })
}
