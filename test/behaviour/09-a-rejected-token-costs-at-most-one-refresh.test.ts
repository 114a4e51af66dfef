import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import {
  InvalidTokenResponseError,
  LoginRequiredError,
  NotReplayedError,
  RefreshUnavailableError,
  TokenManager,
  TokenOptionsError,
  TokenStoreError,
  type TokenInput,
} from 'tokenward'
import {
  LIFETIME_MS,
  type Step,
  createIssuer,
  refuses,
  signedIn,
} from '../support/session/issuer.js'
import { failureOf, held, watch } from '../support/session/promises.js'
import { storedTokens } from '../support/session/records.js'
import { ScriptedStore, before } from '../support/session/scripted-store.js'
import { START, fakeTime, jump, pass, settle } from '../support/session/time.js'

fakeTime()

const LOGIN = { accessToken: 'login', refreshToken: 'rt-login', expiresIn: 300 }

describe('a rejected token costs at most one refresh: 401s', () => {
  // Flyrell/axios-auth-refresh#307: 401s before, during and just after a refresh
  it('before, during and after it: one refresh serves them all', async () => {
    const issuer = createIssuer()
    const answer = held<TokenInput>()
    issuer.next(() => answer.promise)
    const manager = signedIn(issuer)
    const reported = Array.from({ length: 10 }, () => watch(manager.refresh({ rejected: 'at-1' })))
    await settle()
    reported.push(watch(manager.refresh({ rejected: 'at-1' })))
    answer.resolve(issuer.issue())
    await settle()
    reported.push(watch(manager.refresh({ rejected: 'at-1' })))
    await pass(5_000)
    reported.push(watch(manager.refresh({ rejected: 'at-1' })))
    await settle()
    expect(reported.map(({ value }) => value)).toEqual(Array(13).fill('at-2'))
    expect(issuer.spent).toEqual(['rt-1'])
  })

  // axios-auth-refresh, AARQ, badgateway, alova: a 401 for an already replaced token refreshes again
  it('for a token that was replaced already cost none', async () => {
    const issuer = createIssuer()
    const manager = signedIn(issuer)
    await manager.refresh()
    await expect(manager.refresh({ rejected: 'at-1' })).resolves.toBe('at-2')
    expect(issuer.spent).toHaveLength(1)
  })

  it('for a token that another process replaced cost a look at the store', async () => {
    const issuer = createIssuer()
    const store = new ScriptedStore(storedTokens('at-1'))
    const manager = new TokenManager({ refresh: issuer.refresh, store })
    await manager.getAccessToken()
    store.put(storedTokens('at-2', { version: 2 }))
    await expect(manager.refresh({ rejected: 'at-1' })).resolves.toBe('at-2')
    expect(issuer.spent).toEqual([])
  })

  it('of one token, each the first of its kind, cost one refresh each', async () => {
    const issuer = createIssuer()
    const manager = signedIn(issuer)
    for (let round = 1; round <= 3; round++) {
      const reports = Array.from({ length: 20 }, () => manager.refresh({ rejected: `at-${round}` }))
      await expect(Promise.all(reports)).resolves.toEqual(Array(20).fill(`at-${round + 1}`))
    }
    expect(issuer.spent).toEqual(['rt-1', 'rt-2', 'rt-3'])
  })

  // anthropic-sdk-python#1841: a token rejected during a refresh is published again
  it('during a refresh, for the token that the store gave meanwhile: that one is not adopted', async () => {
    const issuer = createIssuer()
    const lease = held()
    const store = new ScriptedStore(storedTokens('at-x'))
    const manager = new TokenManager({ refresh: issuer.refresh, store })
    await manager.getAccessToken()
    store.always(
      'exclusive',
      before(() => lease.promise),
    )
    const first = watch(manager.refresh({ rejected: 'at-x' }))
    const second = watch(manager.refresh({ rejected: 'at-y' }))
    await settle()
    store.put(storedTokens('at-y', { version: 2 }))
    lease.resolve()
    await settle()
    expect([first.value, second.value]).toEqual(['at-1', 'at-1'])
    expect(issuer.spent).toEqual(['rt-of-at-y'])
  })

  it('before anything was loaded cost one refresh, if the store holds that very token', async () => {
    const issuer = createIssuer()
    const manager = new TokenManager({
      refresh: issuer.refresh,
      store: new ScriptedStore(storedTokens('at-x')),
    })
    await expect(manager.refresh({ rejected: 'at-x' })).resolves.toBe('at-1')
    expect(issuer.spent).toEqual(['rt-of-at-x'])
  })
})

