import fc from 'fast-check'
import { TokenManager, TokenStoreError } from 'tokenward'
import { describe, expect, it } from 'vitest'
import { watch } from '../support/session/promises.js'
import { recordOf } from '../support/session/records.js'
import { expire, expiredScene, scene } from '../support/session/scene.js'
import {
  ScriptedStore,
  fails,
  gate,
  hangs,
  landsUnheard,
} from '../support/session/scripted-store.js'
import { SessionServer, userOf } from '../support/session/server.js'
import { fakeTime, pass, settle } from '../support/session/time.js'
import { play, worlds } from '../support/session/world.js'

/** How long an unsaved set waits for a use before saving is tried again, and a bit. */
const RESAVE_MS = 5_100

describe('Law 3, saved before used: the store works', () => {
  fakeTime()

  it('gives a new token to nobody before the store has said that it is saved', async () => {
    const { requests, store, manager } = expiredScene()
    const tokens = manager()
    const events: string[] = []
    tokens.on('refreshed', () => events.push('refreshed'))
    const saving = gate()
    store.next('save', saving)
    const calls = [tokens.getAccessToken(), tokens.refresh()].map(watch)
    await settle()
    requests.last.answer()
    await saving.arrived
    await settle()
    expect(tokens.peek()).toBeUndefined()
    expect(calls.map(({ status }) => status)).toEqual(['pending', 'pending'])
    expect(events).toEqual([])
    saving.open()
    await settle()
    expect(calls.map(({ value }) => value)).toEqual(['ann/access-2', 'ann/access-2'])
    expect(events).toEqual(['refreshed'])
  })

  it('goes on giving a due token while its successor is being saved', async () => {
    const { requests, store, manager } = scene()
    const tokens = manager()
    await tokens.getAccessToken()
    await pass(300_000 * 0.85)
    const saving = gate()
    store.next('save', saving)
    await tokens.getAccessToken()
    await settle()
    requests.last.answer()
    await saving.arrived
    expect(await tokens.getAccessToken()).toBe('ann/access-1')
    saving.open()
    await settle()
    expect(await tokens.getAccessToken()).toBe('ann/access-2')
  })

  it('gives a login to nobody before it is saved', async () => {
    const { server, store, manager } = scene()
    const tokens = manager()
    await tokens.getAccessToken()
    const saving = gate()
    store.next('save', saving)
    const login = tokens.setTokens(server.login('bob'))
    await saving.arrived
    expect(await tokens.getAccessToken()).toBe('ann/access-1')
    saving.open()
    await login
    expect(store.storedToken).toBe('bob/access-1')
    expect(await tokens.getAccessToken()).toBe('bob/access-1')
  })

  it('stores a seed before it is used, where the store holds nothing', async () => {
    const server = new SessionServer()
    const store = new ScriptedStore()
    const tokens = new TokenManager({
      refresh: server.refresh,
      store,
      initialTokens: server.login('ann'),
    })
    expect(await tokens.getAccessToken()).toBe('ann/access-1')
    expect(store.storedToken).toBe('ann/access-1')
  })

  it('stores the record whole, fields it does not know included', async () => {
    const { requests, store, manager } = expiredScene()
    store.put({ ...store.record!, dpopKey: { kty: 'EC' } } as never)
    const call = manager().getAccessToken()
    await settle()
    requests.last.answer()
    await call
    expect(store.record).toMatchObject({ dpopKey: { kty: 'EC' } })
  })

  it('saves a late answer before anybody gets it, if the store holds what it was made from', async () => {
    const { requests, store, manager } = expiredScene()
    const tokens = manager()
    void watch(tokens.getAccessToken())
    await pass(31_000)
    const saving = gate()
    store.next('save', saving)
    requests.last.answer()
    await saving.arrived
    expect(tokens.peek()).toBeUndefined()
    saving.open()
    await settle()
    expect(store.storedToken).toBe('ann/access-2')
    expect(tokens.peek()).toBe('ann/access-2')
    expect(requests.all).toHaveLength(1)
  })
})

