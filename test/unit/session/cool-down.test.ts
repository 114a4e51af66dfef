import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  LoginRequiredError,
  RefreshRejectedError,
  RefreshUnavailableError,
  TokenStoreError,
  type TokenError,
} from '../../../src/errors.js'
import {
  afterFailure,
  afterFailureElsewhere,
  cleared,
  isOver,
  leftMs,
  leftOfStored,
  NO_COOL_DOWN,
  refusalIn,
} from '../../../src/session/cool-down.js'
import type { StoredCoolDown } from '../../../src/stores/token-store.js'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

/** The cool-down of one access token. */
function begun() {
  let coolDown = NO_COOL_DOWN
  return {
    fail(error: TokenError, bindsCallers: boolean) {
      const after = afterFailure(coolDown, error, bindsCallers)
      coolDown = after.coolDown
      return after.shared
    },
    adopt: (stored: StoredCoolDown) => (coolDown = afterFailureElsewhere(coolDown, stored)),
    clear: () => (coolDown = cleared(coolDown)),
    remainingOf: (stored: StoredCoolDown) => leftOfStored(coolDown, stored),
    refusal: () => refusalIn(coolDown),
    get isOver() {
      return isOver(coolDown)
    },
    get remainingMs() {
      return leftMs(coolDown)
    },
  }
}

describe('a cool-down', () => {
  it('is over before anything has failed', () => {
    const coolDown = begun()
    expect(coolDown.isOver).toBe(true)
    expect(coolDown.refusal()).toBeUndefined()
  })

  it('doubles from 1 s to 60 s', () => {
    const coolDown = begun()
    const waits = Array.from({ length: 9 }, () => {
      coolDown.fail(new RefreshUnavailableError(), true)
      return coolDown.remainingMs
    })
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60].map((s) => s * 1_000))
  })

  it('takes what the server asks for, if that is longer', () => {
    const coolDown = begun()
    coolDown.fail(new RefreshUnavailableError('', { retryAfterMs: 10 }), true)
    expect(coolDown.remainingMs).toBe(1_000)
    coolDown.fail(new RefreshUnavailableError('', { retryAfterMs: 90_000 }), true)
    expect(coolDown.remainingMs).toBe(90_000)
  })

  it('begins again from 1 s once it is cleared', () => {
    const coolDown = begun()
    for (let failure = 0; failure < 5; failure++) coolDown.fail(new RefreshUnavailableError(), true)
    coolDown.clear()
    expect(coolDown.isOver).toBe(true)
    coolDown.fail(new RefreshUnavailableError(), true)
    expect(coolDown.remainingMs).toBe(1_000)
  })

  it('... and a stored one that was counted here does not come back with it', () => {
    const coolDown = begun()
    const other = { since: Date.now(), durationMs: 40_000, failures: 1 }
    coolDown.adopt(other)
    coolDown.clear()
    expect(coolDown.remainingOf(other)).toBe(0)
  })

  it('refuses with what had failed and the time that is left', () => {
    const coolDown = begun()
    const cause = new RefreshUnavailableError()
    coolDown.fail(cause, true)
    vi.advanceTimersByTime(400)
    expect(coolDown.refusal()).toMatchObject({ outcome: 'not-sent', retryAfterMs: 600, cause })
    vi.advanceTimersByTime(600)
    expect(coolDown.refusal()).toBeUndefined()
  })

  it('tells a refusal that does not pass as it was', () => {
    const coolDown = begun()
    const error = new RefreshRejectedError('', { error: 'invalid_client', status: 401 })
    coolDown.fail(error, true)
    expect(coolDown.refusal()).toBe(error)
  })

  it('is not moved by the wall clock', () => {
    const coolDown = begun()
    coolDown.fail(new RefreshUnavailableError(), true)
    vi.setSystemTime(Date.now() + 1e9)
    expect(coolDown.isOver).toBe(false)
    vi.setSystemTime(Date.now() - 2e9)
    vi.advanceTimersByTime(1_000)
    expect(coolDown.isOver).toBe(true)
  })
})

describe('a cool-down of background failures', () => {
  it.each<[string, TokenError]>([
    ['the store failed', new TokenStoreError('', { operation: 'load' })],
    ['the network failed', new RefreshUnavailableError('', { outcome: 'not-sent' })],
    ['nobody can renew', new LoginRequiredError('', { reason: 'no-refresh-token' })],
  ])('binds no caller, and is not over in the background: %s', (_what, error) => {
    const coolDown = begun()
    coolDown.fail(error, false)
    expect(coolDown.refusal()).toBeUndefined()
    expect(coolDown.isOver).toBe(false)
  })

  it('binds callers where the server itself named a time', () => {
    const coolDown = begun()
    coolDown.fail(
      new RefreshUnavailableError('', { outcome: 'failed', retryAfterMs: 5_000 }),
      false,
    )
    expect(coolDown.refusal()).toMatchObject({ retryAfterMs: 5_000 })
  })
})

