import type { AxiosInstance, AxiosResponse, InternalAxiosRequestConfig } from 'axios'
import { TokenOptionsError } from '../../errors.js'
import {
  checkFunction,
  checkHeader,
  checkList,
  checkNames,
  checkSource,
  wrong,
  type TokenHeader,
} from '../adapter-options.js'
import type { TokenSourceOption } from '../authorization.js'
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
export interface Attachment extends TokenHeader {
  readonly instance: AxiosInstance
  readonly source: AxiosTokenSource | undefined
  readonly origins: Origins
  /** A Unix socket leads elsewhere than the URL says, so it is bound as an origin is. */
  readonly socketPath: string | null
  readonly isRejected: AttachTokensOptions['isRejected']
}

const KNOWN = ['origins', 'header', 'format', 'isRejected']

/** @throws TokenOptionsError */
export function checkOptions(
  instance: AxiosInstance,
  source: AxiosTokenSource | undefined,
  options: AttachTokensOptions,
): Attachment {
  checkInstance(instance)
  checkSource(source, 'config')
  checkNames(options, KNOWN)
  const { isRejected } = options
  const tokenHeader = checkHeader(options)
  checkFunction('isRejected', isRejected)
  return {
    ...tokenHeader,
    instance,
    source,
    origins: new Origins(boundOrigins(instance, options.origins)),
    socketPath: instance.defaults.socketPath ?? null,
    isRejected,
  }
}

function checkInstance(instance: unknown): void {
  const { interceptors, defaults } = (instance ?? {}) as Partial<AxiosInstance>
  if (typeof interceptors?.request?.use !== 'function' || typeof defaults !== 'object') {
    throw wrong('instance', 'an axios instance', instance)
  }
}

function boundOrigins(instance: AxiosInstance, given: unknown): readonly string[] {
  if (given !== undefined) return checkList('origins', 'a list of at least one origin', given)
  const origin = originOf(instance.defaults.baseURL)
  if (origin !== undefined) return [origin]
  throw new TokenOptionsError(
    'origins: wanted, since the instance has no absolute http(s) baseURL to take the origin from',
  )
}