describe('Law 3, saved before used: saving fails', () => {
  fakeTime()

  it.each([
    ['rejects', fails],
    ['hangs', hangs],
    [
      'throws at once',
      () => {
        throw new Error('disk full')
      },
    ],
    ['resolves to nothing', () => Promise.resolve(undefined)],
  ])('keeps the tokens usable and says so where save %s', async (_how, behaviour) => {
    const { requests, store, manager } = expiredScene()
    const tokens = manager()
    const told: unknown[] = []
    tokens.on('saveFailed', ({ error }) => told.push(error))
    const call = watch(tokens.getAccessToken())
    await settle()
    store.next('save', behaviour)
    requests.last.answer()
    await pass(5_000)
    expect(call.value).toBe('ann/access-2')
    expect(await tokens.getAccessToken()).toBe('ann/access-2')
    expect(told).toEqual([expect.any(TokenStoreError)])
    expect(told).toMatchObject([{ operation: 'save' }])
  })

  it('tries again in the background at a use, without spending anything', async () => {
    const { requests, store, manager } = await unsavedRefresh()
    const tokens = manager
    await pass(RESAVE_MS)
    await tokens.getAccessToken()
    await settle()
    expect(store.storedToken).toBe('ann/access-2')
    expect(requests.all).toHaveLength(1)
  })

  it('saves it first thing in the next cycle, inside the lease, before the next request', async () => {
    const { requests, store, manager } = await unsavedRefresh()
    expire()
    const seen: (string | undefined)[] = []
    store.next('exclusive', (perform) => (seen.push('leased'), perform()))
    store.next('save', (perform) => (seen.push('saved'), perform()))
    const call = manager.getAccessToken()
    await settle()
    expect(seen).toEqual(['saved', 'leased']) // in the lease of the refresh that brought it
    expect(store.storedToken).toBe('ann/access-2')
    expect(requests.last.refreshToken).toBe('ann/refresh-2')
    requests.last.answer()
    expect(await call).toBe('ann/access-3')
    expect(store.storedToken).toBe('ann/access-3')
  })

  it('spends nothing more while saving fails, and then goes on from the newest refresh token', async () => {
    const { server, requests, store, manager } = await unsavedRefresh()
    store.always('save', fails)
    await pass(270_000) // due
    expect(await manager.getAccessToken()).toBe('ann/access-2')
    await settle()
    expire()
    for (let call = 0; call < 2; call++) {
      await expect(manager.getAccessToken()).rejects.toMatchObject({ code: 'ERR_TOKEN_STORE' })
    }
    expect(server.presented).toEqual(['ann/refresh-1'])

    store.always('save')
    const call = manager.getAccessToken()
    await settle()
    expect(store.storedToken).toBe('ann/access-2')
    requests.last.answer()
    expect(await call).toBe('ann/access-3')
    expect(server.presented).toEqual(['ann/refresh-1', 'ann/refresh-2'])
  })

  it('tells who needs another token at once that the store fails, while it goes on saving in its lease', async () => {
    const { requests, store, manager } = expiredScene()
    const tokens = manager()
    const first = watch(tokens.getAccessToken())
    await settle()
    store.always('save', fails)
    requests.last.answer()
    await settle()
    expect(first.value).toBe('ann/access-2')
    const forced = watch(tokens.refresh())
    await settle()
    expect(forced.error).toMatchObject({ code: 'ERR_TOKEN_STORE', operation: 'save' })
    store.always('save')
    const again = watch(tokens.refresh())
    await settle()
    expect(store.storedToken).toBe('ann/access-2')
    requests.last.answer()
    await settle()
    expect(again.value).toBe('ann/access-3')
  })

  it('goes on saving to the end of its time, in its lease: nobody spends the spent refresh token', async () => {
    const { server, requests, store, manager } = expiredScene()
    const first = watch(manager().getAccessToken())
    await settle()
    store.always('save', fails)
    requests.last.answer()
    await pass(20_000) // an outage that lasts
    expect(first.value).toBe('ann/access-2')
    const other = watch(manager().getAccessToken())
    await settle()
    store.always('save')
    await pass(2_100)
    expect(store.storedToken).toBe('ann/access-2')
    expect(other.value).toBe('ann/access-2')
    expect(server.presented).toEqual(['ann/refresh-1'])
    expect(requests.all).toHaveLength(1)
  })

  it('takes a save that timed out but landed for what it is', async () => {
    const { requests, store, manager } = expiredScene()
    const tokens = manager()
    const call = watch(tokens.getAccessToken())
    await settle()
    store.next('save', landsUnheard)
    requests.last.answer()
    await pass(5_000)
    expect(call.value).toBe('ann/access-2')
    await pass(RESAVE_MS)
    await tokens.getAccessToken()
    await settle()
    expect(store.record).toMatchObject({ tokens: { accessToken: 'ann/access-2' } })

    expire()
    const next = tokens.getAccessToken()
    await settle()
    requests.last.answer()
    expect(await next).toBe('ann/access-3')
  })

  it('saves what is unsaved when it is closed', async () => {
    const { store, manager } = await unsavedRefresh()
    await manager.close()
    expect(store.storedToken).toBe('ann/access-2')
  })

  it('closes in bounded time where it cannot be saved', async () => {
    const { store, manager } = await unsavedRefresh()
    store.always('save', hangs)
    const closing = watch(manager.close())
    await pass(LEASED_MS + 15_000)
    expect(closing.status).toBe('resolved')
  })
})

