import type { AxiosResponse, InternalAxiosRequestConfig } from 'axios'
import { originOf, type Origins } from '../origins.js'
import { PROOF_HEADER, type TokenFields } from '../token-fields.js'
import { withToken } from './config-copy.js'
import { finalUrlOf } from './fetch-adapter.js'
import { hideInAgents } from './hide-token.js'
import type { AdapterConfig } from './options.js'
import { guardRedirects, guardTransport, type RedirectState, type Transport } from './redirects.js'

type Config = InternalAxiosRequestConfig

/** The copy of a config that the adapter alone gets, with the token, for one sending. */
export class SentConfig implements RedirectState {
  readonly config: Config
  leftBoundOrigin = false

  constructor(
    private readonly adapterConfig: AdapterConfig,
    prepared: Config,
    origins: Origins,
    fields: TokenFields,
  ) {
    const { header, socketPath } = adapterConfig
    const config = withToken(prepared, header, fields)
    const { beforeRedirect } = config
    const guard = guardRedirects(fields, origins, socketPath, this, beforeRedirect)
    config.beforeRedirect = guard
    const transport = config.transport as Transport | undefined
    if (transport) config.transport = guardTransport(transport, guard)
    hideInAgents(config)
    this.config = config
  }

  /** The headers as the adapter left them, which stay as they do without us; the token does not. */
  headersWithout(standIn: string): Config['headers'] {
    const { headers } = this.config
    if (headers[PROOF_HEADER] !== undefined) headers.delete(PROOF_HEADER)
    headers[this.adapterConfig.header] = standIn
    return headers
  }

  /**
   * Whether a redirect led where the token was not sent.
   *
   * @param request.url - where it was sent
   */
  isStray(request: { readonly url: string }, response: AxiosResponse | undefined): boolean {
    const finalUrl = finalUrlOf(response?.request)
    // The platform took the token out on the way to any other origin, one of ours too.
    const isElsewhere = finalUrl !== undefined && originOf(finalUrl) !== originOf(request.url)
    return this.leftBoundOrigin || isElsewhere
  }
}
