import { describe, expect, it } from 'vitest'
import { RefreshUnavailableError, TokenManager, TokenStoreError, type TokenInput } from 'tokenward'
import { eventsOf } from '../support/session/events.js'
import {
  LIFETIME_MS,
  createIssuer,
  refuses,
  refusesConnection,
  signedIn,
} from '../support/session/issuer.js'
import { failureOf, held, never, watch } from '../support/session/promises.js'
import { storedTokens } from '../support/session/records.js'
import { ScriptedStore, before, hangs } from '../support/session/scripted-store.js'
import { fakeTime, pass, settle } from '../support/session/time.js'

fakeTime()

/** The default window is 20 % of the lifetime and up to a tenth of itself earlier. */
const DUE_AT_THE_LATEST_MS = 0.8 * LIFETIME_MS
const DUE_AT_THE_EARLIEST_MS = 0.78 * LIFETIME_MS
const USABLE_FOR_MS = LIFETIME_MS - 10_000

describe('a usable token is never withheld: a fresh token', () => {
  it('is given at once, to everybody the same promise, without a look at the store', async () => {
    const store = new ScriptedStore(storedTokens('at-1'))
    const manager = new TokenManager({ refresh: createIssuer().refresh, store })
    await manager.getAccessToken()
    await pass(DUE_AT_THE_EARLIEST_MS - 1)
    expect(manager.getAccessToken()).toBe(manager.getAccessToken())
    expect(manager.peek()).toBe('at-1')
    expect(store.count('load')).toBe(1)
  })
})