describe('Law 3, saved before used: what outranks an unsaved refresh', () => {
  fakeTime()

  it('it outranks a store that still holds what it replaced', async () => {
    const { store, manager } = await unsavedRefresh()
    await pass(RESAVE_MS)
    await manager.getAccessToken()
    await settle()
    expect(store.storedToken).toBe('ann/access-2')
  })

  it('it outranks a store that holds nothing any more', async () => {
    const { store, manager } = await unsavedRefresh()
    store.put(undefined)
    expire()
    const call = watch(manager.getAccessToken())
    await settle()
    expect(store.storedToken).toBe('ann/access-2')
    expect(call.status).toBe('pending')
  })

  it('a login found there wins at once', async () => {
    const { server, store, manager } = await unsavedRefresh()
    store.put(recordOf(server.login('bob'), { sessionId: 'second', version: 6 }))
    await useUntilLooked(manager)
    expect(store.storedToken).toBe('bob/access-1')
    expect(manager.peek()).toBe('bob/access-1')
  })

  it('a logout found there wins at once', async () => {
    const { store, manager } = await unsavedRefresh()
    store.put({ ...store.record!, version: 6, tokens: null })
    await useUntilLooked(manager)
    expect(store.record?.tokens).toBeNull()
    await expect(manager.getAccessToken()).rejects.toMatchObject({ reason: 'signed-out' })
  })

  it('a logout found there wins also over a set that failed to be saved several times', async () => {
    const { store, manager } = await unsavedRefresh()
    store.always('save', fails)
    await pass(LEASED_MS)
    expire()
    await expect(manager.getAccessToken()).rejects.toMatchObject({ code: 'ERR_TOKEN_STORE' })
    store.always('save')
    store.put({ ...store.record!, version: 6, tokens: null }) // another process logs out
    await useUntilLooked(manager)
    expect(store.record?.tokens).toBeNull()
    await expect(manager.getAccessToken()).rejects.toMatchObject({ reason: 'signed-out' })
  })

  it('a newer version found there wins also over a set that failed to be saved several times', async () => {
    const { store, manager } = await unsavedRefresh()
    store.always('save', fails)
    await pass(LEASED_MS)
    expire()
    await expect(manager.getAccessToken()).rejects.toMatchObject({ code: 'ERR_TOKEN_STORE' })
    store.always('save')
    const theirs = { accessToken: 'theirs', refreshToken: 'their-refresh', expiresIn: 300 }
    store.put(recordOf(theirs, { version: 6 }))
    await useUntilLooked(manager)
    expect(store.storedToken).toBe('theirs')
  })
})

