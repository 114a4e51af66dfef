import {
  getAdapter,
  type AxiosAdapter,
  type AxiosError,
  type AxiosResponse,
  type InternalAxiosRequestConfig,
} from 'axios'
import type { TokenError } from '../../errors.js'
import type { Grant } from '../authorization.js'
import { decideReplay, type ReplayDecision } from '../replay.js'
import { kindOf } from './adapter-kind.js'
import { meaningOfAnswer } from './answer.js'
import { boundsOf } from './bounds.js'
import { fetchOverlay, finalUrlOf } from './fetch-adapter.js'
import { hideInAgents, hideInError, hideInResponse } from './hide-token.js'
import type { Attachment } from './options.js'
import { repeatable, withFixedBoundary } from './repeatable.js'
import { guardRedirects, guardTransport, type Transport, type Trip } from './redirects.js'
import type { TokenSource } from '../../token-source.js'

type Config = InternalAxiosRequestConfig

/** One sending of a request: what was given to the adapter, and what became of it. */
interface Sending {
  readonly config: Config
  readonly grant: Grant
  readonly trip: Trip
  readonly isReplay: boolean
}

/**
 * One request with a token, and its replay. The token is written into a copy of the config that
 * only the adapter sees; the caller's config never holds it.
 */
export class Exchange {
  /** What every sending has in common: the caller's config, made repeatable. */
  #prepared: Config

  constructor(
    private readonly attachment: Attachment,
    private readonly source: TokenSource,
    private readonly config: Config,
    private adapter: AxiosAdapter,
  ) {
    this.#prepared = repeatable(config)
  }

  run(grant: Grant): Promise<AxiosResponse> {
    const kind = kindOf(this.adapter, this.config)
    if (kind === 'fetch') return this.#runOverFetch(grant)
    if (kind === 'http') this.#prepared = withFixedBoundary(this.#prepared)
    return this.#send(grant, false)
  }

  async #runOverFetch(grant: Grant): Promise<AxiosResponse> {
    const overlay = await fetchOverlay(this.#prepared, this.attachment.header)
    this.#prepared = { ...this.#prepared, ...overlay }
    this.adapter = getAdapter('fetch', this.#prepared)
    return this.#send(grant, false)
  }

  #send(grant: Grant, isReplay: boolean): Promise<AxiosResponse> {
    const trip: Trip = { isStray: false }
    const sending = { config: this.#withToken(grant.token, trip), grant, trip, isReplay }
    return this.adapter(sending.config).then(
      (response) => this.#onResponse(sending, response),
      (error: unknown) => this.#onError(sending, error),
    )
  }

  #withToken(token: string, trip: Trip): Config {
    const { attachment } = this
    const config = copyOf(this.#prepared)
    const field = attachment.fieldFor(token)
    config.headers = withField(config.headers, attachment.header, field)
    config.beforeRedirect = guardRedirects(field, attachment.origins, trip, config.beforeRedirect)
    const transport = config.transport as Transport | undefined
    if (transport) config.transport = guardTransport(transport, config.beforeRedirect)
    hideInAgents(config)
    return config
  }

  #onResponse(sending: Sending, response: AxiosResponse): AxiosResponse | Promise<AxiosResponse> {
    this.#settle(sending, response)
    hideInResponse(response, this.config)
    const meaning = meaningOfAnswer(response, this.attachment.isRejected)
    if (meaning === undefined) return response
    return this.#decide(sending, response, meaning).then((decision) =>
      'grant' in decision ? this.#replay(decision.grant, response) : response,
    )
  }

  #onError(sending: Sending, error: unknown): Promise<AxiosResponse> {
    const response = (error as Partial<AxiosError> | null | undefined)?.response
    this.#settle(sending, response)
    hideInError(error, this.config)
    const meaning = response && meaningOfAnswer(response, this.attachment.isRejected)
    if (!response || meaning === undefined) throw error
    return this.#decide(sending, response, meaning).then((decision) => {
      if ('grant' in decision) return this.#replay(decision.grant, response)
      if (decision.reason) setCause(error as AxiosError, decision.reason)
      throw error
    })
  }

  /** What the adapter added to the headers stays, as it does without us; the token does not. */
  #settle({ config, trip }: Sending, response: AxiosResponse | undefined): void {
    config.headers.delete(this.attachment.header)
    this.config.headers = this.#prepared.headers = config.headers
    const finalUrl = finalUrlOf(response?.request)
    if (finalUrl !== undefined && !this.attachment.origins.targetOf(finalUrl).isBound) {
      trip.isStray = true
    }
  }

  #decide(
    { grant, trip, isReplay }: Sending,
    response: AxiosResponse,
    meaning: 'renew' | TokenError,
  ): Promise<ReplayDecision> {
    const request = {
      source: this.source,
      grant,
      body: this.#prepared.data as unknown,
      isReplay,
      ...trip,
    }
    return decideReplay(request, meaning, boundsOf(this.config)).catch((reason: unknown) => {
      discard(response)
      throw reason
    })
  }

  #replay(grant: Grant, refusal: AxiosResponse): Promise<AxiosResponse> {
    discard(refusal)
    return this.#send(grant, true)
  }
}

/** Spread would do, and take three times as long: axios' configs are dictionaries. */
function copyOf(config: Config): Config {
  const source = config as unknown as Record<PropertyKey, unknown>
  const copy: Record<PropertyKey, unknown> = {}
  for (const name of Object.keys(source)) copy[name] = source[name]
  for (const key of Object.getOwnPropertySymbols(source)) copy[key] = source[key]
  return copy as unknown as Config
}

/**
 * A copy with the token's field first, in a replay too. Names and values are as axios wants them
 * already: no need to set each anew.
 */
function withField(headers: Config['headers'], header: string, field: string): Config['headers'] {
  const copy = Object.create(Object.getPrototypeOf(headers) as object) as Config['headers']
  copy[header] = field
  for (const name of Object.keys(headers)) {
    if (headers[name] !== undefined) copy[name] = headers[name] as string
  }
  return copy
}

/** The body of an answer that nobody will read holds its connection. */
function discard(response: AxiosResponse): void {
  const body = response.data as { resume?: unknown; cancel?: unknown } | null
  if (typeof body?.resume === 'function') (body as Readable).on('error', () => {}).resume()
  else if (typeof body?.cancel === 'function') (body as ReadableStream).cancel().catch(() => {})
}

/** As much of a Node stream as it takes to read it away. */
interface Readable {
  on(event: 'error', listener: () => void): this
  resume(): void
}

/** Not enumerable, as axios makes it. */
function setCause(error: Error, cause: TokenError): void {
  Object.defineProperty(error, 'cause', {
    value: cause,
    writable: true,
    enumerable: false,
    configurable: true,
  })
}
