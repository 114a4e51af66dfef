import type { InternalAxiosRequestConfig } from 'axios'
import type { Origins } from '../origins.js'
import type { TokenFields } from '../token-fields.js'

type BeforeRedirect = NonNullable<InternalAxiosRequestConfig['beforeRedirect']>

/** A request on its way through redirects. */
export interface RedirectedRequest {
  /** Whether it went on without its token, so that a response says nothing of it. */
  isStray: boolean
}

/** The part of a Node transport that axios uses. */
export interface Transport {
  request(options: TransportOptions, onResponse: unknown): unknown
}

interface TransportOptions {
  beforeRedirect?: BeforeRedirect
}

/**
 * Takes the token out of a redirected request unless it leads to an origin that the token is bound
 * to. With a proof, which is for one URL alone, it is always taken out. The caller's own hook runs
 * first, so that whatever it puts back, or sets otherwise, is seen too.
 *
 * @param socketPath - the one that the token is bound to
 */
export function guardRedirects(
  { field, proof }: TokenFields,
  origins: Origins,
  socketPath: string | null,
  redirected: RedirectedRequest,
  callersHook: BeforeRedirect | undefined,
): BeforeRedirect {
  return (options, response, request) => {
    callersHook?.(options, response, request)
    const headers = options.headers as Record<string, unknown>
    const isOurs = (value: unknown) => value === field || (proof !== undefined && value === proof)
    const names = Object.keys(headers).filter((name) => isOurs(headers[name]))
    const isBound = isBoundTo(origins, options) && (options.socketPath ?? null) === socketPath
    if (proof === undefined && isBound && names.length > 0) return
    redirected.isStray = true
    for (const name of names) delete headers[name]
  }
}

/** A hook may change a part of the URL only: what counts is what Node connects to, and what is told. */
function isBoundTo(origins: Origins, options: Record<string, unknown>): boolean {
  const { href, protocol, hostname, host, port } = options
  const name = String(hostname || host)
  const authority = name.includes(':') && !name.startsWith('[') ? `[${name}]` : name
  const connected = `${String(protocol)}//${authority}${port ? `:${String(port)}` : ''}`
  return [String(href), connected].every((url) => origins.destinationOf(url).isBound)
}

/** axios hands `beforeRedirect` to its own transport only; a caller's may follow redirects too. */
export function guardTransport(transport: Transport, guard: BeforeRedirect): Transport {
  return {
    request(options, onResponse) {
      const { beforeRedirect } = options
      options.beforeRedirect = (...redirect) => {
        beforeRedirect?.(...redirect)
        guard(...redirect)
      }
      return transport.request(options, onResponse)
    },
  }
}
