import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { TokenOptionsError, toTokenSet } from 'tokenward'
import { createAuthorizationServer } from 'tokenward/testing'
import { callApi, claimsOf, postToken, refresh, refreshed, refusal, tokensOf } from './requests.js'

const NOW = Date.parse('2026-03-01T12:00:00.400Z')

beforeEach(() => {
  vi.useFakeTimers({ now: NOW })
})

afterEach(() => {
  vi.useRealTimers()
})

describe('a login', () => {
  it('gives what the token endpoint of a real server would say', () => {
    const tokens = createAuthorizationServer().login()
    expect(tokens).toEqual({
      access_token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
      token_type: 'Bearer',
      expires_in: 300,
      refresh_token: expect.stringMatching(/^rt_\w+$/),
    })
    expect(toTokenSet(tokens).expiresAt).toBe(NOW + 300_000)
  })

  it('is of whom and for what the test says', () => {
    const server = createAuthorizationServer({ scope: 'read' })
    const tokens = server.login({ sub: 'alice', scope: 'read write' })
    expect(tokens.scope).toBe('read write')
    expect(server.introspect(tokens.access_token)).toMatchObject({
      sub: 'alice',
      scope: 'read write',
    })
    expect(server.login().scope).toBe('read')
  })

  it('can begin with an expired access token', () => {
    const server = createAuthorizationServer()
    const tokens = server.login({ accessTokenLifetimeMs: 0 })
    expect(server.isValid(tokens.access_token)).toBe(false)
  })

  it('refuses a lifetime that is none', () => {
    const server = createAuthorizationServer()
    expect(() => server.login({ accessTokenLifetimeMs: -1 })).toThrow(TokenOptionsError)
  })
})

describe('access tokens', () => {
  it('are JWTs whose times are whole seconds, rounded down', () => {
    const server = createAuthorizationServer({ clientId: 'web', accessTokenLifetimeMs: 1_700 })
    const claims = claimsOf(server.login({ sub: 'zoë', scope: 'read' }).access_token)
    expect(claims).toEqual({
      iss: 'https://auth.example.com',
      sub: 'zoë',
      aud: 'https://auth.example.com',
      client_id: 'web',
      scope: 'read',
      iat: Math.floor(NOW / 1000),
      exp: Math.floor((NOW + 1_700) / 1000),
      jti: expect.any(String),
    })
  })

  it('are opaque if the test wants so', () => {
    const server = createAuthorizationServer({ accessTokenFormat: 'opaque' })
    expect(server.login().access_token).toMatch(/^at_\w+$/)
  })

  it('are never the same twice', async () => {
    const server = createAuthorizationServer()
    const first = server.login()
    const second = await refreshed(server, first.refresh_token)
    expect(second.access_token).not.toBe(first.access_token)
  })

  it('are valid to the millisecond of their lifetime', () => {
    const server = createAuthorizationServer({ accessTokenLifetimeMs: 1_500 })
    const tokens = server.login()
    expect(tokens.expires_in).toBe(1.5)
    vi.advanceTimersByTime(1_499)
    expect(server.isValid(tokens.access_token)).toBe(true)
    vi.advanceTimersByTime(1)
    expect(server.isValid(tokens.access_token)).toBe(false)
  })

  it('come without expires_in if the test wants so', async () => {
    const server = createAuthorizationServer({ omitExpiresIn: true })
    const tokens = server.login()
    expect(tokens).not.toHaveProperty('expires_in')
    expect(await refreshed(server, tokens.refresh_token)).not.toHaveProperty('expires_in')
  })

  it('name the resources and audiences that were asked for', async () => {
    const server = createAuthorizationServer()
    const body = new URLSearchParams({ grant_type: 'client_credentials', audience: 'c' })
    body.append('resource', 'https://a.example')
    body.append('resource', 'https://b.example')
    const tokens = await tokensOf(await postToken(server, {}, { body }))
    expect(claimsOf(tokens.access_token).aud).toEqual([
      'https://a.example',
      'https://b.example',
      'c',
    ])
  })

  it('that the server never issued are not valid', () => {
    const server = createAuthorizationServer()
    expect(server.isValid(createAuthorizationServer().login().access_token)).toBe(false)
  })
})

