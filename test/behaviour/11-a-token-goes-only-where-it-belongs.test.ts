import axios, { AxiosHeaders, type AxiosInstance, type AxiosRequestConfig } from 'axios'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  fixedToken,
  NotReplayedError,
  RefreshRejectedError,
  TokenManager,
  TokenOptionsError,
  tokenErrorOf,
} from 'tokenward'
import { attachTokens } from 'tokenward/axios'
import { oauthClient } from 'tokenward/oauth'
import type { TokenResponse } from 'tokenward/testing'
import { serve, unauthorized as deny } from '../unit/http/support/server.js'
import { API, ISSUER, redirect, unauthorized, useWorld, type Sent } from './support/http-world.js'

const EVIL = 'https://evil.example'

describe('a token goes only where it belongs: the origins that it is bound to', () => {
  const { server, login, sent, stranger } = useWorld()

  it('are the baseURL’s, unless said otherwise', async () => {
    const { manager, tokens } = login()
    const client = attachTokens(axios.create({ baseURL: `${API}/v1` }), manager)
    await client.get('/me')
    await client.get(`${API}/v2/me`)
    const bearer = `Bearer ${tokens.access_token}`
    expect((await sent()).map(({ authorization }) => authorization)).toEqual([bearer, bearer])
  })

  it('are those of the list, where one is given, and no others', async () => {
    stranger('https://files.example')
    stranger('https://files.example:8443')
    const { manager } = login()
    const client = axios.create({ baseURL: 'https://files.example' })
    attachTokens(client, manager, { origins: [API, 'https://files.example:8443'] })
    await client.get(`${API}/me`)
    await client.get('https://files.example:8443/1')
    await client.get('/1')
    expect((await sent()).map(({ origin, authorization }) => [origin, authorization !== null])).toEqual([[API, true], ['https://files.example:8443', true], ['https://files.example', false]]) // prettier-ignore
  })

  it.each<[string, AxiosRequestConfig, object?]>([
    ['no baseURL and no list', {}],
    ['a relative baseURL and no list', { baseURL: '/v1' }],
    ['a baseURL that only looks absolute', { baseURL: '//api.example.com' }],
    ['an empty list', { baseURL: API }, { origins: [] }],
    ['a wildcard', { baseURL: API }, { origins: ['https://*.example.com'] }],
    ['a path', { baseURL: API }, { origins: [`${API}/v1`] }],
    ['no scheme', { baseURL: API }, { origins: ['api.example.com'] }],
  ])('must be known when tokens are attached: not so with %s', (_, defaults, options) => {
    const attach = () => attachTokens(axios.create(defaults), fixedToken('at-1'), options)
    expect(attach).toThrow(TokenOptionsError)
    expect(attach).toThrow(/origins/)
  })

  // axios and OAuth2Fetch send the bearer to any absolute URL
  it.each<[string, string, string | undefined]>([
    ['another host', `${EVIL}/x`, EVIL],
    ['a host that begins like it', 'https://api.example.com.evil.example/x', 'https://api.example.com.evil.example'], // prettier-ignore
    ['a host that ends like it', 'https://evilapi.example.com/x', 'https://evilapi.example.com'],
    ['a subdomain', 'https://sub.api.example.com/x', 'https://sub.api.example.com'],
    ['its parent domain', 'https://example.com/x', 'https://example.com'],
    ['its name as user name', 'https://api.example.com@evil.example/x', EVIL],
    ['its name and port as user name and password', 'https://api.example.com:443@evil.example/x', EVIL], // prettier-ignore
    ['its name after a backslash', 'https://evil.example\\@api.example.com/x', EVIL],
    ['its name in the path', 'https://evil.example/https://api.example.com/', EVIL],
    ['its name in the fragment', 'https://evil.example#@api.example.com/', EVIL],
    ['plain http', 'http://api.example.com/x', 'http://api.example.com'],
    ['another port', 'https://api.example.com:8443/x', 'https://api.example.com:8443'],
    ['a port that its own is the beginning of', 'https://api.example.com:4430/x', 'https://api.example.com:4430'], // prettier-ignore
    ['no scheme', '//evil.example/x', undefined],
    ['no scheme, its own host', '//api.example.com/x', undefined],
  ])('are not %s, which gets no token and whose 401 renews nothing', async (_, url, goesTo) => {
    if (goesTo !== undefined) stranger(goesTo, () => unauthorized())
    const { manager, tokens } = login()
    const client = attachTokens(axios.create({ baseURL: API }), manager)
    await failureOf(client.get(url))
    const everything = await sent()
    expect(everything.map(({ origin }) => origin)).toEqual(goesTo === undefined ? [] : [goesTo])
    expectNoneOf(secretsOf(tokens), everything)
    expect(server.stats.tokenRequests).toBe(0)
  })

  it('tell a port from its prefix the other way round too', async () => {
    stranger('https://api.example.com:844')
    stranger('https://api.example.com:8443')
    const { manager } = login()
    const client = axios.create({ baseURL: 'https://api.example.com:8443' })
    attachTokens(client, manager)
    await client.get('/x')
    await client.get('https://api.example.com:844/x')
    const seen = (await sent()).map(({ authorization }) => authorization !== null)
    expect(seen).toEqual([true, false])
  })

  it('count for the URL as it is sent: an interceptor, before or after ours, may change it', async () => {
    stranger(EVIL)
    const { manager, tokens } = login()
    for (const order of ['before', 'after']) {
      const client = axios.create({ baseURL: API })
      if (order === 'after') attachTokens(client, manager)
      client.interceptors.request.use((config) => ({ ...config, baseURL: EVIL }))
      if (order === 'before') attachTokens(client, manager)
      await client.get('/me')
    }
    const everything = await sent()
    expect(everything.map(({ origin }) => origin)).toEqual([EVIL, EVIL])
    expectNoneOf(secretsOf(tokens), everything)
  })

  it('need no session elsewhere: a request that gets no token does not wait for one', async () => {
    stranger(EVIL)
    const { manager } = login({ token: 'expired' })
    const client = attachTokens(axios.create({ baseURL: API }), manager)
    await client.get(EVIL)
    expect(server.stats.tokenRequests).toBe(0)
  })
})

