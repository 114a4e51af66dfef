import { LoginRequiredError } from 'tokenward'
import { describe, expect, it } from 'vitest'
import { takeStock } from '../../../src/refresh/stock.js'
import { fails } from '../../behaviour/support/session-stores.js'
import { deskOver, record, signOut } from '../../behaviour/support/session-desk.js'

const always = () => true
const another = (version: number) => record(version, { sessionId: 'bob' })

describe('taking stock with everything saved', () => {
  it('goes on from the same record where nothing has changed', async () => {
    const { desk, held, told } = deskOver(record(5))
    held.hold(record(5), 'store')
    const stock = await takeStock(desk, always)
    expect(stock).toEqual({ record: record(5), stored: record(5) })
    expect(told).toEqual([])
  })

  it.each([
    ['a newer version', record(6)],
    ['another session, whatever its version', another(2)],
  ])('takes over %s', async (_what, stored) => {
    const { desk, held, told } = deskOver(stored)
    held.hold(record(5), 'store')
    expect(await takeStock(desk, always)).toEqual({ record: stored, stored })
    expect(held.record).toEqual(stored)
    expect(told).toEqual(['adopted'])
  })

  it.each([
    ['signed out', signOut(6), 'signed-out'],
    ['another session, signed out', signOut(2, 'bob'), 'signed-out'],
    ['gone', undefined, 'gone'],
  ])('ends the session that is %s', async (_what, stored, reason) => {
    const { desk, held, told } = deskOver(stored)
    held.hold(record(5), 'store')
    await expect(takeStock(desk, always)).rejects.toMatchObject({ reason })
    expect(held.ended).toBeInstanceOf(LoginRequiredError)
    expect(held.token).toBeUndefined()
    expect(told).toEqual(['sessionEnded'])
  })

  it('does not end where nothing needs a refresh token', async () => {
    for (const stored of [signOut(6), undefined]) {
      const { desk, held } = deskOver(stored, { acquires: true })
      held.hold(record(5), 'store')
      expect((await takeStock(desk, always)).stored).toEqual(stored)
      expect(held.ended).toBeUndefined()
    }
  })

  it('brings a store that fell back to an older version up to date', async () => {
    const { desk, held, store } = deskOver(record(3))
    held.hold(record(5), 'store')
    const stock = await takeStock(desk, always)
    expect(store.stored).toEqual(record(5))
    expect(stock).toEqual({ record: record(5), stored: record(5) })
  })

  it('names what such a store really holds where it cannot be written', async () => {
    const { desk, held, store } = deskOver(record(3))
    held.hold(record(5), 'store')
    store.next('save', fails)
    const stock = await takeStock(desk, always)
    expect(stock).toMatchObject({ record: record(5), stored: record(3) })
  })

  it('rejects where the store cannot be read, and changes nothing', async () => {
    const { desk, held, store } = deskOver(record(5))
    held.hold(record(5), 'store')
    store.next('load', fails)
    await expect(takeStock(desk, always)).rejects.toMatchObject({ code: 'ERR_TOKEN_STORE' })
    expect(held.token).toBe('access-5')
  })

  it('changes nothing for a flight that a login or logout has made unwanted', async () => {
    const { desk, held } = deskOver(another(6))
    held.hold(record(5), 'store')
    await takeStock(desk, () => false)
    expect(held.record).toEqual(record(5))
  })
})

describe('taking stock with a refresh that is not saved', () => {
  it.each([
    ['what it replaced', record(5)],
    ['nothing', undefined],
  ])('saves it first where the store holds %s', async (_what, stored) => {
    const { desk, held, store } = deskOver(stored)
    held.hold(record(6), 'server', { replaces: record(5), isUsersAct: false })
    const stock = await takeStock(desk, always)
    expect(store.stored).toEqual(record(6))
    expect(stock).toEqual({ record: record(6), stored: record(6) })
    expect(held.unsaved).toBeUndefined()
  })

  it('takes one that had landed for saved', async () => {
    const { desk, held, store } = deskOver(record(6))
    held.hold(record(6), 'server', { replaces: record(5), isUsersAct: false })
    await takeStock(desk, always)
    expect(held.unsaved).toBeUndefined()
    expect(store.calls).not.toContain('save')
  })

  it('goes on from it where saving fails again, knowing what the store holds', async () => {
    const { desk, held, store, told } = deskOver(record(5))
    held.hold(record(6), 'server', { replaces: record(5), isUsersAct: false })
    store.next('save', fails)
    const stock = await takeStock(desk, always)
    expect(stock).toMatchObject({ record: record(6), stored: record(5) })
    expect(told).toEqual(['saveFailed'])
  })

  it.each([
    ['another login', another(9)],
    ['another refresh', record(6, { tokens: record(60).tokens })],
    ['another refresh of a lower version than ours', record(6)],
  ])('gives way to %s', async (_what, stored) => {
    const { desk, held, store } = deskOver(stored)
    held.hold(record(7), 'server', { replaces: record(5), isUsersAct: false })
    const stock = await takeStock(desk, always)
    expect(stock.record).toEqual(stored)
    expect(store.stored).toEqual(stored)
  })

  it.each([
    ['', 6, 6],
    [', its version not above ours', 8, 6],
  ])('gives way to a logout%s', async (_what, ours, theirs) => {
    const { desk, held, store } = deskOver(signOut(theirs))
    held.hold(record(ours), 'server', { replaces: record(5), isUsersAct: false })
    await expect(takeStock(desk, always)).rejects.toMatchObject({ reason: 'signed-out' })
    expect(store.stored).toEqual(signOut(theirs))
  })

  it('looks again where the store changed between the look and the save', async () => {
    const { desk, held, store } = deskOver(record(5))
    held.hold(record(6), 'server', { replaces: record(5), isUsersAct: false })
    store.next('save', (perform) => (store.put(another(7)), perform()))
    expect((await takeStock(desk, always)).record).toEqual(another(7))
  })

  it('has its tokens revoked where another login takes their place', async () => {
    const { desk, held, revoked } = deskOver(another(9))
    held.hold(record(6), 'server', { replaces: record(5), isUsersAct: false })
    await takeStock(desk, always)
    expect(revoked).toEqual(['access-6'])
  })
})

describe('taking stock with a login that is not saved', () => {
  it.each([
    ['what it replaced', record(5), record(5)],
    ['a later refresh of what it replaced', record(5), record(6)],
    ['nothing', record(5), undefined],
    ['the sign-out that it replaced', signOut(5), signOut(5)],
  ])('saves it where the store holds %s', async (_what, replaces, stored) => {
    const { desk, held, store } = deskOver(stored)
    held.hold(another(6), 'server', { replaces, isUsersAct: true })
    await takeStock(desk, always)
    expect(store.stored?.sessionId).toBe('bob')
    expect(store.stored?.version).toBeGreaterThan(stored?.version ?? 0)
    expect(held.unsaved).toBeUndefined()
  })

  it('gives way to another login', async () => {
    const third = record(6, { sessionId: 'cyd' })
    const { desk, held, store } = deskOver(third)
    held.hold(another(6), 'server', { replaces: record(5), isUsersAct: true })
    expect((await takeStock(desk, always)).record).toEqual(third)
    expect(store.stored).toEqual(third)
  })

  it('gives way to a logout', async () => {
    const { desk, held } = deskOver(signOut(6))
    held.hold(another(6), 'server', { replaces: record(5), isUsersAct: true })
    await expect(takeStock(desk, always)).rejects.toMatchObject({ reason: 'signed-out' })
  })
})