describe('a server whose clock is off', () => {
  it.each([600_000, -600_000])('by %d ms says so in Date, iat and exp', async (clockOffsetMs) => {
    const server = createAuthorizationServer({ clockOffsetMs })
    const tokens = server.login()
    const response = await refresh(server, tokens.refresh_token)
    const serverNow = NOW + clockOffsetMs
    expect(response.headers.get('date')).toBe(new Date(serverNow).toUTCString())
    const { iat, exp } = claimsOf((await tokensOf(response)).access_token)
    expect([iat, exp]).toEqual([serverNow, serverNow + 300_000].map((t) => Math.floor(t / 1000)))
  })

  it('judges its own tokens by its own clock', () => {
    const server = createAuthorizationServer({ clockOffsetMs: 600_000 })
    const { access_token } = server.login()
    expect(server.isValid(access_token)).toBe(true)
    vi.advanceTimersByTime(300_000)
    expect(server.isValid(access_token)).toBe(false)
  })
})

describe('with rotation', () => {
  it('each refresh gives a new refresh token', async () => {
    const server = createAuthorizationServer()
    const first = server.login()
    const second = await refreshed(server, first.refresh_token)
    const third = await refreshed(server, second.refresh_token)
    expect(new Set([first, second, third].map((tokens) => tokens.refresh_token)).size).toBe(3)
    expect(server.stats).toMatchObject({ tokenRequests: 2, issued: 2, refreshes: 2, reuse: 0 })
  })

  it('a spent refresh token that comes again ends the whole session', async () => {
    const server = createAuthorizationServer()
    const first = server.login()
    const second = await refreshed(server, first.refresh_token)
    expect(await refusal(refresh(server, first.refresh_token))).toEqual({
      status: 400,
      error: 'invalid_grant',
    })
    expect(server.stats).toMatchObject({ reuse: 1, rejected: 1 })
    expect(server.isValid(first.access_token)).toBe(false)
    expect(server.isValid(second.access_token)).toBe(false)
    expect(await refusal(refresh(server, second.refresh_token))).toMatchObject({
      error: 'invalid_grant',
    })
    expect(server.stats.reuse).toBe(1)
  })

  it('reuse in one session leaves other sessions of the same user alone', async () => {
    const server = createAuthorizationServer()
    const [laptop, phone] = [server.login(), server.login()]
    await refreshed(server, laptop.refresh_token)
    await refresh(server, laptop.refresh_token)
    expect(server.isValid(phone.access_token)).toBe(true)
    await refreshed(server, phone.refresh_token)
  })

  it('of two that spend the same refresh token at once, one is reuse', async () => {
    const server = createAuthorizationServer()
    const { refresh_token } = server.login()
    const answers = await Promise.all([
      refresh(server, refresh_token),
      refresh(server, refresh_token),
    ])
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, 400])
    expect(server.stats.reuse).toBe(1)
  })

  it('within the grace a spent refresh token gives tokens once more', async () => {
    const server = createAuthorizationServer({ reuseGraceMs: 5_000 })
    const { refresh_token } = server.login()
    const winner = await refreshed(server, refresh_token)
    vi.advanceTimersByTime(4_999)
    const loser = await refreshed(server, refresh_token)
    expect(server.stats).toMatchObject({ reuse: 0, reuseInGrace: 1, refreshes: 2 })
    expect(loser.refresh_token).not.toBe(winner.refresh_token)
    await refreshed(server, winner.refresh_token)
    await refreshed(server, loser.refresh_token)
  })

  it('the grace counts from the first time, however often it is used', async () => {
    const server = createAuthorizationServer({ reuseGraceMs: 5_000 })
    const { refresh_token } = server.login()
    await refreshed(server, refresh_token)
    vi.advanceTimersByTime(4_000)
    await refreshed(server, refresh_token)
    vi.advanceTimersByTime(1_000)
    expect(await refusal(refresh(server, refresh_token))).toMatchObject({ error: 'invalid_grant' })
    expect(server.stats.reuse).toBe(1)
  })
})

describe('without rotation', () => {
  it('the refresh token goes on, and the answer leaves it out', async () => {
    const server = createAuthorizationServer({ rotation: false })
    const { refresh_token } = server.login()
    expect(await refreshed(server, refresh_token)).not.toHaveProperty('refresh_token')
    expect((await refresh(server, refresh_token)).status).toBe(200)
    expect(server.stats.reuse).toBe(0)
  })

  it('the answer repeats it if the test wants so', async () => {
    const server = createAuthorizationServer({ rotation: false, repeatRefreshToken: true })
    const { refresh_token } = server.login()
    expect((await refreshed(server, refresh_token)).refresh_token).toBe(refresh_token)
  })
})

