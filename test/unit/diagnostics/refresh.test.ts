import { AsyncLocalStorage } from 'node:async_hooks'
import diagnosticsChannel from 'node:diagnostics_channel'
import { inspect } from 'node:util'
import type { RefreshMessage } from 'tokenward'
import { describe, expect, it } from 'vitest'
import { endings, listenToRefreshes } from './support.js'
import {
  LIFETIME_MS,
  createIssuer,
  refuses,
  refusesConnection,
  signedIn,
} from '../../support/session/issuer.js'
import { failureOf, held, watch } from '../../support/session/promises.js'
import { storedTokens } from '../../support/session/records.js'
import { ScriptedStore, before } from '../../support/session/scripted-store.js'
import { START, fakeTime, pass, settle } from '../../support/session/time.js'

fakeTime()

describe('a refresh', () => {
  it('is told from its beginning to its end by one object, filled in on the way', async () => {
    const moments = listenToRefreshes()
    const issuer = createIssuer()
    const manager = signedIn(issuer)
    const { sessionId } = manager
    const answer = held()
    issuer.next(() => answer.promise.then(issuer.issue))
    const token = watch(manager.refresh())
    await pass(1_000)
    expect(moments.map(({ moment }) => moment)).toEqual(['start', 'end'])
    expect(moments[0]?.said).toEqual({
      reason: 'forced',
      resource: undefined,
      sessionId,
      timeToExpiryMs: LIFETIME_MS,
      outcome: undefined,
      durationMs: undefined,
      expiresAt: undefined,
    })
    answer.resolve()
    await settle()
    expect(token.value).toBe('at-2')
    expect(moments.slice(2).map(({ moment }) => moment)).toEqual(['asyncStart', 'asyncEnd'])
    expect(moments[3]?.said).toMatchObject({
      reason: 'forced',
      sessionId,
      outcome: 'refreshed',
      durationMs: 1_000,
      expiresAt: START + LIFETIME_MS, // counted from before the request
    })
    expect(new Set(moments.map(({ message }) => message)).size).toBe(1)
  })

  it('that callers share is told once', async () => {
    const moments = listenToRefreshes()
    const manager = signedIn(createIssuer())
    await Promise.all([manager.refresh(), manager.refresh(), manager.refresh()])
    expect(endings(moments)).toHaveLength(1)
  })

  it('says why it was made, and how late', async () => {
    const moments = listenToRefreshes()
    const manager = signedIn(createIssuer())
    await pass(LIFETIME_MS + 5_000)
    await manager.getAccessToken()
    await manager.refresh({ rejected: 'at-2' })
    await pass(LIFETIME_MS * 0.9)
    await manager.getAccessToken()
    await settle()
    const reasons = endings(moments).map(({ reason }) => reason)
    expect(reasons).toEqual(['expired', 'rejected', 'due'])
    const late = endings(moments).map(({ timeToExpiryMs }) => timeToExpiryMs)
    expect(late).toEqual([-5_000, LIFETIME_MS, LIFETIME_MS * 0.1])
  })

  it('that fails says how, and is told as an error', async () => {
    const moments = listenToRefreshes()
    const issuer = createIssuer()
    const manager = signedIn(issuer)
    const { sessionId } = manager
    issuer.next(refuses(400, 'invalid_grant'))
    const error = await failureOf(manager.refresh())
    expect(moments.map(({ moment }) => moment)).toEqual([
      'start',
      'end',
      'error',
      'asyncStart',
      'asyncEnd',
    ])
    expect(endings(moments)).toEqual([
      expect.objectContaining({ outcome: 'failed', error, sessionId, expiresAt: undefined }),
    ])
  })

  it('that found newer tokens in the store says that they were adopted', async () => {
    const moments = listenToRefreshes()
    const issuer = createIssuer()
    const store = new ScriptedStore(storedTokens('at-old', { sessionId: 'ann' }))
    const manager = signedIn(issuer, { store })
    await manager.getAccessToken()
    store.put(storedTokens('at-new', { sessionId: 'ann', version: 2 }))
    expect(await manager.refresh({ rejected: 'at-old' })).toBe('at-new')
    expect(endings(moments)).toEqual([
      expect.objectContaining({ outcome: 'adopted', reason: 'rejected', sessionId: 'ann' }),
    ])
    expect(issuer.spent).toEqual([])
  })

  it('whose place a logout took says so, and is no error', async () => {
    const moments = listenToRefreshes()
    const issuer = createIssuer()
    const manager = signedIn(issuer)
    const { sessionId } = manager
    const answer = held()
    issuer.next(() => answer.promise.then(issuer.issue))
    const token = watch(manager.refresh())
    await settle()
    await manager.signOut()
    answer.resolve()
    await settle()
    expect(token.error).toMatchObject({ reason: 'signed-out' })
    expect(moments.map(({ moment }) => moment)).not.toContain('error')
    expect(endings(moments)).toEqual([
      expect.objectContaining({ outcome: 'superseded', sessionId, expiresAt: undefined }),
    ])
  })

  it('that only saves what is unsaved is not one that failed', async () => {
    const moments = listenToRefreshes()
    const store = new ScriptedStore()
    const manager = signedIn(createIssuer(), { store })
    await manager.getAccessToken()
    store.always(
      'save',
      before(() => Promise.reject(new Error('full'))),
    )
    await manager.refresh()
    store.always(
      'load',
      before(() => Promise.reject(new Error('down'))),
    )
    await pass(30_000) // saving goes on inside the first refresh, then in others that do no more
    await settle()
    const [first, ...others] = endings(moments).map(({ outcome }) => outcome)
    expect(first).toBe('refreshed')
    expect(new Set(others)).toEqual(new Set(['not-needed']))
    expect(moments.map(({ moment }) => moment)).not.toContain('error')
  })

  it('for another resource names it', async () => {
    const moments = listenToRefreshes()
    const resource = 'https://calendar.example.com'
    const manager = signedIn(createIssuer())
    await manager.for({ resource }).getAccessToken()
    const before = { reason: 'missing', timeToExpiryMs: undefined }
    expect(endings(moments)).toEqual([expect.objectContaining({ resource, ...before })])
  })

  it('is without secrets, whatever becomes of it', async () => {
    const moments = listenToRefreshes()
    const issuer = createIssuer()
    const manager = signedIn(issuer)
    await manager.refresh()
    issuer.next(() => {
      throw Object.assign(new Error('no'), { config: { data: 'refresh_token=rt-2' } })
    })
    issuer.always = refusesConnection
    await Promise.all([failureOf(manager.refresh()), pass(60_000)])
    expect(endings(moments)).toHaveLength(2)
    const shown = inspect(moments, { depth: 20 }) + JSON.stringify(moments)
    expect(shown).not.toMatch(/[ar]t-\d/)
  })
})

