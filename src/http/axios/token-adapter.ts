import {
  getAdapter,
  type AxiosAdapter,
  type AxiosResponse,
  type InternalAxiosRequestConfig,
} from 'axios'
import { isTokenError, type TokenError } from '../../errors.js'
import type { TokenSource } from '../../token-source.js'
import {
  begin,
  grantLater,
  grantNow,
  refusalOf,
  type BegunRequest,
  type Grant,
} from '../authorization.js'
import { takesToken } from '../origins.js'
import { boundsOf } from './bounds.js'
import { Exchange } from './exchange.js'
import type { Attachment } from './options.js'
import { targetOf } from './target.js'

type Config = InternalAxiosRequestConfig

/** Marks our adapters, whichever copy of the package made them, and leads to what they wrap. */
const WRAPPED = Symbol.for('tokenward.wrappedAdapter')

/** axios' own, for a config that has none. */
const DEFAULT_ADAPTER: Config['adapter'] = ['xhr', 'http', 'fetch']

/**
 * An adapter for one request, which adds the token when the request is sent: after all
 * interceptors and transforms, when URL, headers and body are what they will be.
 *
 * @param picked - the request's source, or why it has none: told only if it needs one
 */
export function tokenAdapter(
  attachment: Attachment,
  picked: TokenSource | TokenError,
  adapter: Config['adapter'],
): AxiosAdapter {
  const request = isTokenError(picked) ? picked : begin(picked)
  const wrapper = (config: Config) => {
    // The caller's config is left as it was: a retry meets the interceptor, not this wrapper.
    config.adapter = adapter
    return send(attachment, request, config)
  }
  return Object.assign(wrapper, { [WRAPPED]: adapter })
}

/** What the caller asked for: a config that is sent again may have our wrapper still. */
export function unwrapped(adapter: Config['adapter']): Config['adapter'] {
  if (typeof adapter !== 'function' || !(WRAPPED in adapter)) return adapter
  return adapter[WRAPPED] as Config['adapter']
}

function send(
  attachment: Attachment,
  request: BegunRequest | TokenError,
  config: Config,
): Promise<AxiosResponse> {
  const adapter = resolved(config)
  if (!wantsToken(attachment, config)) return adapter(config)
  if (isTokenError(request)) return refuse(request)
  let grant: Grant | 'inside' | undefined
  try {
    grant = grantNow(request)
  } catch (thrown) {
    return refuse(thrown)
  }
  if (grant === 'inside') return adapter(config)
  const exchange = new Exchange(attachment, request.source, config, adapter)
  if (grant) return exchange.run(grant)
  return grantLater(request, boundsOf(config)).then((later) => exchange.run(later), refuse)
}

function resolved(config: Config): AxiosAdapter {
  const { adapter } = config
  return typeof adapter === 'function' ? adapter : getAdapter(adapter ?? DEFAULT_ADAPTER, config)
}

/** Whether the request goes where the token belongs, and brings no credentials of its own. */
function wantsToken({ origins, socketPath, header }: Attachment, config: Config): boolean {
  if ((config.socketPath ?? null) !== socketPath || config.headers.has(header)) return false
  // axios puts Basic credentials in the place of any `Authorization`.
  return takesToken(targetOf(config, origins), header, Boolean(config.auth))
}

function refuse(thrown: unknown): Promise<never> {
  const reason = refusalOf(thrown)
  return Promise.reject(isTokenError(reason) ? withSteadyStack(reason) : reason)
}

/** axios appends each caller's stack, and one error may be given to callers without end. */
function withSteadyStack(error: TokenError): TokenError {
  const { stack } = error
  return Object.defineProperty(error, 'stack', { value: stack, writable: false })
}
