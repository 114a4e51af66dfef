import type { IncomingMessage } from 'node:http'
import { createRequire } from 'node:module'
import axios, { type AxiosError, type AxiosRequestConfig } from 'axios'
import { attachTokens, type AttachTokensOptions } from 'tokenward/axios'
import { describe, expect, it } from 'vitest'
import { FakeSource } from '../support/sources.js'
import { ok, protectedApi, serve, unauthorized, type TestServer } from '../support/server.js'

/** The transport that axios itself uses, which it does not export. */
const followRedirects = createRequire(createRequire(import.meta.url).resolve('axios'))(
  'follow-redirects',
) as { http: { request: (options: object, onResponse: unknown) => unknown } }

const redirectTo = (location: string, status = 302) =>
  serve((_, response) => response.writeHead(status, { location }).end())

const tokenAt = (server: TestServer, header = 'authorization') =>
  server.seen.map((request) => request.headers[header])

const attach = (
  api: TestServer,
  source: FakeSource,
  options?: AttachTokensOptions,
  config?: AxiosRequestConfig,
) => attachTokens(axios.create({ baseURL: api.origin, ...config }), source, options)

const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.fail('did not fail'),
    (error: unknown) => error as AxiosError,
  )

describe.each(['http', 'fetch'])('over axios’ %s adapter, a redirect', (adapter) => {
  it.each([301, 302, 303, 307, 308])(
    'to another origin does not take the token along: %i',
    async (status) => {
      const other = await serve((_, response) => ok(response))
      const api = await redirectTo(`${other.origin}/x`, status)
      await attach(api, new FakeSource('T1'), {}, { adapter }).post('/me', 'body')
      expect(tokenAt(api)).toEqual(['Bearer T1'])
      expect(tokenAt(other)).toEqual([undefined]) // Gitlawb/zero#729, golang/oauth2#500
    },
  )

  it('to another host does not take the token along', async () => {
    const other = await serve((_, response) => ok(response))
    const api = await redirectTo(`http://localhost:${other.port}/x`)
    await attach(api, new FakeSource('T1'), {}, { adapter }).get('/me')
    expect(tokenAt(other)).toEqual([undefined])
  })

  it('within the origin keeps the token', async () => {
    const api = await serve((request, response) =>
      request.url === '/me'
        ? response.writeHead(302, { location: '/me/' }).end()
        : ok(response, request.authorization),
    )
    const response = await attach(api, new FakeSource('T1'), {}, { adapter }).get('/me')
    expect(response.data).toBe('Bearer T1')
  })

  it('within the origin, to a 401, renews and replays', async () => {
    const api = await serve((request, response) => {
      if (request.url === '/me') return response.writeHead(302, { location: '/me/' }).end()
      return request.authorization === 'Bearer T2' ? ok(response) : unauthorized(response)
    })
    const response = await attach(api, new FakeSource('T1', 'T2'), {}, { adapter }).get('/me')
    expect(response.status).toBe(200)
  })

  it('to another origin, whose 401 says nothing of the token, does not renew', async () => {
    const other = await protectedApi('T2')
    const api = await redirectTo(`${other.origin}/x`)
    const source = new FakeSource('T1', 'T2')
    const error = await failureOf(attach(api, source, {}, { adapter }).get('/me'))
    expect(error).toMatchObject({
      status: 401,
      cause: { code: 'ERR_NOT_REPLAYED', reason: 'origin' },
    })
    expect(source.refreshes).toEqual([])
    expect(api.seen).toHaveLength(1)
  })

  it('to another origin does not take another header along either', async () => {
    const other = await serve((_, response) => ok(response))
    const api = await redirectTo(`${other.origin}/x`)
    await attach(api, new FakeSource('T1'), { header: 'X-Token' }, { adapter })
      .get('/me')
      .catch(() => {})
    expect(tokenAt(api, 'x-token')).toEqual(['Bearer T1'])
    expect(tokenAt(other, 'x-token').filter(Boolean)).toEqual([])
  })
})