describe('a usable token is never withheld: in the due window', () => {
  it('is given at once while it is renewed behind', async () => {
    const issuer = createIssuer()
    const answer = held<TokenInput>()
    issuer.next(() => answer.promise)
    const manager = signedIn(issuer)
    await pass(DUE_AT_THE_LATEST_MS)
    const call = watch(manager.getAccessToken())
    await settle()
    expect(call).toEqual({ status: 'resolved', tookMs: 0, value: 'at-1' })
    expect(issuer.spent).toEqual(['rt-1'])
    answer.resolve(issuer.issue())
    await settle()
    await expect(manager.getAccessToken()).resolves.toBe('at-2')
  })

  it('is renewed behind a peek too', async () => {
    const issuer = createIssuer()
    const manager = signedIn(issuer)
    await pass(DUE_AT_THE_LATEST_MS)
    expect(manager.peek()).toBe('at-1')
    await settle()
    expect(manager.peek()).toBe('at-2')
  })

  it('is given until its margin, though the refresh hangs', async () => {
    const issuer = createIssuer()
    issuer.always = never
    const manager = signedIn(issuer)
    for (let at = DUE_AT_THE_LATEST_MS; at < USABLE_FOR_MS; at += 1_000) {
      await pass(at === DUE_AT_THE_LATEST_MS ? at : 1_000)
      await expect(manager.getAccessToken()).resolves.toBe('at-1')
      expect(manager.peek()).toBe('at-1')
    }
  })

  it('and not beyond its margin', async () => {
    const issuer = createIssuer()
    issuer.always = refuses(503)
    const manager = signedIn(issuer)
    await pass(USABLE_FOR_MS - 1)
    expect(manager.peek()).toBe('at-1')
    await pass(1)
    expect(manager.peek()).toBeUndefined()
    const call = watch(manager.getAccessToken())
    await pass(20_000)
    expect(call.error).toBeInstanceOf(RefreshUnavailableError)
  })

  it('is given while the store hangs or fails', async () => {
    const store = new ScriptedStore(storedTokens('at-1'))
    const manager = new TokenManager({ refresh: createIssuer().refresh, store })
    await manager.getAccessToken()
    store.always('load', hangs)
    await pass(DUE_AT_THE_LATEST_MS)
    await expect(manager.getAccessToken()).resolves.toBe('at-1')
    store.always(
      'load',
      before(() => {
        throw new Error('disk')
      }),
    )
    await pass(10_000)
    await expect(manager.getAccessToken()).resolves.toBe('at-1')
  })

  it('is given while the store cannot be written: nothing is spent, and it is tried again', async () => {
    const issuer = createIssuer()
    const store = new ScriptedStore(storedTokens('at-1'))
    const manager = new TokenManager({ refresh: issuer.refresh, store })
    const events = eventsOf(manager)
    await manager.getAccessToken()
    store.always(
      'note',
      before(() => {
        throw new Error('read-only')
      }),
    )
    await pass(DUE_AT_THE_LATEST_MS)
    for (let second = 0; second < 20; second++) {
      await expect(manager.getAccessToken()).resolves.toBe('at-1')
      await pass(1_000)
    }
    expect(issuer.spent).toEqual([])
    const failures = events.filter(({ type }) => type === 'refreshFailed')
    expect(failures.length).toBeGreaterThan(1)
    expect(failures.length).toBeLessThan(6)
    store.always('note')
    await pass(20_000)
    await manager.getAccessToken()
    await settle()
    expect(issuer.spent).toHaveLength(1)
  })

  // smithy memoize: throws with 4 minutes of validity left
  it.each([
    ['no connection', refusesConnection],
    ['408', refuses(408)],
    ['429', refuses(429)],
    ['500', refuses(500)],
    ['502', refuses(502)],
    ['503', refuses(503)],
    ['504', refuses(504)],
    ['HTML', () => '<html>'],
    ['invalid_client', refuses(401, 'invalid_client')],
  ])('nobody notices a refresh that fails: %s', async (_what, failing) => {
    const issuer = createIssuer()
    issuer.always = failing
    const manager = signedIn(issuer)
    const events = eventsOf(manager)
    await pass(DUE_AT_THE_LATEST_MS)
    for (let second = 0; second < 49; second++) {
      await expect(manager.getAccessToken()).resolves.toBe('at-1')
      await pass(1_000)
    }
    expect(events.filter(({ type }) => type === 'refreshFailed').length).toBeGreaterThan(1)
    issuer.always = undefined
    await pass(60_000)
    await expect(manager.getAccessToken()).resolves.toBe('at-2')
  })

  it('is tried again with a backoff that grows, and renewed as soon as that is possible', async () => {
    const issuer = createIssuer({ lifetimeMs: 3_600_000 })
    issuer.always = refuses(500)
    const manager = signedIn(issuer)
    const pauses: (number | undefined)[] = []
    manager.on('refreshFailed', ({ retryInMs }) => pauses.push(retryInMs))
    await pass(3_300_000)
    for (let second = 0; second < 120; second++) {
      await manager.getAccessToken()
      await pass(1_000)
    }
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000])
    issuer.always = undefined
    await pass(60_000)
    await manager.getAccessToken()
    await settle()
    expect(manager.peek()).toBe('at-2')
  })
})