describe('what is shared with all who use the store', () => {
  it.each<[string, TokenError]>([
    ['"later"', new RefreshUnavailableError('', { outcome: 'failed', status: 503 })],
    ['a refusal', new RefreshRejectedError('', { error: 'invalid_client' })],
  ])('is what the server said: %s', (_what, error) => {
    const coolDown = begun()
    const again = Object.create(error) as TokenError // each failure has an error of its own
    const inBackground = Object.create(error) as TokenError
    const isRefusal = error.code === 'ERR_REFRESH_REJECTED' && { isRefusal: true }
    const shared = { since: Date.now(), durationMs: 1_000, failures: 1, ...isRefusal }
    expect(coolDown.fail(error, true)).toEqual(shared)
    expect(coolDown.fail(error, true)).toBeUndefined() // it was told already
    expect(coolDown.fail(again, true)).toEqual({ ...shared, durationMs: 2_000, failures: 2 })
    vi.advanceTimersByTime(2_000)
    expect(coolDown.fail(inBackground, false)).toBeUndefined()
  })

  it('begins again for an error that is thrown again later, and binds the caller who gets it', () => {
    const always = new RefreshUnavailableError('', { outcome: 'failed' }) // one for all failures
    const coolDown = begun()
    coolDown.fail(always, false)
    expect(coolDown.refusal()).toBeUndefined()
    coolDown.fail(always, true)
    expect(coolDown.refusal()).toMatchObject({ retryAfterMs: 2_000 })
    vi.advanceTimersByTime(2_000)
    coolDown.fail(always, true)
    expect(coolDown.refusal()).toMatchObject({ retryAfterMs: 4_000 })
  })

  it('is never less than what binds callers already', () => {
    const coolDown = begun()
    coolDown.adopt({ since: Date.now(), durationMs: 40_000, failures: 1 })
    coolDown.fail(new RefreshUnavailableError('', { outcome: 'failed', retryAfterMs: 3_000 }), true)
    expect(coolDown.refusal()).toMatchObject({ retryAfterMs: 40_000 })
    coolDown.fail(new RefreshUnavailableError(), false)
    expect(coolDown.refusal()).toMatchObject({ retryAfterMs: 40_000 })
    coolDown.fail(
      new RefreshUnavailableError('', { outcome: 'failed', retryAfterMs: 90_000 }),
      true,
    )
    expect(coolDown.refusal()).toMatchObject({ retryAfterMs: 90_000 })
  })

  it.each<[string, TokenError]>([
    ['was not reached', new RefreshUnavailableError('', { outcome: 'not-sent' })],
    ['may have been reached', new RefreshUnavailableError('', { outcome: 'unknown' })],
    ['was not asked', new TokenStoreError('', { operation: 'save' })],
    ['ended the session', new LoginRequiredError()],
  ])('is nothing where the server %s', (_what, error) => {
    expect(begun().fail(error, true)).toBeUndefined()
  })

  it('is kept by others, and doubles on from there', () => {
    const coolDown = begun()
    coolDown.adopt({ since: Date.now() - 4_000, durationMs: 16_000, failures: 5 })
    expect(coolDown.refusal()).toMatchObject({ outcome: 'not-sent', retryAfterMs: 12_000 })
    vi.advanceTimersByTime(12_000)
    expect(coolDown.isOver).toBe(true)
    coolDown.fail(new RefreshUnavailableError(), true)
    expect(coolDown.remainingMs).toBe(32_000)
  })

  it('does not shorten a longer one', () => {
    const coolDown = begun()
    coolDown.fail(new RefreshUnavailableError('', { retryAfterMs: 30_000 }), true)
    coolDown.adopt({ since: Date.now(), durationMs: 5_000, failures: 1 })
    expect(coolDown.remainingMs).toBe(30_000)
  })

  it('is as long as it was meant to be, however wrong the other clock is', () => {
    const coolDown = begun()
    coolDown.adopt({ since: Date.now() + 1e9, durationMs: 5_000, failures: 1 })
    expect(coolDown.remainingMs).toBe(5_000)
    const over = begun()
    over.adopt({ since: Date.now() - 1e9, durationMs: 5_000, failures: 1 })
    expect(over.isOver).toBe(true)
  })
})

describe('a cool-down that another process began', () => {
  const stored = (durationMs: number, since = Date.now()) => ({ since, durationMs, failures: 3 })

  it('is kept, and counts on from its failures', () => {
    const coolDown = begun()
    coolDown.adopt(stored(5_000))
    expect(coolDown.remainingMs).toBe(5_000)
    coolDown.fail(new RefreshUnavailableError(), true)
    expect(coolDown.remainingMs).toBe(8_000)
  })

  it('lasts an hour at most, whatever a record says', () => {
    const coolDown = begun()
    coolDown.adopt(stored(1e12))
    expect(coolDown.remainingMs).toBe(60 * 60_000)
  })

  it('is counted by the monotonic clock once it is adopted: a clock set back begins it no more', () => {
    const coolDown = begun()
    const other = stored(5_000)
    coolDown.adopt(other)
    vi.advanceTimersByTime(4_000)
    vi.setSystemTime(Date.now() - 3_600_000)
    expect(coolDown.remainingOf(other)).toBe(1_000)
    expect(begun().remainingOf(other)).toBe(5_000)
  })

  it('leaves a longer one of one’s own as it is, and its cause', () => {
    const coolDown = begun()
    const refused = new RefreshRejectedError('no', { error: 'invalid_client' })
    coolDown.fail(refused, true)
    coolDown.adopt(stored(1_000))
    expect(coolDown.refusal()).toBe(refused)
  })

  it('says when the next attempt is possible', () => {
    const coolDown = begun()
    coolDown.adopt(stored(5_000))
    expect(coolDown.refusal()).toMatchObject({
      message: 'The last refresh failed. The next attempt is possible in 5000 ms',
      outcome: 'not-sent',
      retryAfterMs: 5_000,
    })
  })
})
