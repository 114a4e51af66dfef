import { afterEach, describe, expect, it, vi } from 'vitest'
import {
  InvalidTokenResponseError,
  LoginRequiredError,
  RefreshRejectedError,
  RefreshUnavailableError,
  TokenStoreError,
  type TokenError,
} from '../../../src/errors.js'
import { timingOf } from '../../../src/timing.js'
import { pauseBeforeRetry, pauseBeforeSave } from '../../../src/session/retry-policy.js'

const refresh = () => Promise.resolve({ accessToken: 'at' })
const timing = timingOf({ refresh })
const notSent = () => new RefreshUnavailableError('', { outcome: 'not-sent' })
const unknown = () => new RefreshUnavailableError('', { outcome: 'unknown' })
const answered = (status: number) => new RefreshUnavailableError('', { outcome: 'failed', status })

afterEach(() => vi.restoreAllMocks())

/** Whether there is another request after each of these failures of one refresh. */
function triedAgain(errors: readonly TokenError[], by = timing): boolean[] {
  return errors.map((error, index) => {
    return pauseBeforeRetry(error, errors.slice(0, index + 1), by) !== undefined
  })
}

describe('the requests of one refresh', () => {
  it.each([408, 429, 502, 503, 504])('are three after HTTP %d', (status) => {
    const errors = [answered(status), answered(status), answered(status)]
    expect(triedAgain(errors)).toEqual([true, true, false])
  })

  it('are three for what was not sent', () => {
    expect(triedAgain([notSent(), notSent(), notSent()])).toEqual([true, true, false])
  })

  it('are two where nobody knows what became of the first', () => {
    expect(triedAgain([unknown(), unknown()])).toEqual([true, false])
  })

  it('... also where it was not the first that failed', () => {
    expect(triedAgain([notSent(), notSent(), unknown(), unknown()])).toEqual([
      true,
      true,
      true,
      false,
    ])
  })

  it.each<[string, () => TokenError]>([
    ['HTTP 500', () => answered(500)],
    ['HTTP 501', () => answered(501)],
    ['a rejection', () => new RefreshRejectedError()],
    ['an end', () => new LoginRequiredError()],
    ['HTML', () => new InvalidTokenResponseError()],
    ['a store that failed', () => new TokenStoreError('', { operation: 'load' })],
  ])('are one after %s', (_what, make) => {
    expect(triedAgain([make()])).toEqual([false])
  })

  it('are one if the app says so, whatever happened', () => {
    const once = timingOf({ refresh, retry: { attempts: 1 } })
    for (const error of [notSent(), unknown(), answered(503)]) {
      expect(triedAgain([error], once)).toEqual([false])
    }
  })

  it('wait 200 ms · 2ⁿ with full jitter, or what the server asks for', () => {
    vi.spyOn(Math, 'random').mockReturnValue(0.5)
    const errors = [answered(503), answered(503)]
    expect(pauseBeforeRetry(errors[0]!, errors.slice(0, 1), timing)).toBe(100)
    expect(pauseBeforeRetry(errors[1]!, errors, timing)).toBe(200)
    const asked = new RefreshUnavailableError('', { status: 503, outcome: 'failed', retryAfterMs: 5_000 }) // prettier-ignore
    expect(pauseBeforeRetry(asked, [asked], timing)).toBe(5_000)
  })

  it('to save wait alike, 50 ms at least and two seconds at most', () => {
    const random = vi.spyOn(Math, 'random').mockReturnValue(0.5)
    const waits = [0, 1, 4, 30].map((failures) => pauseBeforeSave(failures, timing))
    expect(waits).toEqual([100, 200, 1_600, 2_000])
    random.mockReturnValue(0)
    expect(pauseBeforeSave(3, timing)).toBe(50)
    expect(pauseBeforeSave(30, timing)).toBe(50)
  })
})
