import { setReason, type TokenError } from '../../errors.js'
import type { Credential } from '../../token-source.js'
import { hideInError } from '../hide-in-error.js'
import { aimAt, takesToken, type Origins } from '../origins.js'
import type { Platform } from '../platform.js'
import { PROOF_HEADER, secretsIn, type TokenFields } from '../token-fields.js'
import { boundsOf } from './bounds.js'
import { discard } from './discard.js'
import { firstHop, type Hop } from './hop.js'
import { askIsRejected } from './is-rejected.js'
import type { AdapterConfig, Fetch } from './options.js'
import type { FetchCall } from './read-request.js'
import { asRedirected, locationOf } from './redirect.js'

/**
 * One call of `fetch`, for the driver of attempts. Its redirects are followed here, since only so
 * is it known where the token goes.
 */
export class FetchRequest implements Platform<Response> {
  isStray = false
  /** Made at once: `fetch` sends the body as it is when it is called. */
  readonly first: Hop | Promise<Hop>
  #hop!: Hop
  #redirects = 0
  #origins: Origins | undefined
  #movedUrl: string | undefined

  constructor(
    private readonly adapterConfig: AdapterConfig,
    private readonly platform: Fetch,
    private readonly call: FetchCall,
  ) {
    this.first = firstHop(call, this.#isNative)
    // It may fail while a token is still waited for.
    if (this.first instanceof Promise) this.first.catch(() => {})
  }

  /** @returns whether the request may take the token of this credential */
  takes(credential: Credential): boolean {
    this.#origins = this.adapterConfig.origins.of(credential)
    return takesToken(this.#origins.destinationOf(this.call.url), this.adapterConfig.header)
  }

  /** Before it is sent: at once, unless its body must be read. */
  begin(hop: Hop): void {
    this.#hop = hop
  }

  get method(): string {
    return this.#hop.method
  }

  get url(): string {
    return this.#movedUrl ?? this.#hop.url
  }

  get body(): unknown {
    return this.#hop.body
  }

  /** Every response may be a redirect, or be asked about. */
  get isWatchful(): boolean {
    return this.adapterConfig.isRejected !== undefined
  }

  async send(
    fields: TokenFields,
    next: (response: Response) => Response | Promise<Response>,
  ): Promise<Response> {
    const { field, proof } = fields
    const { adapterConfig, platform, call } = this
    if (this.#movedUrl !== undefined) this.#hop = await this.#hop.movedTo(this.#movedUrl)
    this.#movedUrl = undefined
    const hop = this.#hop
    const headers = new Headers(hop.headers)
    // Where there is no token, the platform may go on by itself.
    if (this.isStray) return next(await platform(...hop.take(headers, 'follow')))
    headers.set(adapterConfig.header, field)
    if (proof !== undefined) headers.set(PROOF_HEADER, proof)
    const redirect = call.redirect === 'follow' ? 'manual' : call.redirect
    let response: Response
    try {
      response = await platform(...hop.take(headers, redirect))
    } catch (thrown) {
      if (call.signal?.aborted && thrown === call.signal.reason) throw thrown
      throw hideInError(thrown, secretsIn(fields))
    }
    return next(response)
  }

  statusOf(response: Response): number {
    // An opaque redirect has none, and is one.
    return response.type === 'opaqueredirect' ? 302 : response.status
  }

  headerOf(response: Response, name: string): string | null | undefined {
    return response.headers?.get(name)
  }

  isRejected(response: Response): boolean | Promise<boolean> {
    const { isRejected } = this.adapterConfig
    return isRejected ? askIsRejected(isRejected, response) : false
  }

  follow(response: Response): boolean | Promise<boolean> {
    if (this.isStray || this.call.redirect !== 'follow') return false
    const location = locationOf(response, this.#hop.url, this.#redirects)
    return location === undefined ? false : this.#follow(response.status, location)
  }

  aim(credential: Credential): boolean {
    const before = this.#origins!
    this.#origins = this.adapterConfig.origins.of(credential)
    const aimed = aimAt(
      this.url,
      before,
      this.#origins,
      (origins) => origins.destinationOf(this.url).isBound,
    )
    if (aimed !== undefined && aimed !== this.url) this.#movedUrl = aimed
    return aimed !== undefined
  }

  discard(response: Response): void {
    discard(response)
  }

  passOn(response: Response, reason?: TokenError): Response {
    if (reason) setReason(response, reason)
    return this.#redirects > 0 ? asRedirected(response) : response
  }

  bounds() {
    return boundsOf(this.call.signal)
  }

  /** Of copies that will not be sent, the bytes are kept for nobody. */
  release(): void {
    this.#hop.release()
  }

  /**
   * No copy of the standard's classes takes a `Request` of another. A fetch that was given may be of
   * either; with one of the global class, it is not relied on.
   */
  get #isNative(): boolean {
    const isGlobal = this.call.request instanceof globalThis.Request
    return isGlobal !== Boolean(this.adapterConfig.fetch)
  }

  async #follow(status: number, location: string): Promise<boolean> {
    const hop = await this.#hop.redirected(status, location)
    this.#hop.release()
    this.#hop = hop
    this.#redirects++
    this.isStray = !takesToken(this.#origins!.destinationOf(location), this.adapterConfig.header)
    return true
  }
}
