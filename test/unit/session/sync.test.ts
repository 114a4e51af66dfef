import { TokenStoreError, type StoredSession } from 'tokenward'
import { describe, expect, it } from 'vitest'
import { readStore, rebased, syncWithStore } from '../../../src/session/sync.js'
import { toTokenSet } from '../../../src/tokens/to-token-set.js'
import { coreOn } from '../../support/session/core.js'
import { record, signedOut } from '../../support/session/records.js'
import { fails, gate, ScriptedStore } from '../../support/session/scripted-store.js'

const never = () => false
const seed = toTokenSet({ accessToken: 'seed', refreshToken: 'refresh-seed' })

/** A session in force at version 6; with `unsaved`, made here from what the store holds. */
function scene({ isUnsaved = false, stored = record(6, [5]) } = {}) {
  const held = stored.version === 6 ? stored : record(6, [5])
  const store = new ScriptedStore(stored)
  const made = coreOn(store)
  made.core.apply({ type: 'read', comparison: 'theirs', stored: held })
  if (isUnsaved) {
    const error = new TokenStoreError('disk full', { operation: 'save' })
    made.core.apply({ type: 'not-saved', unsaved: {}, error })
  }
  return { ...made, store }
}

describe('what the next request is made from', () => {
  it('is the record in force, where the store says the same', async () => {
    const { core, store } = scene()
    const base = await syncWithStore(core, never)
    expect(base.record).toBe(base.stored)
    expect(base).toMatchObject({ record: { version: 6 }, unsaved: undefined })
    expect(store.calls).toEqual(['load'])
  })

  it('is what another process wrote', async () => {
    const { core, told, store } = scene()
    store.put(record(9, [6]))
    const base = await syncWithStore(core, never)
    expect(base.record).toBe(base.stored)
    expect(base.record?.version).toBe(9)
    await Promise.resolve()
    expect(told).toEqual(['adopted'])
  })

  it('is nothing where the session has ended', async () => {
    const { core, store } = scene()
    store.put(signedOut(9, [6]))
    await expect(syncWithStore(core, never)).rejects.toMatchObject({ reason: 'signed-out' })
  })

  it('is ours where it is newer, saved first', async () => {
    const { core, store } = scene({ stored: record(5), isUnsaved: true })
    const base = await syncWithStore(core, never)
    expect(base.record).toBe(base.stored)
    expect(base.unsaved).toBeUndefined()
    expect(store.storedToken).toBe('access-6')
    expect(core.state.unsaved).toBeUndefined()
  })

  it('is ours, unsaved, with the reason, where it cannot be saved', async () => {
    const { core, store, told } = scene({ stored: record(5), isUnsaved: true })
    store.always('save', fails)
    const base = await syncWithStore(core, never)
    expect(base.saveError).toBeInstanceOf(TokenStoreError)
    expect(base.unsaved).toBeDefined()
    expect(base.stored?.version).toBe(5)
    await Promise.resolve()
    expect(told).toContain('saveFailed')
  })

  it('is read again where somebody else writes while ours is saved', async () => {
    const { core, store } = scene({ stored: record(5), isUnsaved: true })
    store.next('save', async () => {
      store.put(record(9, [6, 5]))
      return Promise.resolve(false)
    })
    const base = await syncWithStore(core, never)
    expect(base.record?.version).toBe(9)
  })

  it('is ours, unsaved, where the store refuses without end', async () => {
    const { core, store } = scene({ stored: record(5), isUnsaved: true })
    store.always('save', () => Promise.resolve(false))
    const base = await syncWithStore(core, never)
    expect(base.unsaved).toBeDefined()
    expect(store.count('save')).toBe(4)
  })

  it('is not read for a refresh that nobody wants any more', async () => {
    const { core, store } = scene()
    await syncWithStore(core, () => true)
    expect(store.calls).toEqual([])
  })

  it('... nor adopted, where nobody wants it by the time that it is read', async () => {
    const { core, store } = scene()
    store.put(record(9, [6]))
    let isSuperseded = false
    store.next('load', (perform) => {
      isSuperseded = true
      return perform()
    })
    await syncWithStore(core, () => isSuperseded)
    expect(store.count('load')).toBe(1)
    expect(core.state.record?.version).toBe(6)
  })

  it('tells of no failure where a login takes its place while it is saved', async () => {
    const { core, store, told } = scene({ stored: record(5), isUnsaved: true })
    await Promise.resolve()
    told.length = 0
    let isSuperseded = false
    store.next('save', () => {
      isSuperseded = true
      return Promise.reject(new Error('disk full'))
    })
    await syncWithStore(core, () => isSuperseded)
    await Promise.resolve()
    expect(told).toEqual([])
  })

  it('does not call a record saved that was replaced here while it was saved', async () => {
    const { core, store } = scene({ stored: record(5), isUnsaved: true })
    const login = record(20, [6], { sessionId: 'second' })
    store.next('save', async (perform) => {
      core.apply({ type: 'logged-in', record: login, unsaved: {} })
      return perform()
    })
    await syncWithStore(core, never).catch(() => undefined)
    expect(core.state.record?.sessionId).toBe('second')
  })

  it('does not call a record unsaved that a login replaced, and saved, while ours failed', async () => {
    const { core, store, told } = scene({ stored: record(5), isUnsaved: true })
    await Promise.resolve()
    told.length = 0
    const login = record(20, [6], { sessionId: 'second' })
    store.next('save', () => {
      core.apply({ type: 'logged-in', record: login, unsaved: undefined })
      return Promise.reject(new Error('disk full'))
    })
    await syncWithStore(core, never)
    await Promise.resolve()
    expect(core.state).toMatchObject({ record: { sessionId: 'second' }, unsaved: undefined })
    expect(told).toEqual(['tokensSet'])
  })

  it('waits for a login that is being written', async () => {
    const { core, store } = scene()
    const writing = gate()
    const login = core.writes.run(async () => {
      await writing(() => Promise.resolve())
      store.put(record(20, [6], { sessionId: 'second' }))
    })
    const base = syncWithStore(core, never)
    await writing.arrived
    expect(store.calls).toEqual([])
    writing.open()
    await login
    expect((await base).record?.sessionId).toBe('second')
  })
})

