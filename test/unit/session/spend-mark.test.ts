import { RefreshUnavailableError, type SpendMark, type StoredSession } from 'tokenward'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { AccessToken } from '../../../src/session/access-token.js'
import { isOver, refusalIn } from '../../../src/session/cool-down.js'
import { isUnknown } from '../../../src/session/retry-policy.js'
import { assertMaySpend } from '../../../src/session/spend-mark.js'
import { timingOf } from '../../../src/timing.js'
import { record } from '../../support/session/records.js'

const NOW = Date.UTC(2026, 2, 1, 12)

beforeEach(() => void vi.useFakeTimers({ now: NOW }))
afterEach(() => void vi.useRealTimers())

const access = () => new AccessToken(timingOf({ refresh: () => Promise.reject(new Error()) }))
const marked = (mark: Partial<SpendMark> = {}) =>
  record(6, [5], { spending: { since: NOW, by: '7@web-1', attempts: 1, ...mark } })

/** How long a process that finds this has to wait; 0: it may send the refresh token. */
function waitFor(
  stored: StoredSession | undefined,
  open = stored?.spending?.attempts ?? 0,
  endedAt?: number,
): number {
  const base = { record: stored, unsaved: undefined, stored }
  try {
    assertMaySpend(access(), base, { unresolved: open, endedAt }, undefined)
    return 0
  } catch (error) {
    expect(error).toMatchObject({ code: 'ERR_REFRESH_UNAVAILABLE', outcome: 'not-sent' })
    return (error as RefreshUnavailableError).retryAfterMs!
  }
}

describe('a refresh token may be sent', () => {
  it('where nobody has sent it', () => {
    expect(waitFor(undefined)).toBe(0)
    expect(waitFor(record(6))).toBe(0)
  })

  it('once more at once, where one request has an unknown outcome', () => {
    expect(waitFor(marked())).toBe(0)
  })

  it.each([
    [2, 1_000],
    [3, 2_000],
    [4, 4_000],
    [8, 60_000],
    [50, 60_000],
  ])('after %i such requests, only after %i ms', (attempts, pauseMs) => {
    expect(waitFor(marked({ attempts }))).toBe(pauseMs)
    vi.advanceTimersByTime(pauseMs - 1)
    expect(waitFor(marked({ attempts }))).toBe(1)
    vi.advanceTimersByTime(1)
    expect(waitFor(marked({ attempts }))).toBe(0)
  })

  it('at once, where this process knows that its own requests came to nothing', () => {
    expect(waitFor(marked({ attempts: 5 }), 0)).toBe(0)
  })

  it('after the whole pause and no more, where the clock of who sent it is ahead', () => {
    const mark = { attempts: 4, since: NOW + 3_600_000 }
    expect(waitFor(marked(mark))).toBe(4_000)
  })

  it('after a pause from when this process sent it itself, whatever the mark says', () => {
    const old = marked({ attempts: 4, since: NOW - 3_600_000 })
    expect(waitFor(old, 4, NOW - 1_000)).toBe(3_000)
    expect(waitFor(marked({ attempts: 4 }), 4, NOW - 3_600_000)).toBe(4_000)
  })

  it('at once, where the clock of who sent it is behind', () => {
    expect(waitFor(marked({ attempts: 4, since: NOW - 3_600_000 }))).toBe(0)
  })
})

describe('what the server asked all to wait for', () => {
  const asked = (durationMs: number, since = NOW) =>
    record(6, [5], { coolDown: { since, durationMs, failures: 3 } })

  it('is waited for, also by who never asked it', () => {
    expect(waitFor(asked(30_000))).toBe(30_000)
    vi.advanceTimersByTime(30_000)
    expect(waitFor(asked(30_000))).toBe(0)
  })

  it('is no more than an hour, whatever is stored', () => {
    expect(waitFor(asked(1e12))).toBe(3_600_000)
    expect(waitFor(asked(1e12, NOW + 1e12))).toBe(3_600_000)
  })

  it('is kept by this process too, so that the next caller need not read the store', () => {
    const token = access()
    const stored = asked(30_000)
    const spend = () => assertMaySpend(token, { record: stored, unsaved: undefined, stored }, { unresolved: 0, endedAt: undefined }, undefined) // prettier-ignore
    expect(spend).toThrow()
    expect(refusalIn(token.coolDown)).toMatchObject({ retryAfterMs: 30_000 })
  })

  it('is told as the failure of this refresh, where that is what began it', () => {
    const failure = new RefreshUnavailableError('busy', { status: 429, outcome: 'failed' })
    const token = access()
    const stored = asked(30_000)
    const base = { record: stored, unsaved: undefined, stored }
    expect(() =>
      assertMaySpend(token, base, { unresolved: 0, endedAt: undefined }, failure),
    ).toThrow(failure)
    expect(isOver(token.coolDown)).toBe(true)
  })
})

it('only an unknown outcome leaves the refresh token in doubt', () => {
  const of = (outcome: RefreshUnavailableError['outcome']) => new RefreshUnavailableError('', { outcome }) // prettier-ignore
  expect(['not-sent', 'failed', 'unknown'].map((outcome) => isUnknown(of(outcome as never)))).toEqual([false, false, true]) // prettier-ignore
})
