import type { Fetch } from './options.js'

/** What a call of `fetch` asks for. Its body is left alone: it may be none of ours. */
export interface FetchCall {
  /** Absolute. */
  readonly url: string
  /** As it will be sent. */
  readonly method: string
  readonly headers: Headers
  readonly redirect: RequestRedirect
  readonly signal: AbortSignal | null | undefined
  /** The second argument, as plain data. */
  readonly init: RequestInit
  /** The first argument, if it was a `Request`. */
  readonly request: Request | undefined
}

/** What an init may inherit from a `Request`, apart from method, headers and body. */
const SETTINGS = [
  'mode',
  'credentials',
  'cache',
  'redirect',
  'referrer',
  'referrerPolicy',
  'integrity',
  'keepalive',
  'signal',
  'duplex',
] as const

/** Fetch standard, normalize a method: `patch` is not among them. */
const NORMALIZED = /^(?:delete|get|head|options|post|put)$/i

/**
 * Reads what `fetch` was called with: each member once, the strongest first. `undefined` for what
 * no request can be made of, or for a URL without an origin: the platform says what is wrong.
 */
export function readRequest(...[input, given]: Parameters<Fetch>): FetchCall | undefined {
  const request = isRequest(input) ? input : undefined
  try {
    const init = plainInit(given)
    const method = init.method ?? request?.method ?? 'GET'
    return {
      url: request?.url ?? new URL(input as string | URL).href,
      method: NORMALIZED.test(method) ? method.toUpperCase() : method,
      headers: new Headers(init.headers ?? request?.headers),
      redirect: init.redirect ?? request?.redirect ?? 'follow',
      signal: init.signal === undefined ? request?.signal : init.signal,
      init,
      request,
    }
  } catch {
    return undefined
  }
}

/** The settings of a `Request`, as an init for another. */
export function settingsOf(request: Request | RequestInit): RequestInit {
  const given = request as Record<string, unknown>
  const told = SETTINGS.filter((name) => given[name] !== undefined && given[name] !== null)
  return Object.fromEntries(told.map((name) => [name, given[name]]))
}

/** Of whatever copy of the standard's classes. */
function isRequest(input: unknown): input is Request {
  if (typeof input !== 'object' || input === null) return false
  const { url, clone } = input as Partial<Request>
  return typeof url === 'string' && typeof clone === 'function'
}

/** A copy. An init may be a `Request` itself, or an instance of a class: its members are inherited. */
export function plainInit(init: RequestInit | null | undefined): RequestInit {
  if (!init) return {}
  const prototype: unknown = Object.getPrototypeOf(init)
  if (prototype === Object.prototype || prototype === null) return { ...init }
  const { method, headers, body } = init
  const main = Object.entries({ method, headers, body }).filter(([, value]) => value !== undefined)
  return { ...settingsOf(init), ...Object.fromEntries(main), ...init }
}
