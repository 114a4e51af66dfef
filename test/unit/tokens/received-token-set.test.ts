import { describe, expect, it } from 'vitest'
import { InvalidTokenResponseError } from '../../../src/errors.js'
import { carriedRefreshToken, carryRefreshToken } from '../../../src/tokens/rotated.js'
import { receivedTokenSet } from '../../../src/tokens/received-token-set.js'
import { warningsOf } from '../../../src/tokens/token-set.js'

const NOW = Date.UTC(2026, 0, 1)
const HOUR = 3_600_000

describe('the set of a response to a request of our own', () => {
  it('ends when the response says, whatever lifetime was assumed', () => {
    const reception = { receivedAt: NOW, assumedLifetimeMs: 5 * HOUR }
    const tokens = receivedTokenSet({ access_token: 'at', expires_in: 3_600 }, reception)
    expect(tokens).toMatchObject({ accessToken: 'at', expiresAt: NOW + HOUR })
  })

  it('ends after the assumed lifetime where the response says nothing', () => {
    const reception = { receivedAt: NOW, assumedLifetimeMs: 5 * HOUR }
    expect(receivedTokenSet({ access_token: 'at' }, reception).expiresAt).toBe(NOW + 5 * HOUR)
  })

  it('ends at a time that nobody knows where nothing was assumed', () => {
    expect(receivedTokenSet({ access_token: 'at' }, { receivedAt: NOW })).not.toHaveProperty(
      'expiresAt',
    )
  })

  it('has a refresh token that ends when the response says, or else as was assumed', () => {
    const response = { access_token: 'at', refresh_token: 'rt' }
    const reception = { receivedAt: NOW, assumedRefreshTokenLifetimeMs: 9 * HOUR }
    const said = { ...response, refresh_token_expires_in: 7_200 }
    expect(receivedTokenSet(response, reception).refreshTokenExpiresAt).toBe(NOW + 9 * HOUR)
    expect(receivedTokenSet(said, reception).refreshTokenExpiresAt).toBe(NOW + 2 * HOUR)
  })

  it('has no expiry of a refresh token that did not come', () => {
    const reception = { receivedAt: NOW, assumedRefreshTokenLifetimeMs: 9 * HOUR }
    const tokens = receivedTokenSet({ access_token: 'at' }, reception)
    expect(tokens).not.toHaveProperty('refreshToken')
    expect(tokens).not.toHaveProperty('refreshTokenExpiresAt')
  })

  it('is its own refresh token where the access token is exchanged while it is valid', () => {
    const reception = { receivedAt: NOW, isOwnRefreshToken: true }
    expect(receivedTokenSet({ access_token: 'at', expires_in: 3_600 }, reception)).toMatchObject({
      refreshToken: 'at',
      expiresAt: NOW + HOUR,
      refreshTokenExpiresAt: NOW + HOUR,
    })
  })

  it('is refused at a login where its expiry cannot be read', () => {
    const login = { receivedAt: NOW, isLogin: true }
    const odd = { access_token: 'at', expires_in: '1h' }
    expect(() => receivedTokenSet(odd, login)).toThrow(InvalidTokenResponseError)
  })

  it('is kept at a refresh all the same, and says what could not be read', () => {
    const odd = { access_token: 'at', refresh_token: 'rt', expires_in: '1h' }
    const tokens = receivedTokenSet(odd, { receivedAt: NOW })
    expect(tokens.refreshToken).toBe('rt')
    expect(warningsOf(tokens)).toHaveLength(1)
    expect(warningsOf(tokens)[0]).toMatch(/expires_in/)
  })
})

describe('an error that carries a refresh token', () => {
  it('gives it to who asks, and shows it to nobody', () => {
    const error = carryRefreshToken(new Error('no access token'), 'rotated')
    expect(carriedRefreshToken(error)).toBe('rotated')
    expect(Object.keys(error)).toEqual([])
    expect(JSON.stringify(error)).not.toContain('rotated')
  })

  it('is found whichever copy of the package made it', () => {
    const error = Object.assign(new Error('x'), {
      [Symbol.for('tokenward.refreshToken')]: () => 'from another copy',
    })
    expect(carriedRefreshToken(error)).toBe('from another copy')
  })

  it('may be told to carry another one later', () => {
    const error = carryRefreshToken(carryRefreshToken(new Error('x'), 'first'), 'second')
    expect(carriedRefreshToken(error)).toBe('second')
  })

  it.each([undefined, null, '', 7, {}])('carries none where the response has %j', (value) => {
    const error = carryRefreshToken(new Error('x'), value)
    expect(Object.getOwnPropertySymbols(error)).toEqual([])
    expect(carriedRefreshToken(error)).toBeUndefined()
  })
})
