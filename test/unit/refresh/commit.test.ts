import { toTokenSet } from 'tokenward'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { relate } from '../../../src/refresh/claim.js'
import { commit } from '../../../src/refresh/commit.js'
import { fails, landsUnheard } from '../../behaviour/support/session-stores.js'
import { actOver, deskOver, record, savedStock, signOut } from '../support/desk.js'

const answer = toTokenSet({ accessToken: 'new', refreshToken: 'new-refresh', expiresIn: 300 })
const uninterrupted = () => false
const stock = savedStock(record(5))

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('committing an answer', () => {
  it('saves it one version on, in the same session, and puts it in force', async () => {
    const { desk, target, held, store } = deskOver(record(5))
    expect(await commit(desk, target, stock, answer, uninterrupted)).toBe(true)
    expect(store.stored).toMatchObject({ sessionId: 'ann', version: 6, tokens: answer })
    expect(held.token).toBe('new')
    expect(held.unsaved).toBeUndefined()
  })

  it('keeps the refresh token that the answer left out', async () => {
    const { desk, target, store } = deskOver(record(5))
    const bare = toTokenSet({ accessToken: 'new', expiresIn: 300 })
    await commit(desk, target, stock, bare, uninterrupted)
    expect(store.stored?.tokens?.refreshToken).toBe('refresh-5')
  })

  it('begins a session where there was none', async () => {
    const { desk, target, store } = deskOver(undefined)
    await commit(desk, target, savedStock(undefined), answer, uninterrupted)
    expect(store.stored).toMatchObject({ tokens: answer })
    expect(store.stored?.sessionId).not.toBe('ann')
  })

  it.each([
    ['another login', record(6, { sessionId: 'bob' }), ['new']],
    ['a logout', signOut(6), ['new']],
    ['another refresh of the session', record(6), []],
  ])('drops it where the store holds %s by now', async (_what, stored, expected) => {
    const { desk, target, held, store, revoked } = deskOver(stored)
    expect(await commit(desk, target, stock, answer, uninterrupted)).toBe(false)
    expect(store.stored).toEqual(stored)
    expect(held.token).toBeUndefined()
    expect(revoked).toEqual(expected)
  })

  it('keeps it in force, unsaved, where saving fails', async () => {
    const { desk, target, held, store, told } = deskOver(record(5))
    store.next('save', fails)
    expect(await commit(desk, target, stock, answer, uninterrupted)).toBe(true)
    expect(held.token).toBe('new')
    expect(held.unsaved).toEqual({ ancestors: [record(5)], act: undefined })
    expect(told).toEqual(['saveFailed'])
  })

  it('takes a save that had landed for saved, where it is refused', async () => {
    const { desk, target, held, store } = deskOver(record(5))
    store.next('save', async (perform) => {
      await perform()
      return false
    })
    expect(await commit(desk, target, stock, answer, uninterrupted)).toBe(true)
    expect(held.unsaved).toBeUndefined()
    expect(store.stored?.version).toBe(6)
  })

  it('keeps it in force after 5 s where nobody hears of the save', async () => {
    const { desk, target, held, store } = deskOver(record(5))
    store.next('save', landsUnheard)
    const committed = commit(desk, target, stock, answer, uninterrupted)
    await vi.advanceTimersByTimeAsync(5_000)
    expect(await committed).toBe(true)
    expect(held.unsaved).toBeDefined()
  })

  it('saves it over nothing where the record is gone', async () => {
    const { desk, target, store } = deskOver(undefined)
    expect(await commit(desk, target, stock, answer, uninterrupted)).toBe(true)
    expect(store.stored?.version).toBe(6)
  })

  it('saves it where the store caught up with what the request was made from', async () => {
    const { desk, target, store } = deskOver(record(5))
    const unsaved = { record: record(5), unsaved: { ancestors: [record(4)] }, stored: record(4) }
    expect(await commit(desk, target, unsaved, answer, uninterrupted)).toBe(true)
    expect(store.stored?.version).toBe(6)
  })

  it('saves it where the store fell back to an older version meanwhile', async () => {
    const { desk, target, store } = deskOver(record(3))
    expect(await commit(desk, target, stock, answer, uninterrupted)).toBe(true)
    expect(store.stored?.tokens).toEqual(answer)
  })

  it('drops and revokes it where a login or logout was made here before the answer came', async () => {
    const { desk, target, held, store, revoked } = deskOver(record(5))
    expect(await commit(desk, target, stock, answer, () => true)).toBe(false)
    expect(held.token).toBeUndefined()
    expect(store.storedToken).toBe('access-5')
    expect(revoked).toEqual(['new'])
  })

  it('drops and revokes it where that was made while saving failed', async () => {
    const { desk, target, held, store, revoked } = deskOver(record(5))
    let isInterrupted = false
    store.next('save', (perform) => ((isInterrupted = true), fails(perform)))
    expect(await commit(desk, target, stock, answer, () => isInterrupted)).toBe(false)
    expect(held.token).toBeUndefined()
    expect(revoked).toEqual(['new'])
  })

  it('leaves it to the login or logout where that was made while it was saved', async () => {
    const { desk, target, held, store, revoked } = deskOver(record(5))
    let isInterrupted = false
    store.next('save', (perform) => ((isInterrupted = true), perform()))
    expect(await commit(desk, target, stock, answer, () => isInterrupted)).toBe(false)
    expect(held.token).toBeUndefined()
    expect(store.storedToken).toBe('new')
    expect(revoked).toEqual([])
  })

  it('keeps it in force, unsaved, where the store refuses again and again', async () => {
    const { desk, target, held, store, told } = deskOver(record(5))
    store.always('save', () => Promise.resolve(false))
    expect(await commit(desk, target, stock, answer, uninterrupted)).toBe(true)
    expect(held.token).toBe('new')
    expect(held.unsaved?.ancestors).toContainEqual(record(5))
    expect(store.calls.filter((call) => call === 'save')).toHaveLength(4)
    expect(told).toEqual(['saveFailed'])
  })

  it('goes on standing for the unsaved login that it was made from', async () => {
    const { desk, target, held, store } = deskOver(record(8)) // refreshed by others after the login
    const login = record(6, { sessionId: 'bob' })
    const act = actOver({ ann: false })
    const unsaved = { ancestors: [record(5)], act }
    store.next('save', fails)
    await commit(desk, target, { record: login, unsaved, stored: record(5) }, answer, uninterrupted)
    expect(held.unsaved).toEqual({ ancestors: [record(5), login], act })
    expect(relate(held, record(8))).toBe('ours')
  })
})