describe('scopes', () => {
  it('a refresh keeps the scope of its session', async () => {
    const server = createAuthorizationServer()
    const { refresh_token } = server.login({ scope: 'read write' })
    expect((await refreshed(server, refresh_token)).scope).toBe('read write')
  })

  it('a refresh may narrow it, without spending the rest', async () => {
    const server = createAuthorizationServer()
    const { refresh_token } = server.login({ scope: 'read write' })
    const fields = { grant_type: 'refresh_token', refresh_token, scope: 'read' }
    const narrow = await tokensOf(await postToken(server, fields))
    expect(narrow.scope).toBe('read')
    expect((await refreshed(server, narrow.refresh_token)).scope).toBe('read write')
  })

  it('a refresh may not widen it, and spends nothing when it tries', async () => {
    const server = createAuthorizationServer()
    const { refresh_token } = server.login({ scope: 'read' })
    const fields = { grant_type: 'refresh_token', refresh_token, scope: 'read admin' }
    expect(await refusal(postToken(server, fields))).toMatchObject({ error: 'invalid_scope' })
    await refreshed(server, refresh_token)
  })

  it('a session without a scope may ask for any', async () => {
    const server = createAuthorizationServer()
    const { refresh_token } = server.login()
    const fields = { grant_type: 'refresh_token', refresh_token, scope: 'read' }
    expect((await tokensOf(await postToken(server, fields))).scope).toBe('read')
  })
})

describe('client credentials', () => {
  it('give an access token of the client, and no refresh token', async () => {
    const server = createAuthorizationServer({ scope: 'read write' })
    const fields = { grant_type: 'client_credentials', client_id: 'job', scope: 'read' }
    const tokens = await tokensOf(await postToken(server, fields))
    expect(tokens).not.toHaveProperty('refresh_token')
    expect(server.introspect(tokens.access_token)).toMatchObject({ sub: 'job', scope: 'read' })
    expect(server.stats).toMatchObject({ issued: 1, clientCredentials: 1, refreshes: 0 })
  })

  it('have a subject even where no client is named', async () => {
    const server = createAuthorizationServer()
    const tokens = await tokensOf(await postToken(server, { grant_type: 'client_credentials' }))
    expect(server.introspect(tokens.access_token).sub).toBe('client')
  })

  it('reach no further than the server does', async () => {
    const server = createAuthorizationServer({ scope: 'read' })
    const fields = { grant_type: 'client_credentials', scope: 'admin' }
    expect(await refusal(postToken(server, fields))).toMatchObject({ error: 'invalid_scope' })
  })
})

describe('a malformed token request', () => {
  it.each([
    ['no grant type', {}, 'invalid_request'],
    ['an unknown grant type', { grant_type: 'password' }, 'unsupported_grant_type'],
    ['no refresh token', { grant_type: 'refresh_token' }, 'invalid_request'],
    [
      'an unknown refresh token',
      { grant_type: 'refresh_token', refresh_token: 'nobody' },
      'invalid_grant',
    ],
  ])('with %s is refused as RFC 6749 §5.2 says', async (_, fields, error) => {
    const server = createAuthorizationServer()
    const fieldsGiven = fields as Record<string, string>
    expect(await refusal(postToken(server, fieldsGiven))).toEqual({ status: 400, error })
    expect(server.stats).toMatchObject({ rejected: 1, issued: 0 })
  })

  it('is refused when it is no POST', async () => {
    const server = createAuthorizationServer()
    const response = await server.fetch(server.metadata.token_endpoint)
    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toBe('POST')
  })

  it.each([['application/json'], [undefined]])('is refused as %s', async (type) => {
    const server = createAuthorizationServer()
    const headers = type === undefined ? undefined : { 'content-type': type }
    const body = new TextEncoder().encode('grant_type=client_credentials')
    expect(await refusal(postToken(server, {}, { body, headers }))).toEqual({
      status: 400,
      error: 'invalid_request',
    })
  })

  it('is refused when it gives a parameter twice', async () => {
    const server = createAuthorizationServer()
    const body = new URLSearchParams('grant_type=client_credentials&scope=a&scope=b')
    expect(await refusal(postToken(server, {}, { body }))).toMatchObject({
      error: 'invalid_request',
    })
  })
})

