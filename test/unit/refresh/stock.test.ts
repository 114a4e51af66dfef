import { LoginRequiredError } from 'tokenward'
import { describe, expect, it } from 'vitest'
import { takeStock } from '../../../src/refresh/stock.js'
import { fails, gate } from '../../behaviour/support/session-stores.js'
import { fakeTime, settle } from '../../behaviour/support/session-time.js'
import { actOver, deskOver, record, savedStock, signOut } from '../support/desk.js'

fakeTime()

const always = () => true
const another = (version: number) => record(version, { sessionId: 'bob' })

describe('taking stock with everything saved', () => {
  it('goes on from the same record where nothing has changed', async () => {
    const { desk, held, told } = deskOver(record(5))
    held.hold(record(5), 'store')
    const stock = await takeStock(desk, always)
    expect(stock).toEqual(savedStock(record(5)))
    expect(told).toEqual([])
  })

  it.each([
    ['a newer version', record(6)],
    ['another session, whatever its version', another(2)],
  ])('takes over %s', async (_what, stored) => {
    const { desk, held, told } = deskOver(stored)
    held.hold(record(5), 'store')
    expect(await takeStock(desk, always)).toEqual(savedStock(stored))
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
      await takeStock(desk, always)
      expect(held.ended).toBeUndefined()
      expect(held.token).toBe(stored ? undefined : 'access-5')
    }
  })

  it('brings a store that fell back to an older version up to date', async () => {
    const { desk, held, store } = deskOver(record(3))
    held.hold(record(5), 'store')
    const stock = await takeStock(desk, always)
    expect(store.stored).toEqual(record(5))
    expect(stock).toEqual(savedStock(record(5)))
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
    held.hold(record(6), 'server', { ancestors: [record(5)] })
    const stock = await takeStock(desk, always)
    expect(store.stored).toEqual(record(6))
    expect(stock).toEqual(savedStock(record(6)))
    expect(held.unsaved).toBeUndefined()
  })

  it('takes one that had landed for saved', async () => {
    const { desk, held, store } = deskOver(record(6))
    held.hold(record(6), 'server', { ancestors: [record(5)] })
    await takeStock(desk, always)
    expect(held.unsaved).toBeUndefined()
    expect(store.calls).not.toContain('save')
  })

  it('goes on from it where saving fails again, knowing what the store holds', async () => {
    const { desk, held, store, told } = deskOver(record(5))
    held.hold(record(6), 'server', { ancestors: [record(5)] })
    store.next('save', fails)
    const stock = await takeStock(desk, always)
    expect(stock).toMatchObject({ record: record(6), stored: record(5) })
    expect(stock.saveError).toMatchObject({ code: 'ERR_TOKEN_STORE', operation: 'save' })
    expect(told).toEqual(['saveFailed'])
  })

  it.each([
    ['another login', another(9)],
    ['another refresh', record(60, { version: 6 })],
    ['another refresh of a lower version than ours', record(6)],
  ])('gives way to %s', async (_what, stored) => {
    const { desk, held, store } = deskOver(stored)
    held.hold(record(7), 'server', { ancestors: [record(5)] })
    const stock = await takeStock(desk, always)
    expect(stock.record).toEqual(stored)
    expect(store.stored).toEqual(stored)
  })

  it.each([
    ['', 6, 6],
    [', its version not above ours', 8, 6],
  ])('gives way to a logout%s', async (_what, ours, theirs) => {
    const { desk, held, store } = deskOver(signOut(theirs))
    held.hold(record(ours), 'server', { ancestors: [record(5)] })
    await expect(takeStock(desk, always)).rejects.toMatchObject({ reason: 'signed-out' })
    expect(store.stored).toEqual(signOut(theirs))
  })

  it('looks again where the store changed between the look and the save', async () => {
    const { desk, held, store } = deskOver(record(5))
    held.hold(record(6), 'server', { ancestors: [record(5)] })
    store.next('save', (perform) => (store.put(another(7)), perform()))
    expect((await takeStock(desk, always)).record).toEqual(another(7))
  })

  it('has its tokens revoked where another login takes their place', async () => {
    const { desk, held, revoked } = deskOver(another(9))
    held.hold(record(6), 'server', { ancestors: [record(5)] })
    await takeStock(desk, always)
    expect(revoked).toEqual(['access-6'])
  })
})

