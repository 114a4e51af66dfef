import { describe, expect, it } from 'vitest'
import { TokenOptionsError } from '../../src/errors.js'
import { assertOptions } from '../../src/option-checks.js'
import type { TokenManagerOptions } from '../../src/options.js'
import { memoryStore } from '../../src/stores/memory.js'
import { TokenManager } from '../../src/token-manager.js'

const refresh = () => Promise.resolve({ accessToken: 'at' })
const SECRET = 's3cr3t-value'

function complaintAbout(options: unknown): string {
  try {
    assertOptions(options)
  } catch (error) {
    expect(error).toBeInstanceOf(TokenOptionsError)
    return (error as Error).message
  }
  return 'none'
}

describe('an option that is wrong', () => {
  const ms0 = 'milliseconds, 0 or more'
  const ms = 'milliseconds, more than 0'
  const retry = '{ attempts: 1 or more, baseDelayMs: 0 or more }'
  it.each<[string, unknown, string, string]>([
    ['refresh', SECRET, 'a function', 'string'],
    ['acquire', 5, 'a function', '5'],
    ['initialTokens', SECRET, 'tokens', 'string'],
    ['initialTokens', null, 'tokens', 'null'],
    ['store', SECRET, 'an object with load() and save()', 'string'],
    ['store', { load: refresh }, 'an object with load() and save()', 'object'],
    ['revoke', true, 'a function', 'true'],
    ['endsSession', {}, 'a function', 'object'],
    ['refreshWindowMs', -1, ms0, '-1'],
    ['refreshWindowMs', NaN, ms0, 'NaN'],
    ['expiryMarginMs', Infinity, ms0, 'Infinity'],
    ['expiryMarginMs', '5', ms0, 'string'],
    ['keepFresh', 'yes', 'a boolean', 'string'],
    ['refreshTimeoutMs', 0, ms, '0'],
    ['waitTimeoutMs', 0, ms, '0'],
    ['waitTimeoutMs', SECRET, ms, 'string'],
    ['recheckMs', -5, ms, '-5'],
    ['retry', 3, retry, '3'],
    ['retry', { attempts: 0 }, retry, 'object'],
    ['retry', { attempts: 1.5 }, retry, 'object'],
    ['retry', { baseDelayMs: -1 }, retry, 'object'],
    ['retry', { baseDelayMs: NaN }, retry, 'object'],
  ])('%s: %o is named, with what is wanted and what was given', (name, value, wanted, given) => {
    const message = complaintAbout({ refresh, [name]: value })
    expect(message).toBe(`\`${name}\`: ${wanted} wanted, got ${given}`)
    expect(message).not.toContain(SECRET)
  })

  it.each([undefined, null, 5, 'options', true])('as a whole: %j', (options) => {
    expect(complaintAbout(options)).toMatch(/^TokenManager: options wanted, got /)
  })

  it('unknown is named, and its value is not said', () => {
    const message = complaintAbout({ refresh, refreshWindow: SECRET })
    expect(message).toContain('TokenManager: unknown option `refreshWindow`, known are refresh, ')
    expect(message).not.toContain(SECRET)
  })

  it('neither refresh nor acquire, or both', () => {
    expect(complaintAbout({})).toContain('neither')
    expect(complaintAbout({ refresh, acquire: refresh })).toContain('both')
  })

  it('a store without exclusive has to say that one process uses it', () => {
    const { load, save } = memoryStore()
    expect(complaintAbout({ refresh, store: { load, save } })).toContain('singleProcess: true')
    expect(complaintAbout({ refresh, store: { load, save, singleProcess: true } })).toBe('none')
  })

  it('tokens that are none are told at construction', () => {
    const make = () => new TokenManager({ refresh, initialTokens: { accessToken: `${SECRET}\n` } })
    expect(make).toThrow(TokenOptionsError)
    expect(make).toThrow(/^`initialTokens`: /)
    expect(make).not.toThrow(SECRET)
  })
})

describe('an option that is inherited', () => {
  it('is none', () => {
    expect(complaintAbout(Object.create({ refresh }))).toBe(
      'One of `refresh` and `acquire` wanted, got neither',
    )
  })
})

describe('options that are right', () => {
  it.each<Partial<TokenManagerOptions>>([
    {},
    { refreshWindowMs: 0, expiryMarginMs: 0, keepFresh: false },
    { retry: {}, recheckMs: 1, waitTimeoutMs: 0.5 },
    { store: undefined, initialTokens: undefined, revoke: undefined, retry: undefined },
  ])('%o', (options) => {
    expect(complaintAbout({ refresh, ...options })).toBe('none')
  })
})

describe('options of a call that are wrong', () => {
  const manager = () => new TokenManager({ refresh, initialTokens: { accessToken: SECRET } })

  // Handed in for `{ rejected }` it would be a forced refresh, for each of many 401s.
  it.each<[string, unknown, string]>([
    ['the token itself', SECRET, 'refresh(): { rejected, sessionId, signal } wanted, got string'],
    ['null', null, 'refresh(): { rejected, sessionId, signal } wanted, got null'],
    ['a name that is not known', { force: true }, 'refresh(): unknown option `force`'],
    ['a rejected token that is none', { rejected: 7 }, '`rejected`: a token wanted, got number'],
  ])('of refresh: %s', async (_, options, message) => {
    const error = await manager()
      .refresh(options as never)
      .catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(TokenOptionsError)
    expect((error as Error).message).toContain(message)
    expect((error as Error).message).not.toContain(SECRET)
  })

  it.each<[string, unknown, string]>([
    ['a number', 5, 'getAccessToken(): { minValidityMs, signal } wanted, got 5'],
    ['a name that is not known', { force: true }, 'getAccessToken(): unknown option `force`'],
  ])('of getAccessToken: %s', async (_, options, message) => {
    await expect(manager().getAccessToken(options as never)).rejects.toThrow(message)
  })
})
