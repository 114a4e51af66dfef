import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { TokenManager, type TokenInput } from 'tokenward'
import { EVENTS, eventsOf } from '../support/session/events.js'
import {
  LIFETIME_MS,
  type Step,
  breaksConnection,
  createIssuer,
  refuses,
  signedIn,
} from '../support/session/issuer.js'
import { failureOf, held, never, watch } from '../support/session/promises.js'
import { storedTokens } from '../support/session/records.js'
import { ScriptedStore, before, fails } from '../support/session/scripted-store.js'
import { fakeTime, pass, settle } from '../support/session/time.js'

fakeTime()

const unhandled: unknown[] = []
const note = (reason: unknown) => void unhandled.push(reason)
beforeEach(() => {
  unhandled.length = 0
  process.on('unhandledRejection', note)
})
afterEach(async () => {
  await new Promise((resolve) => process.nextTick(resolve))
  process.off('unhandledRejection', note)
  expect(unhandled).toEqual([])
})

describe('nothing of ours crashes a process: failures that nobody waits for', () => {
  // Azure tokenCycler: unhandled rejection from the background refresh
  it.each<[string, Step]>([
    ['is refused', refuses(400, 'invalid_client')],
    ['is refused for good', refuses(400, 'invalid_grant')],
    ['breaks', breaksConnection],
    ['hangs', never],
    ['answers HTML', () => '<html>'],
  ])('a refresh in the background that %s', async (_how, failing) => {
    const issuer = createIssuer()
    issuer.always = failing
    const manager = signedIn(issuer, { keepFresh: true })
    await pass(250_000)
    manager.peek()
    await pass(120_000)
    expect(issuer.spent.length).toBeGreaterThan(0)
  })

  it('a refresh whose callers have all gone', async () => {
    const issuer = createIssuer()
    issuer.always = never
    const manager = signedIn(issuer)
    await pass(LIFETIME_MS)
    const controller = new AbortController()
    const call = watch(manager.getAccessToken({ signal: controller.signal }))
    await settle()
    controller.abort()
    await pass(60_000)
    expect(call.error).toBeDefined()
  })

  it('a refresh that fails long after it was given up', async () => {
    const issuer = createIssuer()
    const answer = held<TokenInput>()
    issuer.next(() => answer.promise)
    const manager = signedIn(issuer)
    const call = watch(manager.refresh())
    await pass(60_000)
    answer.reject(new Error('late'))
    await settle()
    expect(call.error).toBeDefined()
  })

  it.each(['load', 'save', 'exclusive'] as const)(
    'a store that fails in the background: %s',
    async (operation) => {
      const issuer = createIssuer()
      const store = new ScriptedStore()
      const manager = signedIn(issuer, { store, recheckMs: 1_000 })
      await manager.getAccessToken()
      store.always(operation, fails)
      for (let minute = 0; minute < 10; minute++) {
        manager.peek()
        await pass(60_000)
      }
      await manager.close()
    },
  )

  it.each<[string, () => unknown]>([
    ['throws at once', () => { throw new Error('no') }], // prettier-ignore
    ['rejects', () => Promise.reject(new Error('no'))],
    ['hangs', never],
  ])('a revoke that %s: the logout counts all the same', async (_how, revoke) => {
    const manager = signedIn(createIssuer(), { revoke })
    const logout = watch(manager.signOut())
    await pass(30_000)
    expect(logout).toMatchObject({ tookMs: expect.any(Number) })
    expect(logout.error).toBeUndefined()
    expect(manager.peek()).toBeUndefined()
  })

  it('close in the middle of everything', async () => {
    const issuer = createIssuer()
    issuer.always = breaksConnection
    const manager = signedIn(issuer, { keepFresh: true })
    await pass(LIFETIME_MS)
    const call = watch(manager.getAccessToken())
    const closed = watch(manager.close())
    await pass(60_000)
    expect(call.error).toMatchObject({ code: expect.any(String) })
    expect(closed.error).toBeUndefined()
    expect(closed.tookMs).toBeDefined()
    expect(await failureOf(manager.getAccessToken())).toMatchObject({ code: 'ERR_MANAGER_CLOSED' })
  })
})

