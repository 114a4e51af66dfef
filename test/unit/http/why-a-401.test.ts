import axios from 'axios'
import { LoginRequiredError, TokenManager, tokenErrorOf, type TokenSource } from 'tokenward'
import { attachTokens } from 'tokenward/axios'
import { createFetch } from 'tokenward/fetch'
import { describe, expect, it } from 'vitest'
import { ok, serve, unauthorized } from './support/server.js'
import { FakeSource } from './support/sources.js'

interface Options {
  origin: string
  maxRedirects?: number
  isRejected?: (response: { headers?: unknown }) => boolean
}
type Ask = (url: string, source: TokenSource, options: Options) => Promise<[number, unknown]>

const clients: [string, Ask][] = [
  [
    'axios',
    async (url, source, { origin, isRejected, maxRedirects = 0 }) => {
      const own = axios.create({ validateStatus: () => true, maxRedirects })
      const instance = attachTokens(own, source, { origins: [origin], isRejected })
      const response = await instance.get(url)
      return [response.status, tokenErrorOf(response)]
    },
  ],
  [
    'fetch',
    async (url, source, { origin, isRejected }) => {
      const response = await createFetch(source, { origins: [origin], isRejected })(url)
      return [response.status, tokenErrorOf(response)]
    },
  ],
]

describe.each(clients)('a 401 that is returned says why, by %s', (_, ask) => {
  it('where no token was sent, since the origin is not bound', async () => {
    const api = await serve((_request, response) => unauthorized(response))
    const source = new FakeSource('T1')
    const answer = await ask(`${api.origin}/me`, source, { origin: 'https://api.example.com' })
    expect(answer).toMatchObject([401, { code: 'ERR_NOT_REPLAYED', reason: 'origin' }])
    expect(source.renewed).toEqual([])
  })

  it.each<[number, string]>([
    [401, 'Bearer error="invalid_token"'],
    [401, 'Bearer error="insufficient_scope", scope="admin"'],
    [403, 'Bearer error="insufficient_scope", scope="admin"'],
  ])('where a redirect led away from the token: %i %s', async (status, challenge) => {
    const elsewhere = await serve((_request, response) =>
      response.writeHead(status, { 'www-authenticate': challenge }).end(),
    )
    const api = await serve((_request, response) =>
      response.writeHead(302, { location: `${elsewhere.origin}/` }).end(),
    )
    const source = new FakeSource('T1', 'T2')
    const answer = await ask(`${api.origin}/me`, source, { origin: api.origin, maxRedirects: 5 })
    expect(answer).toMatchObject([status, { code: 'ERR_NOT_REPLAYED', reason: 'origin' }])
    expect(elsewhere.seen.map(({ authorization }) => authorization)).toEqual([undefined])
    expect(source.renewed).toEqual([])
  })

  it('where the session has ended; the next request fails before it is sent', async () => {
    const api = await serve((_request, response) => unauthorized(response))
    const tokens = new TokenManager({
      initialTokens: { accessToken: 'T1', refreshToken: 'R1', expiresIn: 3600 },
      refresh: () => Promise.reject(new LoginRequiredError('No', { reason: 'invalid-grant' })),
    })
    const url = `${api.origin}/me`
    const ended = { code: 'ERR_LOGIN_REQUIRED', reason: 'invalid-grant' }
    expect(await ask(url, tokens, { origin: api.origin })).toMatchObject([401, ended])
    const next = ask(url, tokens, { origin: api.origin })
    await expect(next).rejects.toMatchObject(ended)
    expect(api.seen).toHaveLength(1)
  })

  it.each([
    ['unknown', undefined, 2],
    ['near', Date.now() + 30_000, 2],
    ['far', Date.now() + 3_600_000, 1],
  ])('with challenges of other schemes alone, where the expiry is %s', async (_, at, count) => {
    const api = await serve((_request, response) => unauthorized(response, 'Negotiate'))
    const source = new FakeSource('T1', 'T2', 'T3')
    source.expiresAt = at
    const options = { origin: api.origin }
    const [status, reason] = await ask(`${api.origin}/me`, source, options)
    expect(status).toBe(401)
    expect(reason).toMatchObject({ code: 'ERR_NOT_REPLAYED' })
    expect(api.seen).toHaveLength(count)
    await ask(`${api.origin}/me`, source, options)
    expect(api.seen).toHaveLength(count + 1) // at most once for a source
  })
})

describe.each(clients)('what says by itself that a token is refused, by %s', (_, ask) => {
  it.each([200, 203, 302, 400, 403, 404])('is a %i by isRejected', async (status) => {
    const api = await serve(({ authorization }, response) =>
      authorization === 'Bearer T2'
        ? ok(response)
        : response.writeHead(status, { location: '/login', 'x-refused': '1' }).end(),
    )
    const isRejected = ({ headers }: { headers?: unknown }) =>
      new Headers(headers as Record<string, string>).has('x-refused')
    const answer = await ask(`${api.origin}/me`, new FakeSource('T1', 'T2'), {
      origin: api.origin,
      isRejected,
    })
    expect(answer).toEqual([200, undefined])
    expect(api.seen.map(({ url, authorization }) => [url, authorization])).toEqual([
      ['/me', 'Bearer T1'],
      ['/me', 'Bearer T2'],
    ])
  })
})
