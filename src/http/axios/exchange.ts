import {
  getAdapter,
  type AxiosAdapter,
  type AxiosError,
  type AxiosResponse,
  type InternalAxiosRequestConfig,
} from 'axios'
import type { TokenError } from '../../errors.js'
import type { Grant } from '../authorization.js'
import { originOf } from '../origins.js'
import { meaningForProof } from '../proof.js'
import { decideReplay, type ReplayDecision } from '../replay.js'
import { fieldsFor, PROOF_HEADER, type TokenFields } from '../token-fields.js'
import { kindOf } from './adapter-kind.js'
import { headerOf, meaningOfAnswer } from './answer.js'
import { boundsOf } from './bounds.js'
import { fetchOverlay, finalUrlOf } from './fetch-adapter.js'
import { hideInAgents, hideInError, hideInResponse } from './hide-token.js'
import type { Attachment } from './options.js'
import { repeatable, withFixedBoundary } from './repeatable.js'
import { guardRedirects, guardTransport, type Transport, type Trip } from './redirects.js'
import { urlOf } from './target.js'
import type { TokenSource } from '../../token-source.js'

type Config = InternalAxiosRequestConfig

/** One sending of a request: what was given to the adapter, and what became of it. */
interface Sending {
  readonly config: Config
  readonly grant: Grant
  readonly trip: Trip
  readonly isReplay: boolean
  /** Whether it was sent again for its proof alone. */
  readonly isProofRetry: boolean
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
    const isStandard = this.attachment.header.toLowerCase() === 'authorization'
    const overlay = await fetchOverlay(this.#prepared, isStandard && !grant.prover)
    this.#prepared = { ...this.#prepared, ...overlay }
    this.adapter = getAdapter('fetch', this.#prepared)
    return this.#send(grant, false)
  }

  #send(grant: Grant, isReplay: boolean, isProofRetry = false): Promise<AxiosResponse> {
    const fields = fieldsFor(grant, this.attachment.fieldFor, this)
    return fields instanceof Promise
      ? fields.then((proved) => this.#dispatch(grant, proved, isReplay, isProofRetry))
      : this.#dispatch(grant, fields, isReplay, isProofRetry)
  }

  #dispatch(
    grant: Grant,
    fields: TokenFields,
    isReplay: boolean,
    isProofRetry: boolean,
  ): Promise<AxiosResponse> {
    const trip: Trip = { isStray: false }
    const config = this.#withToken(fields, trip)
    const sending = { config, grant, trip, isReplay, isProofRetry }
    return this.adapter(config).then(
      (response) => this.#onResponse(sending, response),
      (error: unknown) => this.#onError(sending, error),
    )
  }

  #withToken(fields: TokenFields, trip: Trip): Config {
    const { attachment } = this
    const config = copyOf(this.#prepared)
    config.headers = withField(config.headers, attachment.header, fields.field)
    if (fields.proof !== undefined) config.headers.set(PROOF_HEADER, fields.proof)
    config.beforeRedirect = guardRedirects(fields, attachment.origins, trip, config.beforeRedirect)
    const transport = config.transport as Transport | undefined
    if (transport) config.transport = guardTransport(transport, config.beforeRedirect)
    hideInAgents(config)
    return config
  }

  #onResponse(sending: Sending, response: AxiosResponse): AxiosResponse | Promise<AxiosResponse> {
    this.#settle(sending, response)
    hideInResponse(response, this.config)
    const meaning = this.#meaningOf(sending, response)
    if (meaning === undefined) return response
    if (meaning === 'prove') return this.#proveAgain(sending, response)
    return this.#decide(sending, response, meaning).then((decision) =>
      'grant' in decision ? this.#replay(decision.grant, response) : response,
    )
  }

  #onError(sending: Sending, error: unknown): Promise<AxiosResponse> {
    const response = (error as Partial<AxiosError> | null | undefined)?.response
    this.#settle(sending, response)
    hideInError(error, this.config)
    const meaning = response && this.#meaningOf(sending, response)
    if (!response || meaning === undefined) throw error
    if (meaning === 'prove') return this.#proveAgain(sending, response)
    return this.#decide(sending, response, meaning).then((decision) => {
      if ('grant' in decision) return this.#replay(decision.grant, response)
      if (decision.reason) setCause(error as AxiosError, decision.reason)
      throw error
    })
  }

  /** What the adapter added to the headers stays, as it does without us; the token does not. */
  #settle({ config, grant, trip }: Sending, response: AxiosResponse | undefined): void {
    config.headers.delete(this.attachment.header)
    if (grant.prover) config.headers.delete(PROOF_HEADER)
    this.config.headers = this.#prepared.headers = config.headers
    const finalUrl = finalUrlOf(response?.request)
    // The platform took the token out on the way to any other origin, one of ours too.
    if (finalUrl !== undefined && originOf(finalUrl) !== originOf(this.url)) trip.isStray = true
  }

  #meaningOf(
    { grant, trip, isProofRetry }: Sending,
    response: AxiosResponse,
  ): 'prove' | 'renew' | TokenError | undefined {
    const { isRejected } = this.attachment
    if (!grant.prover || trip.isStray) {
      return meaningOfAnswer(response, isRejected, grant.prover !== undefined)
    }
    const body: unknown = this.#prepared.data
    const answer = {
      url: this.url,
      status: response.status,
      header: (name: string) => headerOf(response, name),
    }
    return (
      meaningForProof({ source: this.source, grant, body, isProofRetry }, answer) ??
      meaningOfAnswer(response, isRejected, true)
    )
  }

  get method(): string {
    return (this.config.method ?? 'get').toUpperCase()
  }

  /** The token goes nowhere without a URL, so there is one. */
  get url(): string {
    return urlOf(this.config) as string
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

  #proveAgain({ grant, isReplay }: Sending, refusal: AxiosResponse): Promise<AxiosResponse> {
    discard(refusal)
    return this.#send(grant, isReplay, true)
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
