import { hideInError } from '../hide-in-error.js'
import { takesToken, type Origins } from '../origins.js'
import type { PlatformRequest } from '../platform.js'
import { PROOF_HEADER, secretsIn, type TokenFields } from '../token-fields.js'
import { boundsOf } from './bounds.js'
import type { Hop } from './hop.js'
import type { AdapterConfig, Fetch } from './options.js'
import type { FetchCall } from './read-request.js'
import { asRedirected, locationOf } from './redirect.js'

/**
 * One call of `fetch`, for the driver of attempts. Its redirects are followed here, since only so
 * is it known where the token goes.
 */
export class FetchRequest implements PlatformRequest<Response> {
  isStray = false
  #redirects = 0

  constructor(
    private readonly adapterConfig: AdapterConfig,
    private readonly platform: Fetch,
    private readonly call: FetchCall,
    private hop: Hop,
  ) {}

  get method(): string {
    return this.hop.method
  }

  get url(): string {
    return this.hop.url
  }

  get body(): unknown {
    return this.hop.body
  }

  async send(
    fields: TokenFields,
    next: (response: Response) => Response | Promise<Response>,
  ): Promise<Response> {
    const { adapterConfig, call, hop } = this
    const headers = new Headers(hop.headers)
    if (!this.isStray) setFields(headers, adapterConfig.header, fields)
    // Where there is no token, the platform may go on by itself.
    const redirect = call.redirect === 'follow' && !this.isStray ? 'manual' : call.redirect
    let response: Response
    try {
      response = await this.platform(...hop.take(headers, redirect))
    } catch (thrown) {
      if (call.signal?.aborted && thrown === call.signal.reason) throw thrown
      throw hideInError(thrown, secretsIn(fields))
    }
    return next(this.#redirects > 0 ? asRedirected(response) : response)
  }

  async follow(response: Response, origins: Origins): Promise<boolean> {
    if (this.isStray || this.call.redirect !== 'follow') return false
    const location = locationOf(response, this.hop.url, this.#redirects)
    if (location === undefined) return false
    const hop = await this.hop.redirected(response.status, location)
    this.hop.release()
    this.hop = hop
    this.#redirects++
    this.isStray = !takesToken(origins.destinationOf(location), this.adapterConfig.header)
    return true
  }

  isBoundTo(origins: Origins): boolean {
    return origins.destinationOf(this.url).isBound
  }

  async moveTo(url: string): Promise<void> {
    this.hop = await this.hop.movedTo(url)
  }

  bounds() {
    return boundsOf(this.call.signal)
  }

  /** Of copies that will not be sent, the bytes are kept for nobody. */
  release(): void {
    this.hop.release()
  }
}

function setFields(headers: Headers, header: string, { field, proof }: TokenFields): void {
  headers.set(header, field)
  if (proof !== undefined) headers.set(PROOF_HEADER, proof)
}
