import { describe, expect, it } from 'vitest'
import { InvalidTokenResponseError } from '../../../src/errors.js'
import { toTokenSet, tokenSetOfAnswer } from '../../../src/tokens/to-token-set.js'
import { warningsOf } from '../../../src/tokens/token-set.js'
import type { TokenInput } from '../../../src/tokens/token-input.js'

const SENT_AT = Date.UTC(2026, 0, 1)
const HOUR = 3_600_000
const ENDS_AT = SENT_AT + HOUR

function jwt(claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part({ alg: 'none' })}.${part(claims)}.x`
}

describe('the expiry of a response', () => {
  it('is counted from its `expires_in`, whatever `expires_at` says beside it', () => {
    const answer = { access_token: 'a', expires_in: 3600, expires_at: SENT_AT / 1000 + 5 }
    expect(tokenSetOfAnswer(answer, { receivedAt: SENT_AT }).expiresAt).toBe(ENDS_AT)
  })

  it('is counted from when it was received, whatever it says of its issue', () => {
    const answer = { access_token: 'a', expires_in: 3600, issued_at: SENT_AT - HOUR }
    expect(tokenSetOfAnswer(answer, { receivedAt: SENT_AT }).expiresAt).toBe(ENDS_AT)
  })

  it('is unknown where it is over already: some clock is off', () => {
    const answer = { access_token: 'a', expires_at: SENT_AT - 1 }
    expect(tokenSetOfAnswer(answer, { receivedAt: SENT_AT }).expiresAt).toBeUndefined()
  })

  it('is not the `exp` of a JWT where the response says it', () => {
    const answer = { access_token: jwt({ exp: SENT_AT / 1000 + 60 }), expires_at: ENDS_AT }
    expect(tokenSetOfAnswer(answer, { receivedAt: SENT_AT }).expiresAt).toBe(ENDS_AT)
  })

  it('is not the whole hour again for a JWT that is 50 minutes old', () => {
    const exp = SENT_AT / 1000 + 600
    const answer = { access_token: jwt({ iat: exp - 3600, exp }), expires_in: 3600 }
    expect(tokenSetOfAnswer(answer, { receivedAt: SENT_AT }).expiresAt).toBe(exp * 1000)
  })

  it.each([ENDS_AT, String(ENDS_AT / 1000)])('is the `exp` of a JWT as %j', (exp) => {
    expect(
      tokenSetOfAnswer({ access_token: jwt({ exp }) }, { receivedAt: SENT_AT }).expiresAt,
    ).toBe(ENDS_AT)
  })

  it.each(['1h', null, -1, 0, [], true])('is unknown where `expires_in` is %j', (expires_in) => {
    const answer = { access_token: 'a', expires_in } as TokenInput
    expect(tokenSetOfAnswer(answer, { receivedAt: SENT_AT }).expiresAt).toBeUndefined()
  })

  it.each<[string, unknown]>([
    ['expires_in', '1h'],
    ['expires_in', true],
    ['expiresIn', {}],
    ['expires_at', 'soon 2026'],
    ['expires_at', new Date(NaN)],
    ['expiresAt', '5 o clock'],
  ])('is told where nobody can read it: %s as %j', (name, value) => {
    const tokens = tokenSetOfAnswer(
      { access_token: 'a', [name]: value },
      {
        receivedAt: SENT_AT,
      },
    )
    expect(warningsOf(tokens)).toEqual([expect.stringContaining(`\`${name}\``)])
    expect(JSON.stringify(tokens)).not.toContain('cannot be read')
  })

  it.each(['3599', 3599, '3599.0', ' 3599 '])('is read from %j', (expires_in) => {
    const tokens = tokenSetOfAnswer({ access_token: 'a', expires_in }, { receivedAt: SENT_AT })
    expect(tokens.expiresAt).toBe(SENT_AT + 3_599_000)
    expect(warningsOf(tokens)).toEqual([])
  })

  it('is what the JWT says where the response cannot be read, and nobody need know', () => {
    const answer = { access_token: jwt({ exp: ENDS_AT / 1000 }), expires_in: '1h' }
    const tokens = tokenSetOfAnswer(answer, { receivedAt: SENT_AT })
    expect(tokens.expiresAt).toBe(ENDS_AT)
    expect(warningsOf(tokens)).toEqual([])
  })
})

describe('the expiry of a stored login', () => {
  it.each<[string, TokenInput]>([
    ['seconds', { access_token: 'a', expires_at: ENDS_AT / 1000 }],
    ['milliseconds as text', { access_token: 'a', expires_at: String(ENDS_AT) }],
    ['ISO text', { access_token: 'a', expires_at: new Date(ENDS_AT).toISOString() }],
    ['a Date', { access_token: 'a', expires_at: new Date(ENDS_AT) }],
    ['ISO text in expiresAt', { accessToken: 'a', expiresAt: new Date(ENDS_AT).toISOString() }],
    ['expiry_date', { access_token: 'a', expiry_date: ENDS_AT }],
    [
      'expires_on as text, as Azure sends it',
      { access_token: 'a', expires_on: String(ENDS_AT / 1000) },
    ],
    ['expiresOn, as MSAL gives it', { accessToken: 'a', expiresOn: new Date(ENDS_AT) }],
    ['expires', { access_token: 'a', expires: ENDS_AT / 1000 }],
    ['created_at', { access_token: 'a', created_at: SENT_AT / 1000, expires_in: 3600 }],
    ['issued_at', { access_token: 'a', issued_at: String(SENT_AT), expires_in: '3600' }],
  ])('is read from %s', (_, input) => {
    expect(toTokenSet(input).expiresAt).toBe(ENDS_AT)
  })
})

describe('the expiry of a refresh token that is said twice', () => {
  const both = { refresh_token_expires_in: 3600, refresh_token_expires_at: ENDS_AT + HOUR }
  const input = { access_token: 'a', issuedAt: SENT_AT, ...both }

  it('is counted in a response, and the instant in a stored login', () => {
    const received = tokenSetOfAnswer(input, { receivedAt: SENT_AT })
    expect(received.refreshTokenExpiresAt).toBe(ENDS_AT)
    expect(toTokenSet(input).refreshTokenExpiresAt).toBe(ENDS_AT + HOUR)
  })
})

describe('an expiry that nobody can read', () => {
  it.each([
    ['expires_in', '1h'],
    ['expires_at', 'tomorrow'],
    ['expires', []],
  ])('is refused aloud when tokens are handed in: %s as %j', (name, value) => {
    const input = { access_token: 'a', [name]: value } as TokenInput
    expect(() => toTokenSet(input)).toThrow(InvalidTokenResponseError)
    expect(() => toTokenSet(input)).toThrow(`\`${name}\` must be a number of seconds or an instant`)
  })

  it('costs nothing where another member can be read', () => {
    const input = { access_token: 'a', expires_in: '1h', expires_at: ENDS_AT }
    expect(toTokenSet(input).expiresAt).toBe(ENDS_AT)
  })
})
