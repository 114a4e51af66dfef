import {
  RefreshRejectedError,
  RefreshUnavailableError,
  TokenStoreError,
  type JournalEntry,
  type StoredSession,
  type TokenManagerOptions,
} from 'tokenward'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { AccessToken } from '../../../src/session/access-token.js'
import { assertMaySpend, markSpending, noteFailure } from '../../../src/session/spend-mark.js'
import { timingOf } from '../../../src/timing.js'
import { coreOn } from '../../support/session/core.js'
import { entry, record } from '../../support/session/records.js'
import { fails, ScriptedStore, type Behaviour } from '../../support/session/scripted-store.js'

/** A session in force at version 6, as the store has it. */
function scene(stored: StoredSession = record(6, [5]), options?: Partial<TokenManagerOptions>) {
  const store = new ScriptedStore(stored)
  const made = coreOn(store, options)
  made.core.apply({ type: 'read', comparison: 'theirs', stored })
  const { record: held } = made.core.state
  return { ...made, store, base: { record: held, unsaved: undefined, stored: held } }
}

describe('the mark that a refresh token is being spent', () => {
  it('is in the store, and in force, before anything is sent', async () => {
    const { core, store, base } = scene()
    const marked = await markSpending(core, base, 0)
    expect(store.record).toMatchObject({
      tokens: { refreshToken: 'refresh-6' },
      refreshTokenVersion: 6,
      ancestors: [6, 5],
      spending: { attempts: 1 },
      journal: [{ what: 'spent', refreshTokenVersion: 6 }],
    })
    expect(marked).toEqual({ record: core.state.record, stored: core.state.record, unsaved: undefined }) // prettier-ignore
  })

  describe('in a slow store', () => {
    const slowly: Behaviour = (perform) => {
      vi.advanceTimersByTime(3_500)
      return perform()
    }
    beforeEach(() => void vi.useFakeTimers())
    afterEach(() => void vi.useRealTimers())

    it('is written once more, since it is too old to say when the token is sent', async () => {
      const { core, store, base } = scene()
      store.next('note', slowly)
      const marked = await markSpending(core, base, 0)
      expect(store.count('note')).toBe(2)
      expect(store.record?.spending).toMatchObject({ since: Date.now(), attempts: 1 })
      expect(store.record?.journal).toHaveLength(1) // it is sent once
      expect(marked?.record).toBe(core.state.record)
      expect(core.state.record?.version).toBe(store.record?.version)
    })

    it('... and no more than that', async () => {
      const { core, store, base } = scene()
      store.always('note', slowly)
      await expect(markSpending(core, base, 0)).resolves.toBeDefined()
      expect(store.count('note')).toBe(2)
    })
  })

  it('counts those before it, and takes the cool-down away that is over', async () => {
    const coolDown = { since: 1, durationMs: 1, failures: 1 }
    const { core, store, base } = scene(record(6, [5], { coolDown }))
    await markSpending(core, base, 2)
    expect(store.record).toMatchObject({ spending: { attempts: 3 } })
    expect(store.record?.coolDown).toBeUndefined()
  })

  it('is none where nothing is spent', async () => {
    const acquire = () => Promise.reject(new Error('not called'))
    const { core, store, base } = scene(record(6), { refresh: undefined, acquire })
    await expect(markSpending(core, base, 0)).resolves.toBe(base)
    expect(store.calls).toEqual([])
  })

  it.each([
    ['what is in force is not saved', { unsaved: {} }],
    ['nothing is stored', { stored: undefined }],
    ['something else is stored', { stored: record(7, [6]) }],
  ])('is not set where %s: begin again', async (_what, other) => {
    const { core, store, base } = scene()
    await expect(markSpending(core, { ...base, ...other }, 0)).resolves.toBeUndefined()
    expect(store.calls).toEqual([])
  })

  it('is not set where what is in force could not be saved first: that is why', async () => {
    const { core, base } = scene()
    const saveError = new TokenStoreError('disk full', { operation: 'save' })
    await expect(markSpending(core, { ...base, saveError }, 0)).rejects.toBe(saveError)
  })

  it('is not set where the store cannot be written', async () => {
    const { core, store, base } = scene()
    store.always('note', fails)
    await expect(markSpending(core, base, 0)).rejects.toBeInstanceOf(TokenStoreError)
    expect(core.state.record?.spending).toBeUndefined()
  })

  it('is not set where another process has written: begin again', async () => {
    const { core, store, base } = scene()
    store.put(record(9, [6]))
    await expect(markSpending(core, base, 0)).resolves.toBeUndefined()
    expect(store.record?.version).toBe(9)
  })

  it('is for nothing where a login comes while it is written: begin again', async () => {
    const { core, store, base } = scene()
    const login = record(20, [6], { sessionId: 'second' })
    store.next('note', (perform) => {
      core.apply({ type: 'logged-in', record: login })
      return perform()
    })
    await expect(markSpending(core, base, 0)).resolves.toBeUndefined()
    expect(core.state.record?.version).toBe(20)
  })
})

