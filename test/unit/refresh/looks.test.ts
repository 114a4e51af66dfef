import { describe, expect, it } from 'vitest'
import { Looks } from '../../../src/refresh/looks.js'
import { fails, gate } from '../../behaviour/support/session-stores.js'
import { fakeTime, pass } from '../../behaviour/support/session-time.js'
import { deskOver, record } from '../support/desk.js'

fakeTime()

function looksOver(stored = record(5)) {
  const { desk, store, held } = deskOver(stored)
  return { looks: new Looks(desk, undefined, () => false), store, held }
}

describe('looks at the store', () => {
  it('are shared by all who want one while it is under way', async () => {
    const { looks, store, held } = looksOver()
    const looking = gate()
    store.next('load', looking)
    const both = [looks.look(), looks.look()]
    looking.open()
    await Promise.all(both)
    expect(store.calls).toEqual(['load'])
    expect(held.record).toEqual(record(5))
  })

  it('are made anew afterwards, also after one that failed', async () => {
    const { looks, store } = looksOver()
    store.next('load', fails)
    await expect(looks.look()).rejects.toMatchObject({ code: 'ERR_TOKEN_STORE' })
    await looks.look()
    expect(store.calls).toEqual(['load', 'load'])
  })

  it('are stale a second after the last one began', async () => {
    const { looks } = looksOver()
    expect(looks.isStale).toBe(true)
    await looks.look()
    await pass(999)
    expect(looks.isStale).toBe(false)
    await pass(1)
    expect(looks.isStale).toBe(true)
    looks.begun()
    expect(looks.isStale).toBe(false)
  })
})