describe('a token goes only where it belongs: whatever the URL', () => {
  it('sees to it that only its origin gets the token', async () => {
    const seen: { origin: string; hasToken: boolean }[] = []
    /** Where axios would connect to, after all its parsing. */
    const transport = {
      request({ protocol, hostname, port, headers }: SentOptions) {
        const origin = `${protocol}//${hostname}${port && `:${port}`}`
        seen.push({ origin, hasToken: JSON.stringify(headers).includes('at-1') })
        throw new Error('not connected')
      },
    }
    const client = axios.create({ baseURL: API, transport })
    attachTokens(client, fixedToken('at-1'))
    const pieces = fc.constantFrom('https:', 'HTTPS:', 'http:', '/', '//', '\\', '@', ':', '?', '#', '.', ' ', '\t', '%2f', 'a:b@', '..', ':443', ':8443', ':80', 'api.example.com', 'API.EXAMPLE.COM', 'api.example.com.', 'evil.example', 'x') // prettier-ignore
    const text = fc.array(pieces, { maxLength: 7 }).map((parts) => parts.join(''))
    const url = fc.oneof(
      text,
      text.map((end) => `https://${end}`),
      text.map((end) => `${API}${end}`),
    )
    const baseURL = fc.constantFrom(API, `${API}/v1/`, EVIL, '')
    await fc.assert(
      fc.asyncProperty(url, baseURL, async (to, base) => {
        seen.length = 0
        await client.get(to, { baseURL: base }).catch(() => undefined)
        for (const { origin, hasToken } of seen) if (hasToken) expect(origin).toBe(API)
        return seen.length > 0 ? undefined : fc.pre(false)
      }),
      { numRuns: 1000, maxSkipsPerRun: 100 },
    )
    await client.get('/me').catch(() => undefined)
    expect(seen.at(-1)).toEqual({ origin: API, hasToken: true })
  })
})

