import { inspect } from 'node:util'
import { describe, expect, it, vi } from 'vitest'
import {
  InvalidSessionIdError,
  InvalidTokenResponseError,
  isTokenError,
  LoginError,
  LoginRequiredError,
  ManagerClosedError,
  NotReplayedError,
  RefreshRejectedError,
  RefreshUnavailableError,
  StepUpRequiredError,
  TokenError,
  TokenOptionsError,
  TokenStoreError,
  tokenErrorOf,
} from '../../src/errors.js'

describe('every error of ours', () => {
  it('has a message of one line, of visible characters, and not without end', () => {
    const said = 'a\nb\u001b[2J\u009b\u202e\u200bc'
    expect(new TokenOptionsError(said).message).toBe('a b[2Jc')
    expect(new TokenOptionsError('x'.repeat(100_000)).message.length).toBeLessThan(4_200)
  })

  it.each<[TokenError, string, string, boolean]>([
    [new LoginRequiredError(), 'LoginRequiredError', 'ERR_LOGIN_REQUIRED', false],
    [new RefreshRejectedError(), 'RefreshRejectedError', 'ERR_REFRESH_REJECTED', false],
    [new RefreshUnavailableError(), 'RefreshUnavailableError', 'ERR_REFRESH_UNAVAILABLE', true],
    [new InvalidTokenResponseError(), 'InvalidTokenResponseError', 'ERR_INVALID_TOKEN_RESPONSE', true], // prettier-ignore
    [new TokenStoreError('', { operation: 'load' }), 'TokenStoreError', 'ERR_TOKEN_STORE', true],
    [new StepUpRequiredError(), 'StepUpRequiredError', 'ERR_STEP_UP_REQUIRED', false],
    [new InvalidSessionIdError(''), 'InvalidSessionIdError', 'ERR_INVALID_SESSION_ID', false],
    [new NotReplayedError('', { reason: 'body' }), 'NotReplayedError', 'ERR_NOT_REPLAYED', false],
    [new LoginError('', { reason: 'denied' }), 'LoginError', 'ERR_LOGIN', false],
    [new TokenOptionsError(''), 'TokenOptionsError', 'ERR_TOKEN_OPTIONS', false],
    [new ManagerClosedError(), 'ManagerClosedError', 'ERR_MANAGER_CLOSED', false],
  ])('%s has its name, code and whether it passes', (error, name, code, isTransient) => {
    expect(error).toMatchObject({ name, code, isTransient })
    expect(error).toBeInstanceOf(TokenError)
    expect(isTokenError(error)).toBe(true)
    expect(String(error)).toBe(`${name} [${code}]: ${error.message}`)
    expect(error.stack).toMatch(new RegExp(`^${name} \\[${code}\\](: .*)?\n +at `))
    expect(inspect(error)).toMatch(new RegExp(`^${name} \\[${code}\\]`))
  })

  it.each([
    ['failed', true],
    ['locked', true],
    ['damaged', false],
    ['unwritable', false],
    ['undecryptable', false],
  ] as const)('a store that is %s passes: %s', (reason, isTransient) => {
    expect(new TokenStoreError('', { operation: 'load', reason }).isTransient).toBe(isTransient)
  })

  it('is known when another copy of the package made it', async () => {
    vi.resetModules()
    const copy = await import('../../src/errors.js')
    const error = new copy.LoginRequiredError()
    expect(error).not.toBeInstanceOf(LoginRequiredError)
    expect(isTokenError(error)).toBe(true)
  })

  it('has as cause what describes what was thrown, or an error of ours itself', () => {
    const ours = new RefreshRejectedError()
    expect(new LoginRequiredError('', { cause: ours }).cause).toBe(ours)
    const theirs = Object.assign(new TypeError('no'), { code: 'E_NO', config: { secret: 1 } })
    const { cause } = new RefreshUnavailableError('', { cause: theirs })
    expect(cause).toMatchObject({ name: 'TypeError', message: 'no', code: 'E_NO' })
    expect(cause).not.toHaveProperty('config')
    expect(new RefreshUnavailableError()).not.toHaveProperty('cause')
  })
})

describe('tokenErrorOf', () => {
  const ours = new LoginRequiredError()

  it('finds it: the thing itself, or the nearest cause', () => {
    expect(tokenErrorOf(ours)).toBe(ours)
    expect(tokenErrorOf(new Error('a', { cause: new Error('b', { cause: ours }) }))).toBe(ours)
  })

  it('finds none in anything else, a circle of causes included', () => {
    const circle = new Error('a')
    circle.cause = circle
    for (const thrown of [circle, new Error('x'), undefined, null, 'x', { cause: ours }]) {
      expect(tokenErrorOf(thrown)).toBeUndefined()
    }
  })
})
