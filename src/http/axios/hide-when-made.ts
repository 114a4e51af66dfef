import { INSPECT } from '../../inspect.js'

/** As much of Node's `ClientRequest` as is looked at. */
interface NodeRequest {
  getHeader(name: string): unknown
  once(event: 'socket', listener: (socket: object) => void): unknown
}

interface Diagnostics {
  subscribe(name: string, listener: (message: unknown) => void): void
}

const show = () => '[hidden: it holds a token]'
const nothing = () => undefined

/** Values that are on their way now, and how many requests carry each. */
const inFlight = new Map<string, number>()
const headers = new Set<string>()
let isListening = false

/**
 * Hides Node's request and its socket from the moment they are made, in redirects too: a
 * keep-alive socket, an agent or a streamed response lead to the requests of others, and those hold
 * their tokens. Where a runtime does not tell of its requests, they are hidden when answered.
 *
 * @returns its own undo, for when the request is over
 */
export function hideWhenMade(header: string, field: string): () => void {
  listen()
  headers.add(header)
  inFlight.set(field, (inFlight.get(field) ?? 0) + 1)
  return () => {
    const left = inFlight.get(field)! - 1
    if (left > 0) inFlight.set(field, left)
    else inFlight.delete(field)
  }
}

/** Not enumerable: what the object's owner lists or copies stays as it was. @internal */
export function hideForGood(object: object): void {
  if (Object.hasOwn(object, INSPECT) || !Object.isExtensible(object)) return
  const hidden = { enumerable: false, configurable: true, writable: true }
  Reflect.defineProperty(object, INSPECT, { ...hidden, value: show })
  Reflect.defineProperty(object, 'toJSON', { ...hidden, value: nothing })
}

/** The one is told when a request is made, the other, of older versions, when it is sent. */
function listen(): void {
  if (isListening) return
  isListening = true
  const { process } = globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } }
  const module = process?.getBuiltinModule?.('diagnostics_channel') as Diagnostics | undefined
  for (const name of ['http.client.request.created', 'http.client.request.start']) {
    module?.subscribe?.(name, (message) => hide((message as { request: NodeRequest }).request))
  }
}

function hide(request: NodeRequest): void {
  if (inFlight.size === 0) return
  for (const header of headers) {
    const value = request.getHeader(header)
    if (typeof value !== 'string' || !inFlight.has(value)) continue
    hideForGood(request)
    request.once('socket', hideForGood)
    const { socket } = request as { socket?: object | null }
    if (socket) hideForGood(socket)
  }
}