describe('a usable token is never withheld: a caller who wants it valid for longer', () => {
  it('waits for the next one', async () => {
    const issuer = createIssuer()
    const manager = signedIn(issuer)
    await pass(100_000)
    await expect(manager.getAccessToken({ minValidityMs: 200_000 })).resolves.toBe('at-1')
    await expect(manager.getAccessToken({ minValidityMs: 200_001 })).resolves.toBe('at-2')
  })

  it('withholds it from nobody else', async () => {
    const issuer = createIssuer()
    const answer = held<TokenInput>()
    issuer.next(() => answer.promise)
    const manager = signedIn(issuer)
    await pass(200_000)
    const wish = watch(manager.getAccessToken({ minValidityMs: 150_000 }))
    await settle()
    await expect(manager.getAccessToken()).resolves.toBe('at-1')
    await expect(manager.getAccessToken({ minValidityMs: 100_000 })).resolves.toBe('at-1')
    expect(manager.peek()).toBe('at-1')
    expect(wish.tookMs).toBeUndefined()
    answer.resolve(issuer.issue())
    await settle()
    expect(wish.value).toBe('at-2')
    expect(issuer.spent).toHaveLength(1)
  })

  it('is answered with the failure if its wish cannot be met, and nobody else is', async () => {
    const issuer = createIssuer()
    issuer.always = refuses(400, 'invalid_scope')
    const manager = signedIn(issuer)
    await pass(200_000)
    const error = await failureOf(manager.getAccessToken({ minValidityMs: 150_000 }))
    expect(error).toMatchObject({ code: 'ERR_REFRESH_REJECTED', error: 'invalid_scope' })
    await expect(manager.getAccessToken()).resolves.toBe('at-1')
  })

  it('joins a refresh in the due window, and what its own wish allows counts', async () => {
    const issuer = createIssuer()
    issuer.always = refuses(503, undefined, { 'retry-after': '600' })
    const manager = signedIn(issuer)
    await pass(DUE_AT_THE_LATEST_MS)
    await manager.getAccessToken()
    const modest = watch(manager.getAccessToken({ minValidityMs: 30_000 }))
    const greedy = watch(manager.getAccessToken({ minValidityMs: 200_000 }))
    await settle()
    expect(modest.value).toBe('at-1')
    expect(greedy.error).toBeInstanceOf(RefreshUnavailableError)
  })

  it.each([0, 1, 1e9, Number.MAX_SAFE_INTEGER])(
    'a token fresh from the server meets a minValidityMs of %d',
    async (minValidityMs) => {
      for (const lifetimeMs of [1_000, 3_000, LIFETIME_MS, 86_400_000]) {
        const issuer = createIssuer({ lifetimeMs })
        const manager = new TokenManager({ refresh: issuer.refresh, initialTokens: issuer.issue() })
        await manager.refresh()
        issuer.spent.length = 0
        await expect(manager.getAccessToken({ minValidityMs })).resolves.toBe('at-2')
        await pass(Math.min(lifetimeMs / 5, 300_000) / 10) // a tenth of the refresh window
        await expect(manager.getAccessToken({ minValidityMs })).resolves.toBe('at-2')
        expect(issuer.spent).toEqual([])
      }
    },
  )

  it('a minValidityMs that the token at hand does not meet costs one refresh', async () => {
    const issuer = createIssuer()
    const manager = signedIn(issuer)
    for (let use = 0; use < 3; use++) {
      await expect(manager.getAccessToken({ minValidityMs: 1e9 })).resolves.toBe('at-2')
    }
    expect(issuer.spent).toEqual(['rt-1'])
  })

  it('a token that says it has 16 minutes left is renewed for who needs 25', async () => {
    const issuer = createIssuer({ lifetimeMs: 60 * 60_000 })
    const expiresAt = Date.now() + 16 * 60_000
    const manager = new TokenManager({
      refresh: issuer.refresh,
      initialTokens: { accessToken: 'old', refreshToken: 'rt', expiresAt },
    })
    await expect(manager.getAccessToken({ minValidityMs: 25 * 60_000 })).resolves.toBe('at-1')
    await expect(manager.getAccessToken({ minValidityMs: 25 * 60_000 })).resolves.toBe('at-1')
  })

  it('a token fresh from the server meets every minValidityMs also without a refresh window and margin', async () => {
    const issuer = createIssuer()
    const manager = signedIn(issuer, { refreshWindowMs: 0, expiryMarginMs: 0 })
    for (let use = 0; use < 20; use++) {
      await pass(10)
      await manager.getAccessToken({ minValidityMs: 1e9 })
    }
    expect(issuer.spent.length).toBeLessThanOrEqual(1)
  })

  it('is told if the wish is none', async () => {
    const manager = signedIn(createIssuer())
    for (const minValidityMs of [-1, NaN, Infinity, '5']) {
      const call = manager.getAccessToken({ minValidityMs: minValidityMs as number })
      const error = await failureOf(call)
      expect(error).toMatchObject({ code: 'ERR_TOKEN_OPTIONS' })
      expect(error.message).toContain('minValidityMs')
    }
  })
})

