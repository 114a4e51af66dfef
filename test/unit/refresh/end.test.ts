import { LoginRequiredError } from 'tokenward'
import { describe, expect, it } from 'vitest'
import { endIfStill, endSession } from '../../../src/refresh/end.js'
import { fails, type Behaviour } from '../../behaviour/support/session-stores.js'
import { fakeTime, settle } from '../../behaviour/support/session-time.js'
import { deskOver, record, savedStock, signOut } from '../support/desk.js'

fakeTime()

const always = () => true
const refused = new LoginRequiredError('refused', { reason: 'invalid-grant' })

/** A desk that holds record 5, saved in its store. */
function deskWithSession(options: { stored?: ReturnType<typeof record>; acquires?: boolean } = {}) {
  const made = deskOver(options.stored ?? record(5), options)
  made.held.hold(record(5), 'store')
  return made
}

/** A flag that an operation of the store takes down, as a login made meanwhile does. */
function wantedUntil(): { isWanted: () => boolean; done: (behaviour?: Behaviour) => Behaviour } {
  let isWanted = true
  return {
    isWanted: () => isWanted,
    done:
      (behaviour = (perform) => perform()) =>
      (perform) => ((isWanted = false), behaviour(perform)),
  }
}

describe('the end of a session', () => {
  it.each([
    ['no-session', 'Nobody has logged in yet'],
    ['signed-out', 'The user has logged out'],
    ['gone', 'The session is gone from its store: the user must log in again'],
    ['invalid-grant', 'The session has ended: the user must log in again'],
  ] as const)('%s is told to every caller', (reason, message) => {
    const { desk, held } = deskWithSession()
    endSession(desk, reason)
    expect(held.ended).toMatchObject({ code: 'ERR_LOGIN_REQUIRED', reason, message })
    expect(held.token).toBeUndefined()
  })

  it('is told as the server told it', () => {
    const { desk, held } = deskWithSession()
    endSession(desk, 'invalid-grant', { error: refused })
    expect(held.ended).toBe(refused)
  })

  it('is an event only where there was a session', async () => {
    const { desk, told } = deskWithSession()
    endSession(desk, 'gone')
    endSession(desk, 'gone')
    await settle()
    expect(told).toEqual(['sessionEnded'])
  })

  it('leaves its record behind, and whether that is saved', () => {
    const { desk, held } = deskWithSession()
    const unsaved = { ancestors: [record(5)] }
    endSession(desk, 'signed-out', { record: signOut(6), unsaved })
    expect(held).toMatchObject({ record: signOut(6), unsaved })
    endSession(desk, 'gone')
    expect(held).toMatchObject({ record: undefined, unsaved: undefined })
  })

  it('is none where no refresh token is needed: there is just no token', async () => {
    const { desk, held, told } = deskWithSession({ acquires: true })
    endSession(desk, 'signed-out', { record: signOut(6) })
    expect(held).toMatchObject({ ended: undefined, token: undefined, record: signOut(6) })
    await settle()
    expect(told).toEqual(['sessionEnded'])
  })
})

describe('a refused refresh token', () => {
  it('ends the session whose record is still in the store', async () => {
    const { desk, held, store, told } = deskWithSession()
    expect(await endIfStill(desk, savedStock(record(5)), refused, always)).toBe(true)
    expect(store.stored).toEqual(signOut(6))
    expect(held).toMatchObject({ ended: refused, record: signOut(6), unsaved: undefined })
    expect(told).toEqual(['sessionEnded'])
  })

  it('ends it above whatever version its record has in the store', async () => {
    const { desk, store } = deskWithSession({ stored: record(5, { version: 9 }) })
    expect(await endIfStill(desk, savedStock(record(5)), refused, always)).toBe(true)
    expect(store.stored).toEqual(signOut(10))
  })

  it.each([
    ['what it was made from', record(4)],
    ['nothing', undefined],
  ])('ends an unsaved session where the store holds %s', async (_what, stored) => {
    const { desk, held, store } = deskOver(stored)
    const unsaved = { ancestors: [record(4)] }
    held.hold(record(5), 'server', unsaved)
    const spent = { record: record(5), unsaved, stored }
    expect(await endIfStill(desk, spent, refused, always)).toBe(true)
    expect(store.stored).toEqual(signOut(6))
    expect(held).toMatchObject({ ended: refused, unsaved: undefined })
  })

  it.each([
    ["the winner's refresh", record(6)],
    ['another login', record(2, { sessionId: 'bob' })],
    ['a sign-out', signOut(6)],
    ['nothing', undefined],
  ])('means nothing where the store holds %s by now', async (_what, stored) => {
    const { desk, held, store, told } = deskWithSession()
    store.put(stored)
    expect(await endIfStill(desk, savedStock(record(5)), refused, always)).toBe(false)
    expect(store.stored).toEqual(stored)
    expect(held.record).toEqual(record(5))
    expect(told).toEqual([])
  })

  it('means nothing where the store changes before the end is saved', async () => {
    const { desk, held, store } = deskWithSession()
    store.next('save', (perform) => (store.put(record(6)), perform()))
    expect(await endIfStill(desk, savedStock(record(5)), refused, always)).toBe(false)
    expect(store.stored).toEqual(record(6))
    expect(held.token).toBe('access-5')
  })

  it('means nothing yet where the store cannot be read', async () => {
    const { desk, held, store } = deskWithSession()
    store.next('load', fails)
    const ending = endIfStill(desk, savedStock(record(5)), refused, always)
    await expect(ending).rejects.toMatchObject({ code: 'ERR_TOKEN_STORE', operation: 'load' })
    expect(held.token).toBe('access-5')
  })

  it('ends the session here where that cannot be saved, which is tried again', async () => {
    const { desk, held, store, told } = deskWithSession()
    store.next('save', fails)
    expect(await endIfStill(desk, savedStock(record(5)), refused, always)).toBe(true)
    expect(store.stored).toEqual(record(5))
    expect(held).toMatchObject({ ended: refused, record: signOut(6) })
    expect(held.unsaved?.ancestors).toContainEqual(record(5))
    expect(told).toEqual(['saveFailed', 'sessionEnded'])
  })
})

describe('a refused refresh token of a session that a login or logout here took the place of', () => {
  it('is not even saved where that came first', async () => {
    const { desk, held, store } = deskWithSession()
    expect(await endIfStill(desk, savedStock(record(5)), refused, () => false)).toBe(true)
    expect(store.stored).toEqual(record(5))
    expect(held.token).toBe('access-5')
  })

  it.each<[string, Behaviour | undefined, string[]]>([
    ['is saved', undefined, []],
    ['fails to be saved', fails, ['saveFailed']],
  ])('ends nothing here where that came while it %s', async (_how, behaviour, expected) => {
    const { desk, held, store, told } = deskWithSession()
    const { isWanted, done } = wantedUntil()
    store.next('save', done(behaviour))
    expect(await endIfStill(desk, savedStock(record(5)), refused, isWanted)).toBe(true)
    expect(held).toMatchObject({ token: 'access-5', ended: undefined, unsaved: undefined })
    expect(told).toEqual(expected)
  })
})