describe('how a refresh failed', () => {
  const spending = { since: 1, by: '7@web-1', attempts: 3 }
  const failed = new RefreshUnavailableError('busy', { outcome: 'failed', status: 429 })
  const coolDown = { since: 1, durationMs: 30_000, failures: 1 }
  const marked = () => scene(record(6, [5], { refreshTokenVersion: 5, spending }))

  it('is noted: the refresh token was not spent, and all wait', async () => {
    const { core, store, base } = marked()
    await noteFailure(core, base, failed, 0, coolDown)
    expect(store.record).toMatchObject({
      coolDown,
      refreshTokenVersion: 5,
      ancestors: [6, 5],
      journal: [{ what: 'failed', status: 429 }],
    })
    expect(store.record?.spending).toBeUndefined()
    expect(core.state.record?.version).toBe(store.record?.version)
  })

  it('leaves those in doubt that were sent before it', async () => {
    const { core, store, base } = marked()
    await noteFailure(core, base, failed, 2, undefined)
    expect(store.record?.spending).toEqual({ ...spending, attempts: 2 })
  })

  it('is not noted where it is unknown', async () => {
    const { core, store, base } = marked()
    const unknown = new RefreshUnavailableError('reset', { outcome: 'unknown' })
    await noteFailure(core, base, unknown, 0, undefined)
    expect(store.calls).toEqual([])
  })

  it('keeps the pause that another process was told', async () => {
    const { core, store, base } = scene(record(6, [5], { spending, coolDown }))
    await noteFailure(core, base, failed, 2, undefined)
    expect(store.record?.coolDown).toEqual(coolDown)
  })

  it.each([
    ['that is not stored', { stored: undefined }],
    ['without tokens', { record: undefined }],
  ])('is not noted of a record %s', async (_what, other) => {
    const { core, store, base } = marked()
    await noteFailure(core, { ...base, ...other }, failed, 0, undefined)
    expect(store.calls).toEqual([])
  })

  it('is not noted where no refresh token was marked', async () => {
    const { core, store, base } = scene()
    await noteFailure(core, base, failed, 0, undefined)
    expect(store.calls).toEqual([])
  })

  it('is not noted where something else is in force by now', async () => {
    const { core, store, base } = marked()
    core.apply({ type: 'logged-in', record: record(20, [6], { sessionId: 'second' }) })
    await noteFailure(core, base, failed, 0, undefined)
    expect(store.calls).toEqual([])
  })

  it.each([
    ['cannot be written', fails],
    ['holds something else', () => Promise.resolve(false)],
  ])('is not in force where the store %s', async (_what, behaviour) => {
    const { core, store, base } = marked()
    store.always('note', behaviour)
    await noteFailure(core, base, failed, 0, coolDown)
    expect(core.state.record).toBe(base.record)
  })

  it('undoes no login that comes while it is noted', async () => {
    const { core, store, base } = marked()
    const login = record(20, [6], { sessionId: 'second' })
    store.next('note', (perform) => {
      core.apply({ type: 'logged-in', record: login })
      return perform()
    })
    await noteFailure(core, base, failed, 0, coolDown)
    expect(core.state.record?.version).toBe(20)
  })
})

describe('a refusal that another process was told', () => {
  const coolDown = { since: Date.now(), durationMs: 30_000, failures: 1, isRefusal: true as const }
  const refusalOf = (...journal: JournalEntry[]): unknown => {
    const refresh = () => Promise.reject(new Error())
    const access = new AccessToken(timingOf({ refresh }))
    const stored = record(6, [5], { coolDown: { ...coolDown, since: Date.now() }, journal })
    const base = { record: stored, unsaved: undefined, stored }
    try {
      assertMaySpend(access, base, { unresolved: 0, endedAt: undefined }, undefined)
    } catch (error) {
      return error
    }
    return undefined
  }

  it('is told with its words', () => {
    const last = { status: 400, error: 'unauthorized_client', errorDescription: 'no such client' }
    const refusal = refusalOf(entry('spent'), entry('failed', last))
    expect(refusal).toBeInstanceOf(RefreshRejectedError)
    expect(refusal).toMatchObject({
      ...last,
      message: 'The token request was rejected (unauthorized_client) in another process',
    })
  })

  it('is told with the status, where the server gave no words', () => {
    const refusal = refusalOf(entry('failed', { status: 403, error: 'ERR_REFRESH_REJECTED' }))
    expect(refusal).toMatchObject({ status: 403, error: undefined })
    expect(refusal).toHaveProperty('message', expect.stringContaining('(HTTP 403)'))
  })

  it.each([
    ['nothing', []],
    ['something else, later', [entry('failed', { status: 403 }), entry('adopted')]],
  ])('is told as a wait, where the journal says %s', (_what, journal) => {
    expect(refusalOf(...journal)).toBeInstanceOf(RefreshUnavailableError)
  })
})
