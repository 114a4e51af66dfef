import { LoginError, TokenOptionsError } from 'tokenward'
import { oauthClient } from 'tokenward/oauth'
import {
  createAuthorizationServer,
  type AuthorizationServer,
  type Consent,
} from 'tokenward/testing'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { postToken, refusal } from './requests.js'

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

interface DeviceAnswer {
  device_code: string
  user_code: string
  verification_uri: string
  verification_uri_complete: string
}

async function begin(server: AuthorizationServer): Promise<DeviceAnswer> {
  const body = new URLSearchParams({ client_id: 'tv', scope: 'read' })
  const init = { method: 'POST', body }
  const answer = await server.fetch(server.metadata.device_authorization_endpoint, init)
  return (await answer.json()) as DeviceAnswer
}

function poll(server: AuthorizationServer, deviceCode: string) {
  return postToken(server, {
    grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
    device_code: deviceCode,
    client_id: 'tv',
  })
}

describe('a login on another device', () => {
  it('gives tokens when the user has typed the code, and not before', async () => {
    const server = createAuthorizationServer({ clientId: 'tv' })
    const { issuer, fetch } = server
    const oauth = oauthClient({ issuer, clientId: 'tv', fetch })

    const device = await oauth.deviceAuthorization({ scope: 'read' })
    const login = device.poll()
    await vi.advanceTimersByTimeAsync(12_000)
    expect(server.stats).toMatchObject({ logins: 0, deviceRequests: 1 })

    server.enterUserCode(device.userCode.toLowerCase().replace('-', ' '), { sub: 'alice' })
    await vi.advanceTimersByTimeAsync(6_000)

    expect(server.introspect((await login).accessToken)).toMatchObject({ sub: 'alice' })
    expect(server.stats).toMatchObject({ logins: 1, issued: 1 })
  })

  it('is approved by who opens the complete address, as scripted', async () => {
    const server = createAuthorizationServer({ clientId: 'tv' })
    server.consent({ deny: 'access_denied' })
    const oauth = oauthClient({ issuer: server.issuer, clientId: 'tv', fetch: server.fetch })
    const device = await oauth.deviceAuthorization()
    const login = device.poll().catch((error: unknown) => error)

    expect((await server.fetch(device.verificationUriComplete!)).status).toBe(200)
    await vi.advanceTimersByTimeAsync(6_000)

    expect(await login).toMatchObject({ constructor: LoginError, reason: 'denied' })
  })

  it('tells who asks too often to slow down, five seconds more each time', async () => {
    const server = createAuthorizationServer({ clientId: 'tv' })
    const { device_code } = await begin(server)
    expect(await refusal(poll(server, device_code))).toMatchObject({
      error: 'authorization_pending',
    })
    vi.advanceTimersByTime(2_000)
    expect(await refusal(poll(server, device_code))).toMatchObject({ error: 'slow_down' })
    vi.advanceTimersByTime(6_000)
    expect(await refusal(poll(server, device_code))).toMatchObject({ error: 'slow_down' })
    vi.advanceTimersByTime(15_000)
    expect(await refusal(poll(server, device_code))).toMatchObject({
      error: 'authorization_pending',
    })
  })

  it('ends with its codes', async () => {
    const server = createAuthorizationServer({ clientId: 'tv' })
    const { device_code, user_code } = await begin(server)
    vi.advanceTimersByTime(600_000)
    expect(await refusal(poll(server, device_code))).toMatchObject({ error: 'expired_token' })
    expect(() => server.enterUserCode(user_code)).toThrow(TokenOptionsError)
  })

  it('gives its tokens once', async () => {
    const server = createAuthorizationServer({ clientId: 'tv' })
    const { device_code, user_code } = await begin(server)
    server.enterUserCode(user_code)
    expect((await poll(server, device_code)).status).toBe(200)
    vi.advanceTimersByTime(5_000)
    expect(await refusal(poll(server, device_code))).toMatchObject({ error: 'invalid_grant' })
  })

  it('has a page that says what is missing', async () => {
    const server = createAuthorizationServer({ clientId: 'tv' })
    const { verification_uri } = await begin(server)
    expect(await (await server.fetch(verification_uri)).text()).toContain('user_code')
    expect((await server.fetch(`${verification_uri}?user_code=WRONG`)).status).toBe(404)
    expect(() => server.enterUserCode('WRONG')).toThrow(/no login waits/)
    expect(() => server.enterUserCode('WRONG', { nope: 1 } as Consent)).toThrow(TokenOptionsError)
  })
})