describe('revocation', () => {
  const revoke = (server: ReturnType<typeof createAuthorizationServer>, fields: object) =>
    server.fetch(server.metadata.revocation_endpoint, {
      method: 'POST',
      body: new URLSearchParams(fields as Record<string, string>),
    })

  it('of a refresh token ends its session', async () => {
    const server = createAuthorizationServer()
    const tokens = server.login({ sub: 'alice' })
    expect((await revoke(server, { token: tokens.refresh_token })).status).toBe(200)
    expect(server.isValid(tokens.access_token)).toBe(false)
    expect(server.introspect(tokens.refresh_token)).toEqual({ active: false })
    expect(server.stats.revocations).toBe(1)
    expect(server.requests[0]).toMatchObject({ endpoint: 'revocation', sub: 'alice' })
  })

  it('of an access token ends that token alone', async () => {
    const server = createAuthorizationServer()
    const tokens = server.login()
    await revoke(server, { token: tokens.access_token, token_type_hint: 'access_token' })
    expect(server.isValid(tokens.access_token)).toBe(false)
    await refreshed(server, tokens.refresh_token)
  })

  it('of an unknown token is no error (RFC 7009 §2.2)', async () => {
    const response = await revoke(createAuthorizationServer(), { token: 'nobody' })
    expect(response.status).toBe(200)
  })

  it('of nothing is one', async () => {
    expect(await refusal(revoke(createAuthorizationServer(), {}))).toMatchObject({
      error: 'invalid_request',
    })
  })

  it('wants the client authenticated', async () => {
    const server = createAuthorizationServer({ clientId: 'web', clientSecret: 'secret' })
    const { refresh_token } = server.login()
    expect((await revoke(server, { token: refresh_token })).status).toBe(401)
    expect(server.introspect(refresh_token).active).toBe(true)
  })
})

describe('what the test does to a session', () => {
  it('revokeSession by a user ends all the sessions of that user', () => {
    const server = createAuthorizationServer()
    const [one, two] = [server.login({ sub: 'alice' }), server.login({ sub: 'alice' })]
    const other = server.login({ sub: 'bob' })
    expect(server.revokeSession('alice')).toBe(2)
    expect(server.revokeSession('alice')).toBe(0)
    expect([one, two, other].map((t) => server.isValid(t.access_token))).toEqual([
      false,
      false,
      true,
    ])
  })

  it.each(['access_token', 'refresh_token'] as const)(
    'revokeSession by %s ends that session alone',
    async (kind) => {
      const server = createAuthorizationServer()
      const [one, two] = [server.login(), server.login()]
      expect(server.revokeSession(one[kind])).toBe(1)
      expect(await refusal(refresh(server, one.refresh_token))).toMatchObject({
        error: 'invalid_grant',
      })
      await refreshed(server, two.refresh_token)
    },
  )

  it('denyAccessToken ends the token, not the session', async () => {
    const server = createAuthorizationServer()
    const first = server.login()
    server.denyAccessToken(first.access_token)
    expect((await callApi(server, first.access_token)).status).toBe(401)
    const second = await refreshed(server, first.refresh_token)
    expect((await callApi(server, second.access_token)).status).toBe(200)
  })

  it('denyAccessToken of an unknown token changes nothing', async () => {
    const server = createAuthorizationServer()
    server.denyAccessToken('nobody')
    expect(server.isValid('nobody')).toBe(false)
  })
})

describe('introspection', () => {
  it('tells of an access token', () => {
    const server = createAuthorizationServer()
    const { access_token } = server.login({ sub: 'alice' })
    const { iat, exp, jti } = claimsOf(access_token)
    expect(server.introspect(access_token)).toEqual({
      active: true,
      token_use: 'access_token',
      sub: 'alice',
      iat,
      exp,
      jti,
    })
  })

  it('tells of a refresh token, spent ones in their grace included', async () => {
    const server = createAuthorizationServer({ reuseGraceMs: 1_000 })
    const { refresh_token } = server.login({ sub: 'alice', scope: 'read' })
    const active = { active: true, token_use: 'refresh_token', sub: 'alice', scope: 'read' }
    expect(server.introspect(refresh_token)).toEqual(active)
    await refreshed(server, refresh_token)
    expect(server.introspect(refresh_token)).toEqual(active)
    vi.advanceTimersByTime(1_000)
    expect(server.introspect(refresh_token)).toEqual({ active: false })
  })

  it('tells nothing of an unknown token', () => {
    const server = createAuthorizationServer()
    expect(server.introspect('nobody')).toEqual({ active: false })
    expect(server.introspect(server.login().refresh_token)).not.toHaveProperty('scope')
  })
})