describe('a token goes only where it belongs: redirects', () => {
  const { server, login, sent, stranger, apiAnswers } = useWorld()
  const attach = (manager: TokenManager, config?: AxiosRequestConfig) =>
    attachTokens(axios.create({ baseURL: API, ...config }), manager)

  // follow-redirects keeps Authorization for subdomains. golang/oauth2#500, #804
  describe.each([
    ['a subdomain', 'https://sub.api.example.com'],
    ['another port', 'https://api.example.com:8443'],
    ['plain http', 'http://api.example.com'],
    ['another host', EVIL],
    ['a look-alike', 'https://api.example.com.evil.example'],
  ])('to %s', (_, origin) => {
    it.each([301, 302, 303, 307, 308])('(%i) are followed without the token', async (status) => {
      apiAnswers('/moved', () => redirect(`${origin}/x`, status))
      stranger(origin)
      const { manager, tokens } = login()
      const { data } = await attach(manager).post('/moved', { a: 1 })
      expect(data).toEqual({ hello: 'stranger' })
      const [first, second] = await sent()
      expect(first?.authorization).toBe(`Bearer ${tokens.access_token}`)
      expect(second?.origin).toBe(origin)
      expectNoneOf(secretsOf(tokens), [second])
    })

    // Other header names are kept across origins unless axios' sensitiveHeaders names them
    it('do not take another header along either', async () => {
      apiAnswers('/moved', () => redirect(`${origin}/x`))
      stranger(origin)
      const { manager, tokens } = login()
      const client = axios.create({ baseURL: API })
      attachTokens(client, manager, { header: 'X-Api-Token', format: (token) => token })
      await client.get('/moved')
      const [first, second] = await sent()
      expect(first?.content).toContain(`x-api-token: ${tokens.access_token}`)
      expectNoneOf(secretsOf(tokens), [second])
    })

    it('to a 401 renew nothing: it says nothing of a token that was not sent there', async () => {
      apiAnswers('/moved', () => redirect(`${origin}/x`))
      stranger(origin, () => unauthorized('Bearer error="invalid_token"'))
      const { manager } = login()
      const error = await failureOf(attach(manager).get('/moved'))
      expect(error).toMatchObject({ name: 'AxiosError', status: 401 })
      expect(tokenErrorOf(error)).toBeInstanceOf(NotReplayedError)
      expect(tokenErrorOf(error)).toMatchObject({ reason: 'origin' })
      expect(await sent()).toHaveLength(2)
      expect(server.stats.tokenRequests).toBe(0)
    })
  })

  // golang/oauth2#804: the transport adds it again after a redirect
  it('elsewhere and back do not get it again', async () => {
    apiAnswers('/moved', () => redirect(`${EVIL}/x`))
    apiAnswers('/back', () => unauthorized())
    stranger(EVIL, () => redirect(`${API}/back`))
    const { manager } = login()
    const error = await failureOf(attach(manager).get('/moved'))
    expect(tokenErrorOf(error)).toMatchObject({ reason: 'origin' })
    expect((await sent()).map(({ authorization }) => authorization !== null)).toEqual([
      true,
      false,
      false,
    ])
    expect(server.stats.tokenRequests).toBe(0)
  })

  it('of the replay are watched too: the new token stays', async () => {
    const { manager, tokens } = login({ token: 'denied' })
    const moved = server.protect(() => redirect(`${EVIL}/x`, 307))
    apiAnswers('/moved', moved)
    stranger(EVIL)
    await attach(manager).post('/moved', 'body')
    const renewed = await manager.getAccessToken()
    expect(renewed).not.toBe(tokens.access_token)
    const everything = await sent()
    expect(everything.at(-2)?.authorization).toBe(`Bearer ${renewed}`)
    expectNoneOf([...secretsOf(tokens), renewed], everything.slice(-1))
  })

  it('within the origin keep the token, and their 401 renews it', async () => {
    apiAnswers('/moved', () => redirect('/me'))
    const { manager } = login({ token: 'denied' })
    expect(await attach(manager).get('/moved')).toMatchObject({ data: { path: '/me', sub: 'ann' } })
    expect(server.stats).toMatchObject({ tokenRequests: 1, reuse: 0 })
  })
})

describe('a token goes only where it belongs: redirects over sockets', () => {
  it.each(['http', 'fetch'])('by axios’ %s adapter: elsewhere, no token', async (adapter) => {
    const other = await serve((_request, response) => deny(response))
    const api = await serve((_request, response) =>
      response.writeHead(307, { location: `${other.origin}/x` }).end(),
    )
    const manager = new TokenManager({
      initialTokens: { accessToken: 'at-1', refreshToken: 'rt-1', expiresIn: 300 },
      refresh: () => expect.fail('renewed for a stranger’s 401'),
    })
    const client = attachTokens(axios.create({ baseURL: api.origin, adapter }), manager)
    const error = await failureOf(client.post('/me', 'body'))
    expect(tokenErrorOf(error)).toMatchObject({ reason: 'origin' })
    expect(api.seen.map(({ authorization }) => authorization)).toEqual(['Bearer at-1'])
    expect(other.seen.map(({ rawHeaders, body }) => [rawHeaders.join(), String(body)])).toEqual([
      [expect.not.stringContaining('at-1'), 'body'],
    ])
  })
})

