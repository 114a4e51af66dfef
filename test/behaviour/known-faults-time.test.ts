import { AsyncLocalStorage } from 'node:async_hooks'
import { TokenManager, type TokenStore } from 'tokenward'
import { describe, expect, it, vi } from 'vitest'
import { LIFETIME_MS, createIssuer, signedIn } from '../support/session/issuer.js'
import { held, watch } from '../support/session/promises.js'
import { storedTokens } from '../support/session/records.js'
import { ScriptedStore, before } from '../support/session/scripted-store.js'
import { fakeTime, jump, pass, settle } from '../support/session/time.js'

fakeTime()

const HOUR_MS = 3_600_000

// Durations are measured by a clock that nobody sets.
describe('a wall clock that is set back by an hour', () => {
  it('stops no look at the store', async () => {
    const store = new ScriptedStore(
      storedTokens('at-old', { sessionId: 'ann', lifetimeMs: 4 * HOUR_MS }),
    )
    const manager = signedIn(createIssuer(), { store, recheckMs: 1_000 })
    await manager.getAccessToken()
    jump(-HOUR_MS)
    const looks = store.count('load')
    for (let use = 0; use < 5; use++) {
      await pass(1_000)
      manager.peek()
      await settle()
    }
    expect(store.count('load') - looks).toBe(5)
  })

  it('stops no second attempt to save', async () => {
    const store = new ScriptedStore(storedTokens('at-old', { sessionId: 'ann' }))
    const manager = signedIn(createIssuer(), { store })
    await manager.getAccessToken()
    store.always(
      'save',
      before(() => Promise.reject(new Error('disk full'))),
    )
    await manager.refresh()
    jump(-HOUR_MS)
    store.always('save')
    await pass(10_000)
    manager.peek()
    await settle()
    expect(store.record?.tokens?.accessToken).toBe('at-2')
  })

  it('keeps no token that a refresh brought in use beyond its lifetime', async () => {
    const manager = signedIn(createIssuer())
    await manager.refresh()
    jump(-HOUR_MS)
    await pass(LIFETIME_MS)
    expect(manager.peek()).toBeUndefined()
    expect(await manager.getAccessToken()).toBe('at-3')
  })
})

// A timer stands still while the machine sleeps.
describe('keepFresh', () => {
  it('judges again within a minute of waking', async () => {
    const issuer = createIssuer({ lifetimeMs: HOUR_MS })
    const manager = signedIn(issuer, { keepFresh: true })
    await pass(60_000)
    jump(55 * 60_000) // the lid was closed: the clock went on, no timer did
    await pass(60_000)
    expect(issuer.spent).toHaveLength(1)
    expect(manager.peek()).toBe('at-2')
  })

  it('renews no more than once a second, however short a token lives', async () => {
    const issuer = createIssuer({ lifetimeMs: 1 })
    signedIn(issuer, { keepFresh: true })
    await pass(10_000)
    expect(issuer.spent.length).toBeGreaterThan(1)
    expect(issuer.spent.length).toBeLessThanOrEqual(11)
  })
})

// Nothing of one request's asynchronous context is kept by shared work.
describe('the asynchronous context of a request', () => {
  const users = new AsyncLocalStorage<string>()

  it('is not that of the refresh which it began, nor of the timer', async () => {
    const issuer = createIssuer()
    const seen: unknown[] = []
    issuer.always = () => {
      seen.push(users.getStore())
      return issuer.issue()
    }
    const manager = users.run('ann', () => signedIn(issuer, { keepFresh: true }))
    await users.run('ben', () => manager.refresh())
    await pass(LIFETIME_MS) // renewed by the timer that this refresh had set
    expect(seen).toEqual([undefined, undefined])
  })

  it('is not that of a save which is tried again', async () => {
    const store = new ScriptedStore(storedTokens('at-old', { sessionId: 'ann' }))
    const manager = signedIn(createIssuer(), { store })
    await manager.getAccessToken()
    store.always(
      'save',
      before(() => Promise.reject(new Error('disk full'))),
    )
    await users.run('ben', () => manager.refresh())
    await pass(30_000)
    const seen: unknown[] = []
    store.always(
      'save',
      before(() => void seen.push(users.getStore())),
    )
    await pass(60_000)
    expect(seen).toEqual([undefined])
  })
})

// What the platform's edges are like.
describe('twenty waits on one signal', () => {
  it('put one listener on it, so that nobody is warned of a leak', async () => {
    const issuer = createIssuer()
    const response = held()
    issuer.next(() => response.promise.then(issuer.issue))
    const manager = signedIn(issuer)
    const { signal } = new AbortController()
    const add = vi.spyOn(signal, 'addEventListener')
    const waits = Array.from({ length: 20 }, () => watch(manager.refresh({ signal })))
    await settle()
    response.resolve()
    await settle()
    expect(new Set(waits.map(({ value }) => value))).toEqual(new Set(['at-2']))
    expect(add.mock.calls.length).toBeLessThanOrEqual(1)
  })
})

describe('the signal of a polyfill', () => {
  it('ends a wait, though it has no reason and no throwIfAborted', async () => {
    const issuer = createIssuer()
    issuer.next(() => new Promise(() => undefined))
    const manager = signedIn(issuer)
    const target = Object.assign(new EventTarget(), { aborted: false })
    const signal = target as unknown as AbortSignal
    const wait = watch(manager.refresh({ signal }))
    await settle()
    Object.assign(target, { aborted: true })
    target.dispatchEvent(new Event('abort'))
    await settle()
    expect(wait.error).toMatchObject({ name: 'AbortError' })
    await expect(manager.getAccessToken({ signal })).rejects.toMatchObject({ name: 'AbortError' })
  })
})

describe('a test runner that has taken the queue of microtasks', () => {
  it('swallows no event', async () => {
    vi.useRealTimers()
    vi.useFakeTimers({ toFake: ['queueMicrotask'] })
    const issuer = createIssuer()
    const manager = signedIn(issuer)
    const told: unknown[] = []
    manager.on('refreshed', ({ reason }) => told.push(reason))
    await manager.refresh()
    expect(told).toEqual(['forced'])
  })
})

// What never comes is not waited for.
describe('a lease whose release never settles', () => {
  it('holds up no later refresh, and no close for longer than a store may take', async () => {
    const issuer = createIssuer()
    const open = new ScriptedStore(storedTokens('at-old', { sessionId: 'ann' }))
    const store: TokenStore = {
      load: () => open.load(),
      save: (session, condition) => open.save(session, condition),
      exclusive: async (task) => {
        await task({ isHeld: () => true })
        return new Promise(() => undefined)
      },
    }
    const manager = new TokenManager({ refresh: issuer.refresh, store })
    await manager.getAccessToken()
    for (let turn = 1; turn <= 3; turn++) {
      const token = watch(manager.refresh())
      await settle()
      expect(token.value).toBe(`at-${turn}`)
    }
    const closed = watch(manager.close())
    await pass(5_000)
    expect(closed.tookMs).toBe(5_000)
  })
})