describe('a rejected token costs at most one refresh: the replay is rejected too', () => {
  /** An API that answers 401 always, and a client that replays once. */
  async function callDeniedApi(manager: TokenManager): Promise<unknown> {
    try {
      const sent = await manager.getAccessToken()
      const replayed = await manager.refresh({ rejected: sent })
      manager.replayRejected(replayed)
      return 401
    } catch (error) {
      return error
    }
  }

  // alova 3.5: 68 refreshes in a second. mcp-remote#338: 456. supabase-js#2145.
  it('costs nothing further for 10 s, however many requests are denied', async () => {
    const issuer = createIssuer()
    const manager = signedIn(issuer)
    await callDeniedApi(manager)
    for (let tenth = 0; tenth < 99; tenth++) {
      const outcomes = await Promise.all([callDeniedApi(manager), callDeniedApi(manager)])
      for (const error of outcomes) {
        expect(error).toBeInstanceOf(NotReplayedError)
        expect(error).toMatchObject({ reason: 'cool-down', isTransient: true })
      }
      await pass(100)
    }
    expect(issuer.spent).toHaveLength(1)
    await expect(manager.getAccessToken()).resolves.toBe('at-2')
  })

  // octokit/auth-app.js#65: 401 for seconds after issue (replication lag)
  it('goes on serving the token meanwhile: it may be accepted elsewhere, or in a moment', async () => {
    const manager = signedIn(createIssuer())
    await callDeniedApi(manager)
    expect(manager.peek()).toBe('at-2')
    await pass(3_000)
    await expect(manager.getAccessToken()).resolves.toBe('at-2')
  })

  it('may cost another refresh once it is over', async () => {
    const issuer = createIssuer()
    const manager = signedIn(issuer)
    await callDeniedApi(manager)
    await pass(10_001)
    await expect(manager.refresh({ rejected: 'at-2' })).resolves.toBe('at-3')
  })

  it('is quiet for 20 % of the lifetime where that is shorter', async () => {
    const issuer = createIssuer({ lifetimeMs: 10_000 })
    const manager = signedIn(issuer)
    await callDeniedApi(manager)
    await pass(1_999)
    expect(await callDeniedApi(manager)).toBeInstanceOf(NotReplayedError)
    await pass(2)
    expect(await callDeniedApi(manager)).toBe(401)
    expect(issuer.spent).toHaveLength(2)
  })

  it('is forgotten with the next token, and by a login', async () => {
    const issuer = createIssuer()
    const manager = signedIn(issuer)
    await callDeniedApi(manager)
    await manager.refresh()
    await expect(manager.refresh({ rejected: 'at-3' })).resolves.toBe('at-4')
    await callDeniedApi(manager)
    await manager.setTokens(LOGIN)
    await expect(manager.refresh({ rejected: 'login' })).resolves.not.toBe('login')
  })

  it('with a token that is not fresh from the server any more: that one is renewed', async () => {
    const issuer = createIssuer()
    const manager = signedIn(issuer)
    await manager.refresh()
    await pass(60_000)
    manager.replayRejected('at-2')
    await expect(manager.getAccessToken()).resolves.toBe('at-3')
  })

  it('with a token that was replaced since: nothing happens', async () => {
    const issuer = createIssuer()
    const manager = signedIn(issuer)
    await manager.refresh()
    manager.replayRejected('at-1')
    await expect(manager.refresh({ rejected: 'at-2' })).resolves.toBe('at-3')
  })
})

