import type * as tokenward from 'tokenward'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import {
  LoginRequiredError,
  memoryStore,
  RefreshRejectedError,
  RefreshUnavailableError,
  TokenManager,
  TokenStoreError,
  type StoredSession,
  type TokenInput,
} from 'tokenward'
import { eventsOf } from '../support/session/events.js'
import {
  LIFETIME_MS,
  type Step,
  breaksConnection,
  createIssuer,
  refuses,
  refusesConnection,
  signedIn,
} from '../support/session/issuer.js'
import { failureOf, held, watch } from '../support/session/promises.js'
import { storedTokens } from '../support/session/records.js'
import { ScriptedStore, before } from '../support/session/scripted-store.js'
import { DAY_MS, fakeTime, jump, pass, settle } from '../support/session/time.js'

fakeTime()

const LOGIN = { accessToken: 'login', refreshToken: 'rt-login', expiresIn: 300 }

describe('only three things end a session: the logout', () => {
  it('ends it at once, for every caller with the same error', async () => {
    const issuer = createIssuer()
    const manager = signedIn(issuer)
    const events = eventsOf(manager)
    await manager.signOut()
    const [first, second] = [
      await failureOf(manager.getAccessToken()),
      await failureOf(manager.refresh()),
    ]
    expect(first).toBeInstanceOf(LoginRequiredError)
    expect(first).toMatchObject({ reason: 'signed-out', isTransient: false })
    expect(second).toBe(first)
    expect(manager.peek()).toBeUndefined()
    await expect(manager.getTokens()).resolves.toBeUndefined()
    expect(events).toMatchObject([{ type: 'sessionEnded', event: { reason: 'signed-out' } }])
    expect(issuer.spent).toEqual([])
  })

  it('... also where the app throws one and the same frozen error', async () => {
    const issuer = createIssuer()
    const refused = Object.freeze(new LoginRequiredError('revoked'))
    issuer.next(() => Promise.reject(refused))
    const manager = signedIn(issuer)
    const error = await failureOf(manager.refresh())
    expect(error).toMatchObject({ code: 'ERR_LOGIN_REQUIRED', message: 'revoked' })
    expect(await failureOf(manager.getAccessToken())).toBe(error)
    expect(error).toHaveProperty('history.length')
  })

  it('... and each user’s own, where the app throws one and the same error for all', async () => {
    const refused = new LoginRequiredError('revoked')
    const managers = ['ada', 'bob'].map(() => {
      const issuer = createIssuer()
      issuer.always = () => Promise.reject(refused)
      return signedIn(issuer)
    })
    for (const manager of managers) {
      expect(await failureOf(manager.refresh())).toMatchObject({ code: 'ERR_LOGIN_REQUIRED' })
      await expect(manager.getTokens()).resolves.toBeUndefined()
      await pass(1)
    }
  })

  it('is told twice without harm', async () => {
    const manager = signedIn(createIssuer())
    const events = eventsOf(manager)
    await manager.signOut()
    await manager.signOut()
    expect(events).toHaveLength(1)
  })
})

