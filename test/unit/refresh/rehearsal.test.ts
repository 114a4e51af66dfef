import { describe, expect, it } from 'vitest'
import { TokenStoreError } from '../../../src/errors.js'
import { rehearse } from '../../../src/refresh/rehearsal.js'
import { fails } from '../../behaviour/support/session-stores.js'
import { deskOver, record, savedStock } from '../support/desk.js'

const SAVE_ERROR = new TokenStoreError('disk full', { operation: 'save' })

describe('before a refresh token is spent', () => {
  it('the record that is stored is saved once more', async () => {
    const { desk, store } = deskOver(record(5))
    expect(await rehearse(desk, savedStock(record(5)))).toBe(true)
    expect(store.calls).toEqual(['rehearse'])
    expect(store.stored).toEqual(record(5))
  })

  it('a record of another version is a reason to look again', async () => {
    const { desk } = deskOver(record(6))
    expect(await rehearse(desk, savedStock(record(5)))).toBe(false)
  })

  it('a store that does not take it is an error', async () => {
    const { desk, store } = deskOver(record(5))
    store.next('rehearse', fails)
    await expect(rehearse(desk, savedStock(record(5)))).rejects.toBeInstanceOf(TokenStoreError)
  })

  it('what could not be saved first is that error, without another try', async () => {
    const { desk, store } = deskOver(record(5))
    const stock = { record: record(6), unsaved: { ancestors: [] }, stored: record(5) }
    await expect(rehearse(desk, { ...stock, saveError: SAVE_ERROR })).rejects.toBe(SAVE_ERROR)
    expect(store.calls).toEqual([])
  })

  it('what the store refused again and again is a reason to look again', async () => {
    const { desk, store } = deskOver(record(5))
    const stock = { record: record(6), unsaved: { ancestors: [] }, stored: record(5) }
    expect(await rehearse(desk, stock)).toBe(false)
    expect(store.calls).toEqual([])
  })
})

describe('where no refresh token is spent', () => {
  it('nothing is asked of the store', async () => {
    const { desk, store } = deskOver(record(5), { acquires: true })
    expect(await rehearse(desk, { ...savedStock(record(5)), saveError: SAVE_ERROR })).toBe(true)
    expect(store.calls).toEqual([])
  })
})