describe('a record made to follow what is stored', () => {
  const spending = { since: 1, by: '7@web-1', attempts: 1 }
  const coolDown = { since: 1, durationMs: 40_000, failures: 1 }

  it('keeps what is said there of the same refresh token', () => {
    const stored = record(9, [6], { refreshTokenVersion: 6, spending, coolDown })
    const next = rebased(record(6, [5]), stored)
    expect(next).toMatchObject({ spending, coolDown, refreshTokenVersion: 6 })
    expect(next.ancestors).toEqual(expect.arrayContaining([9, 6, 5]))
    expect(next.version).toBeGreaterThan(9)
  })

  it('keeps the pause that the server asked for there, with a newer refresh token', () => {
    const next = rebased(record(6, [5]), record(9, [6], { spending, coolDown }))
    expect([next.spending, next.coolDown]).toEqual([undefined, coolDown])
  })

  const refusal = { ...coolDown, isRefusal: true as const }
  it.each([
    ['a refresh token that was refused', record(9, [6], { spending, coolDown: refusal })],
    ['an ended session', signedOut(9, [6], { spending, coolDown })],
    ['another session', record(9, [6], { sessionId: 'bob', spending, coolDown })],
  ])('forgets what is said there of %s', (_what, stored) => {
    const next = rebased(record(6, [5]), stored)
    expect([next.spending, next.coolDown]).toEqual([undefined, undefined])
  })
})

