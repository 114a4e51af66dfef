import type { TokenManagerOptions } from '../options.js'
import { TOKEN_ENDPOINT } from '../token-endpoint.js'
import { PooledEndpoint } from './pooled-endpoint.js'

/**
 * The token endpoints of a pool's sessions, one for each client.
 *
 * @internal
 */
export class PooledEndpoints {
  readonly #most: number
  /** By what names the client. */
  readonly #known = new WeakMap<object, PooledEndpoint>()
  /** Those that anyone has a turn at, or waits for one. */
  readonly #inUse = new Set<PooledEndpoint>()

  /** @param most - how many may be asked at once of one endpoint */
  constructor(most: number) {
    this.#most = most
  }

  /** The options of one session, with what it shares with the others of its client. */
  shared(options: TokenManagerOptions): TokenManagerOptions {
    const renew = options.refresh ?? options.acquire
    if (typeof renew !== 'function') return options // which the manager refuses
    return Object.assign(options, { [TOKEN_ENDPOINT]: this.#of(renew.client ?? renew) })
  }

  /** Nobody waits for a turn any more. */
  close(): void {
    for (const endpoint of this.#inUse) endpoint.close()
  }

  #of(client: object): PooledEndpoint {
    const known = this.#known.get(client)
    if (known) return known
    const endpoint = new PooledEndpoint(this.#most, this.#inUse)
    this.#known.set(client, endpoint)
    return endpoint
  }
}
