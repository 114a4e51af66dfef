import { describe, expect, it } from 'vitest'
import { timingOf } from '../../src/timing.js'

const refresh = () => Promise.resolve({ accessToken: 'at' })

describe('defaults', () => {
  it('are one object for all managers that set no number', () => {
    expect(timingOf({ refresh })).toBe(timingOf({ refresh, keepFresh: true }))
    expect(timingOf({ refresh })).toEqual({
      refreshWindowMs: undefined,
      expiryMarginMs: undefined,
      attemptTimeoutMs: 10_000,
      cycleBudgetMs: 25_000,
      waitTimeoutMs: 20_000,
      attempts: 3,
      baseDelayMs: 200,
      recheckMs: Infinity,
    })
  })

  it('stand beside what is set', () => {
    const timing = timingOf({ refresh, refreshTimeoutMs: 2_000, retry: { attempts: 5 } })
    expect(timing).toMatchObject({ attemptTimeoutMs: 2_000, cycleBudgetMs: 5_000, attempts: 5 })
    expect(timing).toMatchObject({ baseDelayMs: 200, waitTimeoutMs: 20_000 })
  })
})