describe('a rejected token costs at most one refresh: the cool-down after a failed one', () => {
  it('keeps callers from hammering: 1 s, doubling to 60 s', async () => {
    const issuer = createIssuer()
    issuer.always = refuses(500)
    const manager = signedIn(issuer)
    await pass(LIFETIME_MS)
    const requestsAt: number[] = []
    for (let second = 0; second <= 190; second++) {
      const before = issuer.spent.length
      await Promise.all(Array.from({ length: 5 }, () => failureOf(manager.getAccessToken())))
      if (issuer.spent.length > before) requestsAt.push(second)
      await pass(1_000)
    }
    expect(requestsAt).toEqual([0, 1, 3, 7, 15, 31, 63, 123, 183])
    expect(issuer.spent).toHaveLength(requestsAt.length)
  })

  it('tells when to come back, and what had failed', async () => {
    const issuer = createIssuer()
    issuer.always = refuses(500)
    const manager = signedIn(issuer)
    await pass(LIFETIME_MS)
    const failed = await failureOf(manager.getAccessToken())
    await pass(300)
    const error = await failureOf(manager.getAccessToken())
    expect(error).toBeInstanceOf(RefreshUnavailableError)
    expect(error).toMatchObject({ outcome: 'not-sent', retryAfterMs: 700, cause: failed })
  })

  it('tells a refusal that does not pass by itself as it was, not "try again later"', async () => {
    const issuer = createIssuer()
    issuer.always = refuses(400, 'invalid_scope')
    const manager = signedIn(issuer)
    await pass(LIFETIME_MS)
    const failed = await failureOf(manager.getAccessToken())
    expect(failed).toMatchObject({ code: 'ERR_REFRESH_REJECTED', error: 'invalid_scope' })
    await pass(300)
    expect(await failureOf(manager.getAccessToken())).toBe(failed)
    expect(issuer.spent).toHaveLength(1)
  })

  it('binds refresh() too', async () => {
    const issuer = createIssuer()
    issuer.always = refuses(500)
    const manager = signedIn(issuer)
    await failureOf(manager.refresh())
    issuer.always = undefined
    expect(await failureOf(manager.refresh())).toBeInstanceOf(RefreshUnavailableError)
    expect(await failureOf(manager.refresh({ rejected: 'at-1' }))).toBeInstanceOf(
      RefreshUnavailableError,
    )
    expect(issuer.spent).toHaveLength(1)
    await pass(1_000)
    await expect(manager.refresh()).resolves.toBe('at-2')
  })

  it('is begun anew after a refresh that worked', async () => {
    const issuer = createIssuer()
    const manager = signedIn(issuer)
    issuer.next(refuses(500), refuses(500))
    await failureOf(manager.refresh())
    await pass(1_000)
    await failureOf(manager.refresh())
    await pass(2_000)
    await manager.refresh()
    issuer.next(refuses(500))
    await failureOf(manager.refresh())
    await pass(1_000)
    await expect(manager.refresh()).resolves.toMatch(/^at-/)
  })

  it('is cleared by a login', async () => {
    const issuer = createIssuer()
    issuer.next(refuses(503, undefined, { 'retry-after': '3000' }))
    const manager = signedIn(issuer)
    await failureOf(manager.refresh())
    await manager.setTokens(LOGIN)
    await expect(manager.refresh()).resolves.toMatch(/^at-/)
  })

  it('is measured by the monotonic clock', async () => {
    const issuer = createIssuer()
    issuer.next(refuses(500))
    const manager = signedIn(issuer)
    await failureOf(manager.refresh())
    jump(3_600_000)
    expect(await failureOf(manager.refresh())).toBeInstanceOf(RefreshUnavailableError)
    jump(-7_200_000)
    await pass(1_000)
    await expect(manager.refresh()).resolves.toBe('at-2')
  })

  // aws/aws-sdk-js-v3#8266: a global cool-down blocks other users
  it('belongs to one session, never to the process', async () => {
    const issuer = createIssuer()
    issuer.next(refuses(503, undefined, { 'retry-after': '3000' }))
    const [alice, bob] = [signedIn(issuer), signedIn(issuer)]
    await failureOf(alice.refresh())
    await expect(bob.refresh()).resolves.toMatch(/^at-/)
  })

  it('does not outlive its session: a login made elsewhere begins without one', async () => {
    const issuer = createIssuer()
    issuer.next(refuses(503, undefined, { 'retry-after': '3000' }))
    const store = new ScriptedStore()
    const manager = signedIn(issuer, { store })
    await manager.getAccessToken()
    await failureOf(manager.refresh())
    const elsewhere = new TokenManager({ refresh: issuer.refresh, store })
    await elsewhere.setTokens({ ...LOGIN, expiresIn: 60 })
    await pass(LIFETIME_MS)
    await elsewhere.setTokens({ ...LOGIN, expiresIn: 60 })
    expect(await failureOf(manager.getAccessToken())).toMatchObject({ reason: 'session-changed' })
    await expect(manager.getAccessToken()).resolves.toBe('login')
    await pass(60_000)
    await expect(manager.getAccessToken()).resolves.toMatch(/^at-/)
  })

  it.each([
    new TokenStoreError('of the store of another manager', { operation: 'load' }),
    new TokenOptionsError('of another client'),
    new InvalidTokenResponseError(),
  ])('follows whatever a refresh throws, an error of ours too: %s', async (error) => {
    const issuer = createIssuer()
    issuer.always = () => {
      throw error
    }
    const manager = signedIn(issuer)
    await pass(LIFETIME_MS)
    for (let call = 0; call < 10; call++) await failureOf(manager.getAccessToken())
    expect(issuer.spent).toHaveLength(1)
  })

  it('serves a usable token meanwhile', async () => {
    const issuer = createIssuer()
    issuer.always = refuses(503, undefined, { 'retry-after': '120' })
    const manager = signedIn(issuer)
    await failureOf(manager.refresh())
    await expect(manager.getAccessToken()).resolves.toBe('at-1')
    expect(manager.peek()).toBe('at-1')
  })

  it('does not follow a store that failed: nothing was asked of the server', async () => {
    const issuer = createIssuer()
    const store = new ScriptedStore()
    const manager = signedIn(issuer, { store })
    await manager.getAccessToken()
    await pass(LIFETIME_MS)
    store.always(
      'load',
      before(() => {
        throw new Error('disk')
      }),
    )
    await failureOf(manager.getAccessToken())
    store.always('load')
    await expect(manager.getAccessToken()).resolves.toBe('at-2')
  })
})

