import { Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import axios from 'axios'
import { TokenOptionsError } from 'tokenward'
import { createAuthorizationServer, listenOnLoopback, type LoopbackServer } from 'tokenward/testing'

const open: LoopbackServer[] = []
const opened = <T extends LoopbackServer>(server: T): T => {
  open.push(server)
  return server
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()))
})

async function listening(options = {}) {
  const server = createAuthorizationServer(options)
  const loopback = opened(await server.listen())
  const post = (fields: Record<string, string>, init: RequestInit = {}) =>
    fetch(server.metadata.token_endpoint, {
      method: 'POST',
      body: new URLSearchParams(fields),
      ...init,
    })
  return { server, loopback, post }
}

describe('a server that listens', () => {
  it('has its loopback address for an issuer, and is discovered there', async () => {
    const { server, loopback } = await listening()
    expect(loopback.issuer).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    expect(server.issuer).toBe(loopback.issuer)
    const response = await fetch(`${loopback.issuer}/.well-known/openid-configuration`)
    expect(await response.json()).toEqual(server.metadata)
  })

  it('keeps the path of its issuer', async () => {
    const { loopback } = await listening({ issuer: 'https://auth.example.com/tenant/' })
    expect(loopback.issuer).toBe(`${loopback.url}/tenant/`)
    const response = await fetch(`${loopback.url}/.well-known/oauth-authorization-server/tenant`)
    expect(await response.json()).toMatchObject({ token_endpoint: `${loopback.url}/tenant/token` })
  })

  it('refreshes and serves its API over real HTTP', async () => {
    const { server, loopback, post } = await listening({ clockOffsetMs: 3_600_000 })
    const { refresh_token } = server.login({ sub: 'alice' })
    const response = await post({ grant_type: 'refresh_token', refresh_token })
    expect(Date.parse(response.headers.get('date')!)).toBeGreaterThan(Date.now() + 3_500_000)
    const { access_token } = (await response.json()) as { access_token: string }
    const headers = { authorization: `Bearer ${access_token}` }
    const me = await fetch(`${loopback.url}/api/me?x=1`, { headers })
    expect(await me.json()).toEqual({ sub: 'alice', method: 'GET', path: '/api/me' })
    expect((await fetch(`${loopback.url}/api/me`, { method: 'HEAD' })).status).toBe(401)
    expect(server.requests.map((request) => request.outcome)).toEqual(Array(3).fill('answered'))
  })

  it('breaks the connection where the script says so', async () => {
    const { server, post } = await listening()
    server.next({ drop: true })
    await expect(post({})).rejects.toMatchObject({ cause: { code: 'ECONNRESET' } })
    server.next({ drop: true })
    await expect(axios.post(server.metadata.token_endpoint)).rejects.toMatchObject({
      code: 'ECONNRESET',
    })
  })

  it('notices that a caller gave up', async () => {
    const { server, post } = await listening()
    const caller = new AbortController()
    const gate = server.hold()
    const answer = post({ grant_type: 'client_credentials' }, { signal: caller.signal })
    await gate.arrived
    caller.abort()
    await expect(answer).rejects.toMatchObject({ name: 'AbortError' })
    await expect.poll(() => server.requests[0]!.outcome).toBe('aborted')
    expect(server.stats.issued).toBe(0)
  })

  it('closes at once, whoever still waits, and is where it was before', async () => {
    const { server, loopback, post } = await listening()
    const gate = server.hold()
    const failed = expect(post({})).rejects.toThrow()
    await gate.arrived
    await loopback.close()
    await failed
    expect(server.issuer).toBe('https://auth.example.com')
    const again = opened(await server.listen())
    expect(server.issuer).toBe(again.issuer)
  })

  it('listens once at a time, also while it begins to', async () => {
    const server = createAuthorizationServer()
    const first = server.listen().then(opened)
    await expect(server.listen()).rejects.toThrow(TokenOptionsError)
    await first
  })

  it('says that a port is taken, and may try another', async () => {
    const { loopback } = await listening()
    const server = createAuthorizationServer()
    const port = Number(new URL(loopback.url).port)
    await expect(server.listen({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
    opened(await server.listen())
  })

  it('can be disposed of', async () => {
    const { loopback } = await listening()
    await loopback[Symbol.asyncDispose]()
    await expect(fetch(loopback.url)).rejects.toThrow()
  })
})

describe('any handler that listens', () => {
  it('gets the request as it was sent, and answers byte for byte', async () => {
    const bytes = new Uint8Array([0, 255, 10, 13])
    const { url } = opened(
      await listenOnLoopback(async (request) => {
        const { pathname, search } = new URL(request.url)
        const headers = new Headers({ 'x-path': pathname + search })
        headers.append('set-cookie', 'a=1')
        headers.append('set-cookie', 'b=2')
        headers.set('x-seen', request.headers.get('x-sent')!)
        return new Response(await request.arrayBuffer(), { status: 207, headers })
      }),
    )
    const response = await fetch(`${url}//other.example/a?b=%20`, {
      method: 'PUT',
      body: bytes,
      headers: { 'x-sent': 'yes' },
    })
    expect(response.status).toBe(207)
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(bytes)
    expect(response.headers.get('x-path')).toBe('//other.example/a?b=%20')
    expect(response.headers.get('x-seen')).toBe('yes')
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
  })

  it.each([
    [new Error('no such user'), 'The handler threw: no such user'],
    ['a string', 'The handler threw: a string'],
    [new Error('bad token=Bearer abc.def'), 'The handler threw: bad token=Bearer [redacted]'],
  ])('that throws %o is answered 500, without secrets', async (thrown, text) => {
    const handler = () => {
      throw thrown
    }
    const { url } = opened(await listenOnLoopback(handler))
    const response = await fetch(url)
    expect([response.status, await response.text()]).toEqual([500, text])
  })

  it('has its connection ended where the runtime cannot reset it', async () => {
    const { prototype } = Socket as { prototype: { resetAndDestroy?: unknown } }
    const { resetAndDestroy } = prototype
    prototype.resetAndDestroy = undefined
    try {
      const broken = createAuthorizationServer()
      broken.next({ at: 'api', drop: true })
      const { url } = opened(await listenOnLoopback(broken.api))
      await expect(fetch(url)).rejects.toThrow('fetch failed')
    } finally {
      prototype.resetAndDestroy = resetAndDestroy
    }
  })
})