describe('only three things end a session: invalid_grant', () => {
  it.each<[string, Step]>([
    ['openid-client or oauth4webapi', refuses(400, 'invalid_grant')],
    ['axios', throwsLikeAxios(400, { error: 'invalid_grant' })],
    ['ky or ofetch', () => { throw Object.assign(new Error('400'), { response: { status: 400 }, data: { error: 'invalid_grant' } }) }], // prettier-ignore
    ['LoginRequiredError of its own', () => { throw new LoginRequiredError() }], // prettier-ignore
    ['401', refuses(401, 'invalid_grant')],
  ])('ends it, thrown in the shape of %s', async (_shape, refusing) => {
    const issuer = createIssuer()
    issuer.always = refusing
    const store = new ScriptedStore()
    const manager = signedIn(issuer, { store })
    await manager.getAccessToken()
    const events = eventsOf(manager)
    await pass(LIFETIME_MS)
    const error = await failureOf(manager.getAccessToken())
    expect(error).toBeInstanceOf(LoginRequiredError)
    expect(error).toMatchObject({ reason: 'invalid-grant' })
    expect(store.record).toMatchObject({ tokens: null })
    expect(events.map(({ type }) => type)).toEqual(['refreshing', 'sessionEnded', 'refreshFailed'])
  })

  // spring-security#12309, #7583: a dead refresh token retried for ever
  it('is asked for once: no token request is made until a login', async () => {
    const issuer = createIssuer()
    issuer.always = refuses(400, 'invalid_grant')
    const manager = signedIn(issuer, { keepFresh: true })
    await pass(LIFETIME_MS)
    const error = await failureOf(manager.getAccessToken())
    for (let minute = 0; minute < 60; minute++) {
      expect(await failureOf(manager.getAccessToken())).toBe(error)
      expect(await failureOf(manager.refresh())).toBe(error)
      expect(manager.peek()).toBeUndefined()
      await pass(60_000)
    }
    // Ahead of the expiry, with a good token at hand, the server was asked twice before it was believed.
    expect(issuer.spent).toEqual(['rt-1', 'rt-1'])

    issuer.always = undefined
    await manager.setTokens(LOGIN)
    await expect(manager.getAccessToken()).resolves.toBe('login')
    await pass(LIFETIME_MS)
    await expect(manager.getAccessToken()).resolves.toBe('at-2')
    expect(issuer.spent).toEqual(['rt-1', 'rt-1', 'rt-login'])
  })

  it('means nothing for a refresh token that is not the one in the store', async () => {
    const issuer = createIssuer()
    const store = new ScriptedStore()
    const manager = signedIn(issuer, { store })
    await manager.getAccessToken()
    await pass(LIFETIME_MS)
    issuer.next(() => {
      const { sessionId, version } = store.record!
      store.put(storedTokens('at-winner', { sessionId, version: version + 1 }))
      return refuses(400, 'invalid_grant')({} as never)
    })
    await expect(manager.getAccessToken()).resolves.toBe('at-winner')
  })

  it.each([408, 429, 500, 502, 503, 504])(
    'means nothing from a server in trouble: HTTP %d',
    async (status) => {
      const issuer = createIssuer()
      issuer.always = refuses(status, 'invalid_grant')
      const manager = signedIn(issuer)
      await pass(LIFETIME_MS)
      const call = watch(manager.getAccessToken())
      await pass(20_000)
      expect(call.error).toBeInstanceOf(RefreshUnavailableError)
      await expect(manager.getTokens()).resolves.toBeDefined()
    },
  )

  it('ends the session also where that cannot be saved', async () => {
    const issuer = createIssuer()
    issuer.always = refuses(400, 'invalid_grant')
    const store = new ScriptedStore()
    const manager = signedIn(issuer, { store })
    await manager.getAccessToken()
    store.always(
      'save',
      before(() => {
        throw new Error('read-only')
      }),
    )
    await pass(LIFETIME_MS)
    const error = await failureOf(manager.getAccessToken())
    await pass(10_000)
    expect(await failureOf(manager.getAccessToken())).toBe(error)
    expect(issuer.spent).toHaveLength(1)
  })

  it('keeps callers from hammering if the store cannot be asked what it means', async () => {
    const issuer = createIssuer()
    issuer.always = refuses(400, 'invalid_grant')
    const store = new ScriptedStore()
    const manager = signedIn(issuer, { store })
    await manager.getAccessToken()
    await pass(LIFETIME_MS)
    // Each look before a request succeeds, each look after it fails.
    let requests = 0
    store.always(
      'load',
      before(() => {
        if (issuer.spent.length === requests) return
        requests = issuer.spent.length
        throw new Error('flaky')
      }),
    )
    for (let call = 0; call < 10; call++) await failureOf(manager.getAccessToken())
    expect(issuer.spent.length).toBeLessThanOrEqual(2)
  })
})