describe('a protected API', () => {
  it('answers who the token speaks for', async () => {
    const server = createAuthorizationServer()
    const { access_token } = server.login({ sub: 'alice', scope: 'read' })
    const response = await callApi(server, access_token)
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({
      sub: 'alice',
      scope: 'read',
      method: 'GET',
      path: '/me',
    })
    expect(server.stats).toMatchObject({ apiRequests: 1, apiRejections: 0 })
  })

  it('answers 401 invalid_token to a token that is not good', async () => {
    const server = createAuthorizationServer()
    const response = await callApi(server, 'stale')
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"')
    expect(server.stats).toMatchObject({ apiRequests: 1, apiRejections: 1 })
  })

  it('answers a request without a token with a bare challenge (RFC 6750 §3.1)', async () => {
    const response = await callApi(createAuthorizationServer())
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toBe('Bearer')
  })

  it('is also found under /api of the server itself', async () => {
    const server = createAuthorizationServer()
    const headers = { authorization: `bearer ${server.login().access_token}` }
    for (const path of ['/api', '/api/orders?limit=1']) {
      expect((await server.fetch(server.issuer + path, { headers })).status).toBe(200)
    }
    expect((await server.fetch(`${server.issuer}/apiary`, { headers })).status).toBe(404)
    expect(server.requests.map((request) => request.path)).toEqual(['/api', '/api/orders'])
  })

  it('protects a handler of the test, which reads the body', async () => {
    const server = createAuthorizationServer()
    const api = server.protect(async (request, { sub }) =>
      Response.json({ sub, body: await request.text() }),
    )
    const call = (token: string) =>
      api(
        new Request('https://api.example.com/orders', {
          method: 'POST',
          body: 'two apples',
          headers: { authorization: `Bearer ${token}` },
        }),
      )
    const { access_token } = server.login({ sub: 'alice' })
    expect(await (await call(access_token)).json()).toEqual({ sub: 'alice', body: 'two apples' })
    expect((await call('stale')).status).toBe(401)
  })

  it('passes on what a handler of the test throws', async () => {
    const server = createAuthorizationServer()
    const api = server.protect(() => {
      throw new Error('a bug in the test')
    })
    const headers = { authorization: `Bearer ${server.login().access_token}` }
    const request = new Request('https://api.example.com/', { headers })
    await expect(api(request)).rejects.toThrow('a bug in the test')
    expect(server.requests[0]!.outcome).toBe('failed')
  })
})

describe('discovery', () => {
  it.each(['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server'])(
    'answers at %s',
    async (path) => {
      const server = createAuthorizationServer()
      const response = await server.fetch(server.issuer + path)
      expect(await response.json()).toEqual(server.metadata)
      expect(server.metadata.token_endpoint).toBe('https://auth.example.com/token')
      expect(server.stats.discoveryRequests).toBe(1)
    },
  )

  it.each([
    '/tenant/.well-known/openid-configuration',
    '/tenant/.well-known/oauth-authorization-server',
    '/.well-known/oauth-authorization-server/tenant',
  ])('of an issuer with a path answers at %s', async (path) => {
    const server = createAuthorizationServer({ issuer: 'https://auth.example.com/tenant' })
    const response = await server.fetch(`https://auth.example.com${path}`)
    expect(await response.json()).toMatchObject({
      issuer: 'https://auth.example.com/tenant',
      token_endpoint: 'https://auth.example.com/tenant/token',
    })
    expect((await server.fetch('https://auth.example.com/token')).status).toBe(404)
    await refreshed(server, server.login().refresh_token)
  })

  it('keeps the slash that some issuers end with', () => {
    const server = createAuthorizationServer({ issuer: 'https://auth.example.com/' })
    expect(server.metadata).toMatchObject({
      issuer: 'https://auth.example.com/',
      token_endpoint: 'https://auth.example.com/token',
    })
  })

  it('is read by GET', async () => {
    const server = createAuthorizationServer()
    const url = `${server.issuer}/.well-known/openid-configuration`
    expect((await server.fetch(url, { method: 'POST' })).status).toBe(405)
  })
})

