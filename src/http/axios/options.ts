import type { AxiosInstance, AxiosResponse, InternalAxiosRequestConfig } from 'axios'
import { check, checkOptions, checkValue } from '../../checks.js'
import { TokenOptionsError } from '../../errors.js'
import { HEADER_CHECKS, ownMembers, sourceCheck, tokenHeader } from '../adapter-options.js'
import { bindOrigins, originOf, type OriginsOption } from '../origins.js'
import type { Platform } from '../platform.js'
import type { TokenSourceOption } from '../source-choice.js'
import { ANSWERS, responseOf, type Answer } from './answer.js'
import { askIsRejected } from './is-rejected.js'

/**
 * Where the tokens of an instance come from: a source, or a synchronous function that finds the
 * source of a request by its config.
 *
 * @public
 */
export type AxiosTokenSource = TokenSourceOption<InternalAxiosRequestConfig>

/**
 * An axios instance, by the types of either of axios' formats: those of ESM and of CommonJS do not
 * fit each other, and a framework may have the other ones (`@nestjs/axios`).
 *
 * @public
 */
export interface AnyAxiosInstance {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly interceptors: { readonly request: { use(...handlers: any[]): number } }
  readonly defaults: object
}

/** @public */
export interface AttachTokensOptions {
  /**
   * The origins (scheme, host and port) that tokens may be sent to. A request elsewhere, or one
   * that is redirected elsewhere, carries none. A function of the token's session gives each tenant
   * its own: the first is where its API is, and where a request is sent again if that moved in the
   * refresh. It is asked for each request, so it must be quick and without effects.
   *
   * @default the origin of the instance's `baseURL`, read at attach
   */
  origins?: OriginsOption | undefined
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
   * request once more, whatever the status. It sees the response before `transformResponse`, whatever
   * the `responseType`: where the response is JSON of up to 64 kB, `data` is the parsed value;
   * otherwise it is as it came. The caller gets the whole response all the same.
   *
   * @default only a 401 rejects a token
   */
  isRejected?: ((response: AxiosResponse) => boolean | Promise<boolean>) | undefined
}

/** What `attachTokens` was given, checked. */
export interface AdapterConfig extends Platform<Answer> {
  readonly instance: AxiosInstance
  readonly source: AxiosTokenSource | undefined
  /** A Unix socket leads elsewhere than the URL says, so it is bound as an origin is. */
  readonly socketPath: string | null
}

const OWNER = 'attachTokens'
const anInstance = check('an axios instance', isAxiosInstance)
const CHECKS = { ...HEADER_CHECKS, origins: check('origins', () => true) }

/** @throws TokenOptionsError */
export function adapterConfig(
  instance: AxiosInstance,
  source: AxiosTokenSource | undefined,
  options: AttachTokensOptions,
): AdapterConfig {
  checkValue(OWNER, 'instance', instance, anInstance)
  checkValue(OWNER, 'source', source, sourceCheck('config'))
  checkOptions(OWNER, options, CHECKS)
  const own = ownMembers(options)
  const { isRejected } = own
  return {
    ...tokenHeader(own),
    instance,
    source,
    origins: bindOrigins(OWNER, own.origins ?? [originOfBase(instance)]),
    socketPath: instance.defaults.socketPath ?? null,
    isRejected: isRejected && ((answer) => askIsRejected(isRejected, responseOf(answer))),
    answers: ANSWERS,
  }
}

function isAxiosInstance(value: unknown): boolean {
  const { interceptors, defaults } = (value ?? {}) as Partial<AxiosInstance>
  return typeof interceptors?.request?.use === 'function' && typeof defaults === 'object'
}

function originOfBase({ defaults }: AxiosInstance): string {
  const origin = originOf(defaults.baseURL)
  if (origin !== undefined) return origin
  throw new TokenOptionsError(
    `${OWNER}: \`origins\` must be given, since the instance has no absolute \`baseURL\` to take the origin from`,
  )
}
