import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createAuthorizationServer } from 'tokenward/testing'
import { postToken, refresh, refreshed, refusal, tokensOf } from './requests.js'

const NOW = Date.parse('2026-03-01T12:00:00.400Z')

beforeEach(() => {
  vi.useFakeTimers({ now: NOW })
})

afterEach(() => {
  vi.useRealTimers()
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
