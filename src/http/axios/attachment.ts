import type { InternalAxiosRequestConfig } from 'axios'
import { isTokenError, type TokenError } from '../../errors.js'
import type { TokenSource } from '../../token-source.js'
import { credentialNow } from '../credential.js'
import { pickSource } from '../source-choice.js'
import { isStandIn, standInOf } from '../stand-in.js'
import { copyFault } from './copied-source.js'
import type { AdapterConfig } from './options.js'
import { hasOwnCredentials, tokenAdapter, unwrapped, type BegunRequest } from './token-adapter.js'

type Config = InternalAxiosRequestConfig

/** What becomes of one request before it is sent: whose it is, and what wraps its adapter. */
export class Attachment {
  /** Of the request that is being made at this moment. */
  #begun: BegunRequest | undefined

  constructor(private readonly adapterConfig: AdapterConfig) {}

  /**
   * Called before any interceptor: whatever looks at requests above the adapter (a response cache, a
   * deduplicator) sees whose it is, in whatever order they were attached.
   *
   * @returns `false` inside the source's own refresh, which is known only while the caller's call
   * is on the stack: such a request is none of ours
   */
  begin(config: Config): boolean {
    const { header } = this.adapterConfig
    const picked = this.#pick(config)
    const source = isTokenError(picked) ? undefined : picked
    const current = source && quietly(source)
    const isInside = current === 'inside'
    if (hasOwnCredentials(config, header)) return !isInside
    if (!source || isInside) {
      config.headers.delete(header)
      return !isInside
    }
    config.headers[header] = standInOf(source, current)
    this.#begun = { config, picked: source, sessionId: current?.sessionId }
    return true
  }

  /** Never waits: a token that is not at hand is waited for when the request is sent. */
  intercept(config: Config): Config {
    const begun = this.#begun
    this.#begun = undefined
    const adapter = unwrapped(config.adapter)
    const picked = this.#pick(config)
    config.adapter =
      picked === undefined
        ? adapter
        : tokenAdapter(this.adapterConfig, this.#requestOf(config, picked, begun), adapter)
    return config
  }

  /** An interceptor that ran before may have named another source. */
  #requestOf(
    config: Config,
    picked: TokenSource | TokenError,
    begun: BegunRequest | undefined,
  ): BegunRequest {
    if (begun?.config === config && begun.picked === picked) return begun
    if (isTokenError(picked)) return { config, picked, sessionId: undefined }
    const current = quietly(picked)
    const credential = current === 'inside' ? undefined : current
    if (isStandIn(config.headers.get(this.adapterConfig.header))) {
      config.headers.set(this.adapterConfig.header, standInOf(picked, credential))
    }
    return { config, picked, sessionId: credential?.sessionId }
  }

  /** `undefined`: it is to have no token. */
  #pick(config: Config): TokenSource | TokenError | undefined {
    const { instance, source } = this.adapterConfig
    const tokens = tokensOf(config)
    if (tokens === false) return undefined
    return copyFault(tokens, instance.defaults) ?? pickSource(tokens, source, config)
  }
}

/** The request's own: what was put on every object there is names nobody's source. */
function tokensOf(config: Config): Config['tokens'] {
  return Object.hasOwn(config, 'tokens') ? config.tokens : undefined
}

/** What a source throws is told when the request is sent. */
function quietly(source: TokenSource): ReturnType<typeof credentialNow> {
  try {
    return credentialNow(source)
  } catch {
    return undefined
  }
}
