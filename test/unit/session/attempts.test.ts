import { describe, expect, it, vi } from 'vitest'
import { LoginRequiredError, RefreshUnavailableError } from '../../../src/errors.js'
import { Attempts } from '../../../src/session/attempts.js'
import { Refresh, type RefreshWork } from '../../../src/session/refresh.js'
import { coreOn } from '../../support/session/core.js'
import { watch } from '../../support/session/promises.js'
import { record } from '../../support/session/records.js'
import { ScriptedStore } from '../../support/session/scripted-store.js'
import { fakeTime, pass } from '../../support/session/time.js'

fakeTime()

const answered = (status: number, retryAfterMs?: number) =>
  new RefreshUnavailableError('', { outcome: 'failed', status, retryAfterMs })

/** The attempts of one refresh, with 10 s for each and 25 s for all. */
function attempts() {
  const { core } = coreOn(new ScriptedStore())
  const access = core.own
  const refresh = new Refresh('expired', access, true)
  const work = { core, access, refresh } as unknown as RefreshWork
  return new Attempts(work)
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
    const these = attempts()
    these.begin()
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
    const these = attempts()
    these.begin()
    const failure = answered(503)
    failing(these, failure)
    await pass(24_001)
    expect(these.tooLate).toBe(failure)
  })

  it('... and an end that is doubted is no such reason', async () => {
    const these = attempts()
    these.begin()
    these.ended(base, 0, new LoginRequiredError())
    await pass(24_001)
    expect(these.tooLate).toMatchObject({ outcome: 'not-sent' })
  })

  it('lets a save be tried again as long as its pause ends within it', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0)
    const these = attempts()
    these.begin()
    await pass(24_949)
    expect(these.savePauseMs(0)).toBe(50)
    await pass(1)
    expect(these.savePauseMs(0)).toBeUndefined()
  })
})

describe('the next attempt', () => {
  it('comes after its pause', async () => {
    const these = attempts()
    these.begin()
    const pause = failing(these, answered(503, 5_000))
    await pass(4_999)
    expect(pause.status).toBe('pending')
    await pass(1)
    expect(pause.status).toBe('resolved')
  })

  it('is none where the pause would end beyond the time of all', async () => {
    const these = attempts()
    these.begin()
    const failure = answered(503, 25_000)
    const pause = failing(these, failure)
    await pass(0)
    expect(pause.error).toBe(failure)
  })

  it('is none after an end, whatever failed before', async () => {
    const these = attempts()
    these.begin()
    failing(these, answered(503))
    await pass(1_000)
    const end = new LoginRequiredError()
    const pause = failing(these, end)
    await pass(0)
    expect(pause.error).toBe(end)
  })

  it('... and an end that was doubted is not counted among the three', async () => {
    const these = attempts()
    these.begin()
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
