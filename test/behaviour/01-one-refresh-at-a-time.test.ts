import fc from 'fast-check'
import { memoryStore, TokenManager, type TokenStore } from 'tokenward'
import { describe, expect, it, vi } from 'vitest'
import { watch } from '../support/session/promises.js'
import { recordOf } from '../support/session/records.js'
import { ScriptedStore } from '../support/session/scripted-store.js'
import { SessionServer } from '../support/session/server.js'
import { fakeTime, jump, pass, settle } from '../support/session/time.js'
import { play, worlds } from '../support/session/world.js'

describe('Law 1, one refresh at a time: one manager', () => {
  fakeTime()

  // firebase, oidc-client-ts#1618, #430: callers shared nothing, each sent a request of its own.
  it('sends one token request for all who call at once, and all get its token', async () => {
    const { manager, requests } = expiredSession()
    const calls = Array.from({ length: 100 }, () => manager.getAccessToken())
    await settle()
    requests.last.answer()
    expect(new Set(await Promise.all(calls))).toEqual(new Set(['ann/access-2']))
    expect(requests.all).toHaveLength(1)
  })

  // axios-auth-refresh#307, #13, #56, #90: only the first of N concurrent 401s was replayed.
  it('renews once for 401s that arrive before, during and just after the refresh', async () => {
    const { manager, requests, token } = await freshSession()
    const before = [1, 2, 3].map(() => manager.refresh({ rejected: token }))
    await settle()
    const during = [1, 2, 3].map(() => manager.refresh({ rejected: token }))
    requests.last.answer()
    await before[0]
    const after = [1, 2, 3].map(() => manager.refresh({ rejected: token }))
    const answers = await Promise.all([...before, ...during, ...after])
    expect(new Set(answers)).toEqual(new Set(['ann/access-2']))
    expect(requests.all).toHaveLength(1)
  })

  // axios/axios#10701: timer and 401 path both fired and the rotated token was reused.
  it('makes one token request of timer, due window, 401 and refresh() in the same tick', async () => {
    const { manager, requests, token, server } = await freshSession({ keepFresh: true })
    await pass(300_000 * 0.8) // the timer
    expect(manager.peek()).toBe(token) // a use in the due window
    const waiting = [
      manager.refresh({ rejected: token }),
      manager.refresh(),
      manager.getAccessToken({ minValidityMs: 200_000 }),
    ]
    await settle()
    requests.last.answer()
    expect(await Promise.all(waiting)).toEqual(Array(3).fill('ann/access-2'))
    await pass(1_000)
    expect(requests.all).toHaveLength(1)
    expect(server.reused).toEqual([])
  })

  // okta-auth-js 8.0.1: an unrelated operation reset the shared promise.
  it('shares on while unrelated things are asked of the manager', async () => {
    const { manager, requests } = expiredSession()
    const first = manager.getAccessToken()
    await settle()
    await manager.getTokens()
    manager.peek()
    manager.on('refreshed', () => undefined)()
    const second = manager.getAccessToken()
    await settle()
    requests.last.answer()
    expect(await Promise.all([first, second])).toEqual(['ann/access-2', 'ann/access-2'])
    expect(requests.all).toHaveLength(1)
  })

  it('begins another refresh only when the one before is over', async () => {
    const { manager, requests } = expiredSession()
    const first = manager.getAccessToken()
    await settle()
    requests.last.answer()
    await first
    const second = manager.refresh()
    await settle()
    expect(requests.all).toHaveLength(2)
    expect(requests.last.refreshToken).toBe('ann/refresh-2')
    requests.last.answer()
    expect(await second).toBe('ann/access-3')
  })

  it('acquires once for all who call at once', async () => {
    const acquire = vi.fn(() => Promise.resolve({ access_token: 'machine', expires_in: 300 }))
    const manager = new TokenManager({ acquire })
    const calls = Array.from({ length: 20 }, () => manager.getAccessToken())
    expect(new Set(await Promise.all(calls))).toEqual(new Set(['machine']))
    expect(acquire).toHaveBeenCalledTimes(1)
  })
})