describe('a rejected token costs at most one refresh: Retry-After', () => {
  const inOneMinute = new Date(START + 60_000).toUTCString()
  const start = new Date(START).toUTCString()
  const anHour = 3_600_000
  it.each<[string, Step, number]>([
    ['in seconds', refuses(429, undefined, { 'retry-after': '120' }), 120_000],
    // msal-node: parseInt of an HTTP-date is NaN
    ['as a date', refuses(503, undefined, { 'retry-after': inOneMinute }), 60_000],
    ['as a date, read against the server\'s own clock', refuses(503, undefined, { 'retry-after': new Date(START + 60_000 - anHour).toUTCString(), date: new Date(START - anHour).toUTCString() }), 60_000], // prettier-ignore
    ['as a date, with a Date', refuses(503, undefined, { 'retry-after': inOneMinute, date: start }), 60_000], // prettier-ignore
    ['of more than an hour, which counts as an hour', refuses(429, undefined, { 'retry-after': '86400' }), anHour], // prettier-ignore
    ['of more than an hour as a date', refuses(503, undefined, { 'retry-after': new Date(START + 5 * anHour).toUTCString() }), anHour], // prettier-ignore
    ['in the shape of axios', () => { throw Object.assign(new Error('503'), { response: { status: 503, data: '', headers: { 'retry-after': '60' } } }) }, 60_000], // prettier-ignore
    ['of the app\'s own error', () => { throw new RefreshUnavailableError('busy', { outcome: 'failed', retryAfterMs: 90_000 }) }, 90_000], // prettier-ignore
    ['of the app\'s own error, more than an hour', () => { throw new RefreshUnavailableError('busy', { outcome: 'failed', retryAfterMs: 1e12 }) }, anHour], // prettier-ignore
    ['of the app\'s own error, Infinity', () => { throw new RefreshUnavailableError('busy', { outcome: 'failed', retryAfterMs: Infinity }) }, anHour], // prettier-ignore
    ['of the app\'s own error, NaN', () => { throw new RefreshUnavailableError('busy', { outcome: 'failed', retryAfterMs: NaN }) }, 1_000], // prettier-ignore
    ['that cannot be read', refuses(500, undefined, { 'retry-after': 'soon' }), 1_000],
    ['that is negative', refuses(500, undefined, { 'retry-after': '-5' }), 1_000],
  ])('%s', async (_form, failing, waitMs) => {
    const issuer = createIssuer()
    issuer.next(failing)
    const manager = signedIn(issuer)
    await failureOf(manager.refresh())
    await pass(waitMs - 1)
    expect(await failureOf(manager.refresh())).toBeInstanceOf(RefreshUnavailableError)
    expect(issuer.spent).toHaveLength(1)
    await pass(1)
    await expect(manager.refresh()).resolves.toBe('at-2')
  })

  it('that fits into the budget is waited for by the refresh itself', async () => {
    const issuer = createIssuer()
    issuer.next(refuses(503, undefined, { 'retry-after': '2' }))
    const manager = signedIn(issuer)
    const call = watch(manager.refresh())
    await pass(1_999)
    expect(issuer.spent).toHaveLength(1)
    await pass(1)
    expect(call).toMatchObject({ value: 'at-2', tookMs: 2_000 })
  })
})

