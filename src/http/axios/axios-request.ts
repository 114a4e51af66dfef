import {
  getAdapter,
  type AxiosAdapter,
  type AxiosError,
  type AxiosResponse,
  type InternalAxiosRequestConfig,
} from 'axios'
import type { TokenError } from '../../errors.js'
import type { Credential } from '../../token-source.js'
import { hideInError } from '../hide-in-error.js'
import { aimAt, type Origins } from '../origins.js'
import type { Platform } from '../platform.js'
import { secretsIn, type TokenFields } from '../token-fields.js'
import { kindOf } from './adapter-kind.js'
import { call, passOn, responseIn, responseOf, type Answer } from './answer.js'
import { boundsOf } from './bounds.js'
import { destinationOf, urlOf } from './destination.js'
import { discard } from './discard.js'
import { fetchOverlay } from './fetch-adapter.js'
import { headerIn } from './header.js'
import { hideInResponse, hideRequestInError } from './hide-token.js'
import { hideWhenMade } from './hide-when-made.js'
import { askIsRejected } from './is-rejected.js'
import type { AdapterConfig } from './options.js'
import { repeatable, withFixedBoundary } from './repeatable.js'
import { SentConfig } from './sent-config.js'

type Config = InternalAxiosRequestConfig

/**
 * One axios request, for the driver of attempts. The token is written into a copy of the config
 * that only the adapter sees; the caller's config never holds it.
 */
export class AxiosRequest implements Platform<Answer> {
  isStray = false
  /** What every sending has in common: the caller's config, made repeatable. */
  #prepared: Config
  #origins: Origins

  constructor(
    private readonly adapterConfig: AdapterConfig,
    private readonly config: Config,
    private adapter: AxiosAdapter,
    private readonly standIn: string,
    credential: Credential,
  ) {
    this.#prepared = repeatable(config)
    this.#origins = adapterConfig.origins.of(credential)
  }

  /** What takes a moment, or a look at which adapter it is. */
  prepare(isProven: boolean): Promise<void> | undefined {
    const kind = kindOf(this.adapter, this.config)
    if (kind === 'fetch') return this.#overFetch(isProven)
    if (kind === 'http') this.#prepared = withFixedBoundary(this.#prepared)
    return undefined
  }

  get method(): string {
    return (this.config.method ?? 'get').toUpperCase()
  }

  /** The token goes nowhere without a URL, so there is one. */
  get url(): string {
    return urlOf(this.#prepared) as string
  }

  get body(): unknown {
    return this.#prepared.data as unknown
  }

  get isWatchful(): boolean {
    return this.adapterConfig.isRejected !== undefined
  }

  send(fields: TokenFields, next: (answer: Answer) => Answer | Promise<Answer>): Promise<Answer> {
    const sent = new SentConfig(this.adapterConfig, this.#prepared, this.#origins, fields)
    const inFlight = hideWhenMade(this.adapterConfig.header, fields.field)
    return call(this.adapter, sent.config).then(
      (response) => {
        this.#settle(sent, inFlight, response)
        hideInResponse(response, this.config)
        return next(response)
      },
      (thrown: unknown) => {
        this.#settle(sent, inFlight, responseIn(thrown))
        hideRequestInError(thrown, this.config)
        const error = hideInError(thrown, secretsIn(fields), KNOWN)
        if (responseIn(error)) return next(error as AxiosError)
        throw error
      },
    )
  }

  statusOf(answer: Answer): number {
    return responseOf(answer).status
  }

  /** Adapters of tests return plain objects, and names in any case. */
  headerOf(answer: Answer, name: string): string | readonly string[] | undefined {
    return headerIn(responseOf(answer).headers ?? {}, name) as string | undefined
  }

  isRejected(answer: Answer): boolean | Promise<boolean> {
    const { isRejected } = this.adapterConfig
    return isRejected ? askIsRejected(isRejected, responseOf(answer)) : false
  }

  /** The platform follows them. */
  follow(): boolean {
    return false
  }

  aim(credential: Credential): boolean {
    const before = this.#origins
    this.#origins = this.adapterConfig.origins.of(credential)
    const isBound = (origins: Origins) => destinationOf(this.#prepared, origins).isBound
    const aimed = aimAt(this.url, before, this.#origins, isBound)
    if (aimed !== undefined && aimed !== this.url) {
      this.#prepared = { ...this.#prepared, url: aimed, baseURL: undefined } as Config
    }
    return aimed !== undefined
  }

  discard(answer: Answer): void {
    discard(responseOf(answer))
  }

  passOn(answer: Answer, reason?: TokenError): AxiosResponse {
    return passOn(answer, reason)
  }

  bounds() {
    return boundsOf(this.config)
  }

  async #overFetch(isProven: boolean): Promise<void> {
    const isStandard = this.adapterConfig.header.toLowerCase() === 'authorization'
    const overlay = await fetchOverlay(this.#prepared, isStandard && !isProven)
    this.#prepared = { ...this.#prepared, ...overlay }
    this.adapter = getAdapter('fetch', this.#prepared)
  }

  /** What the adapter added to the headers stays, as it does without us. */
  #settle(
    sent: SentConfig,
    inFlight: ReturnType<typeof hideWhenMade>,
    response: AxiosResponse | undefined,
  ): void {
    inFlight.release()
    this.config.headers = this.#prepared.headers = sent.headersWithout(this.standIn)
    this.isStray = sent.isStray(this, response)
  }
}

/** Dealt with by themselves. */
const KNOWN = ['config', 'request', 'response']