describe('over axios’ http adapter, a redirect', () => {
  it.each<[string, (other: TestServer) => string]>([
    ['a subdomain', (other) => `http://sub.localhost:${other.port}/x`],
    ['another port', (other) => `http://localhost:${other.port}/x`],
    ['a look-alike', (other) => `http://api@localhost:${other.port}/x`],
  ])('to %s does not take the token along', async (_, location) => {
    const other = await serve((_request, response) => ok(response))
    const api = await redirectTo(location(other))
    const instance = axios.create({
      baseURL: `http://localhost:${api.port}`,
      lookup: (_host: string, _options: object, done: (...found: never[]) => void) =>
        done(...([null, '127.0.0.1', 4] as never[])),
    })
    attachTokens(instance, new FakeSource('T1'))
    await instance.get('/me')
    const tokens = tokenAt(other)
    expect(tokens).toHaveLength(1)
    expect(tokens[0] ?? '').not.toContain('T1') // follow-redirects keeps Authorization for subdomains
  })

  it('back to the origin does not put the token in again', async () => {
    let api: TestServer | undefined
    const other = await serve((_, response) =>
      response.writeHead(302, { location: `${api?.origin}/back` }).end(),
    )
    api = await serve((request, response) =>
      request.url === '/me'
        ? response.writeHead(302, { location: `${other.origin}/x` }).end()
        : unauthorized(response),
    )
    const source = new FakeSource('T1', 'T2')
    const error = await failureOf(attach(api, source).get('/me'))
    expect(tokenAt(api)).toEqual(['Bearer T1', undefined]) // golang/oauth2#804
    expect(error.cause).toMatchObject({ reason: 'origin' })
    expect(source.refreshes).toEqual([])
  })

  it('to a bound origin keeps another header, which that origin may see', async () => {
    const other = await serve((_, response) => ok(response))
    const api = await redirectTo(`${other.origin}/x`)
    const options = { header: 'X-Token', origins: [api.origin, other.origin] }
    await attach(api, new FakeSource('T1'), options).get('/me')
    expect(tokenAt(other, 'x-token')).toEqual(['Bearer T1'])
  })

  it('runs the caller’s own hook, and takes out what that puts back', async () => {
    const other = await serve((_, response) => ok(response))
    const api = await redirectTo(`${other.origin}/x`)
    const instance = attach(api, new FakeSource('T1'))
    const seen: unknown[] = []
    await instance.get('/me', {
      beforeRedirect: (options, { statusCode }, { headers }) => {
        seen.push(options.href, statusCode)
        Object.assign(options.headers as object, {
          authorization: headers.Authorization,
          'x-mine': '1',
        })
      },
    })
    expect(seen).toEqual([`${other.origin}/x`, 302])
    expect(tokenAt(other)).toEqual([undefined])
    expect(tokenAt(other, 'x-mine')).toEqual(['1'])
  })

  it('leaves what the caller puts in the place of the token', async () => {
    const other = await serve((_, response) => ok(response))
    const api = await redirectTo(`${other.origin}/x`)
    await attach(api, new FakeSource('T1')).get('/me', {
      beforeRedirect: (options) => {
        Object.assign(options.headers as object, { authorization: 'Other' })
      },
    })
    expect(tokenAt(other)).toEqual(['Other'])
  })

  it('over a transport of the caller does not take the token along either', async () => {
    const other = await serve((_, response) => ok(response))
    const api = await redirectTo(`${other.origin}/x`)
    for (const transport of [followRedirects.http, plainRedirects()]) {
      await attach(api, new FakeSource('T1'), { header: 'X-Token' }).get('/me', { transport })
    }
    expect(tokenAt(api, 'x-token')).toEqual(['Bearer T1', 'Bearer T1'])
    expect(tokenAt(other, 'x-token')).toEqual([undefined, undefined])
  })

  it('of the replay is guarded by the new token', async () => {
    const other = await serve((_, response) => ok(response))
    const api = await serve((request, response) =>
      request.authorization === 'Bearer T2'
        ? response.writeHead(302, { location: `${other.origin}/x` }).end()
        : unauthorized(response),
    )
    await attach(api, new FakeSource('T1', 'T2')).get('/me', {
      beforeRedirect: (options, _, { headers }) => {
        Object.assign(options.headers as object, { authorization: headers.Authorization })
      },
    })
    expect(tokenAt(other)).toEqual([undefined])
  })
})

/** A transport that calls the hook only if there is one, as follow-redirects alone does. */
function plainRedirects() {
  return {
    request(options: Record<string, unknown>, onResponse: (response: IncomingMessage) => void) {
      delete options.beforeRedirects
      const hook = options.beforeRedirect as ((...args: unknown[]) => void) | undefined
      return followRedirects.http.request(
        {
          ...options,
          beforeRedirect: (next: unknown, ...rest: unknown[]) => {
            Object.assign(next as object, { beforeRedirects: {} })
            hook?.(next, ...rest)
          },
        },
        onResponse,
      )
    },
  }
}

describe('over axios’ fetch adapter, a redirect', () => {
  it('with another header is passed on, not followed: no platform takes that header out', async () => {
    const api = await redirectTo('/elsewhere')
    const error = await failureOf(
      attach(api, new FakeSource('T1'), { header: 'X-Token' }, { adapter: 'fetch' }).get('/me'),
    )
    expect(error.status).toBe(302)
    expect(api.seen).toHaveLength(1)
  })

  it('is noticed with a fetch of the caller too', async () => {
    const other = await protectedApi('T2')
    const api = await redirectTo(`${other.origin}/x`)
    let calls = 0
    const env = {
      fetch: (input: string | URL | Request, init?: RequestInit) => {
        calls++
        return fetch(input, init)
      },
    }
    const source = new FakeSource('T1', 'T2')
    const instance = attach(api, source, {}, { adapter: 'fetch', env })
    for (let i = 0; i < 2; i++) {
      expect((await failureOf(instance.get('/me'))).cause).toMatchObject({ reason: 'origin' })
    }
    expect(calls).toBe(2)
  })
})

describe('a hook of the caller’s that changes a part of where a redirect leads', () => {
  it.each([
    ['the port', (port: number) => ({ port })],
    ['the host name', () => ({ hostname: 'localhost' })],
    ['the socket', () => ({ socketPath: '/nowhere.sock' })],
  ])('%s alone, and not href: takes no token along', async (_, change) => {
    const other = await serve((_request, response) => ok(response))
    const api = await redirectTo('/there')
    const headersSeen: unknown[] = []
    const client = attach(api, new FakeSource('T1'), undefined, {
      beforeRedirect: (options) => {
        Object.assign(options, change(other.port))
        headersSeen.push(options.headers)
      },
    })
    await client.get('/me').catch(() => {})
    expect(JSON.stringify(headersSeen)).not.toContain('T1')
    expect(tokenAt(other).filter(Boolean)).toEqual([])
  })
})