describe('a rejected token costs at most one refresh: another session', () => {
  it('neither serves nor replays what was begun under the one before', async () => {
    const issuer = createIssuer()
    const manager = signedIn(issuer)
    const sessionId = manager.sessionId
    await manager.setTokens(LOGIN)
    for (const rejected of [{ rejected: 'at-1' }, { rejected: 'at-1', sessionId }]) {
      const error = await failureOf(manager.refresh(rejected))
      expect(error).toBeInstanceOf(LoginRequiredError)
      expect(error).toMatchObject({ reason: 'session-changed' })
    }
    await expect(manager.getAccessToken()).resolves.toBe('login')
    expect(issuer.spent).toEqual([])
  })

  it('names its session for adapters, and none while there is none', async () => {
    const manager = signedIn(createIssuer())
    const before = manager.sessionId
    expect(before).toEqual(expect.any(String))
    await manager.refresh()
    expect(manager.sessionId).toBe(before)
    await manager.setTokens(LOGIN)
    expect(manager.sessionId).not.toBe(before)
    await manager.signOut()
    expect(manager.sessionId).toBeUndefined()
  })

  it('ends a wait that was begun under the one before', async () => {
    const issuer = createIssuer()
    const answer = held<TokenInput>()
    issuer.next(() => answer.promise)
    const manager = signedIn(issuer)
    await pass(LIFETIME_MS)
    const waiting = watch(manager.getAccessToken())
    await settle()
    await manager.setTokens(LOGIN)
    await settle()
    expect(waiting.error).toMatchObject({ reason: 'session-changed' })
    answer.resolve(issuer.issue())
    await settle()
    await expect(manager.getAccessToken()).resolves.toBe('login')
  })

  it('serves by the login what was begun with no session: the store is being read', async () => {
    const store = new ScriptedStore()
    const loaded = held()
    store.always(
      'load',
      before(() => loaded.promise),
    )
    const manager = new TokenManager({ refresh: createIssuer().refresh, store })
    const waiting = watch(manager.getAccessToken())
    const login = manager.setTokens(LOGIN)
    loaded.resolve()
    await login
    await settle()
    expect(waiting.value).toBe('login')
  })

  it('serves by the login what was begun with no session: a token is being acquired', async () => {
    const answer = held<TokenInput>()
    const manager = new TokenManager({ acquire: () => answer.promise })
    const waiting = watch(manager.getAccessToken())
    await settle()
    await manager.setTokens(LOGIN)
    await settle()
    expect(waiting.value).toBe('login')
  })
})

