import { afterEach, describe, expect, it } from 'vitest'
import { toTokenSet } from '../../../src/tokens/to-token-set.js'
import type { TokenInput } from '../../../src/tokens/token-input.js'
import type { TokenSet } from '../../../src/tokens/token-set.js'

const ISSUED_AT = Date.UTC(2026, 0, 1)
const HOUR = 3_600_000
const ENDS_AT = ISSUED_AT + HOUR

const received = (input: object) =>
  toTokenSet({ access_token: 'at', ...input }, { receivedAt: ISSUED_AT })
const stored = (input: object) => toTokenSet({ access_token: 'at', ...input })

describe('a member of a response or of a stored login', () => {
  it.each<[string, unknown, keyof TokenSet, unknown]>([
    ['accessToken', 'other', 'accessToken', 'at'], // the wire's name comes first
    ['token_type', 'bot', 'tokenType', 'bot'],
    ['tokenType', 'bot', 'tokenType', 'bot'],
    ['refresh_token', 'rt', 'refreshToken', 'rt'],
    ['refreshToken', 'rt', 'refreshToken', 'rt'],
    ['scope', 'read', 'scope', 'read'],
    ['id_token', 'id', 'idToken', 'id'],
    ['idToken', 'id', 'idToken', 'id'],
    ['extra', { host: 'h' }, 'extra', { host: 'h' }],
    ['expires_in', 3600, 'expiresAt', ENDS_AT],
    ['expiresIn', 3600, 'expiresAt', ENDS_AT],
    ['expires_at', ENDS_AT, 'expiresAt', ENDS_AT],
    ['expiry_date', ENDS_AT, 'expiresAt', ENDS_AT],
    ['expires_on', ENDS_AT, 'expiresAt', ENDS_AT],
    ['expires', ENDS_AT, 'expiresAt', ENDS_AT],
    ['expiresOn', ENDS_AT, 'expiresAt', ENDS_AT],
    ['expiresAt', ENDS_AT, 'expiresAt', ENDS_AT],
    ['refresh_token_expires_in', 3600, 'refreshTokenExpiresAt', ENDS_AT],
    ['refresh_expires_in', 3600, 'refreshTokenExpiresAt', ENDS_AT],
    ['x_refresh_token_expires_in', 3600, 'refreshTokenExpiresAt', ENDS_AT],
    ['refreshTokenExpiresIn', 3600, 'refreshTokenExpiresAt', ENDS_AT],
    ['refresh_token_expires_at', ENDS_AT, 'refreshTokenExpiresAt', ENDS_AT],
    ['refreshTokenExpiresAt', ENDS_AT, 'refreshTokenExpiresAt', ENDS_AT],
  ])('is read by the name `%s`', (name, value, field, expected) => {
    expect(received({ [name]: value })[field]).toEqual(expected)
  })

  it.each(['created_at', 'issued_at', 'issuedAt'])('says by `%s` from when it counts', (name) => {
    const tokens = stored({ [name]: ISSUED_AT, expires_in: 3600, refresh_expires_in: 3600 })
    expect(tokens).toMatchObject({ issuedAt: ISSUED_AT, expiresAt: ENDS_AT })
    expect(tokens.refreshTokenExpiresAt).toBe(ENDS_AT)
  })

  it.each(['data', 'authed_user'])('may be in the object `%s`, if the tokens are there', (name) => {
    const tokens = toTokenSet({ scope: 'outer', [name]: { access_token: 'at' } })
    expect(tokens).toMatchObject({ accessToken: 'at', scope: 'outer' })
    expect(stored({ [name]: { access_token: 'inner', scope: 'inner' } })).not.toHaveProperty(
      'scope',
    )
  })
})

describe('an expiry that nobody can read', () => {
  const complaint = (input: object) => {
    try {
      stored(input)
    } catch (error) {
      return (error as Error).message
    }
    return 'none'
  }
  const told = (names: string) =>
    `The expiry of the access token cannot be read: ${names} must be a number of seconds or an instant (epoch seconds, milliseconds, ISO text, a Date)`

  it.each([
    'expires_in',
    'expiresIn',
    'expires_at',
    'expiry_date',
    'expires_on',
    'expires',
    'expiresOn',
    'expiresAt',
  ])('is told by its name: `%s`', (name) => {
    expect(complaint({ [name]: 'soon' })).toBe(told(`\`${name}\``))
  })

  it('is told by the first name of each kind, whatever the others say', () => {
    const input = { expires_in: 'soon', expiresIn: 60, expires: [], expiresOn: ENDS_AT }
    expect(complaint(input)).toBe(told('`expires_in` and `expires`'))
    expect(complaint({ ...input, expiresAt: 'later' })).toBe(
      told('`expires_in` and `expires` and `expiresAt`'),
    )
  })
})

describe('what somebody has put on all objects', () => {
  const planted = Object.prototype as unknown as Record<string, unknown>
  afterEach(() => {
    for (const name of Object.keys(planted)) Reflect.deleteProperty(planted, name)
  })

  it.each<[string, unknown]>([
    ['refresh_token', 'planted'],
    ['expires_in', 1],
    ['scope', 'planted'],
    ['extra', { host: 'planted' }],
  ])('is no part of what is handed in: %s', (name, value) => {
    const input: TokenInput = { access_token: 'at' }
    const options = { receivedAt: ISSUED_AT }
    const expected = toTokenSet(input, options)
    planted[name] = value
    expect(Object.entries(toTokenSet(input, options))).toEqual(Object.entries(expected))
  })

  it('is no access token', () => {
    planted.access_token = 'planted'
    expect(() => toTokenSet({})).toThrow(/The access token must be .*, got undefined/)
  })
})
