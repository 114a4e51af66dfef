import type { AxiosInstance, AxiosResponse, InternalAxiosRequestConfig } from 'axios'
import { TokenOptionsError } from '../../errors.js'
import { isTokenSource, type TokenSourceOption } from '../authorization.js'
import { originOf, Origins } from '../origins.js'

/**
 * Where the tokens of an instance come from: a source, or a synchronous function that finds the
 * source of a request by its config.
 *
 * @public
 */
export type AxiosTokenSource = TokenSourceOption<InternalAxiosRequestConfig>

/** @public */
export interface AttachTokensOptions {
  /**
   * The origins (scheme, host and port) that tokens may be sent to. A request elsewhere, or one
   * that is redirected elsewhere, carries none.
   *
   * @default the origin of the instance's `baseURL`, read at attach
   */
  origins?: readonly string[]
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
   * request, whatever the answer. It sees the answer before `transformResponse`; `data` is parsed
   * where the body is JSON, and as it came where it is not.
   *
   * @default only a 401 rejects a token
   */
  isRejected?: (response: AxiosResponse) => boolean
}

/** What `attachTokens` was given, checked. */
export interface Attachment {
  readonly instance: AxiosInstance
  readonly source: AxiosTokenSource | undefined
  readonly origins: Origins
  /** A Unix socket leads elsewhere than the URL says, so it is bound as an origin is. */
  readonly socketPath: string | null
  readonly header: string
  readonly isRejected: AttachTokensOptions['isRejected']
  /** The value of the header for a token. */
  readonly fieldFor: (token: string) => string
}

const KNOWN = ['origins', 'header', 'format', 'isRejected']
const FIELD_NAME = /^[!#$%&'*+\-.^_`|~\dA-Za-z]+$/
const FIELD_VALUE = /^[\x21-\x7e]+(?: [\x21-\x7e]+)*$/

/** @throws TokenOptionsError */
export function checkOptions(
  instance: AxiosInstance,
  source: AxiosTokenSource | undefined,
  options: AttachTokensOptions,
): Attachment {
  checkInstance(instance)
  checkSource(source)
  if (typeof options !== 'object' || options === null) {
    throw wrong('options', 'an object', options)
  }
  const unknown = Object.keys(options).find((name) => !KNOWN.includes(name))
  if (unknown !== undefined) {
    throw new TokenOptionsError(`${unknown}: no such option; there are ${KNOWN.join(', ')}`)
  }
  const { header = 'Authorization', format = bearer, isRejected } = options
  if (typeof header !== 'string' || !FIELD_NAME.test(header)) {
    throw wrong('header', 'a header name', header)
  }
  if (typeof format !== 'function') throw wrong('format', 'a function', format)
  if (isRejected !== undefined && typeof isRejected !== 'function') {
    throw wrong('isRejected', 'a function', isRejected)
  }
  return {
    instance,
    source,
    origins: new Origins(boundOrigins(instance, options.origins)),
    socketPath: instance.defaults.socketPath ?? null,
    header,
    isRejected,
    fieldFor: rememberingLast((token) => checkedField(format, token)),
  }
}

function bearer(token: string): string {
  return `Bearer ${token}`
}

function checkInstance(instance: unknown): void {
  const { interceptors, defaults } = (instance ?? {}) as Partial<AxiosInstance>
  if (typeof interceptors?.request?.use !== 'function' || typeof defaults !== 'object') {
    throw wrong('instance', 'an axios instance', instance)
  }
}

function checkSource(source: unknown): void {
  if (source === undefined || typeof source === 'function' || isTokenSource(source)) return
  throw wrong('source', 'a TokenSource, a function of the config, or undefined', source)
}

function boundOrigins(instance: AxiosInstance, given: unknown): readonly string[] {
  if (given !== undefined) {
    if (Array.isArray(given) && given.length > 0) return given as string[]
    throw wrong('origins', 'a list of at least one origin', given)
  }
  const origin = originOf(instance.defaults.baseURL)
  if (origin !== undefined) return [origin]
  throw new TokenOptionsError(
    'origins: wanted, since the instance has no absolute http(s) baseURL to take the origin from',
  )
}

/** Most requests of an instance carry the same token as the one before. */
function rememberingLast(compute: (token: string) => string): (token: string) => string {
  let lastToken: string | undefined
  let lastField = ''
  return (token) => {
    if (token !== lastToken) {
      lastField = compute(token)
      lastToken = token
    }
    return lastField
  }
}

/** Neither the value nor what `format` threw is shown: the token is in it. */
function checkedField(format: (token: string) => unknown, token: string): string {
  let value: unknown
  try {
    value = format(token)
  } catch {
    throw new TokenOptionsError('format: must not throw, and did')
  }
  if (typeof value === 'string' && FIELD_VALUE.test(value)) return value
  throw new TokenOptionsError(
    'format: must give a header value of visible ASCII and single spaces, and did not',
  )
}

/** Says what was given by its type only: it may be a token, by mistake. */
function wrong(name: string, wanted: string, given: unknown): TokenOptionsError {
  const shown = given === null ? 'null' : Array.isArray(given) ? 'a list' : typeof given
  return new TokenOptionsError(`${name}: ${wanted} wanted, got ${shown}`)
}
