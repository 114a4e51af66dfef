import { describe, expect, it, vi } from 'vitest'
import { TokenManager, tokenErrorOf, TokenOptionsError, type TokenSource } from 'tokenward'
import { createFetch, type CreateFetchOptions } from 'tokenward/fetch'
import { dpopSigner } from 'tokenward/oauth'
import { JWK, proofsOf } from '../support/dpop.js'
import { ok, serve, unauthorized, type TestServer } from '../support/server.js'
import { FakeSource } from '../support/sources.js'

/** Sends `/from` on, and answers the rest. */
function moving(status: number, to: string, hops = 1): Promise<TestServer> {
  let left = hops
  return serve(({ url }, response) =>
    url.startsWith('/from') && left-- > 0
      ? void response.writeHead(status, { location: to }).end('moved')
      : ok(response),
  )
}
const connect = (api: TestServer, source: TokenSource, options?: Partial<CreateFetchOptions>) =>
  createFetch(source, { origins: [api.origin], ...options })
const tokensSeen = ({ seen }: TestServer) => seen.map(({ authorization }) => authorization)
const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.fail('it did not fail'),
    (error: unknown) => error,
  )

describe('a redirect that is followed', () => {
  it('looks as if the platform had followed it', async () => {
    const api = await moving(302, '/to?x=1')
    const send = connect(api, new FakeSource('T1'))
    const response = await send(`${api.origin}/from#part`)
    const plain = await fetch(`${api.origin}/to`)
    expect([response.status, response.url, response.redirected]).toEqual([
      200,
      `${api.origin}/to?x=1`,
      true,
    ])
    expect([plain.redirected, (await send(`${api.origin}/to`)).redirected]).toEqual([false, false])
  })

  it.each([
    [301, 'POST', 'GET'],
    [302, 'POST', 'GET'],
    [303, 'POST', 'GET'],
    [303, 'PUT', 'GET'],
    [307, 'POST', 'POST'],
    [308, 'POST', 'POST'],
    [301, 'PUT', 'PUT'],
    [302, 'DELETE', 'DELETE'],
    [303, 'HEAD', 'HEAD'],
    [301, 'GET', 'GET'],
  ])('(%i) makes of %s what the platform makes of it: %s', async (status, method, becomes) => {
    const api = await moving(status, '/to', 2)
    const headers = { 'X-Mine': '1', 'Content-Type': 'text/x', 'Content-Language': 'de' }
    const body = ['GET', 'HEAD'].includes(method) ? undefined : 'bytes'
    await fetch(`${api.origin}/from`, { method, headers, body })
    await connect(api, new FakeSource('T1'))(`${api.origin}/from`, { method, headers, body })
    const [, theirs, , ours] = api.seen
    const { authorization, ...others } = ours!.headers
    expect(authorization).toBe('Bearer T1')
    expect(others).toEqual(theirs!.headers)
    expect([ours!.method, String(ours!.body)]).toEqual([becomes, String(theirs!.body)])
  })

  it.each<[string, (url: string) => [string | Request, RequestInit?]]>([
    ['a Request', (url) => [new Request(url, { method: 'POST', body: 'bytes' })]],
    ['a form', (url) => [url, { method: 'POST', body: formOf('bytes') }]],
  ])('(307) takes the body along: of %s', async (_, make) => {
    const api = await moving(307, '/to')
    await connect(api, new FakeSource('T1'))(...make(`${api.origin}/from`))
    expect(api.seen.map(({ method }) => method)).toEqual(['POST', 'POST'])
    expect(String(api.seen[1]!.body)).toContain('bytes')
    expect(api.seen[1]!.body).toEqual(api.seen[0]!.body)
    expect(api.seen[1]!.headers['content-type']).toBe(api.seen[0]!.headers['content-type'])
  })

  it('(307) fails for a stream, as the platform does', async () => {
    const api = await moving(307, '/to')
    const body = new Blob(['once']).stream()
    const init = { method: 'POST', body, duplex: 'half' } as RequestInit
    const error = await failureOf(connect(api, new FakeSource('T1'))(`${api.origin}/from`, init))
    expect(error).toBeInstanceOf(TypeError)
    expect(error).toHaveProperty('cause.message', expect.stringMatching(/stream/))
  })

  it('to another of its origins keeps the token; to any other loses it, and all credentials', async () => {
    const other = await serve((_request, response) => ok(response))
    const api = await moving(302, `${other.origin}/x`, 2)
    const headers = { cookie: 'a=b', 'proxy-authorization': 'Basic x', 'x-mine': '1' }
    const both = { origins: [api.origin, other.origin] }
    await connect(api, new FakeSource('T1'), both)(`${api.origin}/from`, { headers })
    await connect(api, new FakeSource('T1'))(`${api.origin}/from`, { headers })
    const kept = other.seen.map((seen) => [seen.authorization, seen.headers.cookie, seen.headers['x-mine']]) // prettier-ignore
    expect(kept).toEqual([
      ['Bearer T1', undefined, '1'],
      [undefined, undefined, '1'],
    ])
  })

  it('to a 401 has only that request sent again, not the one before', async () => {
    const api = await serve(({ url, authorization }, response) => {
      if (url === '/orders') return void response.writeHead(303, { location: '/orders/1' }).end()
      return authorization === 'Bearer T2' ? ok(response) : unauthorized(response)
    })
    const send = connect(api, new FakeSource('T1', 'T2'))
    const response = await send(`${api.origin}/orders`, { method: 'POST', body: 'an order' })
    expect([response.status, response.redirected]).toEqual([200, true])
    expect(api.seen.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'POST /orders', // once: an order must not be made twice
      'GET /orders/1',
      'GET /orders/1',
    ])
  })

  it('is proved anew where the token is bound to a key', async () => {
    const api = await moving(307, '/to')
    const initialTokens = { accessToken: 'T1', refreshToken: 'R1', expiresIn: 300, dpopKey: JWK }
    const refresh = () => expect.fail('renewed')
    const tokens = new TokenManager({ refresh, initialTokens, dpop: dpopSigner })
    await connect(api, tokens)(`${api.origin}/from`, { method: 'POST', body: 'x' })
    expect(tokensSeen(api)).toEqual(['DPoP T1', 'DPoP T1'])
    const proofs = await proofsOf(api.seen)
    expect(proofs.map(({ htu }) => htu)).toEqual([`${api.origin}/from`, `${api.origin}/to`])
    expect(proofs[0]!.jti).not.toBe(proofs[1]!.jti)
  })
})

