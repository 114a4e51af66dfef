import { describe, expect, it } from 'vitest'
import { TokenOptionsError } from '../../src/errors.js'
import { checkedOptions } from '../../src/option-checks.js'
import type { TokenManagerOptions } from '../../src/options.js'
import { memoryStore } from '../../src/stores/memory.js'
import { TokenManager } from '../../src/token-manager.js'

const refresh = () => Promise.resolve({ accessToken: 'at' })
const SECRET = 's3cr3t-value'

function complaintAbout(options: unknown): string {
  try {
    checkedOptions(options)
  } catch (error) {
    expect(error).toBeInstanceOf(TokenOptionsError)
    return (error as Error).message
  }
  return 'none'
}

describe('an option that is wrong', () => {
  const ms0 = 'a number of milliseconds, 0 or more'
  const ms = 'a number of milliseconds above 0'
  const retry = '{ attempts: 1 or more, baseDelayMs: 0 or more }'
  it.each<[string, unknown, string, string]>([
    ['refresh', SECRET, 'a function', 'another string'],
    ['acquire', 5, 'a function', '5'],
    ['initialTokens', SECRET, 'an object', 'another string'],
    ['initialTokens', null, 'an object', 'null'],
    ['store', SECRET, 'an object with load() and save()', 'another string'],
    ['store', { load: refresh }, 'an object with load() and save()', 'an object'],
    ['revoke', true, 'a function', 'true'],
    ['endsSession', {}, 'a function', 'an object'],
    ['refreshWindowMs', -1, ms0, '-1'],
    ['refreshWindowMs', NaN, ms0, 'NaN'],
    ['expiryMarginMs', Infinity, ms0, 'Infinity'],
    ['expiryMarginMs', '5', ms0, 'another string'],
    ['keepFresh', 'yes', 'a boolean', 'another string'],
    ['refreshTimeoutMs', 0, ms, '0'],
    ['waitTimeoutMs', 0, ms, '0'],
    ['waitTimeoutMs', SECRET, ms, 'another string'],
    ['recheckMs', -5, ms, '-5'],
    ['retry', 3, retry, '3'],
    ['retry', { attempts: 0 }, retry, 'an object'],
    ['retry', { attempts: 1.5 }, retry, 'an object'],
    ['retry', { baseDelayMs: -1 }, retry, 'an object'],
    ['retry', { baseDelayMs: NaN }, retry, 'an object'],
  ])(
    '%s: %o is named, with what is expected and what was given',
    (name, value, expected, given) => {
      const message = complaintAbout({ refresh, [name]: value })
      expect(message).toBe(`TokenManager: \`${name}\` must be ${expected}, got ${given}`)
      expect(message).not.toContain(SECRET)
    },
  )

  it.each([undefined, null, 5, 'options', true])('as a whole: %j', (options) => {
    expect(complaintAbout(options)).toMatch(/^TokenManager: `options` must be an object, got /)
  })

  it('unknown is named, and its value is not said', () => {
    const message = complaintAbout({ refresh, refreshWindow: SECRET })
    expect(message).toContain(
      'TokenManager: unknown option `refreshWindow`. The options are: refresh, ',
    )
    expect(message).not.toContain(SECRET)
  })

  it.each(['toString', 'constructor'])('unknown, though every object has it: %s', (name) => {
    expect(complaintAbout({ refresh, [name]: refresh })).toContain(`unknown option \`${name}\``)
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
      'TokenManager: either `refresh` or `acquire` must be given, got neither',
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
    ['the token itself', SECRET, 'refresh: `options` must be an object, got another string'],
    ['null', null, 'refresh: `options` must be an object, got null'],
    ['a name that is not known', { force: true }, 'refresh: unknown option `force`'],
    [
      'a rejected token that is a number',
      { rejected: 7 },
      'refresh: `rejected` must be a non-empty string, got a number',
    ],
  ])('of refresh: %s', async (_, options, message) => {
    const error = await manager()
      .refresh(options as never)
      .catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(TokenOptionsError)
    expect((error as Error).message).toContain(message)
    expect((error as Error).message).not.toContain(SECRET)
  })

  it.each<[string, unknown, string]>([
    ['null', null, 'getAccessToken: `options` must be an object, got null'],
    ['a number', 5, 'getAccessToken: `options` must be an object, got 5'],
    ['a name that is not known', { force: true }, 'getAccessToken: unknown option `force`'],
  ])('of getAccessToken: %s', async (_, options, message) => {
    await expect(manager().getAccessToken(options as never)).rejects.toThrow(message)
  })
})
