import { TokenManager, type TokenManagerOptions } from 'tokenward'
import { describe, expect, it } from 'vitest'
import { watch } from '../support/session/promises.js'
import { recordOf } from '../support/session/records.js'
import { expire } from '../support/session/scene.js'
import { ScriptedStore, fails } from '../support/session/scripted-store.js'
import { SessionServer } from '../support/session/server.js'
import { fakeTime, pass, settle } from '../support/session/time.js'

fakeTime()

function fleet(size: number, options: Partial<TokenManagerOptions> = {}) {
  const server = new SessionServer()
  const store = new ScriptedStore(recordOf(server.login('ann')))
  const managers = Array.from(
    { length: size },
    () => new TokenManager({ refresh: server.refresh, store, ...options } as TokenManagerOptions),
  )
  return { server, store, managers }
}

// A retry is worth something only inside the lease that makes it safe.
describe('one save that failed', () => {
  it('is tried again before the next process in line may spend the spent refresh token', async () => {
    const { server, store, managers } = fleet(3)
    for (const manager of managers) await manager.getAccessToken()
    expire()
    store.next('save', fails)
    const callers = managers.map((manager) => watch(manager.getAccessToken()))
    await pass(5_000)
    expect(callers.map(({ value }) => value)).toEqual(Array(3).fill('ann/access-2'))
    expect(server.presented).toEqual(['ann/refresh-1'])
    expect(store.storedToken).toBe('ann/access-2')
  })

  it('keeps no caller waiting', async () => {
    const { store, managers } = fleet(1)
    const [manager] = managers
    await manager!.getAccessToken()
    expire()
    store.always('save', fails)
    const caller = watch(manager!.getAccessToken())
    await settle()
    expect(caller.value).toBe('ann/access-2')
  })

  it('is tried again by a program that closes and ends', async () => {
    const { store, managers } = fleet(1)
    const [manager] = managers
    await manager!.getAccessToken()
    expire()
    store.next('save', fails)
    await manager!.getAccessToken()
    await manager!.close()
    expect(store.storedToken).toBe('ann/access-2')
  })

  it('of a logout is tried again, though nobody calls any more', async () => {
    const { store, managers } = fleet(1)
    const [manager] = managers
    await manager!.getAccessToken()
    store.next('save', fails)
    await expect(manager!.signOut()).rejects.toMatchObject({ code: 'ERR_TOKEN_STORE' })
    expect(store.record?.tokens).not.toBeNull()
    await pass(5_000)
    expect(store.record?.tokens).toBeNull()
  })

  it('of a login is tried again, though nobody calls any more', async () => {
    const { server, store, managers } = fleet(1)
    const [manager] = managers
    await manager!.getAccessToken()
    store.next('save', fails)
    const login = manager!.setTokens(server.login('bob'))
    await expect(login).rejects.toMatchObject({ code: 'ERR_TOKEN_STORE' })
    await pass(5_000)
    expect(store.storedToken).toBe('bob/access-1')
  })
})
