import { TokenOptionsError } from 'tokenward'
import { createAuthorizationServer, type Fault } from 'tokenward/testing'
import { describe, expect, it } from 'vitest'
import { postToken, refresh, refusal } from './requests.js'

const json = (body: unknown, headers: Record<string, string> = {}): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', ...headers },
  body: typeof body === 'string' ? body : JSON.stringify(body),
})

describe('a server that answers as a provider', () => {
  it('has its paths, and its issuer', async () => {
    const server = createAuthorizationServer({ as: 'slack' })
    expect(server.metadata.token_endpoint).toBe('https://slack.com/api/oauth.v2.access')
    expect((await server.fetch('https://slack.com/token', { method: 'POST' })).status).toBe(404)
  })

  it('stays what it is where the test says otherwise', () => {
    const issuer = 'https://slack.test'
    const server = createAuthorizationServer({ as: 'slack', issuer, rotation: undefined })
    expect(server.metadata.token_endpoint).toBe('https://slack.test/api/oauth.v2.access')
  })

  it('gives a login in its own shape', () => {
    const login: object = createAuthorizationServer({ as: 'slack' }).login()
    expect(login).toMatchObject({ ok: true, token_type: 'bot', team: { id: 'T9TK3CUKW' } })
  })

  it('refuses in its own words, with its own status', async () => {
    const server = createAuthorizationServer({ as: 'slack' })
    expect(await refusal(refresh(server, 'unknown'))).toEqual({
      status: 200,
      error: 'invalid_refresh_token',
    })
    const { refresh_token } = server.login()
    server.revokeSession('user')
    expect(await refusal(refresh(server, refresh_token))).toMatchObject({ error: 'token_revoked' })
  })

  it('reads JSON where the provider does, and wants its headers', async () => {
    const server = createAuthorizationServer({ as: 'notion' })
    const { refresh_token } = server.login()
    const url = server.metadata.token_endpoint
    const body = { grant_type: 'refresh_token', refresh_token }
    const version = { 'notion-version': '2022-06-28' }
    expect((await server.fetch(url, json(body))).status).toBe(400)
    expect((await server.fetch(url, json('{', version))).status).toBe(400)
    expect((await server.fetch(url, json(body, version))).status).toBe(200)
  })

  it('reads no JSON where the provider does not', async () => {
    const server = createAuthorizationServer({ as: 'slack' })
    const body = { grant_type: 'refresh_token', refresh_token: 'any' }
    const answer = await server.fetch(server.metadata.token_endpoint, json(body))
    expect(answer.status).toBe(400)
  })

  it('exchanges the access token where there is no refresh token', async () => {
    const server = createAuthorizationServer({ as: 'meta' })
    const { access_token, refresh_token } = server.login()
    expect(refresh_token).toBeUndefined()
    const query = new URLSearchParams({
      grant_type: 'fb_exchange_token',
      fb_exchange_token: access_token,
    })
    const answer = await server.fetch(`${server.metadata.token_endpoint}?${query}`)
    const { access_token: next } = (await answer.json()) as { access_token: string }
    expect(server.isValid(next)).toBe(true)
    expect(next).not.toBe(access_token)
  })
})

describe('a refusal by its meaning', () => {
  it.each<[Extract<Fault, { refuse: unknown }>['refuse'], number]>([
    ['dead-token', 400],
    ['revoked', 400],
    ['bad-client', 401],
    ['bad-code', 400],
    ['throttled', 429],
    ['resource-refused', 400],
  ])('%s is said by RFC 6749 where no provider is named', async (refuse, status) => {
    const server = createAuthorizationServer()
    server.next({ refuse })
    const answer = await postToken(server, {})
    expect(answer.status).toBe(status)
    expect(server.requests[0]?.fault).toBe('refuse')
  })

  it('that there is not is refused', () => {
    const fault = { refuse: 'dead' } as unknown as Fault
    expect(() => createAuthorizationServer().next(fault)).toThrow(TokenOptionsError)
  })
})
