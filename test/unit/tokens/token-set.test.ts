import { describe, expect, it } from 'vitest'
import { toTokenSet } from '../../../src/tokens/to-token-set.js'
import { isSendable, readStoredTokens, withKept } from '../../../src/tokens/token-set.js'

describe('isSendable', () => {
  it.each(['a b', 'at', '~!#', 'x'.repeat(20_000)])('takes %s for a token', (token) => {
    expect(isSendable(token)).toBe(true)
  })

  it.each(['', ' ', 'a\r\nb', 'a\n', '\tat', 'at\0', 'é', ' at', 'at ', 7, null, undefined])(
    'does not take %j for a token',
    (token) => {
      expect(isSendable(token)).toBe(false)
    },
  )
})

describe('withKept', () => {
  const before = toTokenSet({ accessToken: 'a', refreshToken: 'r', scope: 's', idToken: 'i' })

  it('keeps what the answer leaves out', () => {
    expect(withKept(before, toTokenSet({ accessToken: 'b' }))).toMatchObject({
      accessToken: 'b',
      refreshToken: 'r',
      scope: 's',
      idToken: 'i',
    })
  })

  it('lets what is new replace what is old', () => {
    const next = toTokenSet({ accessToken: 'b', refreshToken: 'r2', scope: 's2', idToken: 'i2' })
    expect(withKept(before, next)).toEqual(next)
  })

  it('does not keep the expiry of the token before', () => {
    const expiring = toTokenSet({ accessToken: 'a', expiresIn: 60 })
    expect(withKept(expiring, toTokenSet({ accessToken: 'b' })).expiresAt).toBeUndefined()
  })

  it('has nothing to keep where there was nothing', () => {
    const next = toTokenSet({ accessToken: 'b' })
    expect(withKept(null, next)).toBe(next)
    expect(withKept(undefined, next)).toBe(next)
  })
})

describe('readStoredTokens', () => {
  const stored = { accessToken: 'at', tokenType: 'Bearer', issuedAt: 1 }

  it('gives back what was stored', () => {
    expect(readStoredTokens({ ...stored, expiresAt: 2 })).toEqual({ ...stored, expiresAt: 2 })
  })

  it.each([
    ['a relative expires_in', { ...stored, expires_in: 60 }],
    ['a relative expiresIn', { ...stored, expiresIn: 60 }],
    ['no issuedAt', { ...stored, issuedAt: undefined }],
    ['an expiry that is text', { ...stored, expiresAt: '2' }],
    ['a refresh token that is a number', { ...stored, refreshToken: 1 }],
    ['no type', { ...stored, tokenType: undefined }],
    ['null', null],
    ['text', 'at'],
  ])('refuses %s', (_what, value) => {
    expect(readStoredTokens(value)).toBeUndefined()
  })
})
