import {
  getAdapter,
  type AxiosAdapter,
  type AxiosError,
  type AxiosResponse,
  type InternalAxiosRequestConfig,
} from 'axios'
import { isTokenError, setReason, type TokenError } from '../../errors.js'
import type { Credential, TokenSource } from '../../token-source.js'
import { AuthorizedRequest } from '../authorized-request.js'
import { credentialLater, credentialNow, isOtherSession, sessionChanged } from '../credential.js'
import { takesToken, type Destination } from '../origins.js'
import { isStandIn, standInOf } from '../stand-in.js'
import { notBound } from '../untokened.js'
import { AxiosRequest } from './axios-request.js'
import { boundsOf } from './bounds.js'
import { destinationOf } from './destination.js'
import { headerIn } from './header.js'
import type { AdapterConfig } from './options.js'

type Config = InternalAxiosRequestConfig

/** Marks our adapters, whichever copy of the package made them, and leads to what they wrap. */
const WRAPPED = Symbol.for('tokenward.wrappedAdapter')

type Wrapper = AxiosAdapter & { [WRAPPED]?: Config['adapter'] }

/** axios' own, for a config that has none. */
const DEFAULT_ADAPTER: Config['adapter'] = ['xhr', 'http', 'fetch']

/** By the session's origins, it is told when there is a token. */
const ANYWHERE: Destination = { isBound: true, hasCredentials: false }

/** A request that began: its source, or why it has none; and the session it began under. */
export interface BegunRequest {
  readonly config: Config
  readonly picked: TokenSource | TokenError
  readonly sessionId: string | undefined
}

/**
 * An adapter for one request, which adds the token when the request is sent: after all
 * interceptors and transforms, when URL, headers and body are what they will be.
 */
export function tokenAdapter(
  adapterConfig: AdapterConfig,
  begun: BegunRequest,
  adapter: Config['adapter'],
): AxiosAdapter {
  const wrapper = (config: Config) => {
    // The caller's config is left as it was: a retry meets the interceptor, not this wrapper.
    config.adapter = adapter
    return send(adapterConfig, begun, config)
  }
  ;(wrapper as Wrapper)[WRAPPED] = adapter
  return wrapper
}

/** What the caller asked for: a config that is sent again may have our wrapper still. */
export function unwrapped(adapter: Config['adapter']): Config['adapter'] {
  if (typeof adapter !== 'function' || !(WRAPPED in adapter)) return adapter
  return adapter[WRAPPED] as Config['adapter']
}

function send(
  adapterConfig: AdapterConfig,
  { picked, sessionId }: BegunRequest,
  config: Config,
): Promise<AxiosResponse> {
  const { header, origins, socketPath } = adapterConfig
  const adapter = resolved(config)
  if (hasOwnCredentials(config, header)) return adapter(config)
  // Basic credentials take the place of any `Authorization`: they are the caller's own.
  const always = origins.always && destinationOf(config, origins.always)
  const isSameSocket = (config.socketPath ?? null) === socketPath
  if (always && !(always.isBound && isSameSocket)) return sendWithout(adapter, config, header, true)
  if (!takesToken(always ?? ANYWHERE, header, Boolean(config.auth)) || !isSameSocket) {
    return sendWithout(adapter, config, header, false)
  }
  if (isTokenError(picked)) return refuse(picked)
  let now: Credential | 'inside' | undefined
  try {
    now = credentialNow(picked)
  } catch (thrown) {
    return refuse(thrown)
  }
  if (now === 'inside') return sendWithout(adapter, config, header, false)
  if (now) return sendWith(adapterConfig, picked, sessionId, config, adapter, now)
  // Bound, since a closure would cost each request, also where the token is at hand.
  const go = sendWith.bind(null, adapterConfig, picked, sessionId, config, adapter)
  const bounds = boundsOf.bind(null, config)
  return credentialLater(picked, undefined, {}, bounds).then(go, refuse)
}

function sendWith(
  adapterConfig: AdapterConfig,
  source: TokenSource,
  sessionId: string | undefined,
  config: Config,
  adapter: AxiosAdapter,
  credential: Credential | TokenError,
): Promise<AxiosResponse> {
  if ('code' in credential) return refuse(credential)
  if (isOtherSession(sessionId, credential.sessionId)) return refuse(sessionChanged())
  const { origins, header } = adapterConfig
  try {
    if (!origins.always && !takesToken(destinationOf(config, origins.of(credential)), header)) {
      return sendWithout(adapter, config, header, true)
    }
    const standIn = standInOf(source, credential)
    const request = new AxiosRequest(adapterConfig, config, adapter, standIn)
    const driver = new AuthorizedRequest(source, adapterConfig, request)
    const prepared = request.prepare(credential.prover !== undefined)
    const sent = prepared
      ? prepared.then(driver.send.bind(driver, credential))
      : driver.send(credential)
    return sent as Promise<AxiosResponse>
  } catch (thrown) {
    return refuse(thrown)
  }
}

/** Where a 401 comes back, it says why there was no token. */
function sendWithout(
  adapter: AxiosAdapter,
  config: Config,
  header: string,
  isTold: boolean,
): Promise<AxiosResponse> {
  config.headers.delete(header)
  const sent = adapter(config)
  if (!isTold) return sent
  return sent.then(
    (response) => {
      if (response.status === 401) setReason(response, notBound())
      return response
    },
    (thrown: unknown) => {
      const response = (thrown as Partial<AxiosError> | null | undefined)?.response
      if (response?.status === 401) setReason(response, notBound())
      throw thrown
    },
  )
}

/** Whether the caller, or an interceptor, has put a value of theirs into the token's header. */
export function hasOwnCredentials({ headers }: Config, header: string): boolean {
  if (isStandIn(headers[header])) return false
  const value = headerIn(headers, header)
  return value !== undefined && value !== null && !isStandIn(value)
}

function resolved(config: Config): AxiosAdapter {
  const { adapter } = config
  return typeof adapter === 'function' ? adapter : getAdapter(adapter ?? DEFAULT_ADAPTER, config)
}

function refuse(reason: unknown): Promise<never> {
  return Promise.reject(isTokenError(reason) ? withSteadyStack(reason) : (reason as Error))
}

/** axios appends each caller's stack, and one error may be given to callers without end. */
function withSteadyStack(error: TokenError): TokenError {
  const { stack } = error
  return Object.defineProperty(error, 'stack', { value: stack, writable: false })
}
