import { canBeSentTwice } from '../body.js'
import { frozenBody, type FrozenBody } from './frozen-body.js'
import type { Fetch } from './options.js'
import { settingsOf, type FetchCall } from './read-request.js'

/** A request on its way, without its token: where it goes next, and with what. */
export class Hop {
  /** The `Request` that has the body in it: one is always left to be sent. */
  #request: Request | undefined

  constructor(
    readonly url: string,
    readonly method: string,
    readonly headers: Headers,
    private readonly init: RequestInit,
    request?: Request,
  ) {
    this.#request = request
  }

  /** Whether it may be sent again is judged by it; a `Request` can be cloned. */
  get body(): unknown {
    return this.#request ? undefined : this.init.body
  }

  /** What to call `fetch` with. A `Request` keeps what only its platform knows of it. */
  take(headers: Headers, redirect: RequestRedirect): Parameters<Fetch> {
    const init = { ...this.init, headers, redirect }
    const request = this.#request
    if (!request) return [this.url, init]
    if (request.body && !request.bodyUsed) this.#request = request.clone()
    return [request, init]
  }

  /**
   * Where a redirect leads, as the Fetch standard has it (HTTP-redirect fetch).
   *
   * @throws TypeError if the body would have to be sent again, and cannot
   */
  async redirected(status: number, url: string): Promise<Hop> {
    const headers = new Headers(this.headers)
    if (new URL(url).origin !== new URL(this.url).origin) remove(headers, CREDENTIALS)
    const settings = { ...(this.#request && settingsOf(this.#request)), ...this.init }
    if (!becomesGet(status, this.method)) {
      const body = await this.#bodyAgain()
      return new Hop(url, this.method, headers, { ...settings, method: this.method, body })
    }
    remove(headers, OF_BODY)
    return new Hop(url, 'GET', headers, { ...settings, method: 'GET', body: null })
  }

  /** The same request, to where its tenant's host moved. */
  async movedTo(url: string): Promise<Hop> {
    const settings = { ...(this.#request && settingsOf(this.#request)), ...this.init }
    const body = this.#request?.body ? await this.#request.arrayBuffer() : this.init.body
    return new Hop(url, this.method, this.headers, { ...settings, method: this.method, body })
  }

  /** Of a copy that will not be sent, the bytes are kept for nobody. */
  release(): void {
    const body = this.#request?.body
    if (body && !body.locked) body.cancel().catch(() => {})
  }

  async #bodyAgain(): Promise<BodyInit | null | undefined> {
    if (this.#request?.body) return this.#request.arrayBuffer()
    if (canBeSentTwice(this.body)) return this.init.body
    throw new TypeError('fetch failed', {
      cause: new Error(
        'The body is a stream, which cannot be sent again to the target of a redirect',
      ),
    })
  }
}

/** As undici has it; the standard knows only `Authorization`, browsers allow no other here. */
const CREDENTIALS = ['authorization', 'proxy-authorization', 'cookie', 'host']
const OF_BODY = ['content-encoding', 'content-language', 'content-location', 'content-type', 'content-length'] // prettier-ignore

/**
 * A `Request` that is not sent itself is read.
 *
 * @param isOwnFetch - whether it is sent by another fetch than the global one
 */
export function firstHop(call: FetchCall, isOwnFetch: boolean): Hop | Promise<Hop> {
  const { request, init } = call
  const isInside = request !== undefined && (init.body === undefined || init.body === null)
  if (isInside && isNative(request, isOwnFetch))
    return new Hop(call.url, call.method, call.headers, init, request)
  if (!isInside) return hopWith(call, frozenBody(init.body))
  return hopWith(call, request.body ? request.arrayBuffer().then((body) => ({ body })) : {})
}

/**
 * No copy of the standard's classes takes a `Request` of another. A fetch that was given may be of
 * either; with one of the global class, it is not relied on.
 */
function isNative(request: Request, isOwnFetch: boolean): boolean {
  return request instanceof globalThis.Request !== isOwnFetch
}

function hopWith(
  call: FetchCall,
  frozen: Partial<FrozenBody> | Promise<FrozenBody>,
): Hop | Promise<Hop> {
  return frozen instanceof Promise
    ? frozen.then((body) => plainHop(call, body))
    : plainHop(call, frozen)
}

function plainHop(call: FetchCall, { body, contentType }: Partial<FrozenBody>): Hop {
  const { url, method, headers, init, request } = call
  if (contentType && !headers.has('content-type')) headers.set('content-type', contentType)
  const settings = request ? { ...settingsOf(request), method, ...init } : init
  return new Hop(url, method, headers, body === undefined ? settings : { ...settings, body })
}

/** Fetch standard, HTTP-redirect fetch, step 12. */
function becomesGet(status: number, method: string): boolean {
  if (status === 303) return method !== 'GET' && method !== 'HEAD'
  return (status === 301 || status === 302) && method === 'POST'
}

function remove(headers: Headers, names: readonly string[]): void {
  for (const name of names) headers.delete(name)
}
