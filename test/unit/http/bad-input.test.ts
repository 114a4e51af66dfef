import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { inspect } from 'node:util'
import axios from 'axios'
import { setupCache } from 'axios-cache-interceptor'
import { fixedToken, isTokenError, tokenErrorOf, TokenOptionsError } from 'tokenward'
import { attachTokens } from 'tokenward/axios'
import { createFetch, sessionStandIn } from 'tokenward/fetch'
import { afterEach, describe, expect, it, onTestFinished } from 'vitest'
import { ok, serve, unauthorized, type TestServer } from './support/server.js'
import { FakeSource } from './support/sources.js'

interface Answered {
  status: number
  reason: unknown
}
interface AskOptions {
  url?: string
  origins?: string[]
  body?: Readable
  isRejected?: (response: any) => boolean | Promise<boolean>
}
type Ask = (api: TestServer, source: FakeSource, options?: AskOptions) => Promise<Answered>

const clients: [string, Ask][] = [
  [
    'axios',
    async (api, source, { url = `${api.origin}/me`, origins = [api.origin], ...rest } = {}) => {
      const { body, isRejected } = rest
      const instance = attachTokens(axios.create(), source, { origins, isRejected })
      const response = await instance.request({
        url,
        ...(body && { method: 'POST', data: body, maxRedirects: 0 }),
        validateStatus: () => true,
      })
      return { status: response.status, reason: tokenErrorOf(response) }
    },
  ],
  [
    'fetch',
    async (api, source, { url = `${api.origin}/me`, origins = [api.origin], ...rest } = {}) => {
      const { body, isRejected } = rest
      const init = body && { method: 'POST', body: Readable.toWeb(body), duplex: 'half' }
      const send = createFetch(source, { origins, isRejected })
      const response = await send(url, init as RequestInit)
      return { status: response.status, reason: tokenErrorOf(response) }
    },
  ],
]

const failure = (promise: Promise<unknown>) => promise.then(() => undefined, (error: unknown) => error) // prettier-ignore

describe.each(clients)('what servers send, by %s', (_name, ask) => {
  it('a short token that is quoted in a challenge is in no error', async () => {
    const source = new FakeSource('s3cr3t-9')
    const api = await serve(({ authorization }, response) =>
      unauthorized(response, `Bearer error="no ${authorization!.slice(7)}"`),
    )
    const { status, reason } = await ask(api, source)
    expect(status).toBe(401)
    expect(isTokenError(reason)).toBe(true)
    expect((reason as Error).message).toContain('no [redacted]')
    expect(inspect(reason)).not.toContain('s3cr3t-9')
  })

  it('fifty challenges with open quotes are a 401 like another', async () => {
    const source = new FakeSource('T1', 'T2')
    const challenges = Array.from({ length: 50 }, (_, index) => `Scheme${index} realm="open`)
    const api = await serve((_, response) => unauthorized(response, challenges))
    const { status } = await ask(api, source)
    expect(status).toBe(401)
    expect(api.seen.length).toBeLessThanOrEqual(2)
  })

  it('a redirect loop ends, and each round is at the bound origin', async () => {
    const source = new FakeSource('T1')
    const api = await serve(({ url }, response) =>
      response.writeHead(302, { location: url === '/a' ? '/b' : '/a' }).end(),
    )
    await expect(ask(api, source, { url: `${api.origin}/a` })).rejects.toThrow(
      /redirect|fetch failed/i,
    )
    expect(api.seen.length).toBeLessThanOrEqual(22)
  })
})

