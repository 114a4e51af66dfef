import { describe, expect, it } from 'vitest'
import { createAuthorizationServer } from 'tokenward/testing'
import { refreshed, refusal } from './requests.js'

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
