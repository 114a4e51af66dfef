import { isConnectionReset } from './connection.js'
import type { Endpoint } from './fault.js'
import { perform } from './perform-fault.js'
import type { Counters, Entry } from './records.js'
import { scriptedKind, takeScripted } from './script.js'
import type { ServerState } from './server-state.js'

const COUNTER: Record<Endpoint, keyof Counters> = {
  token: 'tokenRequests',
  revocation: 'revocations',
  discovery: 'discoveryRequests',
  authorization: 'authorizationRequests',
  'pushed-authorization': 'pushedRequests',
  'device-authorization': 'deviceRequests',
  api: 'apiRequests',
}

/** One request from arrival to response: counted, logged, and met by what is scripted for it. */
export async function exchange(
  state: ServerState,
  endpoint: Endpoint,
  request: Request,
  process: (entry: Entry) => Response | Promise<Response>,
): Promise<Response> {
  request.signal.throwIfAborted()
  const entry = arrival(endpoint, request)
  state.requests.push(entry)
  state.counters[COUNTER[endpoint]]++
  const answer = once(async () => process(entry))
  try {
    const response = await meet(state, endpoint, request, entry, answer)
    entry.outcome = 'answered'
    entry.status = response.status
    return response
  } catch (error) {
    entry.outcome = outcomeOf(error, request)
    throw error
  }
}

function meet(
  state: ServerState,
  endpoint: Endpoint,
  request: Request,
  entry: Entry,
  answer: () => Promise<Response>,
): Promise<Response> {
  const { settings, refusals, interruptions } = state
  const scripted = takeScripted(state.script, endpoint)
  if (!scripted) return answer()
  entry.fault = scriptedKind(scripted)
  if (entry.fault !== 'pass') state.counters.faults++
  return perform(scripted, { request, settings, refusals, interruptions, answer })
}

function arrival(endpoint: Endpoint, request: Request): Entry {
  const { pathname } = new URL(request.url)
  return {
    at: Date.now(),
    endpoint,
    method: request.method,
    path: pathname,
    outcome: 'pending',
  }
}

function outcomeOf(error: unknown, request: Request): Entry['outcome'] {
  if (request.signal.aborted) return 'aborted'
  return isConnectionReset(error) ? 'dropped' : 'failed'
}

/** Each call gives a copy of its own, so that a body can be read by whoever asked. */
function once(process: () => Promise<Response>): () => Promise<Response> {
  let answer: Promise<Response> | undefined
  return async () => (await (answer ??= process())).clone()
}
