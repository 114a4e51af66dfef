import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createAuthorizationServer } from 'tokenward/testing'
import { claimsOf, postToken, refresh, refreshed, tokensOf } from './requests.js'

const NOW = Date.parse('2026-03-01T12:00:00.400Z')

beforeEach(() => {
  vi.useFakeTimers({ now: NOW })
})

afterEach(() => {
  vi.useRealTimers()
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
