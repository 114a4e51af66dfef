import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { freshnessOf } from '../../../src/tokens/freshness.js'
import type { TokenSet } from '../../../src/tokens/token-set.js'

const lasting = (lifetimeMs: number): TokenSet => ({
  accessToken: 'at',
  tokenType: 'Bearer',
  issuedAt: 0,
  expiresAt: lifetimeMs,
})

describe('freshness', () => {
  it.each([
    [1_000, 800, 950],
    [3_000, 2_400, 2_850],
    [300_000, 240_000, 290_000],
    [3_600_000, 3_300_000, 3_590_000],
    [86_400_000, 86_100_000, 86_390_000],
  ])('of a token of %d ms: due at %d, usable until %d', (lifetimeMs, refreshAt, expiresAt) => {
    expect(freshnessOf(lasting(lifetimeMs), {}, 0)).toMatchObject({ refreshAt, expiresAt })
  })

  it('moves the window earlier by up to a tenth of itself, never later', () => {
    expect(freshnessOf(lasting(300_000), {}, 1).refreshAt).toBe(234_000)
    expect(freshnessOf(lasting(300_000), {}, 0.5).refreshAt).toBe(237_000)
  })

  it('has no window where none is wanted: due when it is not sent any more', () => {
    const { refreshAt, expiresAt } = freshnessOf(lasting(300_000), { refreshWindowMs: 0 }, 1)
    expect(refreshAt).toBe(expiresAt)
  })

  it('is that of the assumed lifetime where nobody says the expiry', () => {
    const { issuedAt, accessToken, tokenType } = lasting(0)
    const assumed = { assumedLifetimeMs: 300_000 }
    const unknown = freshnessOf({ issuedAt, accessToken, tokenType }, assumed, 0)
    expect(unknown).toEqual(freshnessOf(lasting(300_000), {}, 0))
  })

  it('is half of the lifetime where the refresh token ends as soon', () => {
    const ending = (refreshTokenExpiresAt: number) => ({
      ...lasting(300_000),
      refreshTokenExpiresAt,
    })
    expect(freshnessOf(ending(300_000), {}, 0).refreshAt).toBe(150_000)
    expect(freshnessOf(ending(300_001), {}, 0).refreshAt).toBe(240_000)
  })

  it('leaves what a caller may ask for before the window that was set, or the usual one', () => {
    const longest = (refreshWindowMs?: number) =>
      freshnessOf(lasting(300_000), { refreshWindowMs }, 0).maxMinValidityMs
    expect(longest(100_000)).toBeCloseTo(300_000 - 110_000)
    expect(longest(1_000)).toBe(longest())
  })

  it('is unknown where the expiry is', () => {
    const { refreshAt, expiresAt, maxMinValidityMs, rejectionCooldownMs } = freshnessOf(
      { accessToken: 'at', tokenType: 'Bearer', issuedAt: 0 },
      {},
    )
    expect([refreshAt, expiresAt, maxMinValidityMs]).toEqual([Infinity, Infinity, Infinity])
    expect(rejectionCooldownMs).toBe(10_000)
  })

  it('holds for every lifetime and every setting: in order, and not due from the start', () => {
    const setting = fc.option(fc.integer({ min: 0, max: 1e9 }), { nil: undefined })
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 31_536_000_000 }),
        setting,
        setting,
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (lifetimeMs, refreshWindowMs, expiryMarginMs, random) => {
          const windows = { refreshWindowMs, expiryMarginMs }
          const fresh = freshnessOf(lasting(lifetimeMs), windows, random)
          expect(fresh.refreshAt).toBeGreaterThanOrEqual(0.45 * lifetimeMs)
          expect(fresh.refreshAt).toBeLessThanOrEqual(fresh.expiresAt)
          expect(fresh.expiresAt).toBeLessThanOrEqual(lifetimeMs)
          expect(fresh.maxMinValidityMs).toBeLessThanOrEqual(lifetimeMs)
          expect(fresh.rejectionCooldownMs).toBeLessThanOrEqual(10_000)
        },
      ),
    )
  })

  it('of a token that ends before it begins: over', () => {
    const fresh = freshnessOf({ ...lasting(5), issuedAt: 10 }, {}, 1)
    expect(fresh).toMatchObject({ refreshAt: 5, expiresAt: 5, rejectionCooldownMs: 0 })
  })
})
