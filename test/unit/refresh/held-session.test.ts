import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { LoginRequiredError, RefreshUnavailableError } from '../../../src/errors.js'
import { timingOf } from '../../../src/timing.js'
import { HeldSession } from '../../../src/refresh/held-session.js'
import { storedSession } from '../../../src/stores/stored-session.js'
import { toTokenSet } from '../../../src/tokens/to-token-set.js'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

const refresh = () => Promise.resolve({ accessToken: 'at' })
const record = (accessToken: string, sessionId = 's', version = 1) =>
  storedSession({ sessionId, version, tokens: toTokenSet({ accessToken, expiresIn: 300 }) })

function holding(accessToken: string, options: object = {}): HeldSession {
  const held = new HeldSession(timingOf({ refresh, ...options }))
  held.hold(record(accessToken), 'server')
  return held
}

describe('a held session', () => {
  it('knows nothing and gives nothing at first', () => {
    const held = new HeldSession(timingOf({ refresh }))
    expect(held.isKnown).toBe(false)
    expect(held.meets({})).toBe(false)
    expect(Date.now() < held.attentionAt).toBe(false)
  })

  it('gives one promise for a token, another for the next', async () => {
    const held = holding('at-1')
    expect(held.answer).toBe(held.answer)
    const before = held.answer
    held.hold(record('at-2'), 'server')
    expect(held.answer).not.toBe(before)
    await expect(held.answer).resolves.toBe('at-2')
  })

  it('asks for attention when due, rejected, closed, unsaved for a while, or to look again', () => {
    const needsAttention = (held: HeldSession) => Date.now() >= held.attentionAt
    expect(needsAttention(holding('at'))).toBe(false)
    const rejected = holding('at')
    rejected.reject('at')
    expect(needsAttention(rejected)).toBe(true)
    const closed = holding('at')
    closed.close()
    expect(needsAttention(closed)).toBe(true)
    const looking = holding('at', { recheckMs: 1_000 })
    const unsaved = holding('at')
    unsaved.hold(record('at-2'), 'server', { ancestors: [] })
    vi.advanceTimersByTime(1_000)
    expect(needsAttention(looking)).toBe(true)
    expect(needsAttention(unsaved)).toBe(false)
    vi.advanceTimersByTime(4_000)
    expect(needsAttention(unsaved)).toBe(true)
  })

  it('remembers the last token of the session before', () => {
    const held = holding('at-1')
    held.hold(record('at-2', 's', 2), 'server')
    expect(held.former).toBeUndefined()
    held.hold(record('login', 'other'), 'server')
    expect(held.former).toEqual({ token: 'at-2', sessionId: 's' })
  })

  it('forgets a rejection with the next token from the server, keeps it for the same from a store', () => {
    const held = holding('at-1')
    held.reject('at-1')
    held.hold(record('at-1', 's', 2), 'store')
    expect(held.isRejected).toBe(true)
    held.hold(record('at-1', 's', 3), 'server')
    expect(held.isRejected).toBe(false)
    held.reject('something else')
    expect(held.isRejected).toBe(false)
  })

  it('is quiet after a rejected replay only with a token fresh from the server', () => {
    const fresh = holding('at')
    fresh.rejectReplay('at')
    expect(fresh.quietMs).toBe(10_000)
    expect(fresh.isRejected).toBe(false)
    const adopted = new HeldSession(timingOf({ refresh }))
    adopted.hold(record('at'), 'store')
    adopted.rejectReplay('at')
    expect(adopted.quietMs).toBe(0)
    expect(adopted.isRejected).toBe(true)
    fresh.rejectReplay('another')
    vi.advanceTimersByTime(10_000)
    expect(fresh.quietMs).toBe(0)
  })

  it('gives nothing after its end, and one error', () => {
    const held = holding('at')
    const error = new LoginRequiredError()
    const { epoch } = held
    held.end(error)
    expect(held.ended).toBe(error)
    expect([held.token, held.sessionId]).toEqual([undefined, undefined])
    expect(held.meets({})).toBe(false)
    expect(held.epoch).toBeGreaterThan(epoch)
    held.hold(record('login', 'other'), 'server')
    expect(held.ended).toBeUndefined()
  })

  it('meets a wish as long as it can', () => {
    const held = holding('at')
    expect(held.meets({ minValidityMs: 234_000 })).toBe(true)
    expect(held.meets({ minValidityMs: 1e12 })).toBe(true)
    expect(held.meets({ rejected: 'at' })).toBe(false)
    vi.advanceTimersByTime(200_000)
    expect(held.meets({ minValidityMs: 100_000 })).toBe(true)
    expect(held.meets({ minValidityMs: 100_001 })).toBe(false)
    vi.advanceTimersByTime(90_000)
    expect(held.meets({})).toBe(false)
  })

  it('meets every wish with a token of unknown expiry', () => {
    const held = new HeldSession(timingOf({ refresh }))
    const tokens = toTokenSet({ accessToken: 'opaque' })
    held.hold(storedSession({ sessionId: 's', version: 1, tokens }), 'store')
    expect(held.meets({ minValidityMs: 1e12 })).toBe(true)
  })

  it('hands out nothing of a sign-out that was found', () => {
    const held = holding('at')
    held.hold(storedSession({ sessionId: 's', version: 2, tokens: null }), 'store')
    expect([held.token, held.sessionId]).toEqual([undefined, undefined])
    expect([held.isExpired, held.isDue, held.meets({})]).toEqual([true, true, false])
  })

  it('withholds a rejected token until the next, but not while none can be had', () => {
    const held = holding('at')
    expect(held.isWithheld).toBe(false)
    held.reject('at')
    expect(held.isWithheld).toBe(true)
    held.coolDown.fail(new RefreshUnavailableError(), true)
    expect(held.isWithheld).toBe(false)
    vi.advanceTimersByTime(1_000)
    expect(held.isWithheld).toBe(true)
    held.hold(record('at-2', 's', 2), 'store')
    expect(held.isWithheld).toBe(false)
  })

  it('has a cool-down that another refresh of the session leaves, and another session clears', () => {
    const held = holding('at')
    held.coolDown.fail(new RefreshUnavailableError(), true)
    held.hold(record('at-2', 's', 2), 'store')
    expect(held.coolDown.remainingMs).toBe(1_000)
    held.hold(record('login', 'other'), 'store')
    expect(held.coolDown.isOver).toBe(true)
  })

  it('is known and unsaved no more once it is saved, or once somebody looked', () => {
    const held = holding('at')
    held.hold(record('at-2', 's', 2), 'server', { ancestors: [record('at')] })
    held.saved(record('at-2', 's', 3))
    expect(held.unsaved).toBeUndefined()
    expect(held.record?.version).toBe(3)
    const looked = new HeldSession(timingOf({ refresh, recheckMs: 1_000 }))
    expect(looked.isLookDue).toBe(true)
    looked.looked()
    expect([looked.isKnown, looked.isLookDue]).toEqual([true, false])
  })
})