describe('nothing of ours crashes a process: listeners', () => {
  /** A day in the life of a session: every event happens. */
  async function live(listen: (manager: TokenManager) => void): Promise<TokenManager> {
    const issuer = createIssuer()
    const store = new ScriptedStore()
    const manager = signedIn(issuer, { store })
    listen(manager)
    await manager.getAccessToken()
    await manager.refresh()
    issuer.next(refuses(400, 'invalid_scope'))
    await failureOf(manager.refresh())
    await pass(1_000)
    const { sessionId, version } = store.record!
    store.put(storedTokens('at-theirs', { sessionId, version: version + 1 }))
    await manager.refresh({ rejected: manager.peek() })
    store.always(
      'save',
      before(() => {
        throw new Error('disk')
      }),
    )
    await manager.refresh()
    store.always('save')
    await manager.setTokens({ accessToken: 'login', refreshToken: 'rt', expiresIn: 300 })
    await settle()
    return manager
  }

  // supabase: the debug log printed the session. What there is to log here is the events.
  it('tell what happened, in order, and without secrets', async () => {
    let events: ReturnType<typeof eventsOf> = []
    const manager = await live((manager) => (events = eventsOf(manager)))
    await manager.signOut()
    await settle()
    expect(events.map(({ type }) => type)).toEqual([
      'refreshing',
      'refreshed',
      'refreshing',
      'refreshFailed',
      'adopted',
      'refreshing',
      'saveFailed',
      'refreshed',
      'tokensSet',
      'sessionEnded',
    ])
    expect(JSON.stringify(events) + inspect(events, { depth: Infinity })).not.toMatch(/[ar]t-\d/)
  })

  it.each<[string, () => unknown]>([
    ['throws', () => { throw new Error('no') }], // prettier-ignore
    ['rejects', () => Promise.reject(new Error('no'))],
    ['hangs', never],
    ['returns a thenable that throws', () => ({ then() { throw new Error('no') } })], // prettier-ignore
  ])('one that %s breaks nothing', async (_how, listener) => {
    const manager = await live((manager) => {
      for (const event of EVENTS) manager.on(event, listener)
    })
    await expect(manager.getAccessToken()).resolves.toBe('login')
  })

  it('one that throws does not keep the others from being told', async () => {
    const told: string[] = []
    await live((manager) => {
      manager.on('refreshed', () => {
        throw new Error('no')
      })
      manager.on('refreshed', () => told.push('second'))
    })
    expect(told.length).toBeGreaterThan(0)
  })

  // supabase/auth-js#762: calling back from a listener never resolves
  it.each(EVENTS)('one that calls back into the manager: %s', async (event) => {
    const answers: unknown[] = []
    let calls = 0
    await live((manager) =>
      manager.on(event, async () => {
        if (++calls > 3) return
        answers.push(await manager.getAccessToken().catch((error: unknown) => error))
        answers.push(await manager.getTokens())
      }),
    ).then((manager) => manager.signOut())
    await pass(20_000)
    expect(calls).toBeGreaterThan(0)
    expect(answers).toHaveLength(Math.min(calls, 3) * 2)
  })

  it('are told after the state has settled', async () => {
    const issuer = createIssuer()
    const manager = signedIn(issuer)
    const seen: unknown[] = []
    manager.on('refreshing', () => seen.push(['refreshing', manager.peek()]))
    manager.on('refreshed', () => seen.push(['refreshed', manager.peek()]))
    manager.on('tokensSet', () => seen.push(['tokensSet', manager.peek()]))
    manager.on('sessionEnded', () => seen.push(['sessionEnded', manager.peek()]))
    await manager.refresh()
    await manager.setTokens({ accessToken: 'login' })
    await manager.signOut()
    await settle()
    expect(seen).toEqual([
      ['refreshing', 'at-1'],
      ['refreshed', 'at-2'],
      ['tokensSet', 'login'],
      ['sessionEnded', undefined],
    ])
  })

  it('are told in their own turn: none runs inside the call that caused it', async () => {
    const manager = signedIn(createIssuer())
    let isInside = false
    const seen: boolean[] = []
    manager.on('sessionEnded', () => seen.push(isInside))
    isInside = true
    const logout = manager.signOut()
    isInside = false
    await logout
    expect(seen).toEqual([false])
  })

  it('are told no more once they are undone, each by its own undo', async () => {
    const manager = signedIn(createIssuer())
    let told = 0
    const listener = () => told++
    const undo = manager.on('refreshed', listener)
    manager.on('refreshed', listener)
    undo()
    undo()
    await manager.refresh()
    await settle()
    expect(told).toBe(1)
  })

  it('say why, how long it took, when it ends and when it is tried again', async () => {
    const issuer = createIssuer()
    const manager = signedIn(issuer)
    const events = eventsOf(manager)
    issuer.next(async () => {
      await new Promise((resolve) => setTimeout(resolve, 150))
      return issuer.issue()
    })
    const refreshed = watch(manager.refresh({ rejected: 'at-1' }))
    await pass(150)
    expect(refreshed.value).toBe('at-2')
    issuer.next(refuses(429, undefined, { 'retry-after': '90' }))
    await failureOf(manager.refresh())
    expect(events).toMatchObject([
      { event: { reason: 'rejected' } },
      { event: { reason: 'rejected', durationMs: 150, expiresAt: Date.now() - 150 + LIFETIME_MS } },
      { event: { reason: 'forced' } },
      { event: { reason: 'forced', retryInMs: 90_000, error: { retryAfterMs: 90_000 } } },
    ])
  })
})

describe('nothing of ours crashes a process: printing what a store gave', () => {
  it.each([1e300, -1e300, 8.64e15 + 1])('an expiry of %d can be logged', async (expiresAt) => {
    const record = storedTokens('at-1')
    const store = new ScriptedStore({ ...record, tokens: { ...record.tokens!, expiresAt } })
    const manager = new TokenManager({ refresh: createIssuer().refresh, store })
    const tokens = await manager.getTokens().catch((error: unknown) => error)
    expect(() => inspect(tokens)).not.toThrow()
  })
})
