import { TokenManager, type TokenManagerOptions } from 'tokenward'
import { createFetch } from 'tokenward/fetch'
import { describe, expect, it } from 'vitest'
import { eventsOf } from '../support/session/events.js'
import {
  LIFETIME_MS,
  breaksConnection,
  createIssuer,
  refuses,
  signedIn,
} from '../support/session/issuer.js'
import { failureOf, held, watch } from '../support/session/promises.js'
import { storedTokens } from '../support/session/records.js'
import { ScriptedStore, before } from '../support/session/scripted-store.js'
import { fakeTime, pass, settle } from '../support/session/time.js'

fakeTime()

const CALENDAR = 'https://calendar.example.com'

/** Managers of so many processes on one store and one server. */
function fleet(size: number, options: Partial<TokenManagerOptions> = {}) {
  const issuer = createIssuer()
  const store = new ScriptedStore(storedTokens('at-old', { sessionId: 'ann' }))
  const managers = Array.from(
    { length: size },
    () => new TokenManager({ refresh: issuer.refresh, store, ...options } as TokenManagerOptions),
  )
  return { issuer, store, managers }
}

// What one process learned holds for all that share the session.
describe('an API that always answers 401', () => {
  it('costs a token request or two, however many processes ask it, and how often', async () => {
    const { issuer, managers } = fleet(20)
    const refused = () => Promise.resolve(new Response(null, { status: 401 }))
    const clients = managers.map((tokens) =>
      createFetch(tokens, { origins: ['https://api.example.com'], fetch: refused }),
    )
    for (let round = 0; round < 2; round++) {
      for (const ask of clients) {
        const response = watch(ask('https://api.example.com/me'))
        await settle()
        expect(response.value?.status).toBe(401)
      }
    }
    expect(issuer.spent.length).toBeLessThanOrEqual(2)
  })
})

describe('a response that never came', () => {
  it('lets the refresh token be presented once more, and then only after a pause that all keep', async () => {
    const { issuer, managers } = fleet(6)
    issuer.always = breaksConnection
    for (const manager of managers) await manager.getAccessToken()
    await pass(LIFETIME_MS)
    const callers = managers.map((manager) => watch(manager.getAccessToken()))
    await pass(900)
    expect(callers.every(({ error }) => error !== undefined)).toBe(true)
    expect(issuer.spent).toHaveLength(2)
    await pass(60_000)
    for (const manager of managers) watch(manager.getAccessToken())
    await pass(900)
    expect(issuer.spent.length).toBeLessThanOrEqual(4)
  })
})

describe('the time that the server asks to wait', () => {
  it('is kept by every process, also by those that did not ask', async () => {
    const { issuer, managers } = fleet(4, { retry: { attempts: 1 } })
    issuer.next(refuses(429, undefined, { 'Retry-After': '30' }))
    for (const manager of managers) await manager.getAccessToken()
    await pass(LIFETIME_MS)
    const callers = managers.map((manager) => watch(manager.getAccessToken()))
    await pass(1_000)
    expect(callers.map(({ error }) => (error as { code?: string } | undefined)?.code)).toEqual(
      Array(4).fill('ERR_REFRESH_UNAVAILABLE'),
    )
    expect(issuer.spent).toHaveLength(1)
    await pass(30_000)
    const later = watch(managers[3]!.getAccessToken())
    await settle()
    expect(later.value).toBe('at-1')
  })

  it('is kept by a process that begins later', async () => {
    const { issuer, store, managers } = fleet(1, { retry: { attempts: 1 } })
    issuer.next(refuses(503, undefined, { 'Retry-After': '30' }))
    await pass(LIFETIME_MS)
    await failureOf(managers[0]!.getAccessToken())
    const later = new TokenManager({ refresh: issuer.refresh, store })
    await expect(later.getAccessToken()).rejects.toMatchObject({ outcome: 'not-sent' })
    expect(issuer.spent).toHaveLength(1)
  })
})

