import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  LoginRequiredError,
  RefreshUnavailableError,
  TokenStoreError,
} from '../../../src/errors.js'
import { CoolDown } from '../../../src/refresh/cool-down.js'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

describe('a cool-down', () => {
  it('is over before anything has failed', () => {
    const coolDown = new CoolDown()
    expect(coolDown.isOver).toBe(true)
    expect(coolDown.refusal()).toBeUndefined()
  })

  it('doubles from 1 s to 60 s', () => {
    const coolDown = new CoolDown()
    const waits = Array.from({ length: 9 }, () => {
      coolDown.fail(new RefreshUnavailableError(), true)
      return coolDown.remainingMs
    })
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60].map((s) => s * 1_000))
  })

  it('takes what the server asks for, if that is longer', () => {
    const coolDown = new CoolDown()
    coolDown.fail(new RefreshUnavailableError('', { retryAfterMs: 10 }), true)
    expect(coolDown.remainingMs).toBe(1_000)
    coolDown.fail(new RefreshUnavailableError('', { retryAfterMs: 90_000 }), true)
    expect(coolDown.remainingMs).toBe(90_000)
  })

  it('begins anew once it is cleared', () => {
    const coolDown = new CoolDown()
    for (let failure = 0; failure < 5; failure++) coolDown.fail(new RefreshUnavailableError(), true)
    coolDown.clear()
    expect(coolDown.isOver).toBe(true)
    coolDown.fail(new RefreshUnavailableError(), true)
    expect(coolDown.remainingMs).toBe(1_000)
  })

  it('refuses with what had failed and the time that is left', () => {
    const coolDown = new CoolDown()
    const cause = new RefreshUnavailableError()
    coolDown.fail(cause, true)
    vi.advanceTimersByTime(400)
    expect(coolDown.refusal()).toMatchObject({ outcome: 'not-sent', retryAfterMs: 600, cause })
    vi.advanceTimersByTime(600)
    expect(coolDown.refusal()).toBeUndefined()
  })

  it('says the same "log in" while nothing can be renewed without', () => {
    const coolDown = new CoolDown()
    const error = new LoginRequiredError('', { reason: 'no-refresh-token' })
    coolDown.fail(error, false)
    expect(coolDown.refusal()).toBe(error)
  })

  it('refuses after the store had failed once the server was asked', () => {
    const coolDown = new CoolDown()
    const cause = new TokenStoreError('', { operation: 'load' })
    coolDown.fail(cause, true)
    expect(coolDown.refusal()).toMatchObject({ outcome: 'not-sent', retryAfterMs: 1_000, cause })
  })

  it('does not refuse after the store had failed, but is not over in the background', () => {
    const coolDown = new CoolDown()
    coolDown.fail(new TokenStoreError('', { operation: 'load' }), false)
    expect(coolDown.refusal()).toBeUndefined()
    expect(coolDown.isOver).toBe(false)
  })

  it('is not moved by the wall clock', () => {
    const coolDown = new CoolDown()
    coolDown.fail(new RefreshUnavailableError(), true)
    vi.setSystemTime(Date.now() + 1e9)
    expect(coolDown.isOver).toBe(false)
  })
})
