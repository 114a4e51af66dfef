import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import * as undici from 'undici'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { TokenManager, tokenErrorOf } from 'tokenward'
import { createFetch, type AnyFetch, type TokenFetch } from 'tokenward/fetch'
import { serve, unauthorized, type TestServer } from '../unit/http/support/server.js'
import { FakeSource, held } from '../unit/http/support/sources.js'

type Classes = Pick<typeof globalThis, 'Request' | 'FormData' | 'Headers'>

/** The fetch that sends, and the classes that its caller makes requests of. */
const KINDS: [string, AnyFetch | undefined, Classes][] = [
  ['Node’s own fetch', undefined, globalThis],
  ['a fetch of the app around it', (input, init) => fetch(input, init), globalThis],
  ['undici’s fetch', undici.fetch, undici as unknown as Classes],
  ['undici’s fetch, with Node’s own classes', undici.fetch, globalThis],
  ['Node’s own fetch, with undici’s classes', undefined, undici as unknown as Classes],
]

let rejections: unknown[] = []
const noteRejection = (reason: unknown) => rejections.push(reason)
beforeEach(() => {
  rejections = []
  process.on('unhandledRejection', noteRejection)
})
afterEach(async () => {
  await new Promise((resolve) => setImmediate(resolve))
  process.off('unhandledRejection', noteRejection)
  expect(rejections).toEqual([])
})

/** Takes T2 alone. */
const strict = () =>
  serve(({ authorization, body }, response) =>
    authorization === 'Bearer T2' ? response.end(body) : unauthorized(response),
  )

describe.each(KINDS)('by %s', (_, platform, classes) => {
  const { Request, FormData, Headers } = classes
  const connect = (api: { origin: string }, source = new FakeSource('T1', 'T2')): TokenFetch =>
    createFetch(source, { origins: [api.origin], ...(platform && { fetch: platform }) })
  const form = (...parts: [string, string | Blob][]) => {
    const made = new FormData()
    for (const [name, value] of parts) made.append(name, value as string)
    return made
  }

  it.each<[string, (url: string) => [string | Request, RequestInit?], string | RegExp]>([
    ['a Request without a body', (url) => [new Request(url)], ''],
    ['a Request', (url) => [new Request(url, { method: 'POST', body: 'bytes' })], 'bytes'],
    ['a Request with a form', (url) => [new Request(url, { method: 'POST', body: form(['a', 'b']) })], /name="a"\r\n\r\nb\r\n/], // prettier-ignore
    ['a Request made of a stream', (url) => [new Request(url, { method: 'POST', body: streamOf('bytes'), duplex: 'half' } as RequestInit)], 'bytes'], // prettier-ignore
    ['a Request and an init', (url) => [new Request(url, { method: 'POST', body: 'old' }), { body: 'new' }], 'new'], // prettier-ignore
    ['a form', (url) => [url, { method: 'POST', body: form(['a', 'b'], ['file', new Blob(['\0\xff'])]) }], /filename="blob".*\0/s], // prettier-ignore
    ['a Blob', (url) => [url, { method: 'POST', body: new Blob(['bytes']) }], 'bytes'],
    ['headers of its class', (url) => [url, { method: 'POST', headers: new Headers({ a: 'b' }), body: 'x' }], 'x'], // prettier-ignore
  ])('a request is replayed whole: %s', async (name, make, expected) => {
    const api = await strict()
    const response = await connect(api)(...make(`${api.origin}/x`))
    expect([response.status, api.seen.length]).toEqual([200, 2])
    const [first, replay] = api.seen.map(({ authorization: _token, ...seen }) => ({
      ...seen,
      headers: { ...seen.headers, authorization: '' },
      rawHeaders: seen.rawHeaders.map((text) => text.replace(/Bearer T\d/, '')),
    }))
    expect(replay).toEqual(first)
    if (typeof expected === 'string') expect(await response.text()).toBe(expected)
    else expect(String(first?.body)).toMatch(expected)
    if (!name.includes('stream') && expected !== '') {
      expect(first?.headers).toHaveProperty('content-length')
    }
  })

  it('a stream is sent once: its 401 is passed on, saying why, and the token is renewed', async () => {
    const api = await strict()
    const source = new FakeSource('T1', 'T2')
    const send = connect(api, source)
    const upload = () =>
      send(api.origin, { method: 'POST', body: streamOf('once'), duplex: 'half' } as RequestInit)
    const refused = await upload()
    expect([refused.status, await refused.text()]).toEqual([401, '{"error":"unauthorized"}'])
    expect(tokenErrorOf(refused)).toMatchObject({ code: 'ERR_NOT_REPLAYED', reason: 'body' })
    const accepted = await upload()
    expect([accepted.status, await accepted.text()]).toEqual([200, 'once'])
    expect(source.renewals).toBe(1)
  })

  it('a Request is used up, as fetch uses it up', async () => {
    const api = await strict()
    const request = new Request(api.origin, { method: 'POST', body: 'bytes' })
    const send = connect(api)
    await send(request)
    expect(request.bodyUsed).toBe(true)
    await expect(send(request)).rejects.toBeInstanceOf(TypeError)
  })

  it('a stream that breaks fails the request, and nothing else', async () => {
    const api = await strict()
    const broken = () =>
      new ReadableStream({ pull: (stream) => stream.error(new Error('the disk is gone')) })
    const init = () => ({ method: 'POST', body: broken(), duplex: 'half' }) as RequestInit
    const send = connect(api)
    await expect(send(api.origin, init())).rejects.toBeInstanceOf(Error)
    await expect(send(new Request(api.origin, init()))).rejects.toBeInstanceOf(Error)
  })

  it('a stream that breaks while there is no token yet, too', async () => {
    const api = await strict()
    const source = new FakeSource()
    const token = held<string>()
    source.onGet = () => token.promise
    const body = new ReadableStream({ start: (stream) => stream.error(new Error('gone')) })
    const init = { method: 'POST', body, duplex: 'half' } as RequestInit
    const call = connect(
      api,
      source,
    )(new Request(api.origin, init)).catch((error: unknown) => error)
    await new Promise((resolve) => setImmediate(resolve))
    token.reject(new Error('no token'))
    expect(await call).toBeInstanceOf(Error)
    expect(api.seen).toEqual([])
  })

  it.each(['init', 'Request'])('an abort ends it with its own reason: by the %s', async (where) => {
    const abort = new AbortController()
    const api = await serve(() => abort.abort(new Error('gone')))
    const init = { method: 'POST', body: 'x', signal: abort.signal }
    const send = connect(api)
    const call = where === 'init' ? send(api.origin, init) : send(new Request(api.origin, init))
    await expect(call).rejects.toMatchObject({ message: 'gone' })
  })

  it('an abort while the body of the answer is read ends that, too', async () => {
    const api = await serve((_request, response) => void response.write('begin'))
    const abort = new AbortController()
    const response = await connect(api)(api.origin, { signal: abort.signal })
    const text = response.text()
    abort.abort(new Error('gone'))
    await expect(text).rejects.toBeDefined()
  })

  it('an abort while a token is renewed ends the wait; no connection is left behind', async () => {
    const api = await connections((response) => unauthorized(response))
    const source = new FakeSource('T1')
    const asked = held<void>()
    source.onRefresh = () => (asked.resolve(), held<string>().promise)
    const abort = new AbortController()
    const call = connect(api, source)(api.origin, { signal: abort.signal })
    await asked.promise
    abort.abort(new Error('gone'))
    await expect(call).rejects.toMatchObject({ message: 'gone' })
  })

  it('a failure names no token', async () => {
    const api = await serve((_request, response) => void response.destroy())
    const source = new FakeSource('a-token-to-hide')
    const error = await connect(api, source)(api.origin).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(TypeError)
    const shown = inspect(error, { depth: Infinity, showHidden: true, getters: true })
    expect(shown).not.toContain('token-to-hide')
  })
})