describe.each(clients)('what is out of all proportion, by %s', (_name, ask) => {
  it('a redirect loop between two bound origins ends, and no other site sees a token', async () => {
    const source = new FakeSource('T1')
    const one: TestServer = await serve((_, response) =>
      response.writeHead(302, { location: `${other.origin}/` }).end(),
    )
    const other = await serve((_, response) =>
      response.writeHead(302, { location: `${one.origin}/` }).end(),
    )
    const error = await failure(ask(one, source, { origins: [one.origin, other.origin] }))
    expect(error).toBeInstanceOf(Error)
    expect(inspect(error, { depth: 9 })).not.toContain('T1')
    expect(one.seen.length + other.seen.length).toBeLessThanOrEqual(22)
    expect(source.renewed).toEqual([])
  })

  it('a 401 with 1 MB of headers is the platform’s own failure, without the token', async () => {
    const source = new FakeSource('a-token-of-some-length', 'T2')
    const api = await serve((_, response) => {
      response.writeHead(401, { 'www-authenticate': `Bearer realm="${'x'.repeat(2 ** 20)}"` }).end()
    })
    const error = await failure(ask(api, source))
    expect(error).toBeInstanceOf(Error)
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('a-token-of-some-length')
    expect(api.seen).toHaveLength(1)
    expect(source.renewed).toEqual([])
  })

  it('a stream that is refused after half of it was sent is not sent again', async () => {
    const source = new FakeSource('T1', 'T2')
    const tokens: (string | undefined)[] = []
    const server = createServer((request, response) => {
      tokens.push(request.headers.authorization)
      request.once('data', () => unauthorized(response, 'Bearer error="invalid_token"'))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => (server.closeAllConnections(), void server.close()))
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    let finish = () => {}
    const rest = new Promise<void>((resolve) => (finish = resolve))
    const halves = async function* () {
      yield Buffer.alloc(1024, 'a')
      await rest
      yield Buffer.alloc(1024, 'b')
    }
    const asked = ask({ origin } as TestServer, source, { body: Readable.from(halves()) })
    const answered = await asked.finally(finish)
    expect(answered).toMatchObject({ status: 401, reason: { code: 'ERR_NOT_REPLAYED', reason: 'body' } }) // prettier-ignore
    expect(tokens).toEqual(['Bearer T1'])
  })
})

describe.each(clients)('an `isRejected`, by %s', (_name, ask) => {
  const teapot = async () =>
    serve(({ authorization }, response) =>
      response.writeHead(authorization === 'Bearer T2' ? 200 : 418).end('{"a":1}'),
    )

  it.each([
    ['throws', () => { throw new Error('Bearer T1') }], // prettier-ignore
    ['rejects', () => Promise.reject(new Error('Bearer T1'))],
  ])('that %s is a TokenOptionsError without the token', async (_, isRejected) => {
    const source = new FakeSource('T1', 'T2')
    const error = await failure(ask(await teapot(), source, { isRejected }))
    expect(tokenErrorOf(error)).toMatchObject({ code: 'ERR_TOKEN_OPTIONS' })
    expect(inspect(error, { depth: 9 })).not.toContain('T1')
    expect(source.renewed).toEqual([])
  })

  it('that returns a promise is waited for', async () => {
    const isRejected = ({ status }: { status: number }) => Promise.resolve(status === 418)
    const source = new FakeSource('T1', 'T2')
    expect((await ask(await teapot(), source, { isRejected })).status).toBe(200)
  })
})

describe('an `isRejected` that reads the body', () => {
  it('of axios has the parsed JSON, and the caller gets the whole', async () => {
    const api = await serve(({ authorization }, response) => ok(response, { authorization }))
    const options = {
      origins: [api.origin],
      isRejected: ({ data }: { data: unknown }) =>
        (data as { authorization?: string }).authorization === 'Bearer T1',
    }
    const instance = attachTokens(axios.create(), new FakeSource('T1', 'T2'), options)
    const { data } = await instance.get<unknown>(api.origin)
    expect(data).toEqual({ authorization: 'Bearer T2' })
  })

  it('of createFetch must read a copy, and is told so', async () => {
    const api = await serve((_, response) => ok(response))
    const isRejected = async (response: Response) => (await response.text()) === ''
    const send = createFetch(fixedToken('T1'), { origins: [api.origin], isRejected })
    const error = await failure(send(api.origin))
    expect(error).toBeInstanceOf(TokenOptionsError)
    expect(String(error)).toContain('response.clone()')
  })
})

/** A cache that serves what it has, however old, where the API fails. */
describe('a cache that serves a stale entry', () => {
  const failing = () => {
    let isUp = true
    const api = serve(({ authorization }, response) => {
      if (!isUp) return response.writeHead(500).end()
      response.setHeader('vary', 'Authorization')
      response.setHeader('etag', '"1"')
      return ok(response, { of: authorization })
    })
    return { api, goDown: () => (isUp = false) }
  }
  const userOf = (name: string) => Object.assign(new FakeSource(`token-of-${name}`), { sessionId: name }) // prettier-ignore

  it('with axios serves each user their own, and nobody another’s', async () => {
    const { api, goDown } = failing()
    const instance = attachTokens(
      setupCache(axios.create({ baseURL: (await api).origin }), { ttl: 1, staleIfError: true }), // prettier-ignore
    )
    const own = await instance.get<{ of: string }>('/me', { tokens: userOf('alice') })
    expect(own.data.of).toBe('Bearer token-of-alice')
    goDown()
    await new Promise((resolve) => setTimeout(resolve, 5)) // older than its `ttl` of 1 ms
    const stale = await instance.get<{ of: string }>('/me', { tokens: userOf('alice') })
    expect(stale.data.of).toBe('Bearer token-of-alice')
    const bobs = await failure(instance.get('/me', { tokens: userOf('bob') }))
    expect(bobs).toMatchObject({ response: { status: 500 } })
  })

  it('around createFetch does so too, by the stand-in', async () => {
    const { api, goDown } = failing()
    const { origin } = await api
    const kept = new Map<string, string>()
    const cached = async (source: FakeSource) => {
      const authorization = sessionStandIn(source)
      const send = createFetch(source, { origins: [origin] })
      const response = await send(`${origin}/me`, { headers: { authorization } })
      if (!response.ok) return kept.get(authorization)
      kept.set(authorization, await response.text())
      return kept.get(authorization)
    }
    expect(await cached(userOf('alice'))).toContain('token-of-alice')
    goDown()
    expect(await cached(userOf('alice'))).toContain('token-of-alice')
    expect(await cached(userOf('bob'))).toBeUndefined()
  })
})

describe('what takes the place of what sends', () => {
  it('a plugin that replaces the adapter after ours: its requests carry no token', async () => {
    const api = await serve((_, response) => ok(response))
    const instance = axios.create({ baseURL: api.origin })
    const plugin = axios.getAdapter('http')
    // Interceptors of requests run in reverse order: this one runs after ours.
    instance.interceptors.request.use((config) => Object.assign(config, { adapter: plugin }))
    attachTokens(instance, fixedToken('a-token-of-some-length'))
    const { data, config } = await instance.get<unknown>('/me')
    expect(data).toEqual({ ok: true })
    expect(api.seen.map(({ authorization }) => authorization)).not.toContain('Bearer a-token-of-some-length') // prettier-ignore
    expect(inspect(config, { depth: 9 })).not.toContain('a-token-of-some-length')
  })

  it('a plugin that replaces it before ours: its adapter is wrapped, and gets the token', async () => {
    const api = await serve((_, response) => ok(response))
    const instance = attachTokens(axios.create({ baseURL: api.origin }), fixedToken('T1'))
    const plugin = axios.getAdapter('http')
    instance.interceptors.request.use((config) => Object.assign(config, { adapter: plugin }))
    await instance.get('/me')
    expect(api.seen.map(({ authorization }) => authorization)).toEqual(['Bearer T1'])
  })

  it('a global fetch that is replaced after createFetch sends the requests, with the token', async () => {
    const original = globalThis.fetch
    onTestFinished(() => void (globalThis.fetch = original))
    const api = await serve((_, response) => ok(response))
    const send = createFetch(fixedToken('T1'), { origins: [api.origin] })
    let count = 0
    globalThis.fetch = (...given) => {
      count++
      return original(...given)
    }
    await send(api.origin)
    expect(count).toBe(1)
    expect(api.seen.map(({ authorization }) => authorization)).toEqual(['Bearer T1'])
  })
})

describe('a `format` with a line break', () => {
  it('is refused before anything is sent', async () => {
    const api = await serve((_, response) => ok(response))
    const format = (token: string) => `Bearer ${token}\r\nx: y`
    const options = { origins: [api.origin], format }
    const instance = attachTokens(axios.create(), fixedToken('T1'), options)
    await expect(instance.get(api.origin)).rejects.toBeInstanceOf(TokenOptionsError)
    const send = createFetch(fixedToken('T1'), options)
    await expect(send(api.origin)).rejects.toBeInstanceOf(TokenOptionsError)
    expect(api.seen).toHaveLength(0)
  })
})

describe('what was put on every object there is', () => {
  const everyObject = Object.prototype as { tokens?: unknown }
  afterEach(() => void delete everyObject.tokens)

  it('is no source of a request', async () => {
    const api = await serve((_, response) => ok(response))
    everyObject.tokens = fixedToken('EVIL')
    const options = { origins: [api.origin] }
    await attachTokens(axios.create(), fixedToken('T1'), options).get(api.origin)
    await createFetch(fixedToken('T1'), options)(api.origin, {})
    delete everyObject.tokens
    expect(api.seen.map(({ authorization }) => authorization)).toEqual(['Bearer T1', 'Bearer T1'])
  })
})