describe('only three things end a session: its record is gone', () => {
  it('ends it, once the store is looked at', async () => {
    const issuer = createIssuer()
    const store = new ScriptedStore()
    const manager = signedIn(issuer, { store })
    await manager.getAccessToken()
    const events = eventsOf(manager)
    store.put(undefined)
    await pass(LIFETIME_MS)
    const error = await failureOf(manager.getAccessToken())
    expect(error).toMatchObject({ code: 'ERR_LOGIN_REQUIRED', reason: 'gone' })
    expect(events.at(-2)).toMatchObject({ type: 'sessionEnded', event: { reason: 'gone' } })
    expect(issuer.spent).toEqual([])
    expect(store.record).toBeUndefined()
  })

  it('does not end it while tokens of ours are unsaved', async () => {
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
    store.put(undefined)
    store.always('save')
    await pass(LIFETIME_MS)
    await expect(manager.getAccessToken()).resolves.toBe('at-3')
    expect(issuer.spent).toEqual(['rt-1', 'rt-2'])
    expect(store.record).toMatchObject({ tokens: { accessToken: 'at-3' } })
  })
})

describe('only three things end a session: nothing else', () => {
  const unavailable = RefreshUnavailableError
  const rejected = RefreshRejectedError
  // okta-auth-js: removed on any renewal error. supabase: a 429 wipes the session.
  // badgateway: a 500 swallowed, then a new grant. Shopify/hydrogen#3916: logged out by a 500.
  it.each<[string, Step, abstract new (...args: never[]) => Error]>([
    ['no connection', refusesConnection, unavailable],
    ['a broken connection', breaksConnection, unavailable],
    ['an error nobody knows', () => Promise.reject(new Error('?')), unavailable],
    ['408', refuses(408), unavailable],
    ['429', refuses(429), unavailable],
    ['500', refuses(500), unavailable],
    ['502', refuses(502), unavailable],
    ['503', refuses(503), unavailable],
    ['504', refuses(504), unavailable],
    ['temporarily_unavailable', refuses(400, 'temporarily_unavailable'), unavailable],
    ['server_error', refuses(400, 'server_error'), unavailable],
    ['an HTML page with 401', refuses(401), rejected], // spring-security: of the token endpoint
    ['404', refuses(404), rejected],
    ['invalid_client', refuses(401, 'invalid_client'), rejected],
    ['invalid_scope', refuses(400, 'invalid_scope'), rejected],
    ['unauthorized_client', refuses(400, 'unauthorized_client'), rejected],
    ['invalid_request (LemonLDAP::NG, @jmondi/oauth2-server)', refuses(400, 'invalid_request'), rejected], // prettier-ignore
    ['an empty 400 (glewlwyd)', refuses(400), rejected],
    ['invalid_client in the shape of axios', throwsLikeAxios(401, { error: 'invalid_client' }), rejected], // prettier-ignore
    ['an HTML body in the shape of axios', throwsLikeAxios(503, '<html>'), unavailable],
    ['RefreshRejectedError of its own', () => { throw new RefreshRejectedError() }, rejected], // prettier-ignore
  ])('not %s: the tokens are kept, and it cools down', async (_what, failing, expected) => {
    const issuer = createIssuer()
    issuer.always = failing
    const store = new ScriptedStore()
    const manager = signedIn(issuer, { store })
    await manager.getAccessToken()
    await pass(LIFETIME_MS)
    const call = watch(manager.getAccessToken())
    await pass(2_000)
    expect(call.error).toBeInstanceOf(expected)
    expect(store.record).toMatchObject({ tokens: { refreshToken: 'rt-1' } })
    issuer.always = undefined
    await pass(60_000)
    await expect(manager.getAccessToken()).resolves.toBe('at-2')
  })

  it.each([-DAY_MS, -600_000, 600_000, 400 * DAY_MS])(
    'not a clock that jumps by %d ms',
    async (offsetMs) => {
      const issuer = createIssuer()
      const store = new ScriptedStore()
      const manager = signedIn(issuer, { store })
      await manager.getAccessToken()
      jump(offsetMs)
      await expect(manager.getAccessToken()).resolves.toMatch(/^at-\d$/)
      jump(-offsetMs)
      await expect(manager.getAccessToken()).resolves.toMatch(/^at-\d$/)
      expect(store.record?.tokens).not.toBeNull()
    },
  )

  it('not a session without a refresh token: a login is asked for, no request is made', async () => {
    const issuer = createIssuer()
    const manager = new TokenManager({
      refresh: issuer.refresh,
      initialTokens: { accessToken: 'at-1', expiresIn: 60 },
    })
    await pass(60_000)
    const error = await failureOf(manager.getAccessToken())
    expect(error).toMatchObject({ code: 'ERR_LOGIN_REQUIRED', reason: 'no-refresh-token' })
    expect(issuer.spent).toEqual([])
    await manager.setTokens(LOGIN)
    await expect(manager.getAccessToken()).resolves.toBe('login')
  })
})