describe('Law 3, saved before used: tokens with the refresh token in force, handed in during a refresh', () => {
  fakeTime()

  it('do not take the place of what the refresh brought, where neither could be saved', async () => {
    const { requests, store, call, handIn } = await refreshUnderWay()
    const saving = gate()
    store.next('save', (perform) => saving(() => fails(perform)))
    store.always('save', fails)
    const handedIn = watch(handIn())
    await saving.arrived
    requests.last.answer()
    await settle()
    saving.open()
    await settle()
    expect(call.value).toBe('ann/access-2')
    expect(handedIn.error).toBeInstanceOf(TokenStoreError)
    store.always('save')
    await pass(2 * RESAVE_MS)
    expect(store.record?.tokens?.refreshToken).toBe('ann/refresh-2')
  })

  it('nor where the store tells of both only later', async () => {
    const { requests, store, tokens, call, handIn } = await refreshUnderWay()
    const unheard = gate()
    store.next('save', async (perform) => {
      const isSaved = await perform()
      return unheard(() => Promise.resolve(isSaved))
    })
    const handedIn = handIn()
    await unheard.arrived
    requests.last.answer()
    await settle()
    expect(call.value).toBe('ann/access-2')
    unheard.open()
    await handedIn
    expect(tokens.peek()).toBe('ann/access-2')
    expect(store.storedToken).toBe('ann/access-2')
  })

  it('and are not given up for a note of another process on what they were made from', async () => {
    const { store, manager } = scene()
    const tokens = manager()
    const { refreshToken } = (await tokens.getTokens())!
    store.next('save', fails)
    const handedIn = watch(tokens.setTokens({ accessToken: 'by-hand', refreshToken, expiresIn: 300 })) // prettier-ignore
    await settle()
    expect(handedIn.error).toBeInstanceOf(TokenStoreError)
    const { version, ...stored } = store.record!
    const spending = { since: Date.now(), by: '41@web-3', attempts: 1 }
    store.put({ ...stored, version: version + 5, ancestors: [version], spending })
    await useUntilLooked(tokens)
    expect(tokens.peek()).toBe('by-hand')
    expect(store.storedToken).toBe('by-hand')
  })

  async function refreshUnderWay() {
    const { requests, store, manager } = expiredScene()
    const tokens = manager()
    const call = watch(tokens.getAccessToken())
    await settle()
    const handIn = () =>
      tokens.setTokens({ accessToken: 'by-hand', refreshToken: 'ann/refresh-1', expiresIn: 300 })
    return { requests, store, tokens, call, handIn }
  }
})

