import { AxiosError, AxiosHeaders } from 'axios'
import * as openid from 'openid-client'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { isTokenError, RefreshUnavailableError, type TokenError } from '../../src/errors.js'
import type { TokenManagerOptions } from '../../src/options.js'
import { createRenewal } from '../../src/renewal.js'
import { toTokenSet } from '../../src/tokens/to-token-set.js'

const NOW = Date.parse('2026-03-01T12:00:00Z')
const TOKENS = toTokenSet({ accessToken: 'at-1', refreshToken: 'rt-1' })
const { signal } = new AbortController()

beforeEach(() => vi.useFakeTimers({ now: NOW }))
afterEach(() => vi.useRealTimers())

async function judged(
  thrown: unknown,
  options: Partial<TokenManagerOptions> = {},
): Promise<TokenError> {
  const refresh = () => Promise.reject(thrown)
  const renewal = createRenewal({ refresh, ...options } as TokenManagerOptions)
  const error: unknown = await renewal
    .send({ tokens: TOKENS, signal })
    .catch((error: unknown) => error)
  if (!isTokenError(error)) throw new Error('it did not fail with an error of ours')
  return error
}

/** What openid-client really throws for this answer of the token endpoint. */
async function thrownByOpenidClient(answer: () => Response): Promise<unknown> {
  const config = new openid.Configuration(
    { issuer: 'https://auth.example.com', token_endpoint: 'https://auth.example.com/token' },
    'client',
    undefined,
    openid.None(),
  )
  config[openid.customFetch] = () => Promise.resolve(answer())
  return openid.refreshTokenGrant(config, 'rt').catch((error: unknown) => error)
}

function thrownByAxios(status: number, data: unknown, headers: Record<string, string> = {}) {
  const config = { headers: new AxiosHeaders() }
  const response = { status, statusText: '', data, headers: new AxiosHeaders(headers), config }
  return new AxiosError('failed', 'ERR_BAD_REQUEST', config, {}, response)
}

describe('one token request', () => {
  it('gets the tokens that it renews, and the signal', async () => {
    const refresh = vi.fn(() => Promise.resolve({ accessToken: 'at-2', expiresIn: 60 }))
    const tokens = await createRenewal({ refresh }).send({ tokens: TOKENS, signal })
    expect(refresh).toHaveBeenCalledWith({ tokens: TOKENS, refreshToken: 'rt-1', signal })
    expect(tokens.expiresAt).toBe(NOW + 60_000)
  })

  it('is not made without a refresh token', async () => {
    const refresh = vi.fn()
    const renewal = createRenewal({ refresh })
    for (const tokens of [undefined, toTokenSet({ accessToken: 'at' })]) {
      await expect(renewal.send({ tokens: tokens, signal })).rejects.toMatchObject({
        reason: 'no-refresh-token',
      })
    }
    expect(refresh).not.toHaveBeenCalled()
  })

  it('of acquire needs none', async () => {
    const renewal = createRenewal({ acquire: () => Promise.resolve({ accessToken: 'at' }) })
    expect(renewal.needsRefreshToken).toBe(false)
    await expect(renewal.send({ tokens: undefined, signal })).resolves.toMatchObject({
      accessToken: 'at',
    })
  })
})

describe('what a refresh function throws', () => {
  const json =
    (body: object, status: number, headers = {}) =>
    () =>
      Response.json(body, { status, headers })

  it.each<[string, () => Response, object]>([
    ['invalid_grant', json({ error: 'invalid_grant' }, 400), { code: 'ERR_LOGIN_REQUIRED' }],
    ['invalid_client', json({ error: 'invalid_client', error_description: 'unknown' }, 401), { code: 'ERR_REFRESH_REJECTED', status: 401, error: 'invalid_client', errorDescription: 'unknown' }], // prettier-ignore
    ['429 with an error', json({ error: 'slow_down' }, 429, { 'retry-after': '7' }), { code: 'ERR_REFRESH_UNAVAILABLE', status: 429, retryAfterMs: 7_000, outcome: 'failed' }], // prettier-ignore
    ['a challenge', () => new Response('', { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } }), { code: 'ERR_REFRESH_REJECTED', status: 401 }], // prettier-ignore
  ])('by openid-client: %s', async (_what, answer, expected) => {
    expect(await judged(await thrownByOpenidClient(answer))).toMatchObject(expected)
  })

  it.each([503, 502])('by openid-client, an HTML page with %d: passes', async (status) => {
    const thrown = await thrownByOpenidClient(() => new Response('<html>', { status }))
    expect(await judged(thrown)).toMatchObject({ code: 'ERR_REFRESH_UNAVAILABLE' })
  })

  it.each<[number, unknown, object]>([
    [400, { error: 'invalid_grant' }, { code: 'ERR_LOGIN_REQUIRED', reason: 'invalid-grant' }],
    [400, { error: 'invalid_scope' }, { code: 'ERR_REFRESH_REJECTED', error: 'invalid_scope' }],
    [400, '', { code: 'ERR_REFRESH_REJECTED', status: 400 }],
    [401, '<html>', { code: 'ERR_REFRESH_REJECTED', status: 401 }],
    [500, '<html>', { code: 'ERR_REFRESH_UNAVAILABLE', status: 500, outcome: 'failed' }],
    [503, { error: 'invalid_grant' }, { code: 'ERR_REFRESH_UNAVAILABLE' }],
  ])('by axios: %d %j', async (status, data, expected) => {
    expect(await judged(thrownByAxios(status, data))).toMatchObject(expected)
  })

  it('by axios: Retry-After in both forms', async () => {
    const later = new Date(NOW + 9_000).toUTCString()
    for (const value of ['9', later]) {
      const error = await judged(thrownByAxios(503, '', { 'Retry-After': value }))
      expect(error).toMatchObject({ retryAfterMs: 9_000 })
    }
  })

  it.each([
    ['ECONNREFUSED', 'not-sent'],
    ['ENOTFOUND', 'not-sent'],
    ['UND_ERR_CONNECT_TIMEOUT', 'not-sent'],
    ['CERT_HAS_EXPIRED', 'not-sent'],
    ['ECONNRESET', 'unknown'],
    ['UND_ERR_SOCKET', 'unknown'],
    ['UND_ERR_HEADERS_TIMEOUT', 'unknown'],
  ])('by fetch: a cause of %s is %s', async (code, outcome) => {
    const cause = Object.assign(new Error(code), { code })
    const thrown = new TypeError('fetch failed', { cause })
    expect(await judged(thrown)).toMatchObject({ code: 'ERR_REFRESH_UNAVAILABLE', outcome })
  })

  it('of our own is taken at its word', async () => {
    const error = new RefreshUnavailableError('not now', { outcome: 'not-sent' })
    expect(await judged(error)).toBe(error)
  })

  it('is shown to endsSession if it is a refusal', async () => {
    const endsSession = vi.fn(() => true)
    const dead = await judged(thrownByAxios(400, ''), { endsSession })
    expect(dead).toMatchObject({ code: 'ERR_LOGIN_REQUIRED', reason: 'invalid-grant' })
    expect(dead.cause).toMatchObject({ code: 'ERR_REFRESH_REJECTED' })
    await judged(thrownByAxios(503, ''), { endsSession })
    await judged(new Error('?'), { endsSession })
    expect(endsSession).toHaveBeenCalledOnce()
  })
})