describe('a usable token is never withheld: a token that an API rejected', () => {
  it('is not given while its renewal is under way: callers wait', async () => {
    const issuer = createIssuer()
    const answer = held<TokenInput>()
    issuer.next(() => answer.promise)
    const manager = signedIn(issuer)
    const rejected = watch(manager.refresh({ rejected: 'at-1' }))
    await settle()
    expect(manager.peek()).toBeUndefined()
    const other = watch(manager.getAccessToken())
    await settle()
    expect(other.tookMs).toBeUndefined()
    answer.resolve(issuer.issue())
    await settle()
    expect([rejected.value, other.value]).toEqual(['at-2', 'at-2'])
    expect(issuer.spent).toHaveLength(1)
  })

  it('is given again while its renewal cools down; who reported it gets the error', async () => {
    const issuer = createIssuer()
    issuer.always = refuses(500)
    const manager = signedIn(issuer)
    const rejected = watch(manager.refresh({ rejected: 'at-1' }))
    const other = watch(manager.getAccessToken())
    await settle()
    expect(rejected.error).toBeInstanceOf(RefreshUnavailableError)
    expect(other.value).toBe('at-1')
    expect(manager.peek()).toBe('at-1')
    await expect(manager.getAccessToken()).resolves.toBe('at-1')
    expect(await failureOf(manager.refresh({ rejected: 'at-1' }))).toMatchObject({
      code: 'ERR_REFRESH_UNAVAILABLE',
      outcome: 'not-sent',
    })
    expect(issuer.spent).toHaveLength(1)

    issuer.always = undefined
    await pass(1_000)
    await expect(manager.getAccessToken()).resolves.toBe('at-2')
  })

  it('is given where there is nothing to renew it with', async () => {
    const manager = new TokenManager({
      refresh: createIssuer().refresh,
      initialTokens: { accessToken: 'at-1' },
    })
    expect(await failureOf(manager.refresh({ rejected: 'at-1' }))).toMatchObject({
      reason: 'no-refresh-token',
    })
    for (let second = 0; second < 5; second++) {
      await expect(manager.getAccessToken()).resolves.toBe('at-1')
      await pass(1_000)
    }
  })
})

describe('a usable token is never withheld: the store', () => {
  it('fails to save a new token: it is used all the same', async () => {
    const issuer = createIssuer()
    const store = new ScriptedStore()
    const manager = signedIn(issuer, { store })
    await manager.getAccessToken()
    store.always(
      'save',
      before(() => {
        throw new Error('disk full')
      }),
    )
    await pass(LIFETIME_MS)
    await expect(manager.getAccessToken()).resolves.toBe('at-2')
    await expect(manager.getAccessToken()).resolves.toBe('at-2')
  })

  it('is looked at in the background with recheckMs: nobody waits for that', async () => {
    const store = new ScriptedStore(storedTokens('at-1'))
    const manager = new TokenManager({
      refresh: createIssuer().refresh,
      store,
      recheckMs: 5_000,
    })
    await manager.getAccessToken()
    await pass(4_999)
    await manager.getAccessToken()
    expect(store.count('load')).toBe(1)
    store.always('load', hangs)
    await pass(1)
    await expect(manager.getAccessToken()).resolves.toBe('at-1')
    expect(store.count('load')).toBe(2)
    store.always('load')
    store.put(storedTokens('at-2', { version: 2 }))
    await pass(5_000)
    expect(manager.peek()).toBe('at-1')
    await settle()
    expect(manager.peek()).toBe('at-2')
  })

  it('cannot be read once the token has expired: the error says so', async () => {
    const store = new ScriptedStore(storedTokens('at-1'))
    const manager = new TokenManager({ refresh: createIssuer().refresh, store })
    await manager.getAccessToken()
    store.always(
      'load',
      before(() => {
        throw new Error('disk')
      }),
    )
    await pass(LIFETIME_MS)
    expect(await failureOf(manager.getAccessToken())).toBeInstanceOf(TokenStoreError)
  })
})
