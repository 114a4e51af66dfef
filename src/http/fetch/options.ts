import type { TokenSource } from '../../token-source.js'
import { aFunction, check, checkOptions, checkValue } from '../../checks.js'
import { HEADER_CHECKS, ownMembers, sourceCheck, tokenHeader } from '../adapter-options.js'
import { bindOrigins, type OriginsOption } from '../origins.js'
import type { Platform } from '../platform.js'
import type { TokenSourceOption } from '../source-choice.js'
import { ANSWERS } from './answers.js'
import { askIsRejected } from './is-rejected.js'

/** The standard's function. */
export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>

/**
 * What is known of a request when its source is looked for.
 *
 * @public
 */
export interface FetchRequest {
  /** Absolute. */
  readonly url: string
  readonly method: string
  /** A copy. */
  readonly headers: Headers
}

/**
 * Where the tokens come from: a source, or a synchronous function that finds the source of a
 * request.
 *
 * @public
 */
export type FetchTokenSource = TokenSourceOption<FetchRequest>

/** @public */
export interface TokenFetchInit extends RequestInit {
  /** The source of this request's token, instead of the attached one; `false`: no token. */
  tokens?: TokenSource | false | undefined
}

/**
 * The standard `fetch`, and `{ tokens }`.
 *
 * @public
 */
export type TokenFetch = (input: string | URL | Request, init?: TokenFetchInit) => Promise<Response>

/**
 * A `fetch` of any copy of the standard's classes: undici's types are not those of a platform, nor
 * are one platform's those of another.
 *
 * @public
 */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type AnyFetch = (input: any, init?: any) => Promise<object>

/** @public */
export interface CreateFetchOptions {
  /**
   * The origins (scheme, host and port) that tokens may be sent to. A request elsewhere, or one
   * that is redirected elsewhere, carries none. A function of the token's session gives each tenant
   * its own: the first is where its API is, and where a request is sent again if that moved in the
   * refresh. It is asked for each request, so it must be quick and without effects.
   */
  origins: OriginsOption
  /**
   * The request header that carries the token.
   *
   * @default 'Authorization'
   */
  header?: string | undefined
  /**
   * The value of that header. A pure function: it may be called once for many requests.
   *
   * @default (token) => `Bearer ${token}` (RFC 6750 §2.1)
   */
  format?: ((token: string) => string) | undefined
  /**
   * For APIs that reject a token otherwise than by 401: `true` renews the token and sends the
   * request once more, whatever the status. It sees the very response that the caller gets, and a
   * redirect before it is followed: read a `clone()` of it, not the body itself.
   *
   * @default only a 401 rejects a token
   */
  isRejected?: ((response: Response) => boolean | Promise<boolean>) | undefined
  /**
   * The fetch to send with: undici's, a polyfill, one with settings of your own. Called with what
   * `fetch` is called with.
   *
   * @default the global one, looked up at each call
   */
  fetch?: AnyFetch | undefined
}

/** What `createFetch` was given, checked. */
export interface AdapterConfig extends Platform<Response> {
  readonly fetch: Fetch | undefined
}

const OWNER = 'createFetch'
const CHECKS = { ...HEADER_CHECKS, origins: check('origins', () => true), fetch: aFunction }

/** @throws TokenOptionsError */
export function adapterConfig(source: unknown, options: CreateFetchOptions): AdapterConfig {
  checkValue(OWNER, 'source', source, sourceCheck('request'))
  checkOptions(OWNER, options, CHECKS)
  const own = ownMembers(options)
  const { origins, isRejected, fetch } = own
  return {
    ...tokenHeader(own),
    origins: bindOrigins(OWNER, origins),
    isRejected: isRejected && ((response) => askIsRejected(isRejected, response)),
    answers: ANSWERS,
    fetch: fetch as Fetch | undefined,
  }
}
