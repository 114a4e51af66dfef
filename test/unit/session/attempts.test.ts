import { describe, expect, it, vi } from 'vitest'
import { LoginRequiredError, RefreshUnavailableError } from '../../../src/errors.js'
import { Attempts, coolDownAfter } from '../../../src/session/attempts.js'
import { Refresh, type RefreshWork } from '../../../src/session/refresh.js'
import { coreOn } from '../../support/session/core.js'
import { watch } from '../../support/session/promises.js'
import { record } from '../../support/session/records.js'
import { ScriptedStore } from '../../support/session/scripted-store.js'
import { fakeTime, pass } from '../../support/session/time.js'

fakeTime()

const answered = (status: number, retryAfterMs?: number) =>
  new RefreshUnavailableError('', { outcome: 'failed', status, retryAfterMs })

/** One refresh, with 10 s for each attempt and 25 s for all. */
function refreshWork(mustRenew = true) {
  const { core } = coreOn(new ScriptedStore())
  const access = core.own
  const refresh = new Refresh('expired', access, mustRenew)
  return { core, access, refresh } as unknown as RefreshWork
}

/** Not begun: no lease was held yet. */
const attempts = () => new Attempts(refreshWork())

function begun(): Attempts {
  const these = attempts()
  these.begin()
  return these
}

const base = { record: record(6), unsaved: undefined, stored: record(6) }

/** What becomes of one failed request. */
function failing(these: Attempts, error: RefreshUnavailableError | LoginRequiredError) {
  these.ended(base, 0, error)
  return watch(these.backOff(base, 0, error))
}

describe('the time of the attempts', () => {
  it('is whole until the first lease, and no more with the next', async () => {
    const these = attempts()
    await pass(60_000)
    expect(these.timeoutMs).toBe(10_000)
    these.begin()
    await pass(20_000)
    these.begin()
    expect(these.timeoutMs).toBe(5_000)
    await pass(20_000)
    expect(these.timeoutMs).toBe(0)
  })

  it('is too short with less than a tenth of an attempt left: not sent, and why', async () => {
    const these = begun()
    await pass(24_000)
    expect([these.tooLate, these.timeoutMs]).toEqual([undefined, 1_000])
    await pass(1)
    expect(these.tooLate).toMatchObject({
      code: 'ERR_REFRESH_UNAVAILABLE',
      outcome: 'not-sent',
      message: expect.stringContaining('The store was too slow') as string,
    })
  })

  it('... with the reason of the last failure, if there was one', async () => {
    const these = begun()
    const failure = answered(503)
    failing(these, failure)
    await pass(24_001)
    expect(these.tooLate).toBe(failure)
  })

  it('... and an end that is doubted is no such reason', async () => {
    const these = begun()
    these.ended(base, 0, new LoginRequiredError())
    await pass(24_001)
    expect(these.tooLate).toMatchObject({ outcome: 'not-sent' })
  })

  it('lets a save be tried again as long as its pause ends within it', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0)
    const these = begun()
    await pass(24_949)
    expect(these.savePauseMs(0)).toBe(50)
    await pass(1)
    expect(these.savePauseMs(0)).toBeUndefined()
  })
})

describe('the next attempt', () => {
  it('comes after its pause', async () => {
    const these = begun()
    const pause = failing(these, answered(503, 5_000))
    await pass(4_999)
    expect(pause.status).toBe('pending')
    await pass(1)
    expect(pause.status).toBe('resolved')
  })

  it('is none where the pause would end beyond the time of all', async () => {
    const these = begun()
    const failure = answered(503, 25_000)
    const pause = failing(these, failure)
    await pass(0)
    expect(pause.error).toBe(failure)
  })

  it('is none after an end, whatever failed before', async () => {
    const these = begun()
    failing(these, answered(503))
    await pass(1_000)
    const end = new LoginRequiredError()
    const pause = failing(these, end)
    await pass(0)
    expect(pause.error).toBe(end)
  })

  it('... and an end that was doubted is not counted among the three', async () => {
    const these = begun()
    these.ended(base, 0, new LoginRequiredError())
    const pauses = [answered(503), answered(503)].map((error) => failing(these, error))
    await pass(2_000)
    expect(pauses.map(({ status }) => status)).toEqual(['resolved', 'resolved'])
  })
})

