import { subscribe } from 'node:diagnostics_channel'
import { getAdapter, type AxiosAdapter, type InternalAxiosRequestConfig } from 'axios'
import type { Peer } from './peer.ts'
import { copyWith } from './smallest-adapter.ts'
import { axiosInstance } from './wire.ts'

type Config = InternalAxiosRequestConfig
type Headers = Config['headers']

interface Source {
  current(): { readonly token: string; readonly sessionId: string } | undefined
}

/** A request from when it is made: whose it is. */
interface Begun {
  readonly source: Source
  readonly sessionId: string | undefined
}

const INSPECT = Symbol.for('nodejs.util.inspect.custom')
const SCHEME = 'bound-session'
const show = () => '[hidden]'

/**
 * What no adapter can do without that keeps these laws, for a request whose token is fresh, whose base
 * URL never changes, and that fails in no way. No refresh, no replay, no proof, no source function, no
 * error, no other adapter than axios' own. By law:
 *
 * - 7, 15: it asks when the request is sent whether the token may be sent.
 * - 9: it looks at the status.
 * - 11: it leaves a header of the caller's own alone, whenever it was set. It looks where the request
 *   goes, by URL or socket, and guards its redirects.
 * - 12: only a copy of the config holds the token. What the adapter adds to the headers is given back.
 *   Node's request and socket are hidden when they are made, the agents before.
 * - 16: it asks whose the request is before any interceptor runs, and the header says so. A request may
 *   name its own source, an interceptor may name another. It is not sent for another session.
 */
export const smallestWholeAdapter: Peer = {
  name: 'smallest adapter, laws 7, 9, 11, 12, 16',
  isOnAxios: true,
  client(setup) {
    const instance = axiosInstance(setup)
    const { origin } = new URL(setup.baseURL)
    const { accessToken: token, expiresAt } = setup.issued
    const sessionId = crypto.randomUUID()
    const attached: Source = {
      current: () => (Date.now() < expiresAt ? { token, sessionId } : undefined),
    }
    let begun: Begun | undefined
    hideWhenMade()

    const begin = (config: Config): boolean => {
      if (hasOwnCredentials(config.headers)) return true
      const source = sourceOf(config, attached)
      const current = source.current()
      begun = { source, sessionId: current?.sessionId }
      config.headers.Authorization = standInOf(source, current?.sessionId)
      return true
    }
    const wrap = (config: Config): Config => {
      const { adapter } = config
      const request = begun
      if (request?.source !== sourceOf(config, attached)) return config
      config.adapter = (given) => {
        given.adapter = adapter
        return send(getAdapter(adapter, given), given, request, origin)
      }
      return config
    }
    instance.interceptors.request.use(wrap, undefined, { synchronous: true, runWhen: begin })
    return (path) => instance.get(path)
  },
}

async function send(adapter: AxiosAdapter, given: Config, begun: Begun, origin: string) {
  if (hasOwnCredentials(given.headers)) return adapter(given)
  const isBound = given.url!.startsWith('/') || new URL(given.url!).origin === origin
  if (!isBound || given.socketPath) return adapter(given)
  const { source } = begun
  const current = source.current()
  if (!current || current.sessionId !== begun.sessionId) throw new Error('to be waited for')
  const field = `Bearer ${current.token}`
  const copy = copyWith(field, given)
  let isStray = false
  copy.beforeRedirect = (options) => {
    if (new URL(String(options.href)).origin === origin) return
    delete options.headers.Authorization
    isStray = true
  }
  if (copy.httpAgent) hide(copy.httpAgent)
  if (copy.httpsAgent) hide(copy.httpsAgent)
  const sent = inFlight.get(field) ?? added(field)
  sent.count++
  const response = await adapter(copy)
  sent.count--
  if (response.status === 401 && !isStray) throw new Error('to be renewed')
  copy.headers.Authorization = standInOf(source, current.sessionId)
  given.headers = copy.headers
  response.config = given
  return response
}

function sourceOf(config: Config, attached: Source): Source {
  return Object.hasOwn(config, 'tokens') ? (config as { tokens?: Source }).tokens! : attached
}

/** A name in any case. */
function hasOwnCredentials(headers: Headers): boolean {
  if (isStandIn(headers.Authorization)) return false
  for (const name of Object.keys(headers)) {
    if (name.length === 13 && name.toLowerCase() === 'authorization') {
      return headers[name] !== undefined && !isStandIn(headers[name])
    }
  }
  return false
}

const standIns = new WeakMap<Source, { sessionId: string; value: string }>()

function standInOf(source: Source, sessionId: string | undefined): string {
  if (!sessionId) return `${SCHEME} ${crypto.randomUUID()}`
  const known = standIns.get(source)
  if (known?.sessionId === sessionId) return known.value
  const value = `${SCHEME} ${sessionId}`
  standIns.set(source, { sessionId, value })
  return value
}

function isStandIn(value: unknown): boolean {
  return typeof value === 'string' && value.startsWith(SCHEME)
}

/** How many requests carry a value of the header now. */
const inFlight = new Map<string, { count: number }>()

function added(field: string): { count: number } {
  const sent = { count: 0 }
  inFlight.set(field, sent)
  return sent
}

let isListening = false

function hideWhenMade(): void {
  if (isListening) return
  isListening = true
  for (const name of ['http.client.request.created', 'http.client.request.start']) {
    subscribe(name, (message) => {
      const { request } = message as { request: NodeRequest }
      if (request[INSPECT] === show) return
      const field = request.getHeader('Authorization')
      if (typeof field !== 'string' || !inFlight.get(field)?.count) return
      request[INSPECT] = show
      request.toJSON = show
      request.once('socket', hide)
    })
  }
}

interface NodeRequest {
  getHeader(name: string): unknown
  once(event: 'socket', listener: (socket: object) => void): unknown
  [INSPECT]?: unknown
  toJSON?: unknown
}

/** Others list and copy it. */
function hide(object: object): void {
  if (Object.hasOwn(object, INSPECT)) return
  Object.defineProperty(object, INSPECT, { value: show, configurable: true, writable: true })
  Object.defineProperty(object, 'toJSON', { value: show, configurable: true, writable: true })
}
