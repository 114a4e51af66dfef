import { describe, expect, it, vi } from 'vitest'
import { RefreshUnavailableError } from '../../../src/errors.js'
import { AccessToken } from '../../../src/session/access-token.js'
import type { TokenOrigin } from '../../../src/session/held.js'
import { isOver, leftMs } from '../../../src/session/cool-down.js'
import { timingOf } from '../../../src/timing.js'
import { toTokenSet } from '../../../src/tokens/to-token-set.js'
import { fakeTime, jump, pass } from '../../support/session/time.js'

fakeTime()

const timing = timingOf({ refresh: () => Promise.reject(new Error('not called')) })
const tokens = (accessToken: string, fields: object = { expiresIn: 300 }) =>
  toTokenSet({ accessToken, ...fields })

function holding(accessToken: string, origin: TokenOrigin = 'refresh', fields?: object) {
  const access = new AccessToken(timing)
  access.hold(tokens(accessToken, fields), 'ann', origin)
  if (origin === 'refresh') access.confirm()
  return access
}

describe('an access token', () => {
  it('is none at first', () => {
    const access = new AccessToken(timing)
    expect(access).toMatchObject({
      token: undefined,
      isUsable: false,
      isDue: true,
      isExpired: true,
    })
    expect(access.meets({})).toBe(false)
  })

  it('gives one promise while it is the same, another for the next', async () => {
    const access = holding('at-1')
    const { promise } = access
    expect(access.promise).toBe(promise)
    access.hold(tokens('at-2'), 'ann')
    expect(access.promise).not.toBe(promise)
    await expect(access.promise).resolves.toBe('at-2')
  })

  it('is due, then expired, by its lifetime', async () => {
    const access = holding('at')
    expect([access.isDue, access.isExpired, access.isUsable]).toEqual([false, false, true])
    await pass(240_000)
    expect([access.isDue, access.isExpired, access.isUsable]).toEqual([true, false, true])
    await pass(50_000)
    expect([access.isDue, access.isExpired, access.isUsable]).toEqual([true, true, false])
  })

  it('is due and expires also where the wall clock was set back', async () => {
    const access = holding('at')
    jump(-3_600_000)
    await pass(240_000)
    expect(access.isDue).toBe(true)
    await pass(50_000)
    expect(access.isExpired).toBe(true)
  })

  it('... and where it is put in force once more after that, as beside a resource’s', async () => {
    const fields = { expiresAt: Date.now() + 300_000, issuedAt: Date.now() }
    const access = holding('at', 'refresh', fields)
    jump(-3_600_000)
    access.hold(tokens('at', fields), 'ann', 'refresh')
    await pass(290_000)
    expect(access.isExpired).toBe(true)
  })

  it('lives anew where the server gives it out once more', async () => {
    const access = holding('at')
    await pass(200_000)
    access.hold(tokens('at'), 'ann', 'refresh')
    await pass(200_000)
    expect(access.isExpired).toBe(false)
  })

  it('remembers the last token of the session before, and of no resource that had none', () => {
    const access = holding('at-1')
    access.hold(tokens('at-2'), 'ann')
    expect(access.former).toBeUndefined()
    access.hold(tokens('at-3'), 'bob')
    expect(access.former).toEqual({ token: 'at-2', sessionId: 'ann' })
    access.hold(undefined, undefined)
    access.hold(tokens('at-4'), 'cyd')
    expect(access.former).toEqual({ token: 'at-3', sessionId: 'bob' })
  })

  it('hands out nothing once it is taken away', () => {
    const access = holding('at')
    access.hold(undefined, undefined)
    expect(access).toMatchObject({ token: undefined, isUsable: false, isRejected: false })
  })
})

describe('what a caller requires', () => {
  it('is met by a login as long as it is valid that long', async () => {
    const access = holding('at', 'login')
    expect(access.meets({ minValidityMs: 300_000 })).toBe(true)
    expect(access.meets({ minValidityMs: 300_001 })).toBe(false)
    expect(access.meets({ rejected: 'at' })).toBe(false)
    expect(access.meets({ rejected: 'another' })).toBe(true)
    await pass(290_000)
    expect(access.meets({})).toBe(false)
  })

  it('is met by what the server has just given, whatever is asked: another gives no more', async () => {
    const access = holding('at')
    expect(access.meets({ minValidityMs: 1e12 })).toBe(true)
    await pass(100_000)
    expect(access.meets({ minValidityMs: 1e12 })).toBe(false)
    expect(access.meets({ minValidityMs: 200_000 })).toBe(true)
  })

  it('is met by a token of unknown expiry', () => {
    expect(holding('at', 'login', {}).meets({ minValidityMs: 1e12 })).toBe(true)
  })
})