describe('a rejected token costs at most one refresh: in any order of events', () => {
  type Act = '401' | 'stale-401' | 'replay-rejected' | 'use' | 'due' | 'answer' | 'fail' | 'forced'
  const acts: Act[] = [
    '401',
    'stale-401',
    'replay-rejected',
    'use',
    'due',
    'answer',
    'fail',
    'forced',
  ]

  /**
   * Steps happen in any order, the token endpoint's answers among them. Whatever the order: one
   * request at a time, each refresh token is spent once unless its request failed, nobody hangs.
   */
  it('never spends a refresh token for a token that was replaced', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(fc.constantFrom(...acts), { minLength: 1, maxLength: 30 }),
        async (scheduler, script) => {
          const issuer = createIssuer()
          const pending: { settle: (isGood: boolean) => void }[] = []
          let running = 0
          let mostRunning = 0
          issuer.always = async () => {
            running++
            mostRunning = Math.max(mostRunning, running)
            const answer = held<boolean>()
            pending.push({ settle: answer.resolve })
            const isGood = await answer.promise
            running--
            if (!isGood) throw Object.assign(new Error('500'), { status: 500 })
            return issuer.issue()
          }
          const manager = signedIn(issuer)
          const waits: Promise<unknown>[] = []
          const note = (promise: Promise<unknown>) => waits.push(promise.catch(() => undefined))
          const current = () => manager.peek()
          const perform: Record<Act, () => void> = {
            '401': () => {
              const token = current()
              if (token) note(manager.refresh({ rejected: token }))
            },
            'stale-401': () => {
              const token = current()
              if (!token || token === 'at-1') return
              const before = issuer.spent.length
              note(
                manager.refresh({ rejected: 'at-1' }).then((served) => {
                  expect(served).not.toBe('at-1')
                  if (running === 0) expect(issuer.spent.length).toBe(before)
                }),
              )
            },
            'replay-rejected': () => {
              const token = current()
              if (token) manager.replayRejected(token)
            },
            use: () => note(manager.getAccessToken()),
            due: () => jump(20_000),
            answer: () => pending.shift()?.settle(true),
            fail: () => pending.shift()?.settle(false),
            forced: () => note(manager.refresh()),
          }
          for (const act of script) {
            void scheduler.schedule(Promise.resolve(act), act).then((name) => perform[name]())
          }
          await scheduler.waitIdle()
          for (let round = 0; round < 20; round++) {
            await settle()
            pending.shift()?.settle(true)
          }
          await pass(25_000)
          await Promise.all(waits)
          expect(mostRunning).toBeLessThanOrEqual(1)
        },
      ),
      { numRuns: 150 },
    )
  })

  it('under a login at any moment: nothing of one session is served to the other', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(fc.constantFrom('401', 'use', 'login', 'forced', 'answer' as const), {
          minLength: 2,
          maxLength: 20,
        }),
        async (scheduler, script) => {
          let logins = 0
          const pending: (() => void)[] = []
          const manager = new TokenManager({
            // Tokens say whose they are: a refresh keeps the session's name.
            refresh: async ({ refreshToken }) => {
              const answer = held()
              pending.push(answer.resolve)
              await answer.promise
              const [session, count] = refreshToken.split(':')
              return tokensOf(session!, Number(count) + 1)
            },
            initialTokens: tokensOf('session-0', 0),
          })
          const waits: Promise<unknown>[] = []
          const ask = (make: () => Promise<string>) => {
            const session = manager.peek()?.split(':')[0]
            const wait = make().then(
              (token) => {
                if (session !== undefined) expect(token.split(':')[0]).toBe(session)
              },
              (error: unknown) => expect(error).toMatchObject({ code: expect.any(String) }),
            )
            waits.push(wait)
            wait.catch(() => undefined)
          }
          const perform = {
            '401': () => {
              const token = manager.peek()
              if (token) ask(() => manager.refresh({ rejected: token }))
            },
            use: () => ask(() => manager.getAccessToken()),
            forced: () => ask(() => manager.refresh()),
            login: () => void manager.setTokens(tokensOf(`session-${++logins}`, 0)),
            answer: () => pending.shift()?.(),
          }
          for (const act of script) {
            void scheduler.schedule(Promise.resolve(act), act).then((name) => perform[name]())
          }
          await scheduler.waitIdle()
          for (let round = 0; round < 20; round++) {
            await settle()
            pending.shift()?.()
          }
          await pass(25_000)
          await Promise.all(waits)
        },
      ),
      { numRuns: 150 },
    )
  })

  const tokensOf = (session: string, count: number) => ({
    access_token: `${session}:at-${count}`,
    refresh_token: `${session}:${count}`,
    expires_in: 300,
  })
})