describe('a cool-down', () => {
  it('of a resource ends with the session that it belongs to', async () => {
    const issuer = createIssuer()
    const manager = signedIn(issuer, { retry: { attempts: 1 } })
    issuer.next(refuses(503, undefined, { 'Retry-After': '600' }))
    await failureOf(manager.for({ resource: CALENDAR }).getAccessToken())
    await manager.setTokens(issuer.issue())
    const token = watch(manager.for({ resource: CALENDAR }).getAccessToken())
    await settle()
    expect(token.value).toMatch(/^at-/)
  })

  it('of a resource that never had a token ends with the session too', async () => {
    const issuer = createIssuer()
    const manager = signedIn(issuer, { retry: { attempts: 1 } })
    const calendar = manager.for({ resource: CALENDAR })
    issuer.next(refuses(503, undefined, { 'Retry-After': '600' }))
    await failureOf(calendar.getAccessToken())
    await manager.setTokens(issuer.issue())
    const token = watch(calendar.getAccessToken())
    await settle()
    expect(token.value).toMatch(/^at-/)
  })

  it('of a resource ends also with a login that another process made', async () => {
    const issuer = createIssuer()
    const store = new ScriptedStore(storedTokens('at-old', { sessionId: 'ann' }))
    const manager = signedIn(issuer, { store, retry: { attempts: 1 }, recheckMs: 1_000 })
    const calendar = manager.for({ resource: CALENDAR })
    await calendar.getAccessToken()
    issuer.next(refuses(503, undefined, { 'Retry-After': '600' }))
    await failureOf(calendar.refresh())
    store.put(storedTokens('at-ben', { sessionId: 'ben', version: 99 }))
    await pass(1_000)
    manager.peek()
    await settle()
    const token = watch(calendar.getAccessToken())
    await settle()
    expect(token.value).toMatch(/^at-/)
  })

  it('is not passed by a refresh that was only begun to save', async () => {
    const issuer = createIssuer()
    const store = new ScriptedStore(storedTokens('at-old', { sessionId: 'ann' }))
    const old = store.record
    const manager = signedIn(issuer, { store, retry: { attempts: 1 }, recheckMs: 1_000 })
    await manager.refresh()
    issuer.next(refuses(503, undefined, { 'Retry-After': '600' }))
    await failureOf(manager.refresh())
    const asked = issuer.spent.length
    store.put(old) // set back: what is in force here is unsaved
    await pass(1_000)
    manager.peek()
    await settle()
    const saving = held()
    store.always(
      'load',
      before(() => saving.promise),
    )
    await pass(6_000)
    manager.peek()
    await settle() // it is being saved
    const caller = watch(manager.refresh())
    await settle()
    store.always('load')
    saving.resolve()
    await settle()
    expect(caller.error).toMatchObject({ code: 'ERR_REFRESH_UNAVAILABLE' })
    expect(issuer.spent).toHaveLength(asked)
  })

  it('heeds the time that the server names, also in the pause after a failure of the store', async () => {
    const issuer = createIssuer()
    const store = new ScriptedStore(storedTokens('at-old', { sessionId: 'ann' }))
    const manager = signedIn(issuer, { store, retry: { attempts: 1 } })
    await manager.getAccessToken() // the store is known; what fails is a refresh
    store.next('load', () => Promise.reject(new Error('no store')))
    await expect(manager.refresh()).rejects.toMatchObject({ code: 'ERR_TOKEN_STORE' })
    issuer.next(refuses(503, undefined, { 'Retry-After': '40' }))
    await expect(manager.refresh()).rejects.toMatchObject({ status: 503 })
    await pass(5_000)
    await expect(manager.refresh()).rejects.toMatchObject({ outcome: 'not-sent' })
    expect(issuer.spent).toHaveLength(1)
    await pass(36_000)
    expect(await manager.refresh()).toBe('at-2')
  })

  it('that background failures began lets one caller ask, and not each', async () => {
    const issuer = createIssuer()
    const manager = signedIn(issuer, { retry: { attempts: 1 }, keepFresh: true })
    issuer.always = refuses(503)
    await pass(LIFETIME_MS * 0.97)
    const before = issuer.spent.length
    for (let caller = 1; caller <= 5; caller++) {
      await expect(manager.refresh()).rejects.toMatchObject({ code: 'ERR_REFRESH_UNAVAILABLE' })
    }
    expect(issuer.spent).toHaveLength(before + 1)
  })

  it('that background failures began does not bind the first caller after the expiry', async () => {
    const issuer = createIssuer()
    const manager = signedIn(issuer, { retry: { attempts: 1 }, keepFresh: true })
    const events = eventsOf(manager)
    issuer.always = refuses(503)
    await pass(LIFETIME_MS * 0.97)
    expect(events.filter(({ type }) => type === 'refreshFailed').length).toBeGreaterThan(2)
    issuer.always = undefined
    const before = issuer.spent.length
    // A moment after the expiry, in the middle of a long pause of the background.
    let expired = watch(manager.getAccessToken())
    while (expired.value === 'at-1' || (await settle(), expired.value === 'at-1')) {
      await pass(500)
      if (issuer.spent.length > before) return // the background was faster
      expired = watch(manager.getAccessToken())
    }
    expect(expired.value).toBe('at-2')
  })
})