describe('only three things end a session: a damaged record is none of them', () => {
  // Azure/azure-cli#21848: a torn cache file reads as "logged out"
  const torn = { sessionId: 's', version: 7, tokens: '{"accessTo' } as unknown as StoredSession

  it('is an error until a login replaces it, and no seed takes its place', async () => {
    const store = new ScriptedStore(torn)
    const manager = signedIn(createIssuer(), { store })
    for (let call = 0; call < 3; call++) {
      const error = await failureOf(manager.getAccessToken())
      expect(error).toBeInstanceOf(TokenStoreError)
      expect(error).toMatchObject({ reason: 'damaged', isTransient: false })
    }
    expect(store.record).toBe(torn)
    await manager.setTokens(LOGIN)
    await expect(manager.getAccessToken()).resolves.toBe('login')
    expect(store.record).toMatchObject({ tokens: { accessToken: 'login' } })
  })

  it('is replaced by a logout too', async () => {
    const store = new ScriptedStore(torn)
    const manager = signedIn(createIssuer(), { store })
    await manager.signOut()
    expect(store.record).toMatchObject({ tokens: null })
    expect(await failureOf(manager.getAccessToken())).toMatchObject({ reason: 'signed-out' })
  })

  it('does not end a session under way: the token is served while usable, nothing is spent', async () => {
    const issuer = createIssuer()
    const store = new ScriptedStore()
    const manager = signedIn(issuer, { store })
    await manager.getAccessToken()
    store.put(torn)
    await pass(250_000)
    await expect(manager.getAccessToken()).resolves.toBe('at-1')
    await pass(50_000)
    expect(await failureOf(manager.getAccessToken())).toMatchObject({ reason: 'damaged' })
    expect(issuer.spent).toEqual([])
    expect(store.record).toBe(torn)
  })

  it('is replaced by a login whose first save failed, as soon as saving works', async () => {
    const issuer = createIssuer()
    const store = new ScriptedStore(torn)
    const manager = signedIn(issuer, { store })
    store.always(
      'save',
      before(() => {
        throw new Error('disk full')
      }),
    )
    expect(await failureOf(manager.setTokens(LOGIN))).toBeInstanceOf(TokenStoreError)
    store.always('save')
    await pass(10_000)
    await expect(manager.getAccessToken()).resolves.toBe('login')
    await settle()
    expect(store.record).toMatchObject({ tokens: { accessToken: 'login' } })
    await pass(LIFETIME_MS)
    await expect(manager.getAccessToken()).resolves.toMatch(/^at-/)
  })
})