describe('where others change the session', () => {
  it('it is looked at again five times, and no more', () => {
    const these = attempts()
    const error = answered(503)
    for (let look = 0; look < 5; look++) these.restart(error)
    expect(() => these.restart(error)).toThrow(error)
  })
})

describe('how many requests with a refresh token have an unknown outcome', () => {
  const marked = (version: number, count: number) => {
    const spending = { since: 1, by: '7@web-1', attempts: count }
    return { ...base, stored: record(version, [5], { spending }) }
  }

  it('is what the mark in the store counts', () => {
    expect(attempts().unresolved(marked(6, 3), false)).toBe(3)
    expect(attempts().unresolved(base, false)).toBe(0)
  })

  it('is one less while one of them is running still', () => {
    expect(attempts().unresolved(marked(6, 3), true)).toBe(2)
    expect(attempts().unresolved(base, true)).toBe(0)
  })

  it('is what was counted before one’s own last request, whose outcome is known', () => {
    const these = attempts()
    these.ended(base, 1, answered(503))
    expect(these.unresolved(marked(6, 3), false)).toBe(1)
  })

  it.each([
    ['another has marked it since', marked(9, 3), answered(503)],
    ['its outcome is unknown too', marked(6, 3), new RefreshUnavailableError('', { outcome: 'unknown' })],
  ])('... but not where %s', (_what, found, error) => {
    const these = attempts()
    these.ended(base, 1, error)
    expect(these.unresolved(found, false)).toBe(3)
  }) // prettier-ignore

  it('... nor where the store has lost it', () => {
    const these = attempts()
    these.ended(base, 1, answered(503))
    expect(these.unresolved({ ...base, stored: undefined }, false)).toBe(0)
  })
})

describe('just before a refresh token is marked', () => {
  it('nothing was waited for where no turn is shared', async () => {
    await expect(attempts().isReadyLate(base, 0)).resolves.toBe(false)
  })

  it('it is told whether time has passed at the endpoint that others share', async () => {
    const these = attempts()
    const ready = vi.fn(() => Promise.resolve(true))
    these.turn = { ready, ended: () => undefined, leave: () => undefined }
    await expect(these.isReadyLate(base, 0)).resolves.toBe(true)
    expect(ready).toHaveBeenCalledWith(10_000)
  })

  it('too little time may be left: then it is not marked', async () => {
    const these = begun()
    await pass(24_001)
    await expect(these.isReadyLate(base, 0)).rejects.toMatchObject({ outcome: 'not-sent' })
  })

  it('the pause after unknown outcomes counts from the end of the last request of its own', async () => {
    const these = attempts()
    const spending = { since: Date.now() - 60_000, by: '7@web-1', attempts: 2 }
    const found = { ...base, stored: record(6, [5], { spending }) }
    await expect(these.isReadyLate(found, 2)).resolves.toBe(false)
    for (const unresolved of [0, 1, 2]) {
      await pass(5_000)
      these.ended(base, unresolved, undefined)
    }
    await expect(these.isReadyLate(found, 2)).rejects.toMatchObject({ retryAfterMs: 1_000 })
  })
})

describe('a failed refresh begins no cool-down', () => {
  const failure = answered(503)

  it.each<[string, (work: RefreshWork) => void, boolean]>([
    ['that a login or logout has superseded', ({ refresh }) => refresh.supersede(), true],
    ['that was only to save', () => undefined, false],
    ['of a session that has ended', ({ core }) => core.apply({ type: 'ended', error: new LoginRequiredError() }), true],
  ])('%s', (_what, happens, mustRenew) => {
    const work = refreshWork(mustRenew)
    work.refresh.wasSent = true
    happens(work)
    expect(coolDownAfter(work, failure)).toBeUndefined()
    expect(work.access.coolDown.failures).toBe(0)
  }) // prettier-ignore

  it('that was not sent because of one', () => {
    const work = refreshWork()
    work.access.failed(failure, true)
    expect(coolDownAfter(work, answered(503))).toBeUndefined()
    expect(work.access.coolDown.failures).toBe(1)
  })

  it('... and begins one otherwise, for all who share the store', () => {
    const work = refreshWork()
    work.refresh.wasSent = true
    expect(coolDownAfter(work, failure)).toMatchObject({ durationMs: 1_000, failures: 1 })
  })
})