describe('a token that an API rejected', () => {
  it('is withheld until the next, but not while none can be had', async () => {
    const access = holding('at')
    access.reject('another')
    expect(access.isWithheld).toBe(false)
    access.reject('at')
    expect([access.isWithheld, access.isUsable]).toEqual([true, false])
    access.failed(new RefreshUnavailableError(), true)
    expect(access.isWithheld).toBe(false)
    await pass(1_000)
    expect(access.isWithheld).toBe(true)
    access.hold(tokens('at-2'), 'ann')
    expect(access.isWithheld).toBe(false)
  })

  it('stays rejected where the store has the same one, and not where the server gave it again', () => {
    const access = holding('at')
    access.reject('at')
    access.hold(tokens('at'), 'ann', 'refresh-elsewhere')
    expect(access.isRejected).toBe(true)
    access.confirm()
    expect(access.isRejected).toBe(false)
  })
})

describe('a replay that was rejected too', () => {
  it('costs nothing for a while, with a token fresh from the server', async () => {
    const access = holding('at')
    access.rejectReplay('another')
    expect(access.areRejectionsIgnored).toBe(false)
    access.rejectReplay('at')
    expect([access.areRejectionsIgnored, access.isRejected]).toEqual([true, false])
    await pass(10_000)
    expect(access.areRejectionsIgnored).toBe(false)
  })

  it.each<[string, TokenOrigin]>([
    ['a login', 'login'],
    ['another process, who knows when', 'refresh-elsewhere'],
  ])('is a rejection of a token that came by %s', async (_what, origin) => {
    const access = new AccessToken(timing)
    const issued = tokens('at')
    await pass(60_000)
    access.hold(issued, 'ann', origin)
    access.rejectReplay('at')
    expect([access.areRejectionsIgnored, access.isRejected]).toEqual([false, true])
  })

  it('is a rejection once the token is no longer fresh', async () => {
    const access = holding('at')
    await pass(10_001)
    access.rejectReplay('at')
    expect([access.areRejectionsIgnored, access.isRejected]).toEqual([false, true])
  })
})

describe('a token that another process got a moment ago', () => {
  it('is stood by when it is rejected: asking again would help no more than it did there', () => {
    const access = holding('at', 'refresh-elsewhere')
    expect(access.reinstateIfJustIssued()).toBe(false)
    access.reject('at')
    expect(access.reinstateIfJustIssued()).toBe(true)
    expect([access.isRejected, access.areRejectionsIgnored]).toEqual([false, true])
  })

  it.each<[string, TokenOrigin, number]>([
    ['it is no longer fresh', 'refresh-elsewhere', 10_001],
    ['the other clock is far ahead', 'refresh-elsewhere', -10_001],
    ['somebody logged in with it', 'login', 0],
    ['this process got it itself', 'refresh', 0],
  ])('is not stood by where %s', (_why, origin, ageMs) => {
    const access = new AccessToken(timing)
    const issued = tokens('at')
    jump(ageMs)
    access.hold(issued, 'ann', origin)
    access.reject('at')
    expect(access.reinstateIfJustIssued()).toBe(false)
    expect(access.isRejected).toBe(true)
  })
})

describe('the cool-down of an access token', () => {
  it('outlasts another token of the session, and ends with the session', () => {
    const access = holding('at-1')
    access.failed(new RefreshUnavailableError(), true)
    access.hold(tokens('at-2'), 'ann')
    expect(leftMs(access.coolDown)).toBe(1_000)
    access.hold(tokens('at-3'), 'bob')
    expect(isOver(access.coolDown)).toBe(true)
  })

  it('ends when the server gives out tokens', () => {
    const access = holding('at')
    access.failed(new RefreshUnavailableError(), true)
    access.confirm()
    expect(isOver(access.coolDown)).toBe(true)
  })

  it('costs no look at the clock to begin with', () => {
    const clock = vi.spyOn(performance, 'now')
    new AccessToken(timing)
    expect(clock).not.toHaveBeenCalled()
  })
})
