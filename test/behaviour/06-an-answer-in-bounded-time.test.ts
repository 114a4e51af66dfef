import { describe, expect, it, vi } from 'vitest'
import {
  InvalidTokenResponseError,
  isTokenError,
  memoryStore,
  RefreshRejectedError,
  RefreshUnavailableError,
  TokenManager,
  TokenOptionsError,
  TokenStoreError,
  type TokenInput,
  type TokenStore,
} from 'tokenward'
import { eventsOf } from '../support/session/events.js'
import { LIFETIME_MS, createIssuer, refuses, signedIn } from '../support/session/issuer.js'
import { failureOf, held, never, untilAborted, watch } from '../support/session/promises.js'
import { storedTokens } from '../support/session/records.js'
import { ScriptedStore, before, hangs } from '../support/session/scripted-store.js'
import { fakeTime, pass, settle } from '../support/session/time.js'

fakeTime()

describe('an answer in bounded time: the token endpoint hangs', () => {
  // axios-auth-refresh: a refresh that never settles hangs every request
  it('fails every waiting call with a typed error after waitTimeoutMs', async () => {
    const issuer = createIssuer()
    issuer.always = never
    const manager = signedIn(issuer)
    await pass(LIFETIME_MS)
    const calls = [manager.getAccessToken(), manager.refresh(), manager.getAccessToken()].map(watch)
    await pass(19_999)
    expect(calls.map((call) => call.tookMs)).toEqual([undefined, undefined, undefined])
    await pass(1)
    for (const { error, tookMs } of calls) {
      expect(tookMs).toBe(20_000)
      expect(error).toBeInstanceOf(RefreshUnavailableError)
      expect(error).toMatchObject({ outcome: 'unknown', isTransient: true })
    }
  })

  it('waits as long as the app says', async () => {
    const issuer = createIssuer()
    issuer.always = never
    const manager = signedIn(issuer, { waitTimeoutMs: 700 })
    await pass(LIFETIME_MS)
    const call = watch(manager.getAccessToken())
    await pass(700)
    expect(call).toMatchObject({ tookMs: 700, error: expect.any(RefreshUnavailableError) })
  })

  it('goes on with the refresh after its callers have given up', async () => {
    const issuer = createIssuer()
    const answer = held<TokenInput>()
    issuer.next(() => answer.promise)
    const manager = signedIn(issuer, { waitTimeoutMs: 500 })
    await pass(LIFETIME_MS)
    const call = watch(manager.getAccessToken())
    await pass(3_000)
    expect(call.error).toBeInstanceOf(RefreshUnavailableError)
    answer.resolve(issuer.issue())
    await settle()
    expect(manager.peek()).toBe('at-2')
    expect(issuer.spent).toHaveLength(1)
  })

  it('tells a refresh by its signal that its time is over', async () => {
    const issuer = createIssuer()
    const signals: AbortSignal[] = []
    issuer.always = (context) => {
      signals.push(context.signal)
      return untilAborted(context)
    }
    const manager = signedIn(issuer, { refreshTimeoutMs: 1_000 })
    await pass(LIFETIME_MS)
    watch(manager.getAccessToken())
    await pass(999)
    expect(signals.map((signal) => signal.aborted)).toEqual([false])
    await pass(1)
    expect(signals[0]!.aborted).toBe(true)
    expect(isTokenError(signals[0]!.reason)).toBe(true)
  })

  it('starts afresh with the next call', async () => {
    const issuer = createIssuer()
    issuer.next(untilAborted, untilAborted)
    const manager = signedIn(issuer)
    await pass(LIFETIME_MS)
    const call = watch(manager.getAccessToken())
    await pass(25_000)
    expect(call.error).toBeInstanceOf(RefreshUnavailableError)
    await expect(manager.getAccessToken()).resolves.toBe('at-2')
  })

  it('keeps all attempts together within two and a half times refreshTimeoutMs', async () => {
    const issuer = createIssuer()
    issuer.always = async (context) => {
      await new Promise((resolve) => setTimeout(resolve, 900))
      return refuses(503)(context)
    }
    const manager = signedIn(issuer, {
      refreshTimeoutMs: 1_000,
      retry: { attempts: 50, baseDelayMs: 1 },
    })
    const events = eventsOf(manager)
    await pass(LIFETIME_MS)
    const call = watch(manager.getAccessToken())
    await pass(2_500)
    expect(call.error).toBeInstanceOf(RefreshUnavailableError)
    const failed = events.find(({ type }) => type === 'refreshFailed')!
    expect(failed.event).toMatchObject({ durationMs: expect.any(Number) })
    expect((failed.event as { durationMs: number }).durationMs).toBeLessThanOrEqual(2_500)
  })

  it('lets a login through at once', async () => {
    const issuer = createIssuer()
    issuer.always = never
    const manager = signedIn(issuer)
    await pass(LIFETIME_MS)
    watch(manager.getAccessToken())
    await settle()
    await manager.setTokens({ accessToken: 'login' })
    expect(manager.peek()).toBe('login')
  })
})

