import { describe, expect, it } from 'vitest'
import { jwtExpiry, remainingOfOldJwt } from '../../../src/tokens/expiry.js'

const NOW = Date.UTC(2026, 0, 1)
const MINUTE = 60_000

/** A JWT whose times lie so many milliseconds from now. */
function jwt(times: { exp?: number; iat?: number }): string {
  const claims = Object.fromEntries(
    Object.entries(times).map(([name, ms]) => [name, (NOW + ms) / 1_000]),
  )
  return [{ alg: 'none' }, claims, 'signature']
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.')
}

/** Minutes from now, by the local clock. */
function endsIn(times: { exp?: number; iat?: number }, reception: object): number | undefined {
  const expiresAt = jwtExpiry(jwt(times), NOW, reception)
  return expiresAt === undefined ? undefined : (expiresAt - NOW) / MINUTE
}

const RECEIVED = { receivedAt: NOW }
const HOUR = 60 * MINUTE

describe('when a JWT ends', () => {
  it.each<[string, { exp?: number; iat?: number }, object, number | undefined]>([
    ['says nothing', { iat: 0 }, RECEIVED, undefined],
    ['says so, the clocks agree', { iat: 0, exp: HOUR }, RECEIVED, 60],
    ['has no `iat`, and is not over', { exp: HOUR }, RECEIVED, 60],
    ['has no `iat`, was just issued, and is over', { exp: -MINUTE }, RECEIVED, undefined],
    ['has no `iat`, was just issued, and ends now', { exp: 0 }, RECEIVED, undefined],
    ['has no `iat`, is over, and may be old', { exp: -MINUTE }, {}, -1],
    ['was issued 5 s ahead of the local clock: latency', { iat: 5_000, exp: HOUR }, RECEIVED, 60],
    ['was issued 6 s ahead: the clock is slow', { iat: 6_000, exp: HOUR + 6_000 }, RECEIVED, 60],
    ['was issued ahead, whenever that was', { iat: 6_000, exp: HOUR + 6_000 }, {}, 60],
    ['was issued 5 s ago, and just received', { iat: -5_000, exp: HOUR }, RECEIVED, 60],
    ['was issued 6 s ago: the clock is fast', { iat: -6_000, exp: HOUR - 6_000 }, RECEIVED, 60],
    ['was issued long ago, and may be old', { iat: -MINUTE, exp: HOUR }, {}, 60],
    ['is over by the local clock: it is fast', { iat: -3_000, exp: -1_000 }, RECEIVED, 1 / 30],
    ['ends now by the local clock: it is fast', { iat: -3_000, exp: 0 }, RECEIVED, 1 / 20],
    ['is over, and may be old', { iat: -HOUR, exp: -MINUTE }, {}, -1],
    ['ends before it began', { iat: HOUR, exp: MINUTE }, RECEIVED, 1],
    ['ends when it began, ahead of us', { iat: MINUTE, exp: MINUTE }, RECEIVED, 1],
  ])('that %s', (_what, times, reception, minutes) => {
    const ends = endsIn(times, reception)
    if (minutes === undefined) expect(ends).toBeUndefined()
    else expect(ends).toBeCloseTo(minutes, 6)
  })

  it.each([
    ['5 s ahead: latency and whole seconds', 5_000, 60],
    ['5 s behind', -5_000, 60],
    ['6 s ahead', 6_000, 59.9],
    ['6 s behind', -6_000, 60.1],
  ])('is told by the server whose clock is %s', (_what, offsetMs, minutes) => {
    const reception = { ...RECEIVED, serverTime: NOW + offsetMs }
    expect(endsIn({ iat: 0, exp: HOUR }, reception)).toBeCloseTo(minutes, 6)
  })

  it('is not looked for in what is too long for any header, nor in an encrypted token', () => {
    const token = jwt({ exp: HOUR })
    const long = `${token}${'x'.repeat(65_536 - token.length)}`
    expect(jwtExpiry(long, NOW, RECEIVED)).toBe(NOW + HOUR)
    expect(jwtExpiry(`${long}x`, NOW, RECEIVED)).toBeUndefined()
    expect(jwtExpiry(`${token}.tag`, NOW, RECEIVED)).toBeUndefined()
  })
})

describe('a JWT beside an `expires_in`', () => {
  it.each<[string, { exp?: number; iat?: number }, number | undefined]>([
    ['handed out again ends when it says', { iat: -50 * MINUTE, exp: 10 * MINUTE }, 10],
    ['of 5 minutes ago is new: the clock may be fast', { iat: -5 * MINUTE, exp: HOUR }, undefined],
    ['with 5 minutes left is new', { iat: -50 * MINUTE, exp: 5 * MINUTE }, undefined],
    ['without `iat` is new', { exp: HOUR }, undefined],
    ['without `exp` is new', { iat: -HOUR }, undefined],
    ['issued just now is new', { iat: 0, exp: HOUR }, undefined],
  ])('%s', (_what, times, minutes) => {
    const expiresAt = minutes === undefined ? undefined : NOW + minutes * MINUTE
    expect(remainingOfOldJwt(jwt(times), NOW)).toBe(expiresAt)
  })
})