describe('a token goes only where it belongs: not in the place of the caller’s own credentials', () => {
  const { server, login, sent } = useWorld()

  // supertokens-website#209, #210: a caller's own Authorization replaced or refreshed
  it.each<[string, AxiosRequestConfig, string]>([
    ['Authorization', { headers: { Authorization: 'Bearer mine' } }, 'Bearer mine'],
    ['authorization', { headers: { authorization: 'Bearer mine' } }, 'Bearer mine'],
    ['AUTHORIZATION', { headers: { AUTHORIZATION: 'ApiKey mine' } }, 'ApiKey mine'],
    ['AxiosHeaders', { headers: new AxiosHeaders({ aUTHORIZATION: 'mine' }) }, 'mine'],
    ['the option auth', { auth: { username: 'me', password: 'pw' } }, 'Basic bWU6cHc='],
    ['the URL', { url: 'https://me:pw@api.example.com/me' }, 'Basic bWU6cHc='],
  ])('given by %s: untouched, and its 401 renews nothing', async (_, config, expected) => {
    const { manager } = login()
    const client = attachTokens(axios.create({ baseURL: API }), manager)
    const error = await failureOf(client.request({ url: '/me', ...config }))
    expect(error).toMatchObject({ name: 'AxiosError', status: 401 })
    expect(tokenErrorOf(error)).toBeUndefined()
    expect((await sent()).map(({ authorization }) => authorization)).toEqual([expected])
    expect(server.stats.tokenRequests).toBe(0)
  })

  it.each<[string, (client: AxiosInstance) => void]>([
    ['the defaults of the instance', ({ defaults }) => void Object.assign(defaults.headers.common, { authorization: 'mine' })], // prettier-ignore
    ['the defaults of a method', ({ defaults }) => void Object.assign(defaults.headers.get, { authorization: 'mine' })], // prettier-ignore
    ['an interceptor', ({ interceptors }) => void interceptors.request.use((config) => (config.headers.set('authorization', 'mine'), config))], // prettier-ignore
  ])('given by %s, before ours or after: the same', async (_, give) => {
    const { manager } = login()
    for (const order of ['before', 'after']) {
      const client = axios.create({ baseURL: API })
      if (order === 'before') give(client)
      attachTokens(client, manager)
      if (order === 'after') give(client)
      expect(await failureOf(client.get('/me'))).toMatchObject({ status: 401 })
    }
    expect((await sent()).map(({ authorization }) => authorization)).toEqual(['mine', 'mine'])
    expect(server.stats.tokenRequests).toBe(0)
  })

  it.each([
    'Basic realm="x"',
    'Negotiate',
    'Digest realm="a, Bearer b", nonce="x"',
    'DPoP algs="ES256"',
  ])('asked for by an API (%s): a 401 that is not ours renews nothing', async (challenge) => {
    const { manager } = login()
    server.next({ at: 'api', status: 401, headers: { 'www-authenticate': challenge } })
    const client = attachTokens(axios.create({ baseURL: API }), manager)
    const error = await failureOf(client.get('/me'))
    expect(error).toMatchObject({ name: 'AxiosError', status: 401 })
    expect(tokenErrorOf(error)).toMatchObject({ code: 'ERR_NOT_REPLAYED', reason: 'scope' })
    expect(await sent()).toHaveLength(1)
    expect(server.stats.tokenRequests).toBe(0)
  })

  it('asked for besides ours: the 401 renews', async () => {
    const { manager } = login()
    const headers = { 'www-authenticate': 'Basic realm="x", Bearer error="invalid_token"' }
    server.next({ at: 'api', status: 401, headers })
    const client = attachTokens(axios.create({ baseURL: API }), manager)
    expect((await client.get('/me')).data.sub).toBe('ann')
    expect(server.stats.tokenRequests).toBe(1)
  })
})