describe('an answer in bounded time: the store hangs', () => {
  it('fails the first use after 5 s and starts afresh with the next', async () => {
    const issuer = createIssuer()
    const store = new ScriptedStore(storedTokens('at-stored'))
    store.always('load', hangs)
    const manager = new TokenManager({ refresh: issuer.refresh, store })
    const calls = [watch(manager.getAccessToken()), watch(manager.getTokens())]
    await pass(5_000)
    for (const { error, tookMs } of calls) {
      expect(tookMs).toBe(5_000)
      expect(error).toBeInstanceOf(TokenStoreError)
      expect(error).toMatchObject({ operation: 'load', isTransient: true })
    }
    store.always('load')
    await expect(manager.getAccessToken()).resolves.toBe('at-stored')
  })

  // badgateway: a store whose load rejects wedges the client for good
  it.each([
    ['rejects', () => Promise.reject(new Error('disk'))],
    [
      'throws at once',
      () => {
        throw new Error('disk')
      },
    ],
  ])('recovers from a load that %s', async (_how, failing) => {
    const store = new ScriptedStore(storedTokens('at-stored'))
    const load = store.load
    store.load = failing
    const manager = new TokenManager({ refresh: createIssuer().refresh, store })
    expect(await failureOf(manager.getAccessToken())).toBeInstanceOf(TokenStoreError)
    expect(await failureOf(manager.getAccessToken())).toBeInstanceOf(TokenStoreError)
    store.load = load
    await expect(manager.getAccessToken()).resolves.toBe('at-stored')
  })

  it('fails a refresh whose look at the store hangs, and keeps the session', async () => {
    const issuer = createIssuer()
    const store = new ScriptedStore()
    const manager = signedIn(issuer, { store })
    await manager.getAccessToken()
    store.always('load', hangs)
    await pass(LIFETIME_MS)
    const call = watch(manager.getAccessToken())
    await pass(5_000)
    expect(call).toMatchObject({ tookMs: 5_000, error: expect.any(TokenStoreError) })
    expect(issuer.spent).toEqual([])
    store.always('load')
    await expect(manager.getAccessToken()).resolves.toBe('at-2')
  })

  it('hands out a new token whose save hangs, after 5 s, and says so', async () => {
    const issuer = createIssuer()
    const store = new ScriptedStore()
    const manager = signedIn(issuer, { store })
    await manager.getAccessToken()
    const events = eventsOf(manager)
    store.always('save', hangs)
    await pass(LIFETIME_MS)
    const call = watch(manager.getAccessToken())
    await pass(5_000)
    expect(call).toMatchObject({ tookMs: 5_000, value: 'at-2' })
    expect(events.map(({ type }) => type)).toContain('saveFailed')
  })

  it('waits for a lease less than waitTimeoutMs, says that it is held, and gives it up', async () => {
    const issuer = createIssuer()
    const store = new ScriptedStore()
    const manager = signedIn(issuer, { store })
    await manager.getAccessToken()
    const lease = held()
    store.always(
      'exclusive',
      before(() => lease.promise),
    )
    const events = eventsOf(manager)
    await pass(LIFETIME_MS)
    const call = watch(manager.getAccessToken())
    await pass(20_000)
    const locked = { code: 'ERR_TOKEN_STORE', operation: 'exclusive', reason: 'locked' }
    expect(call).toMatchObject({ tookMs: 19_000, error: locked })
    expect(events.at(-1)).toMatchObject({ type: 'refreshFailed', event: { error: locked } })
    store.always('exclusive')
    lease.resolve() // too late: its task must not run any more
    await settle()
    expect(issuer.spent).toEqual([])
    await expect(manager.getAccessToken()).resolves.toBe('at-2')
    expect(issuer.spent).toHaveLength(1)
  })

  it('does not wait for a release that hangs', async () => {
    const issuer = createIssuer()
    const store: TokenStore = {
      ...memoryStore(),
      async exclusive(task) {
        await task({ isHeld: () => true })
        return never()
      },
    }
    const manager = signedIn(issuer, { store })
    await manager.getAccessToken()
    await pass(LIFETIME_MS)
    await expect(manager.getAccessToken()).resolves.toBe('at-2')
    const closed = watch(manager.close())
    await pass(5_000)
    expect(closed.tookMs).toBeLessThanOrEqual(5_000)
  })

  it.each(['load', 'save'] as const)('ends a login and a logout whose %s hangs', async (which) => {
    const store = new ScriptedStore()
    const manager = new TokenManager({ refresh: createIssuer().refresh, store })
    store.always(which, hangs)
    const login = watch(manager.setTokens({ accessToken: 'login' }))
    await pass(5_000)
    expect(login).toMatchObject({ tookMs: 5_000, error: expect.any(TokenStoreError) })
    expect(manager.peek()).toBe('login')
    const logout = watch(manager.signOut())
    await pass(5_000)
    expect(logout).toMatchObject({ tookMs: 5_000, error: expect.any(TokenStoreError) })
    expect(manager.peek()).toBeUndefined()
  })

  it('closes in bounded time', async () => {
    const issuer = createIssuer()
    issuer.always = never
    const store = new ScriptedStore()
    const manager = signedIn(issuer, { store })
    await manager.getAccessToken()
    await pass(LIFETIME_MS)
    watch(manager.getAccessToken())
    await settle()
    store.always('save', hangs)
    const closed = watch(manager.close())
    await pass(60_000)
    expect(closed.tookMs).toBeLessThanOrEqual(60_000)
  })

  it('gives up a revocation that hangs', async () => {
    const manager = signedIn(createIssuer(), { revoke: never })
    const logout = watch(manager.signOut())
    await pass(10_000)
    expect(logout).toMatchObject({ tookMs: 10_000 })
    expect(logout.error).toBeUndefined()
  })
})

