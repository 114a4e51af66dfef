import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createAuthorizationServer } from 'tokenward/testing'
import { claimsOf, refreshed } from './requests.js'

const NOW = Date.parse('2026-03-01T12:00:00.400Z')

beforeEach(() => {
  vi.useFakeTimers({ now: NOW })
})

afterEach(() => {
  vi.useRealTimers()
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
