import { inspect } from 'node:util'
import type { TokenEndpointResponse } from 'oauth4webapi'
import * as openid from 'openid-client'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { InvalidTokenResponseError } from '../../../src/errors.js'
import { toTokenSet } from '../../../src/tokens/to-token-set.js'
import { readStoredTokens } from '../../../src/tokens/token-set.js'
import type { TokenInput } from '../../../src/tokens/token-input.js'

const NOW = Date.parse('2026-03-01T12:00:00Z')

beforeEach(() => vi.useFakeTimers({ now: NOW }))
afterEach(() => vi.useRealTimers())

/** What openid-client really gives, with its functions `expiresIn()` and `claims()`. */
async function openidResult(answer: object): Promise<openid.TokenEndpointResponse> {
  const config = new openid.Configuration(
    { issuer: 'https://auth.example.com', token_endpoint: 'https://auth.example.com/token' },
    'client',
    undefined,
    openid.None(),
  )
  config[openid.customFetch] = () => Promise.resolve(Response.json(answer))
  return openid.refreshTokenGrant(config, 'rt')
}

describe('toTokenSet: every form of tokens', () => {
  it('takes the wire form of RFC 6749', () => {
    const wire: Partial<TokenEndpointResponse> = {
      access_token: 'at',
      token_type: 'bearer',
      refresh_token: 'rt',
      expires_in: 60,
      scope: 'read',
      id_token: 'id',
    }
    expect(toTokenSet(wire as TokenInput)).toEqual({
      accessToken: 'at',
      tokenType: 'Bearer',
      refreshToken: 'rt',
      issuedAt: NOW,
      expiresAt: NOW + 60_000,
      scope: 'read',
      idToken: 'id',
    })
  })

  it('takes the very result of openid-client, whose expiresIn is a function', async () => {
    const answer = { access_token: 'at', token_type: 'Bearer', refresh_token: 'rt', expires_in: 60 }
    const result = await openidResult(answer)
    expect(result.expiresIn).toBeTypeOf('function')
    expect(toTokenSet(result)).toEqual({
      accessToken: 'at',
      tokenType: 'Bearer',
      refreshToken: 'rt',
      issuedAt: NOW,
      expiresAt: NOW + 60_000,
    })
  })

  it('takes the account of Auth.js, its nulls and epoch seconds', () => {
    const account = {
      provider: 'example',
      type: 'oidc',
      access_token: 'at',
      expires_at: NOW / 1000 + 60,
      refresh_token: null,
      scope: null,
      id_token: null,
      token_type: null,
    }
    expect(toTokenSet(account)).toEqual({
      accessToken: 'at',
      tokenType: 'Bearer',
      issuedAt: NOW,
      expiresAt: NOW + 60_000,
    })
    expect(toTokenSet({ ...account, expires_at: null }).expiresAt).toBeUndefined()
  })

  it('takes a text that is empty for one that is missing', () => {
    const empty = { refresh_token: '', scope: '', id_token: '', token_type: '' }
    expect(toTokenSet({ access_token: 'at', ...empty })).toEqual({
      accessToken: 'at',
      tokenType: 'Bearer',
      issuedAt: NOW,
    })
  })

  it('takes a scope that is a list, and no list of anything else', () => {
    const scoped = (scope: unknown) => toTokenSet({ access_token: 'at', scope } as TokenInput)
    expect(scoped(['read', 'write']).scope).toBe('read write')
    expect(() => scoped(['read', 7])).toThrow('The scope must be a string, got object')
  })

  it('takes a refresh token alone, with an access token that is empty and has expired', () => {
    const alone = { accessToken: '', tokenType: 'Bearer', refreshToken: 'rt' }
    const tokens = toTokenSet({ accessToken: '', refreshToken: 'rt', expiresIn: 3600 })
    expect(tokens).toEqual({ ...alone, issuedAt: 0, expiresAt: 0 })
    expect(toTokenSet(tokens)).toEqual(tokens)
    expect(readStoredTokens({ ...tokens })).toEqual(tokens)
    expect(readStoredTokens({ ...tokens, expiresAt: NOW + 60_000 })).toBeUndefined()
    const received = { receivedAt: NOW } // a response must bring one
    expect(() => toTokenSet({ accessToken: '', refreshToken: 'rt' }, received)).toThrow(/non-empty/)
    expect(() => toTokenSet({ accessToken: '' })).toThrow(/non-empty/)
  })

  it('takes { accessToken, refreshToken, expiresIn } of a legacy endpoint', () => {
    const tokens = toTokenSet({ accessToken: 'at', refreshToken: 'rt', expiresIn: '60' })
    expect(tokens).toMatchObject({ refreshToken: 'rt', expiresAt: NOW + 60_000 })
  })

  it('takes a TokenSet, and changes nothing', () => {
    const tokens = toTokenSet({ access_token: 'at', expires_in: 60, refresh_token: 'rt' })
    vi.setSystemTime(NOW + 30_000)
    expect(toTokenSet(tokens)).toEqual(tokens)
    expect(toTokenSet(JSON.parse(JSON.stringify(tokens)) as TokenInput)).toEqual(tokens)
  })

  it('needs nothing but an access token', () => {
    expect(toTokenSet({ accessToken: 'at' })).toEqual({
      accessToken: 'at',
      tokenType: 'Bearer',
      issuedAt: NOW,
    })
  })

  it('lets an absolute time outrank a relative one', () => {
    const both = { access_token: 'at', expires_in: 60, expires_at: NOW / 1000 + 30 }
    expect(toTokenSet(both).expiresAt).toBe(NOW + 30_000)
  })

  it('counts from receivedAt', () => {
    const tokens = toTokenSet({ access_token: 'at', expires_in: 60 }, { receivedAt: NOW - 5_000 })
    expect(tokens).toMatchObject({ issuedAt: NOW - 5_000, expiresAt: NOW + 55_000 })
  })

  const jwt = (times: object) => `${btoa('{"alg":"none"}')}.${btoa(JSON.stringify(times))}.x`

  it.each<[string, TokenInput]>([
    ['a JWT that ends in the far future', { accessToken: jwt({ exp: 1e300 }) }],
    ['a JWT whose lifetime is too long', { accessToken: jwt({ exp: 1e13, iat: 9e12 }) }],
    ['an `issuedAt` that is no instant', { accessToken: 'at', issuedAt: 1e18 }],
    ['an `expiresAt` that is no instant', { accessToken: 'at', expiresAt: 1e18 }],
    ['a lifetime beyond all instants', { accessToken: 'at', expiresIn: 1e18 }],
  ])('makes of %s what a store can be read back with', (_what, input) => {
    const tokens = toTokenSet(input)
    expect(readStoredTokens(JSON.parse(JSON.stringify(tokens)))).toEqual(tokens)
    expect(inspect(tokens)).toMatch(/^TokenSet/)
  })

  it('cannot be changed afterwards', () => {
    const tokens = toTokenSet({ accessToken: 'at' }) as { accessToken: string }
    expect(() => (tokens.accessToken = 'other')).toThrow(TypeError)
  })

  it.each([
    null,
    undefined,
    42,
    'at',
    '',
    true,
    {},
    [],
    { access_token: 1 },
    { accessToken: ' at' },
  ])('refuses %j, without saying what is in it', (input) => {
    expect(() => toTokenSet(input as never)).toThrow(InvalidTokenResponseError)
  })
})