describe('a connection', () => {
  const session = () =>
    new TokenManager({
      initialTokens: { accessToken: 'T0', refreshToken: 'R', expiresIn: 300 },
      refresh: async () => ({ accessToken: `T${Math.random()}`, expiresIn: 300 }),
    })

  it.each([
    ['small', 100],
    ['as large as is worth reading', 60_000],
  ])('is used again after a 401, whose body is %s', async (_, length) => {
    let answered = 0
    const api = await connections((response) => {
      const isRefused = answered++ % 2 === 0
      response.writeHead(isRefused ? 401 : 200).end('x'.repeat(length))
    })
    const send = createFetch(session(), { origins: [api.origin] })
    for (let count = 0; count < 10; count++) {
      const response = await send(`${api.origin}/${count}`)
      expect(response.status).toBe(200)
      await response.text()
    }
    expect(answered).toBe(20)
    expect(api.count()).toBeLessThanOrEqual(2)
  })

  it('is given up where a 401 goes on and on', async () => {
    let answered = 0
    const ended = held<void>()
    const api = await connections((response) => {
      if (answered++ > 0) return response.end('ok')
      response.on('close', () => ended.resolve())
      response.writeHead(401)
      const more = () => !response.destroyed && response.write('x'.repeat(10_000), more)
      return more()
    })
    const response = await createFetch(session(), { origins: [api.origin] })(api.origin)
    expect(await response.text()).toBe('ok')
    await ended.promise
  })

  it('is not left behind by redirects', async () => {
    const api = await connections((response, url) => {
      const count = Number(url.slice(1))
      if (count === 20) return response.end('ok')
      response.writeHead(302, { location: `/${count + 1}` }).end('moved')
    })
    const send = createFetch(session(), { origins: [api.origin] })
    expect(await (await send(`${api.origin}/0`)).text()).toBe('ok')
    expect(api.count()).toBeLessThanOrEqual(3)
  })
})

/** A server that counts the connections made to it. */
async function connections(
  answer: (response: ServerResponse, url: string) => unknown,
): Promise<Pick<TestServer, 'origin'> & { count(): number }> {
  let count = 0
  const server = createServer((request, response) => {
    request.resume().on('end', () => answer(response, request.url ?? ''))
  })
  server.on('connection', () => count++)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  const { port } = server.address() as AddressInfo
  return { origin: `http://127.0.0.1:${port}`, count: () => count }
}

function streamOf(text: string): ReadableStream<Uint8Array> {
  return new Blob([text]).stream()
}