describe('taking stock with a login that is not saved', () => {
  const overAnn = { ancestors: [record(5)], act: actOver({ ann: false }) }

  it.each([
    ['what it replaced', record(5), overAnn],
    ['a later refresh of what it replaced', record(6), overAnn],
    ['nothing', undefined, overAnn],
    ['the sign-out that it replaced', signOut(5), { ancestors: [signOut(5)] }],
    ['a later end of what had ended', signOut(9), { ancestors: [], act: actOver({ ann: true }) }],
    ['what nobody had seen', record(9), { ancestors: [], act: actOver({}, true) }],
  ])('saves it where the store holds %s', async (_what, stored, unsaved) => {
    const { desk, held, store } = deskOver(stored)
    held.hold(another(6), 'server', unsaved)
    await takeStock(desk, always)
    expect(store.stored?.sessionId).toBe('bob')
    expect(store.stored?.version).toBeGreaterThan(stored?.version ?? 0)
    expect(held.unsaved).toBeUndefined()
  })

  it('gives way to another login', async () => {
    const third = record(6, { sessionId: 'cyd' })
    const { desk, held, store } = deskOver(third)
    held.hold(another(6), 'server', overAnn)
    expect((await takeStock(desk, always)).record).toEqual(third)
    expect(store.stored).toEqual(third)
  })

  it('gives way to a logout', async () => {
    const { desk, held } = deskOver(signOut(6))
    held.hold(another(6), 'server', overAnn)
    await expect(takeStock(desk, always)).rejects.toMatchObject({ reason: 'signed-out' })
  })

  it('saves it over a damaged record', async () => {
    const { desk, held, store } = deskOver(record(5, { tokens: 'torn' as never }))
    held.hold(another(6), 'server', overAnn)
    await takeStock(desk, always)
    expect(store.stored).toMatchObject({ sessionId: 'bob', version: 6 })
  })
})

describe('taking stock while others act', () => {
  it('waits until a login or logout is written', async () => {
    const { desk, held, store } = deskOver(record(5))
    held.hold(record(5), 'store')
    const writing = gate()
    store.next('save', writing)
    const act = desk.acts.run(() => desk.store.save(another(6), 5))
    const stock = takeStock(desk, always)
    await writing.arrived
    expect(store.calls).not.toContain('load')
    writing.open()
    await act
    expect(await stock).toEqual(savedStock(another(6)))
  })

  it('looks again where one began while it looked', async () => {
    const { desk, held, store } = deskOver(record(5))
    held.hold(record(5), 'store')
    const [looking, writing] = [gate(), gate()]
    store.next('load', looking)
    store.next('save', writing)
    const stock = takeStock(desk, always)
    await looking.arrived
    const act = desk.acts.run(() => desk.store.save(another(6), 5))
    looking.open() // it sees what the act is about to replace
    await settle()
    expect(held.token).toBe('access-5')
    writing.open()
    await act
    expect(await stock).toEqual(savedStock(another(6)))
    expect(store.calls.filter((call) => call === 'load')).toHaveLength(2)
  })

  it('goes on unsaved where the store changes again and again', async () => {
    const { desk, held, store } = deskOver(record(5))
    held.hold(record(9), 'server', { ancestors: [record(5)] })
    store.always('save', (perform) => {
      store.put(record(5, { version: store.stored!.version + 1 })) // ever the same, ever renewed
      return perform()
    })
    const stock = await takeStock(desk, always)
    expect(stock.record).toEqual(record(9))
    expect(held.unsaved).toBeDefined()
    expect(store.calls.filter((call) => call === 'save')).toHaveLength(4)
  })

  it('leaves unsaved what was replaced here while it was saved', async () => {
    const { desk, held, store } = deskOver(record(5))
    held.hold(record(6), 'server', { ancestors: [record(5)] })
    let isWanted = true
    store.next('save', (perform) => ((isWanted = false), perform()))
    await takeStock(desk, () => isWanted)
    expect(held.unsaved).toEqual({ ancestors: [record(5)] })
  })

  it('throws damage, and lets no token be made from it', async () => {
    const { desk, held } = deskOver(record(5, { tokens: 'torn' as never }))
    held.hold(record(5), 'store')
    await expect(takeStock(desk, always)).rejects.toMatchObject({ reason: 'damaged' })
    expect(held.token).toBe('access-5')
  })
})