const HTML = '<!doctype html><title>Sign in to the hotel Wi-Fi</title>'

describe('an answer in bounded time: a refresh function that misbehaves', () => {
  const unavailable = RefreshUnavailableError
  const invalid = InvalidTokenResponseError
  it.each<[string, () => unknown, abstract new (...args: never[]) => Error]>([
    ['rejects', () => Promise.reject(new Error('no')), unavailable],
    ['rejects with undefined', () => Promise.reject(undefined), unavailable],
    ['rejects with a string', () => Promise.reject('no'), unavailable],
    ['throws at once', throwing(new Error('no')), unavailable],
    ['throws null', throwing(null), unavailable],
    ['throws a symbol', throwing(Symbol('no')), unavailable],
    ['throws what cannot be read', throwing(revokedProxy()), unavailable],
    ['returns nothing', () => undefined, invalid],
    ['returns null', () => null, invalid],
    ['returns HTML', () => HTML, invalid],
    ['resolves to HTML', () => Promise.resolve(HTML), invalid],
    ['returns a number', () => 42, invalid],
    ['returns an array', () => ['at-2'], invalid],
    ['returns no access token', () => ({ expires_in: 300 }), invalid],
    ['returns an access token of null', () => ({ access_token: null }), invalid],
    ['returns an empty access token', () => ({ access_token: '' }), invalid],
    ['returns an access token that is an object', () => ({ access_token: {} }), invalid],
    ['returns a token with CR and LF', () => ({ access_token: 'a\r\nX-Admin: 1' }), invalid],
    ['returns a token with LF at its end', () => ({ access_token: 'a\n' }), invalid],
    ['returns a token beyond ASCII', () => ({ accessToken: 'tökén' }), invalid],
    ['returns what throws when it is read', () => ({ access_token: 'a', get scope() { throw new Error('no') } }), invalid], // prettier-ignore
    ['returns a thenable that throws', () => ({ then: throwing(new Error('no')) }), unavailable],
  ])('that %s: a typed error for all, no lost session', async (_how, refresh, expected) => {
    const refreshing = vi.fn(refresh)
    const manager = signedIn(createIssuer(), { refresh: refreshing as never })
    await pass(LIFETIME_MS)
    const calls = [manager.getAccessToken(), manager.refresh()].map(watch)
    await pass(20_000)
    for (const { error } of calls) expect(error).toBeInstanceOf(expected)
    expect(calls[0]!.error).toBe(calls[1]!.error)
    await expect(manager.getTokens()).resolves.toMatchObject({ refreshToken: 'rt-1' })

    refreshing.mockImplementation(() => ({ access_token: 'mended' }))
    await pass(2_000)
    await expect(manager.getAccessToken()).resolves.toBe('mended')
  })

  it.each([
    ['refresh token', { refresh_token: 7 }],
    ['scope', { scope: { read: true } }],
    ['ID token', { id_token: {} }],
  ])('that returns an ill-typed %s: it is left out, and the answer kept', async (_what, field) => {
    const answer = { access_token: 'at-2', expires_in: 300, ...field }
    const manager = signedIn(createIssuer(), { refresh: () => Promise.resolve(answer as never) })
    await expect(manager.refresh()).resolves.toBe('at-2')
    await expect(manager.getTokens()).resolves.toMatchObject({ refreshToken: 'rt-1' })
  })

  // The server's text is searched for secrets: minutes, where the search was quadratic and unbounded.
  it('that is refused with a text made to keep a search busy: it is cut short first', () => {
    const text = 'ey-'.repeat(300_000)
    const error = new RefreshRejectedError('no', { errorDescription: text, cause: new Error(text) })
    expect(error.errorDescription?.length).toBeLessThan(5_000)
    expect((error.cause as Error).message.length).toBeLessThan(5_000)
  })

  it.each<[string, unknown]>([
    ['a string', '300'],
    ['a string that is no number', 'soon'],
    ['negative', -1],
    ['0', 0],
    ['NaN', NaN],
    ['Infinity', Infinity],
    ['10¹²', 1e12],
    ['null', null],
    ['an object', {}],
  ])('that returns an expires_in that is %s: a sound token', async (_what, expiresIn) => {
    const issuer = createIssuer()
    issuer.always = () => ({ access_token: 'at-2', expires_in: expiresIn })
    const manager = signedIn(issuer)
    await pass(LIFETIME_MS)
    for (let use = 0; use < 50; use++) {
      await expect(manager.getAccessToken()).resolves.toBe('at-2')
    }
    expect(issuer.spent).toHaveLength(1)
  })
})

