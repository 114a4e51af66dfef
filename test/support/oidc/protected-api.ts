import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import { openLoopback } from './loopback.js'
import { RESOURCE, SCOPE } from './provider.js'

/** An API on loopback that answers `GET /me` to whoever has a valid access token. */
export interface ProtectedApi {
  readonly origin: string
  /** How many requests came, and how many were answered 401. */
  readonly figures: { requests: number; rejections: number }
  /** How long a request takes to arrive, in milliseconds. */
  travelMs: () => number
  /** How long the API works on a request that it has accepted, in milliseconds. */
  workMs: () => number
  /** Answers 401 to this token from now on, though it has not expired. */
  deny(accessToken: string | undefined): void
  /** Keeps the next requests waiting, as yet unjudged, until they are released. */
  hold(count: number): Hold
  stop(): Promise<void>
}

export async function startProtectedApi(issuer: string): Promise<ProtectedApi> {
  const loopback = await openLoopback()
  const keys = createRemoteJWKSet(new URL(`${issuer}/jwks`))
  await keys.reload() // once for all: it goes on judging while the authorization server is down
  const denied = new Set<string | undefined>()
  let hold: Hold | undefined

  const judge = async (authorization = '') => {
    const token = authorization.replace(/^Bearer /, '')
    const { payload } = await jwtVerify(token, keys, {
      issuer,
      audience: RESOURCE,
      typ: 'at+jwt',
      clockTolerance: 0,
    })
    if (denied.has(token)) throw new Error('denied')
    if (payload.scope !== SCOPE) throw new Error('scope')
    return payload.sub
  }

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    api.figures.requests += 1
    await hold?.pass()
    await delay(api.travelMs())
    const { status, body } = await judge(request.headers.authorization).then(
      (name) => ({ status: 200, body: { name } }),
      () => ({ status: 401, body: { error: 'invalid_token' } }),
    )
    if (status === 200) {
      await delay(api.workMs())
    } else {
      api.figures.rejections += 1
      response.setHeader('www-authenticate', 'Bearer realm="api", error="invalid_token"')
    }
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }

  const api: ProtectedApi = {
    origin: loopback.origin,
    figures: { requests: 0, rejections: 0 },
    travelMs: () => 0,
    workMs: () => 0,
    deny: (accessToken) => void denied.add(accessToken),
    hold: (count) => (hold = new Hold(count)),
    stop: () => loopback.stop(),
  }
  loopback.serve((request, response) => void answer(request, response))
  return api
}

/** Where the first requests to come wait; all others pass. */
class Hold {
  readonly allArrived: Promise<void>
  readonly #waiting: (() => void)[] = []
  #toCome: number
  #arrive!: () => void

  constructor(count: number) {
    this.#toCome = count
    this.allArrived = new Promise((resolve) => (this.#arrive = resolve))
  }

  /** Lets as many go on, in the order in which they came. */
  release(count: number): void {
    for (const goOn of this.#waiting.splice(0, count)) goOn()
  }

  async pass(): Promise<void> {
    if (this.#toCome === 0) return
    this.#toCome -= 1
    const released = new Promise<void>((resolve) => this.#waiting.push(resolve))
    if (this.#toCome === 0) this.#arrive()
    await released
  }
}
