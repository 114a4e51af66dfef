import type { InternalAxiosRequestConfig } from 'axios'
import type { Origins } from '../origins.js'
import type { TokenFields } from '../token-fields.js'

type BeforeRedirect = NonNullable<InternalAxiosRequestConfig['beforeRedirect']>

/** What became of a token on its way through redirects. */
export interface Trip {
  /** Whether the request went on without its token, so that an answer says nothing of it. */
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
 * first, so that whatever it puts back is seen too.
 */
export function guardRedirects(
  { field, proof }: TokenFields,
  origins: Origins,
  trip: Trip,
  callersHook: BeforeRedirect | undefined,
): BeforeRedirect {
  return (options, response, request) => {
    callersHook?.(options, response, request)
    const headers = options.headers as Record<string, unknown>
    const isOurs = (value: unknown) => value === field || (proof !== undefined && value === proof)
    const names = Object.keys(headers).filter((name) => isOurs(headers[name]))
    const mayStay = proof === undefined && origins.targetOf(String(options.href)).isBound
    if (mayStay && names.length > 0) return
    trip.isStray = true
    for (const name of names) delete headers[name]
  }
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
