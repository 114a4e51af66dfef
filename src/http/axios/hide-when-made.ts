import { hide, hideForGood, isHidden } from './hidden.js'

/** As much of Node's `ClientRequest` as is looked at. */
interface NodeRequest {
  getHeader(name: string): unknown
  once(event: 'socket', listener: (socket: object) => void): unknown
}

interface Diagnostics {
  subscribe(name: string, listener: (message: unknown) => void): void
}

/** How many requests carry a value of the header now. */
class InFlight {
  count = 0

  /** One of them is over. */
  release(): void {
    this.count--
  }
}

/** By value; what is on its way no more is forgotten when another comes. */
const values = new Map<string, InFlight>()
const headers = new Set<string>()
let isListening = false

/**
 * Hides Node's request and its socket from the moment they are made, in redirects too: a
 * keep-alive socket, an agent or a streamed response lead to the requests of others, and those hold
 * their tokens. Where a runtime does not tell of its requests, they are hidden when the response is there.
 *
 * @returns what is to be released when the request is over
 */
export function hideWhenMade(header: string, field: string): InFlight {
  if (!headers.has(header)) headers.add(header)
  listen()
  const value = values.get(field) ?? added(field)
  value.count++
  return value
}

function added(field: string): InFlight {
  for (const [other, { count }] of values) if (count === 0) values.delete(other)
  const value = new InFlight()
  values.set(field, value)
  return value
}

/** The one is told when a request is made, the other, of older versions, when it is sent. */
function listen(): void {
  if (isListening) return
  isListening = true
  const { process } = globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } }
  const module = process?.getBuiltinModule?.('diagnostics_channel') as Diagnostics | undefined
  for (const name of ['http.client.request.created', 'http.client.request.start']) {
    module?.subscribe?.(name, (message) => look((message as { request: NodeRequest }).request))
  }
}

function look(request: NodeRequest): void {
  if (isHidden(request)) return
  for (const header of headers) {
    const value = request.getHeader(header)
    if (typeof value !== 'string' || !values.get(value)?.count) continue
    hide(request)
    request.once('socket', hideForGood)
    const { socket } = request as { socket?: object | null }
    if (socket) hideForGood(socket)
  }
}