describe('what can be seen of the server', () => {
  it('is a log of every request, without secrets', async () => {
    const server = createAuthorizationServer({ clientId: 'web', clientSecret: 'wrong-to-show' })
    const tokens = server.login({ sub: 'alice' })
    const client = { client_id: 'web', client_secret: 'wrong-to-show' }
    const { refresh_token } = tokens
    await postToken(server, { grant_type: 'refresh_token', refresh_token, ...client })
    await postToken(server, { grant_type: 'urn:x', ...client })
    await callApi(server, tokens.access_token)
    await server.fetch(`${server.issuer}/api?access_token=${tokens.access_token}`)
    expect(server.requests).toEqual([
      {
        at: NOW,
        endpoint: 'token',
        method: 'POST',
        path: '/token',
        grantType: 'refresh_token',
        sub: 'alice',
        outcome: 'answered',
        status: 200,
      },
      expect.objectContaining({ grantType: 'other', status: 400 }),
      expect.objectContaining({ endpoint: 'api', sub: 'alice', path: '/me', status: 200 }),
      expect.objectContaining({ endpoint: 'api', path: '/api', status: 401 }),
    ])
    const shown = [
      inspect(server, { depth: 20, showHidden: true }),
      inspect(server.requests, { depth: 20 }),
      JSON.stringify(server),
      String(server),
    ].join()
    expect(shown).toContain('AuthorizationServer { issuer: https://auth.example.com')
    for (const secret of [tokens.access_token, tokens.refresh_token, 'wrong-to-show']) {
      expect(shown).not.toContain(secret)
    }
  })

  it('cannot be changed from outside', () => {
    const server = createAuthorizationServer()
    Object.assign(server.stats, { logins: 7 })
    expect(server.stats.logins).toBe(0)
  })

  it('is forgotten by a reset', async () => {
    const server = createAuthorizationServer()
    const tokens = server.login()
    server.next({ status: 500 })
    server.always({ status: 500 })
    await callApi(server)
    server.reset()
    expect(server.isValid(tokens.access_token)).toBe(false)
    expect(server.scripted).toBe(0)
    expect(server.requests).toEqual([])
    expect(new Set(Object.values(server.stats))).toEqual(new Set([0]))
    await refreshed(server, server.login().refresh_token)
  })
})

describe('an option that is wrong', () => {
  it.each([
    [{ issuer: 'auth.example.com' }, /^issuer: .*got auth\.example\.com/],
    [{ issuer: 'https://auth.example.com/?a=1' }, /^issuer/],
    [{ issuer: 'https://auth.example.com/#a' }, /^issuer/],
    [{ issuer: 'ftp://auth.example.com' }, /^issuer/],
    [{ issuer: {} }, /^issuer: .*got an object/],
    [{ clientId: '' }, /^clientId/],
    [{ clientSecret: 'secret' }, /^clientId/],
    [{ clientAuth: 'none' }, /^clientId/],
    [{ clientId: 'web', clientSecret: 7 }, /^clientSecret/],
    [{ clientId: 'web', clientSecret: '' }, /^clientSecret/],
    [{ clientId: 'web', clientAuth: 'client_secret_basic' }, /^clientAuth/],
    [{ clientId: 'web', clientSecret: 'secret', clientAuth: 'none' }, /^clientAuth/],
    [{ accessTokenFormat: 'saml' }, /^accessTokenFormat: one of jwt, opaque wanted, got saml/],
    [{ accessTokenLifetimeMs: -1 }, /^accessTokenLifetimeMs/],
    [{ accessTokenLifetimeMs: Infinity }, /^accessTokenLifetimeMs/],
    [{ accessTokenLifetimeMs: '5' }, /^accessTokenLifetimeMs/],
    [{ reuseGraceMs: NaN }, /^reuseGraceMs/],
    [{ clockOffsetMs: NaN }, /^clockOffsetMs/],
    [{ rotation: 'yes' }, /^rotation/],
    [{ scope: 7 }, /^scope/],
  ])('%o is refused at once', (options, message) => {
    const create = () => createAuthorizationServer(options as object)
    expect(create).toThrow(TokenOptionsError)
    expect(create).toThrow(message)
  })
})