describe('redirects without end', () => {
  it('are followed twenty times', async () => {
    const api = await moving(302, '/from', Infinity)
    const error = await failureOf(connect(api, new FakeSource('T1'))(`${api.origin}/from`))
    expect(error).toBeInstanceOf(TypeError)
    expect(api.seen).toHaveLength(21)
    const again = await serve(({ url }, response) => {
      const count = Number(url.slice(1))
      if (count === 20) return ok(response)
      response.writeHead(302, { location: `/${count + 1}` }).end()
    })
    expect((await connect(again, new FakeSource('T1'))(`${again.origin}/0`)).status).toBe(200)
  })
})

describe('a redirect that leads nowhere', () => {
  it.each(['ftp://elsewhere/', 'http://[', 'data:text/plain,x', 'javascript:1'])(
    'fails as the platform fails: %s',
    async (to) => {
      const api = await moving(302, to, 2)
      const theirs = await failureOf(fetch(`${api.origin}/from`))
      const ours = await failureOf(connect(api, new FakeSource('T1'))(`${api.origin}/from`))
      for (const error of [theirs, ours]) expect(error).toBeInstanceOf(TypeError)
      expect(api.seen).toHaveLength(2)
    },
  )

  it('but says nothing at all is the answer', async () => {
    const api = await serve((_request, response) => void response.writeHead(302).end('here'))
    const response = await connect(api, new FakeSource('T1'))(api.origin)
    expect([response.status, await response.text()]).toEqual([302, 'here'])
  })
})

describe('a caller who asks otherwise', () => {
  it.each(['init', 'Request'])('gets the redirect itself by `manual`: in the %s', async (where) => {
    const api = await moving(302, '/to')
    const send = connect(api, new FakeSource('T1'))
    const url = `${api.origin}/from`
    const response = await (where === 'init'
      ? send(url, { redirect: 'manual' })
      : send(new Request(url, { redirect: 'manual' })))
    expect([response.status, response.headers.get('location')]).toEqual([302, '/to'])
    expect(api.seen).toHaveLength(1)
  })

  it('gets the platform’s own error by `error`', async () => {
    const api = await moving(302, '/to')
    const send = connect(api, new FakeSource('T1'))
    expect(await failureOf(send(`${api.origin}/from`, { redirect: 'error' }))).toBeInstanceOf(
      TypeError,
    )
    expect(api.seen).toHaveLength(1)
  })
})

describe('a platform that hides where redirects lead', () => {
  it('is told of: no token may go there', async () => {
    const hidden = Object.defineProperty(new Response(), 'type', { value: 'opaqueredirect' })
    const own = vi.fn(async () => hidden)
    const send = createFetch(new FakeSource('T1'), { origins: ['https://a.example'], fetch: own })
    const error = await failureOf(send('https://a.example/from'))
    expect(error).toBeInstanceOf(TokenOptionsError)
    expect(tokenErrorOf(error)).toBe(error)
    expect(await send('https://a.example/from', { redirect: 'manual' })).toBe(hidden)
  })
})

function formOf(text: string): FormData {
  const form = new FormData()
  form.append('name', text)
  return form
}
