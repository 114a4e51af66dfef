import { describe, expect, it } from 'vitest'
import { createAuthorizationServer } from 'tokenward/testing'
import { refreshed } from './requests.js'

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
