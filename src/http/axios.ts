import type { AxiosInstance } from 'axios'
import { TokenOptionsError } from '../errors.js'
import type { TokenSource } from '../token-source.js'
import { Attachment } from './axios/attachment.js'
import {
  adapterConfig,
  type AnyAxiosInstance,
  type AttachTokensOptions,
  type AxiosTokenSource,
} from './axios/options.js'

export type { AnyAxiosInstance, AttachTokensOptions, AxiosTokenSource } from './axios/options.js'
export { isGraphqlUnauthenticated } from './graphql.js'
export type { OriginsContext, OriginsOption } from './origins.js'

declare module 'axios' {
  interface AxiosRequestConfig {
    /**
     * The source of this request's token, instead of the attached one; `false`: no token. To be an
     * instance of a class, or an object of methods alone: axios copies plain objects.
     */
    tokens?: TokenSource | false
  }
}

/** What to eject, for each instance that tokens are attached to. */
const interceptors = new WeakMap<AxiosInstance, number>()

/**
 * Makes an axios instance send access tokens, renew a token that the API rejects with 401, and send
 * the rejected request once more.
 *
 * What a request rejects with: a `TokenError` where no token was available and nothing was sent;
 * the API's own `AxiosError` with a `TokenError` as its `cause` where a 401 was passed on.
 * `tokenErrorOf(error)` finds it in either.
 *
 * @param instance - the axios instance; several may share a source
 * @param source - a `TokenSource`, or a synchronous function that finds the source of a request, or
 * nothing where every request brings its own: `{ tokens }`
 * @param options - see `AttachTokensOptions`
 * @returns the instance
 * @throws TokenOptionsError for a bad option, for an instance with neither `baseURL` nor `origins`,
 * and for one that has tokens attached already
 * @public
 */
export function attachTokens<Instance extends AnyAxiosInstance>(
  instance: Instance,
  source?: AxiosTokenSource,
  options: AttachTokensOptions = {},
): Instance {
  const axios = instance as unknown as AxiosInstance
  const checked = adapterConfig(axios, source, options)
  if (interceptors.has(axios)) {
    throw new TokenOptionsError(
      'attachTokens: `instance` has tokens attached already; detachTokens() it first',
    )
  }
  const attachment = new Attachment(checked)
  const id = axios.interceptors.request.use((config) => attachment.intercept(config), undefined, {
    synchronous: true,
    runWhen: (config) => attachment.begin(config),
  })
  interceptors.set(axios, id)
  return instance
}

/**
 * Undoes `attachTokens`: requests made from now on carry no token. Does nothing to an instance
 * without tokens.
 *
 * @returns the instance
 * @public
 */
export function detachTokens<Instance extends AnyAxiosInstance>(instance: Instance): Instance {
  const axios = instance as unknown as AxiosInstance
  const id = interceptors.get(axios)
  if (id !== undefined) axios.interceptors.request.eject(id)
  interceptors.delete(axios)
  return instance
}
