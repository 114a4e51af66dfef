import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { TokenOptionsError, toTokenSet } from 'tokenward'
import { createAuthorizationServer } from 'tokenward/testing'
import { callApi, postToken, refresh, refreshed, refusal } from './requests.js'

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