describe('Law 3, saved before used: a login that could not be saved', () => {
  fakeTime()

  it('rejects with the TokenStoreError, is in force all the same, and is saved later', async () => {
    const { server, store, manager } = scene()
    const tokens = manager()
    await tokens.getAccessToken()
    store.next('save', fails)
    await expect(tokens.setTokens(server.login('bob'))).rejects.toBeInstanceOf(TokenStoreError)
    expect(await tokens.getAccessToken()).toBe('bob/access-1')
    await useUntilLooked(tokens)
    expect(store.storedToken).toBe('bob/access-1')
  })

  it('is not undone by the logout that it followed', async () => {
    const { server, store, manager } = scene()
    const tokens = manager()
    await tokens.signOut()
    store.next('save', fails)
    await tokens.setTokens(server.login('bob')).catch(() => undefined)
    expect(await tokens.getAccessToken()).toBe('bob/access-1')
    await useUntilLooked(tokens)
    expect(await tokens.getAccessToken()).toBe('bob/access-1')
    expect(store.storedToken).toBe('bob/access-1')
  })

  it('is not undone by the end of the session before it', async () => {
    const { server, requests, store, manager } = expiredScene()
    const tokens = manager()
    server.endSession('ann')
    const call = watch(tokens.getAccessToken())
    await settle()
    requests.last.answer()
    await settle()
    expect(call.error).toMatchObject({ reason: 'invalid-grant' })
    store.next('save', fails)
    await tokens.setTokens(server.login('bob')).catch(() => undefined)
    await useUntilLooked(tokens)
    expect(store.storedToken).toBe('bob/access-1')
  })

  it('is not undone by a logout that was still being saved when it came', async () => {
    const { server, store, manager } = scene()
    const tokens = manager()
    await tokens.getAccessToken()
    const savingLogout = gate()
    store.next('save', savingLogout, fails)
    const logout = tokens.signOut()
    const login = tokens.setTokens(server.login('bob')).catch(() => undefined)
    savingLogout.open()
    await Promise.all([logout, login])
    await useUntilLooked(tokens)
    expect(await tokens.getAccessToken()).toBe('bob/access-1')
    expect(store.storedToken).toBe('bob/access-1')
  })

  it('is not undone by a login of another process that it had found and replaced', async () => {
    const { server, store, manager } = scene()
    const tokens = manager()
    await tokens.getAccessToken()
    store.put(recordOf(server.login('bob'), { sessionId: 'second', version: 6 }))
    store.next('save', fails)
    await tokens.setTokens(server.login('cyd')).catch(() => undefined)
    await useUntilLooked(tokens)
    expect(await tokens.getAccessToken()).toBe('cyd/access-1')
    expect(store.storedToken).toBe('cyd/access-1')
  })

  it('is not undone by a later refresh of the session that it replaced', async () => {
    const { server, store, manager } = scene()
    const tokens = manager()
    await tokens.getAccessToken()
    store.next('save', fails)
    await tokens.setTokens(server.login('bob')).catch(() => undefined)
    store.put(recordOf(server.process('ann/refresh-1'), { version: 6 }))
    await useUntilLooked(tokens)
    expect(store.storedToken).toBe('bob/access-1')
  })

  it('is not undone by such a refresh while it cannot be renewed for want of a save', async () => {
    const { server, requests, store, manager } = scene()
    const tokens = manager()
    await tokens.getAccessToken()
    store.always('save', fails)
    await tokens.setTokens(server.login('bob')).catch(() => undefined)
    expire()
    await expect(tokens.getAccessToken()).rejects.toMatchObject({ code: 'ERR_TOKEN_STORE' })
    store.always('save')
    store.put(recordOf(server.process('ann/refresh-1'), { version: 6 })) // another process
    const call = tokens.getAccessToken()
    await settle()
    expect(store.storedToken).toBe('bob/access-1')
    requests.last.answer()
    expect(await call).toBe('bob/access-2')
    expect(server.presented).toEqual(['ann/refresh-1', 'bob/refresh-1'])
  })

  it('is not undone by such a refresh that is saved while it is itself being saved', async () => {
    const { server, requests, store, manager } = scene()
    const tokens = manager()
    await tokens.getAccessToken()
    store.next('save', fails)
    await tokens.setTokens(server.login('bob')).catch(() => undefined)
    expire()
    const theirs = recordOf(server.process('ann/refresh-1'), { version: 6 }) // another process
    store.next('save', (perform) => (store.put(theirs), perform()))
    const call = tokens.getAccessToken()
    await settle()
    expect(store.record).toMatchObject({ tokens: { accessToken: 'bob/access-1' } })
    requests.last.answer()
    expect(await call).toBe('bob/access-2')
    expect(store.storedToken).toBe('bob/access-2')
  })

  it('is not undone by the refused refresh that it interrupted', async () => {
    const { server, requests, store, manager } = expiredScene()
    const tokens = manager()
    const call = watch(tokens.getAccessToken())
    await settle()
    store.next('save', fails)
    await tokens.setTokens(server.login('bob')).catch(() => undefined)
    server.endSession('ann')
    requests.last.answer() // invalid_grant, for a session that is over here
    await settle()
    expect(call.error).toMatchObject({ reason: 'session-changed' })
    await useUntilLooked(tokens)
    expect(await tokens.getAccessToken()).toBe('bob/access-1')
    expect(store.storedToken).toBe('bob/access-1')
  })

  it('is not undone by the logout before it, which a background save was still writing', async () => {
    const { server, store, manager } = scene()
    const tokens = manager()
    await tokens.getAccessToken()
    const savingLogout = gate()
    store.next('save', fails, savingLogout, fails)
    await tokens.signOut().catch(() => undefined)
    await pass(RESAVE_MS) // has the logout saved in the background
    await savingLogout.arrived
    const login = tokens.setTokens(server.login('bob')).catch(() => undefined)
    await settle()
    savingLogout.open()
    await login
    await useUntilLooked(tokens)
    expect(store.storedToken).toBe('bob/access-1')
  })

  it('gives way to a login that another process made after it, where the store held nothing', async () => {
    const server = new SessionServer()
    const store = new ScriptedStore()
    const tokens = new TokenManager({ refresh: server.refresh, store })
    await tokens.getTokens()
    store.next('save', fails)
    await tokens.setTokens(server.login('ann')).catch(() => undefined)
    const elsewhere = new TokenManager({ refresh: server.refresh, store })
    await elsewhere.setTokens(server.login('bob'))
    await useUntilLooked(tokens)
    expect(store.storedToken).toBe('bob/access-1')
    expect(await tokens.getAccessToken()).toBe('bob/access-1')
  })

  it('gives way to a logout found there', async () => {
    const { server, store, manager } = scene()
    const tokens = manager()
    await tokens.getAccessToken()
    store.next('save', fails)
    await tokens.setTokens(server.login('bob')).catch(() => undefined)
    await manager().signOut()
    await useUntilLooked(tokens)
    expect(store.record?.tokens).toBeNull()
    await expect(tokens.getAccessToken()).rejects.toMatchObject({ reason: 'signed-out' })
  })

  it('replaces a damaged record as soon as the store can be written', async () => {
    const { server, store, manager } = scene()
    const tokens = manager()
    store.put({ sessionId: 'first-session', version: 5, tokens: { accessToken: 7 } } as never)
    store.next('save', fails)
    await tokens.setTokens(server.login('bob')).catch(() => undefined)
    await useUntilLooked(tokens)
    expect(store.storedToken).toBe('bob/access-1')
  })

  it('is saved when the manager is closed', async () => {
    const { server, store, manager } = scene()
    const tokens = manager()
    await tokens.getAccessToken()
    store.next('save', fails)
    await tokens.setTokens(server.login('bob')).catch(() => undefined)
    await tokens.close()
    expect(store.storedToken).toBe('bob/access-1')
  })
})

