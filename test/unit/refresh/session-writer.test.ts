import { isTokenError, TokenManager } from 'tokenward'
import { describe, expect, it } from 'vitest'
import { scene } from '../../behaviour/support/session-scene.js'
import {
  fails,
  gate,
  ScriptedStore,
  type Behaviour,
} from '../../behaviour/support/session-stores.js'
import { fakeTime, settle, watch } from '../../behaviour/support/session-time.js'

fakeTime()

/** It is done, and is heard of when the test says so. */
function landsFirst(): Behaviour & { hear: () => void } {
  let hear!: () => void
  const heard = new Promise<void>((resolve) => (hear = resolve))
  const behaviour: Behaviour = async (perform) => {
    const result = await perform()
    await heard
    return result
  }
  return Object.assign(behaviour, { hear })
}

describe('a login', () => {
  it('that is in the store before it is heard of is waited for by a first look', async () => {
    const store = new ScriptedStore()
    const [seeding, landing] = [gate(), landsFirst()]
    store.next('save', seeding, landing)
    const tokens = new TokenManager({
      refresh: () => Promise.reject(new Error('not called')),
      initialTokens: { accessToken: 'seed', refreshToken: 'rt-seed', expiresIn: 300 },
      store,
    })
    const told: string[] = []
    tokens.on('tokensSet', () => told.push('tokensSet'))
    tokens.on('adopted', () => told.push('adopted'))
    const caller = watch(tokens.getAccessToken())
    await seeding.arrived
    const login = tokens.setTokens({ accessToken: 'login', refreshToken: 'rt', expiresIn: 300 })
    await settle()
    expect(store.storedToken).toBe('login')
    seeding.open() // the seed is refused
    await settle()
    expect(caller.status).toBe('pending') // whose the record is nobody can tell yet
    landing.hear()
    await login
    await settle()
    expect(caller.value).toBe('login')
    expect(tokens.sessionId).toBe(store.stored?.sessionId)
    expect(told).toEqual(['tokensSet'])
  })

  it('is in force where the store refuses it again and again, and says so', async () => {
    const { server, store, manager } = scene()
    const tokens = manager()
    await tokens.getAccessToken()
    store.always('save', () => Promise.resolve(false))
    const told: string[] = []
    tokens.on('saveFailed', ({ error }) => told.push(error.operation))
    const error: unknown = await tokens.setTokens(server.login('bob')).catch((e: unknown) => e)
    await settle()
    expect(isTokenError(error, 'ERR_TOKEN_STORE')).toBe(true)
    expect(store.calls.filter((call) => call === 'save')).toHaveLength(8)
    expect(told).toEqual(['save'])
    expect(tokens.peek()).toBe('bob/access-1')
    expect(store.storedToken).toBe('ann/access-1')
  })

  it('that failed to be saved is saved over a refresh of the session it replaced', async () => {
    const { server, requests, store, manager } = scene()
    const [here, there] = [manager(), manager()]
    await Promise.all([here.getAccessToken(), there.getAccessToken()])
    store.next('save', fails)
    await here.setTokens(server.login('bob')).catch(() => undefined)
    const refreshed = there.refresh()
    await settle()
    requests.last.answer()
    await refreshed
    expect(store.storedToken).toBe('ann/access-2')
    await here.close()
    expect(store.storedToken).toBe('bob/access-1')
  })
})

describe('a logout', () => {
  it('that is to revoke is refused where nobody said how, and ends nothing', async () => {
    const { store, manager } = scene()
    const tokens = manager()
    await tokens.getAccessToken()
    await expect(tokens.signOut({ revoke: true })).rejects.toMatchObject({
      code: 'ERR_TOKEN_OPTIONS',
    })
    expect(tokens.peek()).toBe('ann/access-1')
    expect(store.storedToken).toBe('ann/access-1')
  })

  it('that is to revoke does, where somebody said how', async () => {
    const { manager } = scene()
    const revoked: string[] = []
    const tokens = manager({ revoke: ({ tokens }) => void revoked.push(tokens.accessToken) })
    await tokens.getAccessToken()
    await tokens.signOut({ revoke: true })
    expect(revoked).toEqual(['ann/access-1'])
  })

  it('that a login follows before it is written leaves the login in force', async () => {
    const { server, store, manager } = scene()
    const tokens = manager()
    await tokens.getAccessToken()
    const loggedOut = tokens.signOut()
    const loggedIn = tokens.setTokens(server.login('bob'))
    await Promise.all([loggedOut, loggedIn])
    expect(tokens.peek()).toBe('bob/access-1')
    expect(store.storedToken).toBe('bob/access-1')
  })

  it('that fails to be written leaves the login after it in force', async () => {
    const { server, store, manager } = scene()
    const tokens = manager()
    await tokens.getAccessToken()
    store.next('save', fails)
    const loggedOut = tokens.signOut().catch((error: unknown) => error)
    await tokens.setTokens(server.login('bob'))
    expect(await loggedOut).toMatchObject({ code: 'ERR_TOKEN_STORE', operation: 'save' })
    expect(tokens.peek()).toBe('bob/access-1')
    expect(store.storedToken).toBe('bob/access-1')
  })

  it('is in force where the store refuses it again and again, and is written later', async () => {
    const { store, manager } = scene()
    const tokens = manager()
    await tokens.getAccessToken()
    store.always('save', () => Promise.resolve(false))
    await expect(tokens.signOut()).rejects.toMatchObject({ operation: 'save' })
    await expect(tokens.getAccessToken()).rejects.toMatchObject({ reason: 'signed-out' })
    store.always('save')
    await tokens.close()
    expect(store.stored?.tokens).toBeNull()
  })
})