describe('reading the store without the lease', () => {
  const isRefreshing = () => false

  it('believes nothing that was read before a save of ours landed', async () => {
    const { core, store } = scene({ stored: record(5), isUnsaved: true })
    const saved = record(7, [6, 5])
    store.next('load', async (perform) => {
      const found = await perform()
      core.apply({ type: 'saved', record: saved })
      return found
    })
    await readStore(core, undefined, isRefreshing)
    expect(core.state).toMatchObject({ record: { version: 7 }, unsaved: undefined })
    expect(core.state.notes.map(({ what }) => what)).not.toContain('restored')
  })

  const empty = (stored?: StoredSession) => {
    const store = new ScriptedStore(stored)
    return { ...coreOn(store), store }
  }

  it('begins with the seed where nothing is stored, and saves it', async () => {
    const { core, store } = empty()
    await readStore(core, seed, isRefreshing)
    expect(store.record).toMatchObject({
      tokens: { accessToken: 'seed' },
      journal: [{ what: 'logged-in' }],
    })
    expect(core.state).toMatchObject({ storeRead: true, unsaved: undefined })
    expect(core.own.token).toBe('seed')
  })

  it('begins with the seed where it cannot be saved, and tells it', async () => {
    const { core, store, told } = empty()
    store.always('save', fails)
    await readStore(core, seed, isRefreshing)
    expect(core.own.token).toBe('seed')
    expect(core.state.unsaved).toBeDefined()
    await Promise.resolve()
    expect(told).toEqual(['saveFailed'])
  })

  it('gives way to another process that was first', async () => {
    const { core, store } = empty()
    store.next('save', () => {
      store.put(record(9))
      return Promise.resolve(false)
    })
    await readStore(core, seed, isRefreshing)
    expect(core.own.token).toBe('access-9')
  })

  it('says so where the store holds nothing and refuses all the same', async () => {
    const { core, store } = empty()
    store.always('save', () => Promise.resolve(false))
    await expect(readStore(core, seed, isRefreshing)).rejects.toMatchObject({
      operation: 'save',
      message: expect.stringContaining('refused to save although it contains no record') as string,
    })
  })

  it('ends without a session and a seed', async () => {
    const { core } = empty()
    await readStore(core, undefined, isRefreshing)
    expect(core.state.ended).toMatchObject({ reason: 'no-session' })
  })

  it.each(['save', 'load'] as const)(
    'leaves a login alone that is made while the seed waits for its %s',
    async (operation) => {
      const { core, store } = empty()
      const login = record(20, [], { sessionId: 'second' })
      const waiting = gate()
      if (operation === 'load') {
        store.next('save', () => {
          store.put(record(9))
          return Promise.resolve(false)
        })
        store.next('load', (perform) => perform(), waiting)
      } else {
        store.next('save', waiting)
      }
      const reading = readStore(core, seed, isRefreshing)
      await waiting.arrived
      core.apply({ type: 'logged-in', record: login })
      waiting.open()
      await reading
      expect(core.state.record).toBe(login)
    },
  )

  it('leaves a login alone that is made while the seed cannot be saved', async () => {
    const { core, store } = empty()
    const login = record(20, [], { sessionId: 'second' })
    store.next('save', () => {
      core.apply({ type: 'logged-in', record: login })
      return Promise.reject(new Error('disk full'))
    })
    await readStore(core, seed, isRefreshing)
    expect(core.state).toMatchObject({ record: login, unsaved: undefined })
  })

  it.each(['a refresh is under way', 'another record has come in force'])(
    'adopts nothing where meanwhile %s',
    async (what) => {
      const { core, store } = scene()
      store.put(record(9, [6]))
      const waiting = gate()
      store.next('load', waiting)
      const reading = readStore(core, undefined, () => what === 'a refresh is under way')
      await waiting.arrived
      const login = record(20, [6], { sessionId: 'second' })
      if (what !== 'a refresh is under way') core.apply({ type: 'logged-in', record: login })
      waiting.open()
      await reading
      expect(core.state.record?.version).toBe(what === 'a refresh is under way' ? 6 : 20)
    },
  )

  it('waits for a login that begins while it reads, and adopts nothing', async () => {
    const { core, store } = scene()
    store.put(record(9, [6]))
    const waiting = gate()
    store.next('load', waiting)
    const reading = readStore(core, undefined, isRefreshing)
    await waiting.arrived
    const writing = gate()
    const login = core.writes.run(() => writing(() => Promise.resolve()) as Promise<void>)
    waiting.open()
    await writing.arrived
    await new Promise(setImmediate) // until the store has been read
    writing.open()
    await Promise.all([login, reading])
    expect(core.state.record?.version).toBe(6)
  })
})
