import { toTokenSet } from 'tokenward'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { commit } from '../../../src/refresh/commit.js'
import { fails, landsUnheard } from '../../behaviour/support/session-stores.js'
import { deskOver, record, signOut } from '../../behaviour/support/session-desk.js'

const answer = toTokenSet({ accessToken: 'new', refreshToken: 'new-refresh', expiresIn: 300 })
const uninterrupted = () => false
const stock = { record: record(5), stored: record(5) }

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('committing an answer', () => {
  it('saves it one version on, in the same session, and puts it in force', async () => {
    const { desk, held, store } = deskOver(record(5))
    expect(await commit(desk, stock, answer, uninterrupted)).toBe(true)
    expect(store.stored).toMatchObject({ sessionId: 'ann', version: 6, tokens: answer })
    expect(held.token).toBe('new')
    expect(held.unsaved).toBeUndefined()
  })

  it('keeps the refresh token that the answer left out', async () => {
    const { desk, store } = deskOver(record(5))
    const bare = toTokenSet({ accessToken: 'new', expiresIn: 300 })
    await commit(desk, stock, bare, uninterrupted)
    expect(store.stored?.tokens?.refreshToken).toBe('refresh-5')
  })

  it('begins a session where there was none', async () => {
    const { desk, store } = deskOver(undefined)
    await commit(desk, { record: undefined, stored: undefined }, answer, uninterrupted)
    expect(store.stored).toMatchObject({ tokens: answer })
    expect(store.stored?.sessionId).not.toBe('ann')
  })

  it.each([
    ['another login', record(6, { sessionId: 'bob' }), ['new']],
    ['a logout', signOut(6), ['new']],
    ['another refresh of the session', record(6), []],
  ])('drops it where the store holds %s by now', async (_what, stored, expected) => {
    const { desk, held, store, revoked } = deskOver(stored)
    expect(await commit(desk, stock, answer, uninterrupted)).toBe(false)
    expect(store.stored).toEqual(stored)
    expect(held.token).toBeUndefined()
    expect(revoked).toEqual(expected)
  })

  it('keeps it in force, unsaved, where saving fails', async () => {
    const { desk, held, store, told } = deskOver(record(5))
    store.next('save', fails)
    expect(await commit(desk, stock, answer, uninterrupted)).toBe(true)
    expect(held.token).toBe('new')
    expect(held.unsaved).toMatchObject({ replaces: record(5) })
    expect(told).toEqual(['saveFailed'])
  })

  it('takes a save that had landed for saved, where it is refused', async () => {
    const { desk, held, store } = deskOver(record(5))
    store.next('save', async (perform) => {
      await perform()
      return false
    })
    expect(await commit(desk, stock, answer, uninterrupted)).toBe(true)
    expect(held.unsaved).toBeUndefined()
    expect(store.stored?.version).toBe(6)
  })

  it('keeps it in force after 5 s where nobody hears of the save', async () => {
    const { desk, held, store } = deskOver(record(5))
    store.next('save', landsUnheard)
    const committed = commit(desk, stock, answer, uninterrupted)
    await vi.advanceTimersByTimeAsync(5_000)
    expect(await committed).toBe(true)
    expect(held.unsaved).toBeDefined()
  })

  it('saves it over nothing where the record is gone', async () => {
    const { desk, store } = deskOver(undefined)
    expect(await commit(desk, stock, answer, uninterrupted)).toBe(true)
    expect(store.stored?.version).toBe(6)
  })

  it('saves it where the store caught up with what the request was made from', async () => {
    const { desk, store } = deskOver(record(5))
    const unsaved = { record: record(5), stored: record(4) } // 5 was unsaved when it was sent
    expect(await commit(desk, unsaved, answer, uninterrupted)).toBe(true)
    expect(store.stored?.version).toBe(6)
  })

  it('saves it where the store fell back to an older version meanwhile', async () => {
    const { desk, store } = deskOver(record(3))
    expect(await commit(desk, stock, answer, uninterrupted)).toBe(true)
    expect(store.stored?.tokens).toEqual(answer)
  })

  it('drops and revokes it where a login or logout was made here before the answer came', async () => {
    const { desk, held, store, revoked } = deskOver(record(5))
    expect(await commit(desk, stock, answer, () => true)).toBe(false)
    expect(held.token).toBeUndefined()
    expect(store.storedToken).toBe('access-5')
    expect(revoked).toEqual(['new'])
  })
})
