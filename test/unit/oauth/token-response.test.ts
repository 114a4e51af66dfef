import { describe, expect, it, vi } from 'vitest'
import { InvalidTokenResponseError } from 'tokenward'
import { oauthClient } from 'tokenward/oauth'
import {
  acquireContext,
  failureOf,
  json,
  refreshContext,
  stubFetch,
  TOKEN_ENDPOINT,
  TOKENS,
} from './support.js'

/** One refresh, answered so. */
const refreshed = (body: unknown, init?: ResponseInit) => {
  const { fetch } = stubFetch(() =>
    typeof body === 'string' ? new Response(body, init) : json(body, init),
  )
  const oauth = oauthClient({ tokenEndpoint: TOKEN_ENDPOINT, clientId: 'app', fetch })
  return oauth.refreshToken()(refreshContext())
}

const jwt = (claims: object) =>
  ['{"alg":"none"}', JSON.stringify(claims), '']
    .map((part) => Buffer.from(part).toString('base64url'))
    .join('.')

describe('a token response', () => {
  it('becomes a TokenSet whose lifetime counts from before the request was sent', async () => {
    vi.useFakeTimers({ now: 1_000_000 })
    const { fetch } = stubFetch(async () => {
      vi.setSystemTime(1_007_000) // the answer took 7 s
      return json({ ...TOKENS, refresh_token: 'RT2', scope: 'read', id_token: 'x.y.z' })
    })
    const oauth = oauthClient({ tokenEndpoint: TOKEN_ENDPOINT, clientId: 'app', fetch })
    await expect(oauth.refreshToken()(refreshContext())).resolves.toEqual({
      accessToken: 'AT1',
      tokenType: 'Bearer',
      refreshToken: 'RT2',
      expiresAt: 1_060_000,
      issuedAt: 1_000_000,
      scope: 'read',
      idToken: 'x.y.z',
    })
    vi.useRealTimers()
  })

  it('counts from after discovery, however long that took', async () => {
    vi.useFakeTimers({ now: 1_000_000 })
    const { fetch } = stubFetch(({ url }) => {
      if (url === TOKEN_ENDPOINT) return json(TOKENS)
      vi.setSystemTime(1_004_000)
      return json({ issuer: 'https://auth.test', token_endpoint: TOKEN_ENDPOINT })
    })
    const oauth = oauthClient({ issuer: 'https://auth.test', clientId: 'app', fetch })
    const tokens = await oauth.clientCredentials()(acquireContext())
    expect(tokens.issuedAt).toBe(1_004_000)
    vi.useRealTimers()
  })

  it('judges a JWT without expires_in by the server’s own Date', async () => {
    vi.useFakeTimers({ now: 1_000_000_000 })
    const serverNow = 1_000_000_000 + 600_000 // the local clock is 10 minutes slow
    const access_token = jwt({ exp: serverNow / 1000 + 60 })
    const headers = { date: new Date(serverNow).toUTCString() }
    const tokens = await refreshed({ access_token, token_type: 'bearer' }, { headers })
    expect(tokens.expiresAt).toBe(1_000_060_000)
    const undated = await refreshed({ access_token }, { headers: { date: 'yesterday' } })
    expect(undated.expiresAt).toBe(1_000_660_000)
    vi.useRealTimers()
  })

  it.each([
    ['bearer in lower case', { ...TOKENS, token_type: 'bearer' }],
    ['no token_type', { access_token: 'AT1', expires_in: 60 }],
    ['expires_in as a string', { ...TOKENS, expires_in: '60' }],
    ['an ID token with odd claims', { ...TOKENS, id_token: jwt({ aud: 'other', exp: 1 }) }],
    ['an ID token that is none', { ...TOKENS, id_token: 'not a jwt' }],
    ['members of wrong types', { ...TOKENS, id_token: {}, scope: 7 }],
    ['null for what is absent', { ...TOKENS, id_token: null, scope: null }],
    ['members that nobody knows', { ...TOKENS, foo: { bar: 1 } }],
  ])('is used, and the rotated refresh token with it, in spite of %s', async (_, body) => {
    const tokens = await refreshed({ ...body, refresh_token: 'RT2' })
    expect(tokens).toMatchObject({ accessToken: 'AT1', refreshToken: 'RT2', tokenType: 'Bearer' })
    expect(tokens.expiresAt! - tokens.issuedAt).toBe(60_000)
  })

  it.each([
    ['another content type', { headers: { 'content-type': 'text/html' } }],
    ['another status of success', { status: 201 }],
    ['a challenge', { headers: { 'www-authenticate': 'Basic realm="x"' } }],
  ])('is used in spite of %s', async (_, init) => {
    await expect(refreshed(JSON.stringify(TOKENS), init)).resolves.toMatchObject({
      accessToken: 'AT1',
    })
  })

  it('joins a scope that comes as a list (Twitch)', async () => {
    const tokens = await refreshed({ ...TOKENS, scope: ['read', 'write'] })
    expect(tokens.scope).toBe('read write')
  })

  it('leaves out a refresh token that cannot be one, so that the old one is kept', async () => {
    for (const refresh_token of [null, '', 7, {}]) {
      expect(await refreshed({ ...TOKENS, refresh_token })).not.toHaveProperty('refreshToken')
    }
  })

  it.each([0, -1, 'soon', null])('says nothing of expiry by expires_in %j', async (expires_in) => {
    expect(await refreshed({ ...TOKENS, expires_in })).not.toHaveProperty('expiresAt')
  })

  it('does not guess what expires_at means', async () => {
    const body = { access_token: 'AT1', expires_at: 1 }
    expect(await refreshed(body)).not.toHaveProperty('expiresAt')
  })
})

describe('a success that is no token response', () => {
  it.each<[string, unknown]>([
    ['HTML of a captive portal', '<html>log in: hush-hush</html>'],
    ['nothing', ''],
    ['JSON cut short', '{"access_token":"hush-hush"'],
    ['a JSON array', ['hush-hush']],
    ['a JSON string', '"hush-hush"'],
    ['null', 'null'],
    ['no access token', { token_type: 'Bearer', refresh_token: 'hush-hush' }],
    ['an empty access token', { access_token: '', refresh_token: 'hush-hush' }],
    ['an access token of another type', { access_token: { 'hush-hush': 1 } }],
    ['an access token with a line break', { access_token: 'hush-hush\r\nx: y' }],
  ])('is an InvalidTokenResponseError: %s', async (_, body) => {
    const error = await failureOf(refreshed(body))
    expect(error).toBeInstanceOf(InvalidTokenResponseError)
    expect(String(error.stack)).not.toContain('hush')
  })

  it('is an InvalidTokenResponseError without a body too', async () => {
    const { fetch } = stubFetch(() => new Response(null, { status: 204 }))
    const oauth = oauthClient({ tokenEndpoint: TOKEN_ENDPOINT, clientId: 'app', fetch })
    const error = await failureOf(oauth.refreshToken()(refreshContext()))
    expect(error).toBeInstanceOf(InvalidTokenResponseError)
    expect(error.message).toContain('HTTP 204')
  })
})
