import type { AxiosError, AxiosResponse, InternalAxiosRequestConfig } from 'axios'
import { hide, hideForGood } from './hidden.js'

/** What a sent request may be asked for in the adapters' different kinds. */
interface AnyRequest {
  method?: string
  protocol?: string
  host?: string
  path?: string
  url?: string
  res?: { statusCode?: number; responseUrl?: string }
  /** The current hop, where redirects are followed. */
  _currentRequest?: AnyRequest
  /** The whole journey, where redirects are followed. */
  _redirectable?: object
}

/** Stands in for the platform's request in an error: what is known of it, without its headers. */
class SentRequest {
  readonly method: string | undefined
  readonly protocol: string | undefined
  readonly host: string | undefined
  readonly path: string | undefined
  readonly res: { readonly statusCode?: number; readonly responseUrl?: string } | undefined

  constructor(request: AnyRequest) {
    const hop = request._currentRequest ?? request
    this.method = hop.method
    this.protocol = hop.protocol
    this.host = hop.host
    this.path = hop.path ?? hop.url
    this.res = hop.res && { statusCode: hop.res.statusCode, responseUrl: hop.res.responseUrl }
  }
}

/**
 * A response for the caller: its config is the caller's own, and its request, which holds the token
 * in its headers, stays usable but is not printed.
 */
export function hideInResponse(response: AxiosResponse, config: InternalAxiosRequestConfig): void {
  response.config = config
  const request: unknown = response.request
  if (typeof request !== 'object' || request === null) return
  hide(request)
  // Of a streamed response, the socket still leads to the whole journey.
  if (typeof response.data === 'object') hideJourney(request)
}

/** An error for the caller, and its response: nothing in them leads to the token. */
export function hideRequestInError(
  error: unknown,
  config: InternalAxiosRequestConfig,
  depth = 0,
): void {
  if (typeof error !== 'object' || error === null) return
  const { config: failed, response, cause } = error as Partial<AxiosError>
  const request: unknown = (error as Partial<AxiosError>).request
  const standIn = standInFor(request ?? response?.request)
  if (failed) (error as AxiosError).config = config
  if (request) (error as AxiosError).request = standIn
  if (response) {
    hideInResponse(response, config)
    if (response.request) response.request = standIn
  }
  // An adapter's error may wrap one that a deeper layer made, with the same request in it.
  if (depth < 4) hideRequestInError(cause, config, depth + 1)
}

/** An agent shows its sockets, and those the requests in flight, also of others. */
export function hideInAgents(config: InternalAxiosRequestConfig): void {
  const { httpAgent, httpsAgent } = config as { httpAgent?: object; httpsAgent?: object }
  if (httpAgent) hideForGood(httpAgent)
  if (httpsAgent) hideForGood(httpsAgent)
}

function standInFor(request: unknown): SentRequest | undefined {
  if (typeof request !== 'object' || request === null) return undefined
  if (request instanceof SentRequest) return request
  hide(request)
  hideJourney(request)
  return new SentRequest(request)
}

/** The parts that are seen beside it, from the socket or from the one that follows redirects. */
function hideJourney({ _redirectable, _currentRequest }: AnyRequest): void {
  if (_redirectable) hide(_redirectable)
  if (_currentRequest) hide(_currentRequest)
}
