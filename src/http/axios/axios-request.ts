import {
  getAdapter,
  type AxiosAdapter,
  type AxiosError,
  type AxiosResponse,
  type InternalAxiosRequestConfig,
} from 'axios'
import { hideInError } from '../hide-in-error.js'
import type { Origins } from '../origins.js'
import type { PlatformRequest } from '../platform.js'
import { secretsIn, type TokenFields } from '../token-fields.js'
import { kindOf } from './adapter-kind.js'
import { call, responseIn, type Answer } from './answer.js'
import { boundsOf } from './bounds.js'
import { destinationOf, urlOf } from './destination.js'
import { fetchOverlay, isMovedOn } from './fetch-adapter.js'
import { hideInResponse, hideRequestInError } from './hide-token.js'
import { hideWhenMade } from './hide-when-made.js'
import type { AdapterConfig } from './options.js'
import { repeatable, withFixedBoundary } from './repeatable.js'
import { headersWithout, sentConfig } from './sent-config.js'

type Config = InternalAxiosRequestConfig

/**
 * One axios request, for the driver of attempts. The token is written into a copy of the config
 * that only the adapter sees; the caller's config never holds it.
 */
export class AxiosRequest implements PlatformRequest<Answer> {
  isStray = false
  /** What every sending has in common: the caller's config, made repeatable. */
  #prepared: Config

  constructor(
    private readonly adapterConfig: AdapterConfig,
    private readonly config: Config,
    private adapter: AxiosAdapter,
    private readonly standIn: string,
  ) {
    this.#prepared = repeatable(config)
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

  send(
    fields: TokenFields,
    next: (answer: Answer) => Answer | Promise<Answer>,
    origins: Origins,
  ): Promise<Answer> {
    const { adapterConfig, config } = this
    const sent = sentConfig(adapterConfig, this.#prepared, origins, fields, this)
    const inFlight = hideWhenMade(adapterConfig.header, fields.field)
    const settle = (response: AxiosResponse | undefined) => {
      inFlight.release()
      // What the adapter added to the headers stays, as it does without us.
      const headers = headersWithout(sent, adapterConfig.header, this.standIn)
      config.headers = this.#prepared.headers = headers
      if (isMovedOn(response?.request, this)) this.isStray = true
    }
    return call(this.adapter, sent).then(
      (response) => {
        settle(response)
        hideInResponse(response, config)
        return next(response)
      },
      (thrown: unknown) => {
        settle(responseIn(thrown))
        hideRequestInError(thrown, config)
        const error = hideInError(thrown, secretsIn(fields), KNOWN)
        if (responseIn(error)) return next(error as AxiosError)
        throw error
      },
    )
  }

  /** The platform follows them. */
  follow(): boolean {
    return false
  }

  isBoundTo(origins: Origins): boolean {
    return destinationOf(this.#prepared, origins).isBound
  }

  moveTo(url: string): void {
    this.#prepared = { ...this.#prepared, url, baseURL: undefined } as Config
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
}

/** Dealt with by themselves. */
const KNOWN = ['config', 'request', 'response']
