import { toTokenSet } from 'tokenward'
import { describe, expect, it } from 'vitest'
import { lookAtStore } from '../../../src/refresh/look.js'
import { fails, gate, type Behaviour } from '../../behaviour/support/session-stores.js'
import { fakeTime, settle } from '../../behaviour/support/session-time.js'
import { deskOver, record, signOut } from '../support/desk.js'

fakeTime()

const idle = () => false
const seed = toTokenSet({ accessToken: 'seed', refreshToken: 'seed-refresh', expiresIn: 300 })
const login = record(6, { sessionId: 'bob' })

describe('the first look', () => {
  it('at nothing, with no seed, finds that nobody has logged in', async () => {
    const { desk, held, told } = deskOver(undefined)
    await lookAtStore(desk, undefined, idle)
    expect(held).toMatchObject({ isKnown: true, ended: { reason: 'no-session' } })
    expect(told).toEqual([])
  })

  it('at nothing saves the seed, then puts it in force', async () => {
    const { desk, held, store, told } = deskOver(undefined)
    await lookAtStore(desk, seed, idle)
    expect(store.stored).toEqual(held.record)
    expect(held).toMatchObject({ token: 'seed', unsaved: undefined })
    expect(told).toEqual([])
  })

  it.each([
    ['a session', record(5), 'access-5'],
    ['a sign-out', signOut(5), undefined],
  ])('at %s leaves the seed alone', async (_what, stored, token) => {
    const { desk, held, store } = deskOver(stored)
    await lookAtStore(desk, seed, idle)
    expect(store.stored).toEqual(stored)
    expect(held.token).toBe(token)
  })

  it('takes over what another process saved before the seed was', async () => {
    const { desk, held, store, told } = deskOver(undefined)
    store.next('save', (perform) => (store.put(record(5)), perform()))
    await lookAtStore(desk, seed, idle)
    expect(held.record).toEqual(record(5))
    expect(told).toEqual([])
  })

  it('keeps the seed in force, unsaved, where saving it fails', async () => {
    const { desk, held, store, told } = deskOver(undefined)
    store.next('save', fails)
    await lookAtStore(desk, seed, idle)
    expect(held.token).toBe('seed')
    expect(held.unsaved).toEqual({ ancestors: [], act: undefined })
    expect(told).toEqual(['saveFailed'])
  })

  it('is an error where the store refuses the seed and holds nothing', async () => {
    const { desk, held, store } = deskOver(undefined)
    store.next('save', () => Promise.resolve(false))
    const looking = lookAtStore(desk, seed, idle)
    await expect(looking).rejects.toMatchObject({ code: 'ERR_TOKEN_STORE', operation: 'save' })
    expect(held.isKnown).toBe(false)
  })

  it.each<[string, 'load' | 'save', Behaviour[]]>([
    ['is saved', 'save', []],
    ['fails to be saved', 'save', [fails]],
    ['is refused', 'load', []],
  ])('gives way to a login made here while the seed %s', async (_how, at, [how]) => {
    const { desk, held, store, told } = deskOver(undefined)
    const loggingIn: Behaviour = (perform) => {
      held.hold(login, 'server')
      return how ? how(perform) : perform()
    }
    if (at === 'save') store.next('save', loggingIn)
    else {
      store.next('save', (perform) => (store.put(record(5)), perform()))
      store.next('load', (perform) => perform(), loggingIn)
    }
    await lookAtStore(desk, seed, idle)
    await settle()
    expect(held.record).toBe(login)
    expect(told).toEqual([])
  })
})

describe('a later look', () => {
  function deskThatHolds(stored: ReturnType<typeof record> | undefined) {
    const made = deskOver(stored)
    made.held.hold(record(5), 'store')
    return made
  }

  it('takes the version that the same record has in the store', async () => {
    const { desk, held } = deskThatHolds(record(5, { version: 9 }))
    await lookAtStore(desk, undefined, idle)
    expect(held.record?.version).toBe(9)
  })

  it.each([
    ['a refresh', record(6)],
    ['a login', login],
  ])("takes over others' %s", async (_what, stored) => {
    const { desk, held, told } = deskThatHolds(stored)
    await lookAtStore(desk, undefined, idle)
    expect(held.record).toEqual(stored)
    expect(told).toEqual(['adopted'])
  })

  it.each([
    ['signed out', signOut(6), 'signed-out'],
    ['gone', undefined, 'gone'],
  ])('ends the session that is %s, and no seed takes its place', async (_what, stored, reason) => {
    const { desk, held, store } = deskThatHolds(stored)
    await lookAtStore(desk, seed, idle)
    expect(held.ended).toMatchObject({ reason })
    expect(store.stored).toEqual(stored)
  })

  it('finds that a store which fell back is to be saved again, and leaves that to the lease', async () => {
    const { desk, held, store } = deskThatHolds(record(3))
    await lookAtStore(desk, undefined, idle)
    expect(held.unsaved?.ancestors).toEqual([record(3)])
    expect(store.calls).toEqual(['load'])
  })

  it('forgets nothing of what is unsaved already', async () => {
    const { desk, held } = deskThatHolds(record(4))
    const unsaved = { ancestors: [record(4)] }
    held.hold(record(5), 'server', unsaved)
    await lookAtStore(desk, undefined, idle)
    expect(held.unsaved).toBe(unsaved)
  })

  it.each([
    ['a login was made', { isLogin: true, isRefreshing: false }],
    ['a refresh was begun', { isLogin: false, isRefreshing: true }],
  ])('says nothing where %s while it looked', async (_what, { isLogin, isRefreshing }) => {
    const { desk, held, store } = deskThatHolds(record(6))
    const looking = gate()
    store.next('load', looking)
    const looked = lookAtStore(desk, undefined, () => isRefreshing)
    await looking.arrived
    if (isLogin) held.hold(login, 'server')
    looking.open()
    await looked
    expect(held.record).toEqual(isLogin ? login : record(5))
  })

  it('begins once an act is written', async () => {
    const { desk, held, store } = deskThatHolds(record(5))
    const writing = gate()
    store.next('save', writing)
    const act = desk.acts.run(() => desk.store.save(login, 5))
    const looked = lookAtStore(desk, undefined, idle)
    await writing.arrived
    expect(store.calls).toEqual(['save'])
    writing.open()
    await Promise.all([act, looked])
    expect(held.record).toEqual(login)
  })

  it('says nothing where an act is being written, and ends with it', async () => {
    const { desk, held, store } = deskThatHolds(record(6))
    const [looking, writing] = [gate(), gate()]
    store.next('load', looking)
    store.next('save', writing)
    let isOver = false
    const looked = lookAtStore(desk, undefined, idle).then(() => (isOver = true))
    await looking.arrived
    const act = desk.acts.run(() => desk.store.save(record(7, { sessionId: 'bob' }), 6))
    looking.open()
    await settle()
    expect(isOver).toBe(false)
    writing.open()
    await Promise.all([act, looked])
    expect(held.record).toEqual(record(5))
  })
})