describe('a refresh token goes to the token endpoint only', () => {
  const { server, oauth, login, sent, stranger, apiAnswers } = useWorld()

  /** A manager of this client, with an expired token. */
  const expired = (refresh = oauth.refreshToken()) =>
    new TokenManager({ refresh, initialTokens: { ...server.login(), expires_at: 1 } })

  it('through a whole session of renewals, redirects and failures', async () => {
    stranger(EVIL)
    apiAnswers('/moved', () => redirect(`${EVIL}/x`))
    const { manager, tokens } = login({ token: 'denied' })
    const client = attachTokens(axios.create({ baseURL: API }), manager)
    const secrets = [tokens.refresh_token]
    const keep = async () => secrets.push((await manager.getTokens())?.refreshToken ?? '')
    await Promise.all([client.get('/me'), client.post('/orders', { a: 1 }), client.get(EVIL)])
    await keep()
    await client.get('/moved')
    await manager.refresh()
    await keep()
    server.revokeSession('ann')
    await failureOf(client.get('/me'))
    await failureOf(client.get('/me'))
    expect(new Set(secrets).size).toBe(3)

    const tokenRequests = (await sent()).filter(({ url }) => url === `${ISSUER}/token`)
    expect(tokenRequests.map(({ method }) => method)).toEqual(['POST', 'POST', 'POST'])
    tokenRequests.forEach(({ content }, i) => expect(content).toContain(secrets[i]))
    const others = (await sent()).filter(({ url }) => url !== `${ISSUER}/token`)
    expect(others.length).toBeGreaterThan(6)
    expectNoneOf([...secrets, 'secret-of-the-client', btoa('web:secret-of-the-client')], others)
  })

  // Gitlawb/zero#729: 307 replays the token POST
  it.each([301, 302, 303, 307, 308])(
    'and no further: a redirect (%i) is refused',
    async (status) => {
      stranger(EVIL, () => Response.json({ access_token: 'of-evil', expires_in: 300 }))
      const manager = expired()
      const client = attachTokens(axios.create({ baseURL: API }), manager)
      server.next({ status, headers: { location: `${EVIL}/token` } })
      const error = await failureOf(client.get('/me'))
      expect(error).toBeInstanceOf(RefreshRejectedError)
      expect(error).toMatchObject({ status, message: expect.stringContaining(EVIL) })
      expect((await sent()).map(({ origin }) => origin)).not.toContain(EVIL)
      expect(await manager.getTokens()).toMatchObject({ refreshToken: expect.any(String) })
    },
  )

  it('nor does discovery lead it astray: by a redirect, another issuer, or plain http', async () => {
    stranger(EVIL, () => Response.json({ issuer: EVIL, token_endpoint: `${EVIL}/token` }))
    stranger('http://auth.example.com')
    const faults = [
      { status: 307, headers: { location: `${EVIL}/.well-known/openid-configuration` } },
      { override: { issuer: EVIL, token_endpoint: `${EVIL}/token` } },
      { override: { token_endpoint: 'http://auth.example.com/token' } },
    ]
    for (const fault of faults) {
      const undo = server.always({ at: 'discovery', ...fault })
      const client = oauthClient({ issuer: ISSUER, clientId: 'web', clientSecret: 'cs' })
      const error = await failureOf(expired(client.refreshToken()).getAccessToken())
      expect(error).toBeInstanceOf(RefreshRejectedError)
      undo()
    }
    const origins = new Set((await sent()).map(({ origin }) => origin))
    expect([...origins]).toEqual([ISSUER])
    expect(server.stats.tokenRequests).toBe(0)
  })

  it('and over TLS, or loopback, or to an origin that the app names', async () => {
    const at = (tokenEndpoint: string, allowInsecureRequests?: string[]) =>
      oauthClient({
        tokenEndpoint,
        clientId: 'web',
        clientSecret: 'cs',
        ...(allowInsecureRequests && { allowInsecureRequests }),
      })
    expect(() => at('http://auth.internal/token')).toThrow(TokenOptionsError)
    expect(() => at('http://auth.internal/token', ['http://other.internal'])).toThrow(
      TokenOptionsError,
    )
    expect(() => at('http://localhost.evil.example/token')).toThrow(TokenOptionsError)
    stranger('http://auth.internal', () => Response.json({ access_token: 'at', expires_in: 300 }))
    stranger('http://127.0.0.1:9', () => Response.json({ access_token: 'at', expires_in: 300 }))
    const clients = [
      at('http://auth.internal/token', ['http://auth.internal']),
      at('http://127.0.0.1:9/token'),
    ]
    for (const client of clients) {
      await expect(expired(client.refreshToken()).getAccessToken()).resolves.toBe('at')
    }
  })
})

/** The part of a Node request's options that says where it goes. */
interface SentOptions {
  protocol: string
  hostname: string
  port: string | number
  headers: object
}

function secretsOf(tokens: TokenResponse): string[] {
  return [tokens.access_token, tokens.refresh_token!]
}

function expectNoneOf(secrets: readonly string[], requests: readonly (Sent | undefined)[]): void {
  const text = JSON.stringify(requests)
  for (const secret of secrets) expect(text).not.toContain(secret)
}

function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => expect.fail('it did not fail'),
    (error: unknown) => error,
  )
}