describe('an answer in bounded time: a store that returns rubbish', () => {
  const record = (tokens: unknown, more: object = {}) => ({
    sessionId: 's',
    version: 1,
    tokens,
    ...more,
  })
  it.each<[string, unknown]>([
    ['a number', 42],
    ['HTML', HTML],
    ['an empty object', {}],
    ['an array', []],
    ['no version', { sessionId: 's', tokens: null }],
    ['a version of NaN', record(null, { version: NaN })],
    ['no session id', record(null, { sessionId: '' })],
    ['tokens that are a string', record('at-1')],
    ['tokens without times', record({ accessToken: 'a', tokenType: 'Bearer' })],
    ['a relative expires_in', record({ accessToken: 'a', tokenType: 'Bearer', issuedAt: 1, expires_in: 300 })], // prettier-ignore
    ['a token with CR and LF', record({ accessToken: 'a\r\nb', tokenType: 'Bearer', issuedAt: 1 })],
    ['no access token', record({ tokenType: 'Bearer', issuedAt: 1 })],
    ['an expiry of NaN', record({ accessToken: 'a', tokenType: 'Bearer', issuedAt: 1, expiresAt: NaN })], // prettier-ignore
    ['what throws when it is read', { get version(): number { throw new Error('no') } }], // prettier-ignore
  ])('loads %s: a TokenStoreError, and a login mends it', async (_what, rubbish) => {
    const issuer = createIssuer()
    let stored = rubbish
    const store: TokenStore = {
      singleProcess: true,
      load: () => Promise.resolve(stored as never),
      save: (session) => Promise.resolve(((stored = session), true)),
    }
    const manager = signedIn(issuer, { store })
    const error = await failureOf(manager.getAccessToken())
    expect(error).toBeInstanceOf(TokenStoreError)
    expect(error).toMatchObject({ operation: 'load', reason: 'damaged' })
    expect(manager.peek()).toBeUndefined()
    await manager.setTokens({ accessToken: 'login' })
    await expect(manager.getAccessToken()).resolves.toBe('login')
    expect(issuer.spent).toEqual([])
  })

  it.each<[string, Partial<Record<keyof TokenStore, unknown>>]>([
    ['a save that resolves to nothing', { save: () => Promise.resolve(undefined) }],
    ['a save that returns nothing', { save: () => undefined }],
    ['a save that throws at once', { save: throwing(new Error('no')) }],
    ['a save that rejects with undefined', { save: () => Promise.reject(undefined) }],
    ['an exclusive that throws at once', { exclusive: throwing(new Error('no')) }],
    ['an exclusive that returns nothing', { exclusive: () => undefined }],
    ['an exclusive that never runs its task', { exclusive: () => Promise.resolve() }],
    ['an exclusive that gives no lease', { exclusive: (task: () => unknown) => task() }],
    ['an exclusive that throws after its task', { exclusive: async (task: (lease: object) => Promise<unknown>) => { await task({ isHeld: () => true }); throw new Error('no') } }], // prettier-ignore
    ['an exclusive that runs its task twice', { exclusive: async (task: (lease: object) => Promise<unknown>) => { await task({ isHeld: () => true }); await task({ isHeld: () => true }) } }], // prettier-ignore
    ['a lease that is never held', { exclusive: (task: (lease: object) => unknown) => task({ isHeld: () => false }) }], // prettier-ignore
  ])('has %s: a typed error or a sound token', async (_what, rubbish) => {
    const issuer = createIssuer()
    const store = Object.assign(new ScriptedStore(), rubbish) as TokenStore
    const manager = signedIn(issuer, { store })
    await pass(LIFETIME_MS)
    const call = watch(manager.getAccessToken())
    await pass(20_000)
    expect(call.tookMs).toBeLessThanOrEqual(20_000)
    if (call.error !== undefined) expect(isTokenError(call.error)).toBe(true)
    else expect(call.value).toMatch(/^at-\d$/)
    expect(issuer.spent.length).toBeLessThanOrEqual(1)
  })

  it.each<[string, unknown]>([
    ['undefined', undefined],
    ['a string', 'no'],
    ['an error without a name', Object.assign(new Error('no'), { name: undefined })],
    ['an error whose message is an object', Object.assign(new Error('no'), { message: {} })],
  ])('rejects with %s: a TokenStoreError', async (_what, thrown) => {
    const store = new ScriptedStore()
    store.always('load', before(throwing(thrown)))
    const manager = signedIn(createIssuer(), { store })
    expect(await failureOf(manager.getAccessToken())).toBeInstanceOf(TokenStoreError)
  })

  it('refuses every save although it holds nothing: nobody waits for ever', async () => {
    const issuer = createIssuer()
    const saving = limited(200)
    const store: TokenStore = {
      singleProcess: true,
      load: () => Promise.resolve(undefined),
      save: () => saving(false),
    }
    const { refresh } = issuer
    const manager = new TokenManager({ acquire: () => refresh({} as never), store })
    const call = watch(manager.getAccessToken())
    await pass(20_000)
    expect(call.tookMs).toBeLessThanOrEqual(20_000)
    expect(saving.isExhausted()).toBe(false)
  })
})