describe('Law 1, one refresh at a time: managers that share a store', () => {
  fakeTime()

  // anomalyco/opencode#49439, workos/authkit-nextjs#28, nextauthjs/next-auth#2071: parallel
  // processes or requests of one page spent the same refresh token.
  it('sends one token request for seven managers whose token has expired', async () => {
    const server = new SessionServer()
    const requests = server.hold()
    const store = memoryStore(recordOf(server.login('ann')))
    jump(300_000)
    const managers = Array.from(
      { length: 7 },
      () => new TokenManager({ refresh: requests.refresh, store }),
    )
    const calls = managers.map((manager) => manager.getAccessToken())
    await settle()
    requests.last.answer()
    expect(new Set(await Promise.all(calls))).toEqual(new Set(['ann/access-2']))
    expect(server.presented).toEqual(['ann/refresh-1'])
  })

  it('sends one token request where both saw the same token rejected', async () => {
    const server = new SessionServer()
    const requests = server.hold()
    const store = memoryStore(recordOf(server.login('ann')))
    const [one, other] = [1, 2].map(() => new TokenManager({ refresh: requests.refresh, store }))
    const rejected = await one!.getAccessToken()
    await other!.getAccessToken()
    const calls = [one!.refresh({ rejected }), other!.refresh({ rejected })]
    await settle()
    requests.last.answer()
    expect(await Promise.all(calls)).toEqual(['ann/access-2', 'ann/access-2'])
    expect(requests.all).toHaveLength(1)
  })

  // MSAL extensions: the lock covered the file access, not the refresh.
  it('holds the lease from before the look until the new tokens are saved', async () => {
    const { manager, requests, store } = expiredSession()
    let isLeased = false
    const seen: string[] = []
    const note = (what: string) => seen.push(`${what}, ${isLeased ? 'leased' : 'free'}`)
    store.always('exclusive', async (perform) => {
      isLeased = true
      return perform().finally(() => (isLeased = false))
    })
    await manager.getTokens() // the first look needs no lease
    store.always('load', (perform) => (note('load'), perform()))
    store.always('save', (perform) => (note('save'), perform()))
    const call = manager.getAccessToken()
    await settle()
    note('send')
    requests.last.answer()
    await call
    expect(seen).toEqual(['load, leased', 'send, leased', 'save, leased'])
  })

  it('without exclusive, still sends one at a time within the manager', async () => {
    const server = new SessionServer()
    const requests = server.hold()
    const shared = memoryStore(recordOf(server.login('ann')))
    const store: TokenStore = {
      load: () => shared.load(),
      save: (session, condition) => shared.save(session, condition),
      singleProcess: true,
    }
    jump(300_000)
    const manager = new TokenManager({ refresh: requests.refresh, store })
    const calls = [manager.getAccessToken(), manager.refresh(), manager.getAccessToken()]
    await settle()
    requests.last.answer()
    expect(new Set(await Promise.all(calls))).toEqual(new Set(['ann/access-2']))
    expect(requests.all).toHaveLength(1)
  })

  it('two sessions refresh independently of each other', async () => {
    const server = new SessionServer()
    const requests = server.hold()
    const managers = ['ann', 'bob'].map(
      (user) => new TokenManager({ refresh: requests.refresh, initialTokens: server.login(user) }),
    )
    jump(300_000)
    const calls = managers.map((manager) => manager.getAccessToken())
    await settle()
    expect(requests.all).toHaveLength(2)
    requests.all.forEach((request) => request.answer())
    expect(await Promise.all(calls)).toEqual(['ann/access-2', 'bob/access-2'])
  })
})

