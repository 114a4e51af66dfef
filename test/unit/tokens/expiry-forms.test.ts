import { describe, expect, it } from 'vitest'
import { toTokenSet, tokenSetOfAnswer } from '../../../src/tokens/to-token-set.js'
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
    expect(tokenSetOfAnswer(answer, SENT_AT).expiresAt).toBe(ENDS_AT)
  })

  it('is not the whole hour again for a JWT that is 50 minutes old', () => {
    const exp = SENT_AT / 1000 + 600
    const answer = { access_token: jwt({ iat: exp - 3600, exp }), expires_in: 3600 }
    expect(tokenSetOfAnswer(answer, SENT_AT).expiresAt).toBe(exp * 1000)
  })

  it.each([ENDS_AT, String(ENDS_AT / 1000)])('is the `exp` of a JWT as %j', (exp) => {
    expect(tokenSetOfAnswer({ access_token: jwt({ exp }) }, SENT_AT).expiresAt).toBe(ENDS_AT)
  })

  it.each(['1h', null, -1])('is unknown where `expires_in` is %j', (expires_in) => {
    expect(tokenSetOfAnswer({ access_token: 'a', expires_in }, SENT_AT).expiresAt).toBeUndefined()
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
    ['expires', { access_token: 'a', expires: ENDS_AT / 1000 }],
    ['created_at', { access_token: 'a', created_at: SENT_AT / 1000, expires_in: 3600 }],
    ['issued_at', { access_token: 'a', issued_at: String(SENT_AT), expires_in: '3600' }],
  ])('is read from %s', (_, input) => {
    expect(toTokenSet(input).expiresAt).toBe(ENDS_AT)
  })
})