describe('an answer in bounded time: a refresh that calls its own manager', () => {
  // axios-auth-refresh#120, axios-jwt#4, axios/axios#3327
  it.each<[string, (manager: TokenManager) => Promise<unknown>]>([
    ['getAccessToken', (manager) => manager.getAccessToken()],
    ['refresh', (manager) => manager.refresh()],
    ['refresh with the rejected token', (manager) => manager.refresh({ rejected: 'at-1' })],
  ])('%s: is told so at once, before its first await and after', async (_name, ask) => {
    const told: unknown[] = []
    const issuer = createIssuer()
    issuer.always = async () => {
      const first = ask(manager).catch((error: unknown) => told.push(error))
      await new Promise((resolve) => setTimeout(resolve, 10))
      await Promise.all([first, ask(manager).catch((error: unknown) => told.push(error))])
      return issuer.issue()
    }
    const manager: TokenManager = signedIn(issuer)
    await pass(LIFETIME_MS)
    const call = watch(manager.getAccessToken())
    await pass(10)
    expect(told).toEqual([expect.any(TokenOptionsError), expect.any(TokenOptionsError)])
    expect(call).toMatchObject({ tookMs: 10, value: 'at-2' })
    expect(issuer.spent).toHaveLength(1)
  })

  it('and lets what it is told escape: every caller is told, and the session is kept', async () => {
    const issuer = createIssuer()
    issuer.next(() => manager.getAccessToken())
    const manager: TokenManager = signedIn(issuer)
    await pass(LIFETIME_MS)
    expect(await failureOf(manager.getAccessToken())).toBeInstanceOf(TokenOptionsError)
    await pass(1_000)
    await expect(manager.getAccessToken()).resolves.toBe('at-2')
  })

  it('while the token is still usable: it gets that one', async () => {
    const issuer = createIssuer()
    const inside: unknown[] = []
    issuer.always = async () => {
      inside.push(manager.peek(), await manager.getAccessToken(), manager.isInsideRefresh())
      return issuer.issue()
    }
    const manager: TokenManager = signedIn(issuer)
    await expect(manager.refresh()).resolves.toBe('at-2')
    expect(inside).toEqual(['at-1', 'at-1', true])
    expect(manager.isInsideRefresh()).toBe(false)
  })

  it('lets calls from outside wait meanwhile', async () => {
    const issuer = createIssuer()
    const answer = held<TokenInput>()
    issuer.next(() => answer.promise)
    const manager = signedIn(issuer)
    await pass(LIFETIME_MS)
    const first = watch(manager.getAccessToken())
    await settle()
    const second = watch(manager.getAccessToken())
    await settle()
    expect(second.tookMs).toBeUndefined()
    answer.resolve(issuer.issue())
    await settle()
    expect([first.value, second.value]).toEqual(['at-2', 'at-2'])
  })

  it('may log out or in meanwhile', async () => {
    const issuer = createIssuer()
    issuer.next(async () => {
      await manager.setTokens({ accessToken: 'login' })
      return issuer.issue()
    })
    const manager: TokenManager = signedIn(issuer)
    await pass(LIFETIME_MS)
    const call = watch(manager.getAccessToken())
    await settle()
    expect(call.error).toMatchObject({ reason: 'session-changed' })
    expect(manager.peek()).toBe('login')
  })
})