describe('Law 1, one refresh at a time: the lease cannot be had', () => {
  fakeTime()

  it('fails in bounded time where exclusive never enters, and does nothing when it enters late', async () => {
    const { manager, requests, store } = expiredSession({ waitTimeoutMs: 60_000 })
    let enterLate!: () => void
    store.next('exclusive', (perform) =>
      new Promise<void>((resolve) => (enterLate = resolve)).then(perform),
    )
    const call = watch(manager.getAccessToken())
    await pass(30_000)
    expect(call).toMatchObject({ error: { code: 'ERR_TOKEN_STORE', reason: 'locked' } })
    enterLate()
    await settle()
    expect(requests.all).toHaveLength(0)

    const next = manager.getAccessToken()
    await settle()
    requests.last.answer()
    expect(await next).toBe('ann/access-2')
    expect(requests.all).toHaveLength(1)
  })

  it('is not held up by a release that hangs', async () => {
    const { manager, requests, store } = expiredSession()
    store.next('exclusive', async (perform) => {
      await perform()
      return new Promise(() => undefined)
    })
    const call = manager.getAccessToken()
    await settle()
    requests.last.answer()
    expect(await call).toBe('ann/access-2')
  })

  it('says so where exclusive settles without running its task', async () => {
    const { manager, requests, store } = expiredSession()
    store.next('exclusive', () => Promise.resolve(undefined))
    await expect(manager.getAccessToken()).rejects.toMatchObject({
      code: 'ERR_TOKEN_STORE',
      operation: 'exclusive',
    })
    expect(requests.all).toHaveLength(0)
  })

  it('runs the refresh once where exclusive runs its task twice', async () => {
    const { manager, requests, store } = expiredSession()
    store.next('exclusive', async (perform) => {
      await Promise.all([perform(), perform()])
    })
    const call = manager.getAccessToken()
    await settle()
    requests.last.answer()
    expect(await call).toBe('ann/access-2')
    await settle()
    expect(requests.all).toHaveLength(1)
  })
})

describe('Law 1, one refresh at a time: a custom refresh that ignores its signal', () => {
  fakeTime()

  it('is never run twice at once, however often it times out', async () => {
    const { manager, requests } = expiredSession()
    const first = watch(manager.getAccessToken())
    await pass(21_000)
    expect(first.status).toBe('rejected')
    await pass(10_000)
    const second = watch(manager.getAccessToken())
    await pass(30_000)
    expect(second.status).toBe('rejected')
    expect(requests.all).toHaveLength(1)
  })

  it('is waited for again by the next cycle, which gets its answer', async () => {
    const { manager, requests } = expiredSession()
    void watch(manager.getAccessToken())
    await pass(31_000)
    const later = manager.getAccessToken()
    await settle()
    requests.last.answer()
    expect(await later).toBe('ann/access-2')
    expect(requests.all).toHaveLength(1)
  })
})

describe('Law 1, one refresh at a time: in any order of events', () => {
  it('no session ever has two token requests under way', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), worlds(), async (s, world) => {
        const { server, asked, acts } = await play(s, world)
        expect(server.mostUnderWay).toBeLessThanOrEqual(1)
        expect(server.reused).toEqual([])
        const outcomes = [...asked.map(({ outcome }) => outcome), ...acts]
        expect(outcomes.filter(({ status }) => status === 'pending')).toEqual([])
      }),
      { numRuns: 60 },
    )
  })
})

/** A session whose access token has expired, in a scripted store, with requests the test answers. */
function expiredSession(options: { waitTimeoutMs?: number } = {}) {
  const server = new SessionServer()
  const requests = server.hold()
  const store = new ScriptedStore(recordOf(server.login('ann')))
  jump(300_000)
  const manager = new TokenManager({ refresh: requests.refresh, store, ...options })
  return { server, requests, store, manager }
}

/** A session in memory whose token is fresh. */
async function freshSession(options: { keepFresh?: boolean } = {}) {
  const server = new SessionServer()
  const requests = server.hold()
  const initialTokens = server.login('ann')
  const manager = new TokenManager({ refresh: requests.refresh, initialTokens, ...options })
  return { server, requests, manager, token: await manager.getAccessToken() }
}
