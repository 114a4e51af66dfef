import { TokenManager, type TokenManagerOptions } from 'tokenward'
import { TokenManagerPool } from 'tokenward/pool'
import { describe, expect, it } from 'vitest'
import {
  breaksConnection,
  createIssuer,
  eventsOf,
  failureOf,
  LIFETIME_MS,
  openStore,
  pass,
  refuses,
  settle,
  signedIn,
  storedTokens,
  useFakeClock,
  watch,
} from './support/law-session.js'

useFakeClock()

const CALENDAR = 'https://calendar.example.com'

/** Managers of so many processes on one store and one server. */
function fleet(size: number, options: Partial<TokenManagerOptions> = {}) {
  const issuer = createIssuer()
  const store = openStore(storedTokens('at-old', { sessionId: 'ann' }))
  const managers = Array.from(
    { length: size },
    () => new TokenManager({ refresh: issuer.refresh, store, ...options } as TokenManagerOptions),
  )
  return { issuer, store, managers }
}

// What one process learned holds for all that share the session.
describe('an API that always answers 401', () => {
  it('costs a token request or two, however many processes ask it', async () => {
    const { issuer, managers } = fleet(20)
    for (const manager of managers) await manager.getAccessToken()
    const ask = async (manager: TokenManager) => {
      const rejected = (await manager.getAccessToken().catch(() => undefined)) ?? ''
      const token = await manager.refresh({ rejected }).catch(() => undefined)
      if (token) await manager.refresh({ rejected: token }).catch(() => undefined) // the replay
    }
    const asked = Promise.all(managers.map(ask))
    await pass(1_000)
    await asked
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
  it('outlasts the manager’s eviction from a pool', async () => {
    const { issuer, store } = fleet(0)
    issuer.always = refuses(503)
    const others = openStore(storedTokens('at-other', { sessionId: 'ben' }))
    const pool = new TokenManagerPool({
      max: 1,
      options: (id) => ({
        refresh: issuer.refresh,
        store: id === 'ann' ? store : others,
        retry: { attempts: 1 },
      }),
    })
    await pass(LIFETIME_MS)
    await failureOf(pool.get('ann').getAccessToken())
    const asked = issuer.spent.length
    for (let turn = 0; turn < 5; turn++) {
      pool.get('ben')
      await failureOf(pool.get('ann').getAccessToken())
    }
    expect(issuer.spent).toHaveLength(asked)
  })

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

  it('of a resource source that the caller kept ends with the session too', async () => {
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

  it('is not passed by a refresh that was only begun to save', async () => {
    const issuer = createIssuer()
    const store = openStore(storedTokens('at-old', { sessionId: 'ann' }))
    const manager = signedIn(issuer, { store, retry: { attempts: 1 }, initialTokens: undefined })
    await manager.getAccessToken()
    store.beforeSave = () => Promise.reject(new Error('disk full'))
    await manager.refresh()
    await pass(30_000) // unsaved, and its lease given back
    await pass(LIFETIME_MS)
    issuer.always = refuses(503)
    store.beforeSave = undefined
    await failureOf(manager.getAccessToken())
    const asked = issuer.spent.length
    store.beforeSave = () => new Promise(() => undefined) // a save under way
    const callers = Array.from({ length: 5 }, () => watch(manager.getAccessToken()))
    await pass(900)
    expect(issuer.spent).toHaveLength(asked)
    expect(callers.every(({ error }) => error !== undefined)).toBe(true)
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
