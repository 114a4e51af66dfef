import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  InvalidTokenResponseError,
  LoginRequiredError,
  RefreshRejectedError,
  RefreshUnavailableError,
  TokenStoreError,
  type TokenError,
} from '../../../src/errors.js'
import { timingOf } from '../../../src/timing.js'
import { RetryPolicy } from '../../../src/session/retry-policy.js'

const refresh = () => Promise.resolve({ accessToken: 'at' })
const timing = timingOf({ refresh })
const notSent = () => new RefreshUnavailableError('', { outcome: 'not-sent' })
const unknown = () => new RefreshUnavailableError('', { outcome: 'unknown' })
const answered = (status: number) => new RefreshUnavailableError('', { outcome: 'failed', status })

beforeEach(() => vi.useFakeTimers())
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

function begun(): RetryPolicy {
  const policy = new RetryPolicy(timing)
  policy.begin()
  return policy
}

/** Whether there is another try after each of these errors. */
async function triedAgain(policy: RetryPolicy, ...errors: TokenError[]): Promise<boolean[]> {
  const outcomes: boolean[] = []
  for (const error of errors) {
    const pause = policy.backOff(error).then(
      () => true,
      (thrown: unknown) => (expect(thrown).toBe(error), false),
    )
    await vi.advanceTimersByTimeAsync(2_000)
    outcomes.push(await pause)
  }
  return outcomes
}

describe('the policy of one refresh', () => {
  it.each([408, 429, 502, 503, 504])('are three after HTTP %d', async (status) => {
    const errors = [answered(status), answered(status), answered(status)]
    await expect(triedAgain(new RetryPolicy(timing), ...errors)).resolves.toEqual([
      true,
      true,
      false,
    ])
  })

  it('are three for what was not sent', async () => {
    const outcomes = await triedAgain(new RetryPolicy(timing), notSent(), notSent(), notSent())
    expect(outcomes).toEqual([true, true, false])
  })

  it('are two where nobody knows what became of the first', async () => {
    await expect(triedAgain(new RetryPolicy(timing), unknown(), unknown())).resolves.toEqual([
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
  ])('are one after %s', async (_what, make) => {
    await expect(triedAgain(new RetryPolicy(timing), make())).resolves.toEqual([false])
  })

  it('are one if the app says so, whatever happened', async () => {
    const once = timingOf({ refresh, retry: { attempts: 1 } })
    for (const error of [notSent(), unknown(), answered(503)]) {
      await expect(triedAgain(new RetryPolicy(once), error)).resolves.toEqual([false])
    }
  })

  it('wait 200 ms · 2ⁿ with full jitter, or what the server asks for', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0.5)
    const startedAt = performance.now()
    const policy = new RetryPolicy(timing)
    const waits: number[] = []
    for (const error of [answered(503), answered(503)]) {
      const pause = policy.backOff(error)
      const before = performance.now()
      await vi.advanceTimersToNextTimerAsync()
      await pause
      waits.push(performance.now() - before)
    }
    expect(waits).toEqual([100, 200])
    expect(performance.now() - startedAt).toBe(300)
    const asked = new RefreshUnavailableError('', { status: 503, outcome: 'failed', retryAfterMs: 5_000 }) // prettier-ignore
    const pause = new RetryPolicy(timing).backOff(asked)
    const before = performance.now()
    await vi.advanceTimersToNextTimerAsync()
    await pause
    expect(performance.now() - before).toBe(5_000)
  })

  it('do not begin what would end beyond the budget', async () => {
    const asked = new RefreshUnavailableError('', { status: 503, outcome: 'failed', retryAfterMs: 25_000 }) // prettier-ignore
    await expect(begun().backOff(asked)).rejects.toBe(asked)
  })

  it('have their whole budget until the first lease, and no more of it with the next', async () => {
    const policy = new RetryPolicy(timing)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(policy.timeoutMs).toBe(10_000)
    policy.begin()
    await vi.advanceTimersByTimeAsync(20_000)
    policy.begin()
    expect(policy.timeoutMs).toBe(5_000)
  })

  it('get shorter as the budget does', async () => {
    const policy = begun()
    expect(policy.timeoutMs).toBe(10_000)
    await vi.advanceTimersByTimeAsync(20_000)
    expect(policy.timeoutMs).toBe(5_000)
    await vi.advanceTimersByTimeAsync(20_000)
    expect(policy.timeoutMs).toBe(0)
  })

  it('are not begun with less than a tenth of an attempt’s time left: not sent, and why', async () => {
    const policy = begun()
    await vi.advanceTimersByTimeAsync(24_000)
    expect([policy.tooLate, policy.timeoutMs]).toEqual([undefined, 1_000])
    await vi.advanceTimersByTimeAsync(1)
    expect(policy.tooLate).toMatchObject({
      code: 'ERR_REFRESH_UNAVAILABLE',
      outcome: 'not-sent',
      message: expect.stringContaining('The store was too slow') as string,
    })
  })

  it('... nor with another reason than that of the last, if there was one', async () => {
    const policy = begun()
    const failure = answered(503)
    await triedAgain(policy, failure)
    await vi.advanceTimersByTimeAsync(23_000)
    expect(policy.tooLate).toBe(failure)
    expect(policy.failure).toBe(failure)
  })

  it('to save are made as long as their pause ends within the budget', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0)
    const policy = begun()
    expect(policy.savePauseMs(0)).toBe(50)
    await vi.advanceTimersByTimeAsync(24_949)
    expect(policy.savePauseMs(0)).toBe(50)
    await vi.advanceTimersByTimeAsync(1)
    expect(policy.savePauseMs(0)).toBeUndefined()
  })

  it('look again five times where others change the session, and no more', () => {
    const policy = new RetryPolicy(timing)
    const error = unknown()
    for (let look = 0; look < 5; look++) policy.restart(error)
    expect(() => policy.restart(error)).toThrow(error)
  })
})
