import { badOption } from '../checks.js'
import { boundedText } from '../http/bounded-body.js'
import type { UrlRule } from './secure-url.js'

/**
 * The part of fetch that is used: globalThis.fetch, undici's and node-fetch's fit. It must honour
 * `redirect: 'manual'`, or a redirect takes the client's secret elsewhere.
 *
 * @public
 */
export type OAuthFetch = (url: string, init: OAuthFetchInit) => Promise<TokenFetchResponse>

/** @public */
export interface OAuthFetchInit {
  method: string
  headers: Record<string, string>
  /** A form, urlencoded, or JSON where a `provider` says so; none for discovery. */
  body?: string
  redirect: 'manual'
  signal?: AbortSignal
}

/** @public */
export interface TokenFetchResponse {
  readonly status: number
  readonly type?: string
  readonly headers: { get(name: string): string | null }
  /** Read as a stream where it is one, up to 1 MB. */
  readonly body?: unknown
  text(): Promise<string>
}

/** What oauth4webapi hands to its `customFetch`, as far as we know it. */
export interface OutgoingRequest {
  method: string
  headers: Record<string, string>
  body?: unknown
}

/**
 * Sends one request.
 *
 * @throws TokenError for a URL that is not secure, before anything is sent; else whatever fetch throws
 */
export type Transport = (
  url: string,
  request: OutgoingRequest,
  signal: AbortSignal | undefined,
  longestBody?: number,
) => Promise<TokenFetchResponse>

/**
 * The one door that discovery and token requests leave by: here each URL is checked once more,
 * since metadata may name another than the options did, and no body is read without bound.
 *
 * @internal
 */
export function createTransport(userFetch: OAuthFetch | undefined, assertUrl: UrlRule): Transport {
  return async (url, { method, headers, body }, signal, longestBody) => {
    assertUrl(url)
    const send = userFetch ?? globalThis.fetch
    const answer: unknown = await send(url, {
      method,
      headers,
      ...(body === undefined ? {} : { body: String(body) }),
      redirect: 'manual',
      ...(signal && { signal }),
    })
    if (isResponse(answer)) {
      const { status, type, headers } = answer
      return {
        status,
        ...(type !== undefined && { type }),
        headers,
        text: () => boundedText(answer, longestBody),
      }
    }
    throw badOption('oauthClient', 'fetch', 'must be a function that resolves to a Response')
  }
}

/** A browser's fetch hides the status of a redirect that it did not follow. */
export function isRedirect(answer: TokenFetchResponse): boolean {
  return (answer.status >= 300 && answer.status < 400) || answer.type === 'opaqueredirect'
}

export function isSuccess(answer: { readonly status: number }): boolean {
  return answer.status >= 200 && answer.status < 300
}

function isResponse(value: unknown): value is TokenFetchResponse {
  if (typeof value !== 'object' || value === null) return false
  const { status, headers, text } = value as Partial<TokenFetchResponse>
  return (
    typeof status === 'number' && typeof headers?.get === 'function' && typeof text === 'function'
  )
}
