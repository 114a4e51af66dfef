import { isTokenError } from '../errors.js'
import { begin, grantLater, grantNow, pickSource, refusalOf } from './authorization.js'
import { boundsOf } from './fetch/bounds.js'
import { Exchange } from './fetch/exchange.js'
import {
  checkOptions,
  type Attachment,
  type CreateFetchOptions,
  type Fetch,
  type FetchRequest,
  type FetchTokenSource,
  type TokenFetch,
  type TokenFetchInit,
} from './fetch/options.js'
import { plainInit, readRequest, type FetchCall } from './fetch/read-request.js'
import { takesToken } from './origins.js'

export type {
  AnyFetch,
  CreateFetchOptions,
  FetchRequest,
  FetchTokenSource,
  TokenFetch,
  TokenFetchInit,
} from './fetch/options.js'

/**
 * A `fetch` that sends access tokens, renews a token that the API rejects with 401, and sends the
 * rejected request once more. Takes what `fetch` takes, and `{ tokens }` beside it.
 *
 * What a request ends with: a rejection with a `TokenError` where no token was to be had and nothing
 * was sent; the API's own answer where a 401 was passed on, and `tokenErrorOf(response)` says why.
 * All else is the platform's, the caller's own abort too.
 *
 * @param source - a `TokenSource`, or a synchronous function that finds the source of a request, or
 * `undefined` where every request brings its own: `{ tokens }`
 * @param options - see `CreateFetchOptions`; `origins` is required
 * @throws TokenOptionsError for a bad option
 * @public
 */
export function createFetch(
  source: FetchTokenSource | undefined,
  options: CreateFetchOptions,
): TokenFetch {
  const attachment = checkOptions(source, options)
  const original = globalThis.fetch

  /** Looked up when called, so that mocks work; not ours, where it was put in the global's place. */
  const platform: Fetch = (input, init) => {
    const current = attachment.fetch ?? globalThis.fetch
    return current === tokenFetch ? original(input, init) : current(input, init)
  }

  async function tokenFetch(
    input: string | URL | Request,
    init?: TokenFetchInit,
  ): Promise<Response> {
    const { tokens, plain } = takeTokens(init)
    if (tokens === false) return platform(input, plain)
    const call = readRequest(input, plain)
    if (!call || !wantsToken(attachment, call)) return platform(input, plain)
    // Only a function is told of the request.
    const picked = pickSource(tokens, source, typeof source === 'function' ? about(call) : call)
    if (isTokenError(picked)) throw picked

    const begun = begin(picked)
    const now = orRefusal(() => grantNow(begun))
    if (now === 'inside') return platform(input, plain)
    const exchange = new Exchange(attachment, platform, picked, call)
    if (now) return exchange.run(now)
    return exchange.run(await grantLater(begun, boundsOf(call.signal)).catch(refuse))
  }

  return tokenFetch
}

/** The caller's init, as the platform is to see it. */
function takeTokens(init: TokenFetchInit | undefined): {
  tokens: TokenFetchInit['tokens']
  plain: RequestInit | undefined
} {
  if (!init || !('tokens' in init)) return { tokens: undefined, plain: init }
  const { tokens } = init
  const { tokens: _, ...plain } = plainInit(init) as TokenFetchInit
  return { tokens, plain }
}

/** Whether the request goes where the token belongs, and brings no credentials of its own. */
function wantsToken({ origins, header }: Attachment, { url, headers }: FetchCall): boolean {
  return takesToken(origins.targetOf(url), header) && !headers.has(header)
}

function about({ url, method, headers }: FetchCall): FetchRequest {
  return { url, method, headers: new Headers(headers) }
}

function orRefusal<T>(act: () => T): T {
  try {
    return act()
  } catch (thrown) {
    return refuse(thrown)
  }
}

function refuse(thrown: unknown): never {
  throw refusalOf(thrown)
}