describe('only three things end a session: endsSession', () => {
  const dead = refuses(400, 'invalid_request')

  it('widens the rule for a server that the app knows', async () => {
    const issuer = createIssuer()
    issuer.always = dead
    const endsSession = vi.fn((error: RefreshRejectedError) => error.error === 'invalid_request')
    const manager = signedIn(issuer, { endsSession })
    await pass(LIFETIME_MS)
    const error = await failureOf(manager.getAccessToken())
    expect(error).toBeInstanceOf(LoginRequiredError)
    expect(error.cause).toBeInstanceOf(RefreshRejectedError)
    expect(await failureOf(manager.getAccessToken())).toBe(error)
    expect(endsSession).toHaveBeenCalledOnce()
  })

  it.each<[string, unknown]>([
    ['says no', () => false],
    ['throws', () => { throw new Error('no') }], // prettier-ignore
    ['returns nothing', () => undefined],
    ['is asynchronous, and so says nothing', () => Promise.resolve(false)],
  ])('keeps the session where it %s', async (_what, endsSession) => {
    const issuer = createIssuer()
    issuer.always = dead
    const manager = signedIn(issuer, { endsSession: endsSession as () => boolean })
    await pass(LIFETIME_MS)
    expect(await failureOf(manager.getAccessToken())).toBeInstanceOf(RefreshRejectedError)
    await expect(manager.getTokens()).resolves.toBeDefined()
  })

  it('is not asked about what is no refusal', async () => {
    const issuer = createIssuer()
    issuer.always = refuses(503)
    const endsSession = vi.fn(() => true)
    const manager = signedIn(issuer, { endsSession })
    await pass(LIFETIME_MS)
    watch(manager.getAccessToken())
    await pass(20_000)
    expect(endsSession).not.toHaveBeenCalled()
  })
})

describe('only three things end a session: after the end', () => {
  it('looks at the store at most once a second, however many call', async () => {
    const store = new ScriptedStore()
    const manager = new TokenManager({ refresh: createIssuer().refresh, store })
    expect(await failureOf(manager.getAccessToken())).toMatchObject({ reason: 'no-session' })
    await pass(1_000)
    const loadsBefore = store.count('load')
    for (let tenth = 0; tenth < 100; tenth++) {
      await Promise.all(Array.from({ length: 5 }, () => failureOf(manager.getAccessToken())))
      await pass(100)
    }
    expect(store.count('load') - loadsBefore).toBeGreaterThanOrEqual(9)
    expect(store.count('load') - loadsBefore).toBeLessThanOrEqual(11)
  })

  it.each<[string, (manager: TokenManager) => Promise<unknown>]>([
    ['a logout', (manager) => manager.signOut()],
    ['invalid_grant', (manager) => failureOf(manager.refresh())],
  ])('is revived by a login made elsewhere: after %s', async (_what, end) => {
    const issuer = createIssuer()
    issuer.always = refuses(400, 'invalid_grant')
    const store = new ScriptedStore()
    const manager = signedIn(issuer, { store })
    await manager.getAccessToken()
    await end(manager)
    await failureOf(manager.getAccessToken())
    const elsewhere = new TokenManager({ refresh: issuer.refresh, store })
    await elsewhere.setTokens(LOGIN)
    const events = eventsOf(manager)
    await pass(1_000)
    await expect(manager.getAccessToken()).resolves.toBe('login')
    expect(events).toEqual([
      { type: 'adopted', event: { expiresAt: expect.any(Number), isOtherSession: true } },
    ])
  })

  it('is not revived by the very session that was logged out', async () => {
    const issuer = createIssuer()
    const store = new ScriptedStore()
    const manager = signedIn(issuer, { store })
    await manager.getAccessToken()
    const answer = held<TokenInput>()
    issuer.next(() => answer.promise)
    const refreshing = watch(manager.refresh())
    await settle()
    await manager.signOut() // supabase/supabase-js#2392: logout during a refresh resurrects
    answer.resolve(issuer.issue())
    await pass(5_000)
    expect(refreshing.error).toMatchObject({ reason: 'signed-out' })
    expect(store.record).toMatchObject({ tokens: null })
    expect(await failureOf(manager.getAccessToken())).toMatchObject({ reason: 'signed-out' })
  })

  it('a seed does not outrank a sign-out that the store holds', async () => {
    const store = memoryStore({ sessionId: 's', version: 3, tokens: null })
    const manager = signedIn(createIssuer(), { store })
    expect(await failureOf(manager.getAccessToken())).toMatchObject({ reason: 'signed-out' })
  })
})