describe('a rejected token costs at most one refresh: the server hands it out again', () => {
  // Servers that cache the tokens of client credentials do, until they expire.
  it.each(['refresh', 'acquire'] as const)('%s: and no storm follows', async (renewal) => {
    const send = vi.fn(() => Promise.resolve({ accessToken: 'same', expiresIn: 300 }))
    const manager = new TokenManager({
      [renewal]: send,
      initialTokens: { accessToken: 'same', refreshToken: 'rt', expiresIn: 300 },
    } as never)
    for (let round = 0; round < 50; round++) {
      await expect(manager.refresh({ rejected: 'same' })).rejects.toMatchObject({
        code: 'ERR_NOT_REPLAYED',
        reason: 'cool-down',
      })
    }
    expect(send).toHaveBeenCalledTimes(1)
    expect(await manager.getAccessToken()).toBe('same')
    await pass(10_001)
    await manager.refresh({ rejected: 'same' }).catch(() => undefined)
    expect(send).toHaveBeenCalledTimes(2)
  })
})

describe('a rejected token costs at most one refresh: claims that an API asks for', () => {
  const claims = '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}'

  /** A session, the claims of each of its token requests, and the credential that is refused. */
  function scene() {
    const issuer = createIssuer()
    const asked: (string | undefined)[] = []
    const refresh = (context: Parameters<typeof issuer.refresh>[0]) => {
      asked.push(context.claims)
      return issuer.refresh(context)
    }
    const manager = signedIn(issuer, { refresh })
    const refused = manager.current() as { token: string; sessionId: string | undefined }
    return { issuer, asked, manager, refused }
  }

  it('are asked for also where a refresh without them is under way', async () => {
    const { issuer, asked, manager, refused } = scene()
    const response = held()
    issuer.next(() => response.promise.then(() => issuer.issue()))
    const plain = watch(manager.refresh())
    await settle()
    const claimed = [1, 2].map(() => watch(manager.renew(refused, { claims })))
    await settle()
    response.resolve()
    await settle()
    expect(plain.value).toBe('at-2')
    expect(claimed.map(({ value }) => value?.token)).toEqual(['at-3', 'at-3'])
    expect(asked).toEqual([undefined, claims])
  })

  it('... or has just ended', async () => {
    const { asked, manager, refused } = scene()
    await manager.refresh()
    expect(await manager.renew(refused, { claims })).toMatchObject({ token: 'at-3' })
    expect(asked).toEqual([undefined, claims])
  })

  it('are not asked for again of a token that was asked for with some', async () => {
    const { asked, manager, refused } = scene()
    await manager.renew(refused, { claims })
    expect(await manager.renew(refused, { claims: '{"other":1}' })).toMatchObject({ token: 'at-2' })
    expect(asked).toEqual([claims])
  })

  it('are nothing to whoever asks for none', async () => {
    const { asked, manager, refused } = scene()
    await manager.renew(refused, { claims })
    expect(await manager.getAccessToken()).toBe('at-2')
    expect(await manager.renew(refused)).toMatchObject({ token: 'at-2' })
    expect(asked).toEqual([claims])
  })
})
