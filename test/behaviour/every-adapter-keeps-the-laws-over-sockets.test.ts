import { inspect } from 'node:util'
import { describe, expect, it, vi } from 'vitest'
import { fixedToken, TokenManager } from 'tokenward'
import { dpopSigner } from 'tokenward/oauth'
import { JWK, proofsOf } from '../unit/http/support/dpop.js'
import { ok, serve, unauthorized } from '../unit/http/support/server.js'
import { FakeSource, held } from '../unit/http/support/sources.js'
import { form } from './support/http-arbitrary.js'
import { CLIENTS, type Ask } from './support/http-client.js'
import { wireWorld } from './support/http-wire.js'

describe.each(CLIENTS)('a request is replayed whole: by $name', (client) => {
  const bytes = new Uint8Array([0x89, 0x50, 0, 255, 13, 10])
  it.each<[string, Omit<Ask, 'url'>]>([
    ['no body', { method: 'GET' }],
    ['a string', { body: 'a=1&b=x%20y' }],
    ['JSON', { body: '{"a": 1}', headers: { 'Content-Type': 'application/json' } }],
    ['URLSearchParams', { body: new URLSearchParams({ a: '1', b: 'x y' }) }],
    ['FormData', { body: form({ name: 'me', file: new Blob([bytes]) }) }],
    ['a Blob', { body: new Blob([bytes], { type: 'image/png' }) }],
    ['an ArrayBuffer', { body: bytes.slice().buffer }],
    ['a view', { body: bytes.subarray(1, 4) }],
    ['an empty string', { body: '' }],
    ['PUT', { method: 'PUT', body: 'x' }],
    ['DELETE with a body', { method: 'DELETE', body: 'x' }],
    ['headers', { body: 'x', headers: { 'X-Mine': '1', Accept: 'text/plain' } }],
  ])('the bytes on the wire are the same twice: %s', async (_, ask) => {
    const { origin, denied, arrived } = await wireWorld()
    const send = client.with(denied(), { origins: [origin] })
    const { status } = await send({ url: `${origin}/upload?x=1`, method: 'POST', ...ask })
    expect(status).toBe(200)
    const seen = arrived().map(({ headers, ...rest }) => ({
      ...rest,
      headers: headers.map((text, at) => (headers[at - 1] === 'authorization' ? 'its' : text)),
    }))
    expect(seen).toHaveLength(2)
    expect(seen[1]).toEqual(seen[0])
    if (typeof ask.body === 'string') expect(seen[0]?.body).toBe(ask.body)
  })
})

describe.each(CLIENTS)('secrets are never printed: by $name', (client) => {
  it('not by an answer, a 401, or a failure in the middle', async () => {
    const source = new FakeSource('a-token-to-hide', 'another-token-to-hide')
    const api = await serve(({ url }, response) => {
      if (url === '/broken') return void response.destroy()
      if (url === '/closed') return unauthorized(response)
      return ok(response)
    })
    const send = client.with(source, { origins: [api.origin] })
    const shown: unknown[] = []
    for (const path of ['/me', '/closed'])
      shown.push((await send({ url: api.origin + path })).shown)
    shown.push(await failureOf(send({ url: `${api.origin}/broken` })))
    expect(api.seen.map(({ authorization }) => authorization)).toContain('Bearer a-token-to-hide')
    for (const value of shown) {
      const text = inspect(value, { depth: Infinity, showHidden: true, getters: true })
      expect(text + JSON.stringify(value)).not.toContain('token-to-hide')
    }
  })
})

describe.each(CLIENTS)('every request has its own proof: by $name', (client) => {
  const boundTokens = () =>
    new TokenManager({
      refresh: vi.fn(async () => ({ accessToken: 'T2', tokenType: 'DPoP', expiresIn: 300 })),
      initialTokens: { accessToken: 'T1', refreshToken: 'R1', expiresIn: 300, dpopKey: JWK },
      dpop: dpopSigner,
    })

  it('the replay and the one with the server’s nonce too', async () => {
    const answers = ['DPoP error="use_dpop_nonce"', 'DPoP error="invalid_token"', undefined]
    const api = await serve((_request, response, count) => {
      response.setHeader('dpop-nonce', `N${count}`)
      return answers[count - 1] ? unauthorized(response, answers[count - 1]) : ok(response)
    })
    const send = client.with(boundTokens(), { origins: [api.origin] })
    const asked = { url: `${api.origin}/me?q=1`, method: 'POST', body: 'bytes' }
    expect(await send(asked)).toMatchObject({ status: 200 })
    expect(api.seen.map(({ authorization }) => authorization)).toEqual([
      'DPoP T1',
      'DPoP T1',
      'DPoP T2',
    ])
    expect(api.seen.map(({ body }) => String(body))).toEqual(['bytes', 'bytes', 'bytes'])
    const proofs = await proofsOf(api.seen)
    expect(proofs.map(({ nonce, htm, htu }) => [nonce, htm, htu])).toEqual(
      [undefined, 'N1', 'N2'].map((nonce) => [nonce, 'POST', `${api.origin}/me`]),
    )
    expect(new Set(proofs.map(({ jti }) => jti)).size).toBe(3)
  })
})

describe.each(CLIENTS)('an answer in bounded time: by $name', (client) => {
  it('a source that fails in whatever way fails the request with a TokenError', async () => {
    const api = await serve((_request, response) => ok(response))
    const failing: (() => unknown)[] = [
      () => {
        throw new Error('sync')
      },
      () => Promise.reject('x'),
      () => Promise.resolve(undefined),
      () => 'two\nlines',
    ]
    for (const onGet of failing) {
      const source = new FakeSource()
      source.onGet = onGet as never
      const error = await failureOf(
        client.with(source, { origins: [api.origin] })({ url: api.origin }),
      )
      expect(error).toMatchObject({ code: expect.stringMatching(/^ERR_/) })
    }
    expect(api.seen).toEqual([])
  })

  it('a fixed token is never renewed: its 401 is passed on', async () => {
    const api = await serve((_request, response) => unauthorized(response))
    const send = client.with(fixedToken('T1'), { origins: [api.origin] })
    expect(await send({ url: api.origin })).toMatchObject({ status: 401, reason: undefined })
    expect(api.seen).toHaveLength(1)
  })

  it('an abort ends it although the source never answers', async () => {
    const source = new FakeSource()
    source.onGet = () => held<string>().promise
    const abort = new AbortController()
    const send = client.with(source, { origins: ['https://api.example.com'] })
    const call = send({ url: 'https://api.example.com/me', signal: abort.signal })
    abort.abort(new Error('enough'))
    expect(await failureOf(call)).toMatchObject({ message: 'enough' })
  })
})

function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => expect.fail('it did not fail'),
    (error: unknown) => error,
  )
}