describe('an answer in bounded time: aborts', () => {
  // axios-auth-refresh: abort while waiting settles only after the refresh
  it('settles an aborted wait at once, with the reason of its signal', async () => {
    const issuer = createIssuer()
    issuer.always = never
    const manager = signedIn(issuer)
    await pass(LIFETIME_MS)
    const controller = new AbortController()
    const call = watch(manager.getAccessToken({ signal: controller.signal }))
    await settle()
    const reason = new Error('the user went away')
    controller.abort(reason)
    await settle()
    expect(call).toEqual({ status: 'rejected', tookMs: 0, error: reason })
  })

  // Azure tokenCycler: the first caller's abort kills everyone
  it('does not touch the refresh that others wait for', async () => {
    const issuer = createIssuer()
    const answer = held<TokenInput>()
    issuer.next(() => answer.promise)
    const manager = signedIn(issuer)
    await pass(LIFETIME_MS)
    const controller = new AbortController()
    const first = watch(manager.getAccessToken({ signal: controller.signal }))
    const second = watch(manager.getAccessToken())
    await settle()
    controller.abort()
    await settle()
    answer.resolve(issuer.issue())
    await settle()
    expect(first.error).toMatchObject({ name: 'AbortError' })
    expect(second.value).toBe('at-2')
  })

  it('asks nobody for a call that was aborted before', async () => {
    const issuer = createIssuer()
    const manager = signedIn(issuer)
    await pass(LIFETIME_MS)
    const signal = AbortSignal.abort(new Error('early'))
    await expect(manager.getAccessToken({ signal })).rejects.toThrow('early')
    expect(issuer.spent).toEqual([])
  })
})

function throwing(thrown: unknown): () => never {
  return () => {
    throw thrown
  }
}

function revokedProxy(): object {
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  return proxy
}

/** A function that gives its value so many times, then hangs: a loop must not hang the tests. */
function limited(times: number) {
  let left = times
  const give = <T>(value: T): Promise<T> => (left-- > 0 ? Promise.resolve(value) : never())
  return Object.assign(give, { isExhausted: () => left < 0 })
}