describe('the asynchronous context of a refresh', () => {
  const users = new AsyncLocalStorage<string>()

  it('is none of those of the requests that share it', async () => {
    const issuer = createIssuer()
    const seen: unknown[] = []
    issuer.always = () => {
      seen.push(users.getStore())
      return issuer.issue()
    }
    const manager = signedIn(issuer)
    await users.run('first', () => manager.refresh())
    listenToRefreshes()
    await users.run('second', () => manager.refresh())
    expect(seen).toEqual([undefined, undefined])
  })

  it('of the caller who began it is there for a listener who asks for it', async () => {
    const seen: unknown[] = []
    const start = 'tracing:tokenward:refresh:start'
    const listener = (message: unknown) => {
      seen.push((message as RefreshMessage).inCallerContext(() => users.getStore()))
    }
    diagnosticsChannel.subscribe(start, listener)
    try {
      const manager = signedIn(createIssuer())
      const calls = ['first', 'second'].map((name) => users.run(name, () => manager.refresh()))
      await Promise.all(calls)
      expect(seen).toEqual(['first'])
    } finally {
      diagnosticsChannel.unsubscribe(start, listener)
    }
  })

  it('is what a listener binds to `start`, in the token request, and there alone', async () => {
    listenToRefreshes()
    const { start } = diagnosticsChannel.tracingChannel('tokenward:refresh')
    const spans = new AsyncLocalStorage<string>()
    start.bindStore(spans, (message) => `span of ${(message as any).reason}` as never)
    try {
      const issuer = createIssuer()
      const seen: unknown[] = []
      issuer.always = async () => {
        await Promise.resolve()
        seen.push(spans.getStore())
        return issuer.issue()
      }
      const manager = signedIn(issuer)
      await manager.refresh()
      seen.push(spans.getStore())
      expect(seen).toEqual(['span of forced', undefined])
    } finally {
      start.unbindStore(spans)
    }
  })
})