describe('only three things end a session: an acquire manager has no end', () => {
  const acquiring = () => {
    const issuer = createIssuer()
    const acquire = (context: object) => issuer.refresh(context as never)
    return { issuer, acquire }
  }

  it('acquires again after a logout', async () => {
    const { acquire } = acquiring()
    const manager = new TokenManager({ acquire })
    await expect(manager.getAccessToken()).resolves.toBe('at-1')
    await manager.signOut()
    expect(manager.peek()).toBeUndefined()
    await expect(manager.getAccessToken()).resolves.toBe('at-2')
  })

  it('acquires where the store holds a sign-out, or nothing any more', async () => {
    const { acquire } = acquiring()
    const store = new ScriptedStore({ sessionId: 's', version: 3, tokens: null })
    const manager = new TokenManager({ acquire, store })
    await expect(manager.getAccessToken()).resolves.toBe('at-1')
    store.put(undefined)
    await pass(LIFETIME_MS)
    await expect(manager.getAccessToken()).resolves.toBe('at-2')
  })

  it('never says "log in again": not even after invalid_grant', async () => {
    const { issuer, acquire } = acquiring()
    issuer.always = refuses(400, 'invalid_grant')
    const manager = new TokenManager({ acquire })
    expect(await failureOf(manager.getAccessToken())).toBeInstanceOf(RefreshRejectedError)
    issuer.always = undefined
    await pass(1_000)
    await expect(manager.getAccessToken()).resolves.toBe('at-1')
  })
})

describe('only three things end a session: another copy of the package', () => {
  let copy: typeof tokenward
  // Outside the tests: modules that a test loads look as if it alone covered them (Stryker).
  beforeAll(async () => {
    vi.resetModules()
    copy = await import('tokenward')
  })

  it('is taken at its word: its LoginRequiredError ends the session too', async () => {
    expect(copy.LoginRequiredError).not.toBe(LoginRequiredError)
    const issuer = createIssuer()
    issuer.always = () => {
      throw new copy.LoginRequiredError()
    }
    const manager = signedIn(issuer)
    await pass(LIFETIME_MS)
    const error = await failureOf(manager.getAccessToken())
    expect(error).toMatchObject({ code: 'ERR_LOGIN_REQUIRED' })
    await pass(5_000)
    expect(await failureOf(manager.getAccessToken())).toBe(error)
    expect(issuer.spent).toHaveLength(1)
  })

  it('is taken at its word: its RefreshUnavailableError is tried again', async () => {
    const issuer = createIssuer()
    issuer.next(() => {
      throw new copy.RefreshUnavailableError('not now', { outcome: 'not-sent' })
    })
    const manager = signedIn(issuer)
    await pass(LIFETIME_MS)
    const call = watch(manager.getAccessToken())
    await pass(1_000)
    expect(call.value).toBe('at-2')
  })
})

function throwsLikeAxios(status: number, data: unknown): Step {
  return () => {
    throw Object.assign(new Error(`Request failed with status code ${status}`), {
      name: 'AxiosError',
      code: 'ERR_BAD_REQUEST',
      status,
      response: { status, data, headers: {} },
    })
  }
}

describe('only three things end a session: another manager, called inside `refresh`', () => {
  it('ends its own session, and this one is only not refreshed for now', async () => {
    const server = createIssuer()
    const other = signedIn(createIssuer())
    await other.signOut()
    const manager = new TokenManager({
      initialTokens: server.issue(),
      retry: { attempts: 1 },
      refresh: async (context) => {
        await other.getAccessToken()
        return server.refresh(context)
      },
    })
    await pass(LIFETIME_MS)
    const error = await failureOf(manager.getAccessToken())
    expect(error).toMatchObject({ code: 'ERR_REFRESH_UNAVAILABLE', isTransient: true })
    expect(error.cause).toMatchObject({ code: 'ERR_LOGIN_REQUIRED' })
    await other.setTokens(LOGIN)
    await pass(1_000)
    await expect(manager.getAccessToken()).resolves.toBe('at-2')
  })
})
