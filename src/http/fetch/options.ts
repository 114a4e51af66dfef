import type { TokenSource } from '../../token-source.js'
import {
  checkFunction,
  checkHeader,
  checkList,
  checkNames,
  checkSource,
  type TokenHeader,
} from '../adapter-options.js'
import type { TokenSourceOption } from '../authorization.js'
import { Origins } from '../origins.js'

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
  tokens?: TokenSource | false
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
   * that is redirected elsewhere, carries none.
   */
  origins: readonly string[]
  /**
   * The request header that carries the token.
   *
   * @default 'Authorization'
   */
  header?: string
  /**
   * The value of that header. A pure function: it may be called once for many requests.
   *
   * @default (token) => `Bearer ${token}` (RFC 6750 §2.1)
   */
  format?: (token: string) => string
  /**
   * For APIs that reject a token otherwise than by 401: `true` renews the token and replays the
   * request, whatever the answer. It sees the very response that the caller gets: read a `clone()`
   * of it, not the body itself.
   *
   * @default only a 401 rejects a token
   */
  isRejected?: (response: Response) => boolean | Promise<boolean>
  /**
   * The fetch to send with: undici's, a polyfill, one with settings of your own. Called with what
   * `fetch` is called with.
   *
   * @default the global one, looked up at each call
   */
  fetch?: AnyFetch
}

/** What `createFetch` was given, checked. */
export interface Attachment extends TokenHeader {
  readonly origins: Origins
  readonly isRejected: CreateFetchOptions['isRejected']
  readonly fetch: Fetch | undefined
}

const KNOWN = ['origins', 'header', 'format', 'isRejected', 'fetch']

/** @throws TokenOptionsError */
export function checkOptions(source: unknown, options: CreateFetchOptions): Attachment {
  checkSource(source, 'request')
  checkNames(options, KNOWN)
  const { origins, isRejected, fetch } = options
  checkFunction('isRejected', isRejected)
  checkFunction('fetch', fetch)
  return {
    ...checkHeader(options),
    origins: new Origins(checkList('origins', 'a list of at least one origin', origins)),
    isRejected,
    fetch: fetch as Fetch | undefined,
  }
}
