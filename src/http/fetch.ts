import { isTokenError, setReason } from '../errors.js'
import type { Credential, TokenSource } from '../token-source.js'
import { untilAborted } from '../wait.js'
import { AuthorizedRequest } from './authorized-request.js'
import { credentialLater, credentialNow } from './credential.js'
import { boundsOf } from './fetch/bounds.js'
import { FetchRequest as SentRequest } from './fetch/fetch-request.js'
import { firstHop } from './fetch/hop.js'
import {
  adapterConfig,
  type AdapterConfig,
  type CreateFetchOptions,
  type Fetch,
  type FetchRequest,
  type FetchTokenSource,
  type TokenFetch,
  type TokenFetchInit,
} from './fetch/options.js'
import { plainInit, readRequest, type FetchCall } from './fetch/read-request.js'
import { takesToken } from './origins.js'
import { pickSource } from './source-choice.js'
import { isStandIn, standInOf } from './stand-in.js'
import { notBound } from './untokened.js'

export type {
  AnyFetch,
  CreateFetchOptions,
  FetchRequest,
  FetchTokenSource,
  TokenFetch,
  TokenFetchInit,
} from './fetch/options.js'
export { isGraphqlUnauthenticated } from './graphql.js'
export type { OriginsContext, OriginsOption } from './origins.js'

/**
 * A `fetch` that sends access tokens, renews a token that the API rejects with 401, and sends the
 * rejected request once more. Takes what `fetch` takes, and `{ tokens }` beside it.
 *
 * What a request ends with: a rejection with a `TokenError` where no token was available and nothing
 * was sent; the API's own response where a 401 was passed on, and `tokenErrorOf(response)` says why.
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
  const checked = adapterConfig(source, options)
  const original = globalThis.fetch

  /** Looked up when called, so that mocks work; not ours, where it was put in the global's place. */
  const platform: Fetch = (input, init) => {
    const current = checked.fetch ?? globalThis.fetch
    return current === tokenFetch ? original(input, init) : current(input, init)
  }

  async function tokenFetch(
    input: string | URL | Request,
    init?: TokenFetchInit,
  ): Promise<Response> {
    const { tokens, plain } = takeTokens(init)
    const call = readRequest(input, plain)
    if (!call) return platform(input, plain)
    const hadStandIn = takeStandIn(checked, call)
    const sendPlain = () =>
      hadStandIn ? platform(input, { ...plain, headers: call.headers }) : platform(input, plain)
    if (tokens === false || call.headers.has(checked.header)) return sendPlain()
    const always = checked.origins.always?.destinationOf(call.url)
    if (always && !always.isBound) return untokened(sendPlain())
    if (always && !takesToken(always, checked.header)) return sendPlain()
    // Only a function is told of the request.
    const picked = pickSource(tokens, source, typeof source === 'function' ? about(call) : call)
    if (isTokenError(picked)) throw picked

    const now = credentialNow(picked)
    if (now === 'inside') return sendPlain()
    // Made at once: `fetch` sends the body as it is when it is called.
    const first = firstHop(call, Boolean(checked.fetch))
    // It may fail while a token is still waited for.
    if (first instanceof Promise) first.catch(() => {})
    const credential = now ?? (await credentialOf(picked, call))
    const destination = checked.origins.of(credential).destinationOf(call.url)
    if (!takesToken(destination, checked.header)) return untokened(sendPlain())
    const hop =
      first instanceof Promise ? await untilAborted(first, call.signal ?? undefined) : first
    const request = new SentRequest(checked, platform, call, hop)
    try {
      return await new AuthorizedRequest(picked, checked, request).send(credential)
    } finally {
      request.release()
    }
  }

  return tokenFetch
}

/**
 * What may stand in the token's header of a request, in the token's place, until `createFetch` puts
 * the token there. It is for what tells requests apart above it (a response cache, a deduplicator) and
 * must know whose each is. Not secret, and worth nothing to an API. The same for all requests of a
 * session, and another while it is not known whose they are.
 *
 * @example
 * cachedFetch(url, { headers: { authorization: sessionStandIn(tokens) } })
 *
 * @public
 */
export function sessionStandIn(source: TokenSource): string {
  const current = credentialNow(source)
  return standInOf(source, current === 'inside' ? undefined : current)
}

async function credentialOf(source: TokenSource, call: FetchCall): Promise<Credential> {
  const later = await credentialLater(source, undefined, {}, () => boundsOf(call.signal))
  if ('code' in later) throw later
  return later
}

/** Where a 401 comes back, it says why there was no token. */
async function untokened(sent: Promise<Response>): Promise<Response> {
  const response = await sent
  if (response.status === 401) setReason(response, notBound())
  return response
}

/** A stand-in of ours is no credential of the caller's. */
function takeStandIn({ header }: AdapterConfig, { headers }: FetchCall): boolean {
  const isOurs = isStandIn(headers.get(header))
  if (isOurs) headers.delete(header)
  return isOurs
}

/** The caller's init, as the platform is to see it. */
function takeTokens(init: TokenFetchInit | undefined): {
  tokens: TokenFetchInit['tokens']
  plain: RequestInit | undefined
} {
  if (!init || !hasTokens(init)) return { tokens: undefined, plain: init }
  const { tokens } = init
  const { tokens: _, ...plain } = plainInit(init) as TokenFetchInit
  return { tokens, plain }
}

function about({ url, method, headers }: FetchCall): FetchRequest {
  return { url, method, headers: new Headers(headers) }
}

/** Of an init, or of the class that it is an instance of; not of every object there is. */
function hasTokens(init: object): boolean {
  return 'tokens' in init && !(!Object.hasOwn(init, 'tokens') && 'tokens' in Object.prototype)
}