describe('Law 3, saved before used: a logout that could not be saved', () => {
  fakeTime()

  it('is in force all the same, and is saved later', async () => {
    const { store, manager } = scene()
    const tokens = manager()
    await tokens.getAccessToken()
    store.next('save', fails)
    await expect(tokens.signOut()).rejects.toBeInstanceOf(TokenStoreError)
    await expect(tokens.getAccessToken()).rejects.toMatchObject({ reason: 'signed-out' })
    await useUntilLooked(tokens)
    expect(store.record?.tokens).toBeNull()
  })

  it('is not undone by the login that was still being saved when it came', async () => {
    const { server, store, manager } = scene()
    const tokens = manager()
    await tokens.getAccessToken()
    const savingLogin = gate()
    store.next('save', savingLogin, fails)
    const login = tokens.setTokens(server.login('bob'))
    await savingLogin.arrived
    const logout = tokens.signOut().catch(() => undefined)
    savingLogin.open()
    await Promise.all([login, logout])
    await useUntilLooked(tokens)
    await expect(tokens.getAccessToken()).rejects.toMatchObject({ reason: 'signed-out' })
    expect(store.record?.tokens).toBeNull()
  })
})

describe('Law 3, saved before used: in any order of events, with saves that fail', () => {
  it('gives nobody a token that is not saved, unless saving failed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), worlds({ isStoreFailing: true }), async (s, world) => {
        const { asked, saveFailures, acts } = await play(s, world)
        const unsaved = asked.filter(({ wasSaved }) => wasSaved === false)
        if (saveFailures === 0) expect(unsaved).toEqual([])
        const outcomes = [...asked.map(({ outcome }) => outcome), ...acts]
        expect(outcomes.filter(({ status }) => status === 'pending')).toEqual([])
      }),
      { numRuns: 60 },
    )
  })

  it('the last login or logout stands, and is saved in the end', async () => {
    const world = worlds({ isStoreFailing: true, managers: 1 })
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), world, async (s, each) => {
        const { server, store, endedWith, lastAct } = await play(s, each)
        expect(server.reused).toEqual([])
        expect(store.storedToken ? userOf(store.storedToken) : 'signed-out').toBe(lastAct)
        const expected = store.storedToken ?? 'signed-out'
        expect(endedWith).toEqual([expected])
      }),
      { numRuns: 200 },
    )
  })
})

/** Ann's refresh brought `ann/access-2`, and its save failed: the store holds version 5 still. */
async function unsavedRefresh() {
  const { server, requests, store, manager: make } = expiredScene()
  const manager = make()
  const call = manager.getAccessToken()
  await settle()
  store.next('save', fails)
  requests.last.answer()
  await call
  return { server, requests, store, manager }
}

/** As long as a refresh may take, it goes on saving inside its lease. */
const LEASED_MS = 25_000

/** Uses the manager until it has looked at the store again. */
async function useUntilLooked(tokens: TokenManager): Promise<void> {
  for (let use = 0; use < 2; use++) {
    await pass(RESAVE_MS)
    await tokens.getAccessToken().catch(() => undefined)
    await settle()
  }
}
