import {
  LoginRequiredError,
  memoryStore,
  RefreshUnavailableError,
  TokenManager,
  type RefreshContext,
  type TokenManagerOptions,
} from 'tokenward'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { watch } from '../support/session/promises.js'
import { ScriptedStore, fails } from '../support/session/scripted-store.js'
import { jump, pass, settle } from '../support/session/time.js'

const CALENDAR = 'https://calendar.example.com'
const MAIL = 'https://mail.example.com'
const unavailable = () => Object.assign(new Error('no'), { status: 503 })

interface Sent {
  refreshToken: string
  resource: RefreshContext['resource']
  scope: string | undefined
  signal: AbortSignal
  answer(): void
  fail(error: unknown): void
}

/** A server with rotation, whose requests the test answers; access tokens tell what they are for. */
function scene(options: Partial<TokenManagerOptions> = {}) {
  const sent: Sent[] = []
  let issued = 1
  const refresh = ({ refreshToken, resource, scope, signal }: RefreshContext) =>
    new Promise<object>((resolve, reject) => {
      const answer = () => {
        if (refreshToken !== `refresh-${issued}`) {
          return reject(Object.assign(new Error('reuse'), { status: 400, error: 'invalid_grant' }))
        }
        issued += 1
        const name = [resource ?? scope ?? 'session'].flat().join('+')
        resolve({
          accessToken: `${name} ${issued}`,
          refreshToken: `refresh-${issued}`,
          expiresIn: 300,
        })
      }
      sent.push({ refreshToken, resource, scope, signal, answer, fail: reject })
    })
  const store = new ScriptedStore()
  const manager = () =>
    new TokenManager({ refresh, store, ...options } as unknown as TokenManagerOptions)
  const login = { accessToken: 'session 1', refreshToken: 'refresh-1', expiresIn: 300 }
  return { sent, store, manager, login }
}

async function loggedIn(options?: Partial<TokenManagerOptions>) {
  const made = scene(options)
  const tokens = made.manager()
  await tokens.setTokens(made.login)
  return { ...made, tokens }
}

/** The next request is answered. */
async function answered<T>(sent: Sent[], call: Promise<T>): Promise<T> {
  await settle()
  sent.at(-1)?.answer()
  return call
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('another access token of the session', () => {
  it('is asked for with its resource and scope, and the session’s refresh token', async () => {
    const { sent, tokens } = await loggedIn()
    const calendar = tokens.for({ resource: CALENDAR, scope: 'read' })
    expect(calendar.peek?.()).toBeUndefined()
    expect(await answered(sent, calendar.getAccessToken())).toBe(`${CALENDAR} 2`)
    expect(sent).toMatchObject([{ refreshToken: 'refresh-1', resource: CALENDAR, scope: 'read' }])
    expect(calendar.peek?.()).toBe(`${CALENDAR} 2`)
    expect(calendar.getAccessToken()).toBe(calendar.getAccessToken())
  })

  it('is in no store: only the refresh token and the version of the record are new', async () => {
    const { sent, store, tokens } = await loggedIn()
    const before = store.record
    await answered(sent, tokens.for({ resource: CALENDAR }).getAccessToken())
    expect(store.record).toMatchObject({
      sessionId: before!.sessionId,
      tokens: { ...before?.tokens, refreshToken: 'refresh-2' },
    })
    expect(JSON.stringify(store.history)).not.toContain('calendar')
    expect(await tokens.getAccessToken()).toBe('session 1')
  })

  it('renewed elsewhere, is no renewal of the session’s own', async () => {
    const { sent, manager, tokens } = await loggedIn()
    await answered(sent, manager().for({ resource: CALENDAR }).getAccessToken())
    expect(await answered(sent, tokens.refresh())).toBe('session 3')
    expect(sent.map(({ refreshToken }) => refreshToken)).toEqual(['refresh-1', 'refresh-2'])
  })

  it('reaches nobody before the rotated refresh token is stored', async () => {
    const { sent, store, tokens } = await loggedIn()
    store.next('save', () => new Promise(() => undefined))
    const call = watch(tokens.for({ resource: CALENDAR }).getAccessToken())
    await settle()
    sent.at(-1)?.answer()
    await settle()
    expect(call.status).toBe('pending')
  })

  it('is usable where saving fails; the session remembers the rotation', async () => {
    const { sent, store, tokens } = await loggedIn()
    store.next('save', fails)
    expect(await answered(sent, tokens.for({ resource: CALENDAR }).getAccessToken())).toBe(
      `${CALENDAR} 2`,
    )
    expect(await answered(sent, tokens.refresh())).toBe('session 3')
    expect(store.record?.tokens?.refreshToken).toBe('refresh-3')
  })

  it('is one source for all who ask for the same', async () => {
    const { tokens } = await loggedIn()
    expect(tokens.for({ resource: MAIL })).toBe(tokens.for({ resource: MAIL }))
    expect(tokens.for({ resource: MAIL })).not.toBe(tokens.for({ resource: MAIL, scope: 'read' }))
  })
})

describe('refreshes of a session with many resources', () => {
  // Azure core-rest-pipeline: a request for other claims or another tenant joined the wrong flight.
  // DuendeSoftware/foss#360: the same for two resources.
  it('are one for each resource, and one after the other, each with the latest token', async () => {
    const { sent, tokens } = await loggedIn()
    jump(300_000)
    const sources = [tokens, tokens.for({ resource: CALENDAR }), tokens.for({ resource: MAIL })]
    const calls = sources.flatMap((source) => [source.getAccessToken(), source.getAccessToken()])
    for (let turn = 1; turn <= 3; turn++) {
      await settle()
      expect(sent).toHaveLength(turn)
      sent.at(-1)?.answer()
    }
    expect(await Promise.all(calls)).toEqual([
      'session 2',
      'session 2',
      `${CALENDAR} 3`,
      `${CALENDAR} 3`,
      `${MAIL} 4`,
      `${MAIL} 4`,
    ])
    expect(sent.map(({ refreshToken }) => refreshToken)).toEqual(
      ['refresh-1', 'refresh-2', 'refresh-3'], // prettier-ignore
    )
  })

  it('never run twice at once, also where one outlived its time: its answer goes where it was asked for', async () => {
    const { sent, tokens } = await loggedIn({ refreshTimeoutMs: 1_000 })
    const calendar = tokens.for({ resource: CALENDAR })
    const first = watch(calendar.getAccessToken())
    await pass(10_000)
    expect(first.status).toBe('rejected')
    const mail = watch(tokens.for({ resource: MAIL }).getAccessToken())
    await pass(500)
    expect(sent).toHaveLength(1)
    sent[0]?.answer()
    await settle()
    expect(calendar.peek?.()).toBe(`${CALENDAR} 2`)
    sent.at(-1)?.answer()
    await settle()
    expect(mail.value).toBe(`${MAIL} 3`)
    expect(sent.map(({ refreshToken }) => refreshToken)).toEqual(['refresh-1', 'refresh-2'])
  })

  it('spend what another process has rotated to, and keep their own access tokens', async () => {
    const { sent, tokens, manager } = await loggedIn()
    const elsewhere = manager()
    await answered(sent, elsewhere.for({ resource: MAIL }).getAccessToken())
    expect(await answered(sent, tokens.for({ resource: CALENDAR }).getAccessToken())).toBe(
      `${CALENDAR} 3`,
    )
    expect(sent.map(({ refreshToken }) => refreshToken)).toEqual(['refresh-1', 'refresh-2'])
    expect(elsewhere.for({ resource: MAIL }).peek?.()).toBe(`${MAIL} 2`)
  })

  it('of one resource renew it in the background when it is due', async () => {
    const { sent, tokens } = await loggedIn()
    const calendar = tokens.for({ resource: CALENDAR })
    await answered(sent, calendar.getAccessToken())
    jump(290_000 - 10_000)
    expect(await calendar.getAccessToken()).toBe(`${CALENDAR} 2`)
    await settle()
    sent.at(-1)?.answer()
    await settle()
    expect(calendar.peek?.()).toBe(`${CALENDAR} 3`)
  })
})

describe('what the resources of a session do not share', () => {
  it('the end: a refused one does not ask for the session before the server’s own time', async () => {
    let asked = 0
    const tokens = new TokenManager({
      initialTokens: { accessToken: 'session 1', refreshToken: 'refresh-1', expiresIn: 300 },
      refresh: ({ resource }) => {
        if (resource) throw new LoginRequiredError()
        asked += 1
        throw new RefreshUnavailableError('later', { outcome: 'failed', retryAfterMs: 1_800_000 })
      },
    })
    jump(300_000)
    await failureOf(tokens.getAccessToken())
    for (let round = 0; round < 5; round++) {
      await failureOf(tokens.for({ resource: CALENDAR }).getAccessToken())
      await pass(61_000)
    }
    expect(asked).toBe(1)
  })

  it('a cool-down: one resource’s trouble is not another’s', async () => {
    const { sent, tokens } = await loggedIn({ retry: { attempts: 1 } })
    const calendar = tokens.for({ resource: CALENDAR })
    const call = watch(calendar.getAccessToken())
    await settle()
    sent.at(-1)?.fail(unavailable())
    await settle()
    expect(call.error).toMatchObject({ code: 'ERR_REFRESH_UNAVAILABLE' })
    await expect(calendar.getAccessToken()).rejects.toMatchObject({ outcome: 'not-sent' })
    expect(await answered(sent, tokens.for({ resource: MAIL }).getAccessToken())).toBe(`${MAIL} 2`)
  })

  it('a refusal of the resource: invalid_target keeps the session', async () => {
    const { sent, tokens } = await loggedIn()
    const call = watch(tokens.for({ resource: CALENDAR }).getAccessToken())
    await settle()
    sent.at(-1)?.fail(Object.assign(new Error('no'), { status: 400, error: 'invalid_target' }))
    await settle()
    expect(call.error).toMatchObject({ code: 'ERR_REFRESH_REJECTED', error: 'invalid_target' })
    expect(await tokens.getAccessToken()).toBe('session 1')
  })

  it('a rejection: a 401 renews the rejected token only, once, and a rejected replay is quiet', async () => {
    const { sent, tokens } = await loggedIn()
    const calendar = tokens.for({ resource: CALENDAR })
    const first = await answered(sent, calendar.getAccessToken())
    const second = await answered(sent, calendar.refresh({ rejected: first }))
    expect(second).toBe(`${CALENDAR} 3`)
    expect(await calendar.refresh({ rejected: first })).toBe(second)
    await calendar.renew({ token: second }, { isReplay: true }).catch(() => {})
    await expect(calendar.refresh({ rejected: second })).rejects.toMatchObject({
      reason: 'cool-down',
    })
    expect(tokens.peek()).toBe('session 1')
    expect(sent).toHaveLength(2)
  })
})

describe('what the resources of a session share', () => {
  it('its end by the server, told of the session’s own refresh', async () => {
    const { sent, tokens } = await loggedIn()
    const calendar = tokens.for({ resource: CALENDAR })
    await answered(sent, calendar.getAccessToken())
    const call = watch(tokens.refresh())
    await settle()
    sent.at(-1)?.fail(invalidGrant())
    await settle()
    expect(call.error).toMatchObject({ reason: 'invalid-grant' })
    expect(calendar.peek?.()).toBeUndefined()
    expect(tokens.peek()).toBeUndefined()
    await expect(calendar.getAccessToken()).rejects.toBe(call.error)
    expect(sent).toHaveLength(2)
  })

  // python-o365#323 (AADSTS65001): consent is missing for one resource, and the session is well.
  it('no refusal of one resource: the session and the other resources go on', async () => {
    const { sent, tokens } = await loggedIn()
    const calendar = tokens.for({ resource: CALENDAR })
    await answered(sent, calendar.getAccessToken())
    const mail = tokens.for({ resource: MAIL })
    const call = watch(mail.getAccessToken())
    await settle()
    sent.at(-1)?.fail(invalidGrant())
    await settle()
    expect(call.error).toMatchObject({ reason: 'invalid-grant' })
    expect(await failureOf(mail.getAccessToken())).toBe(call.error) // no storm of requests
    expect(calendar.peek?.()).toBe(`${CALENDAR} 2`)
    expect(tokens.peek()).toBe('session 1')
    expect(sent).toHaveLength(2)
    expect(await answered(sent, tokens.refresh())).toBe('session 3')
  })

  it('a refusal of one resource ends it where the session’s own refresh is refused as well', async () => {
    const { sent, tokens } = await loggedIn()
    jump(300_000)
    const call = watch(tokens.for({ resource: MAIL }).getAccessToken())
    await settle()
    sent.at(-1)?.fail(invalidGrant())
    await settle()
    expect(call.error).toMatchObject({ reason: 'invalid-grant' })
    expect(sent).toHaveLength(2) // whether the session itself is over is asked at once
    sent.at(-1)?.fail(invalidGrant())
    await settle()
    await expect(tokens.getAccessToken()).rejects.toMatchObject({ reason: 'invalid-grant' })
    expect(sent).toHaveLength(2)
  })

  it('a logout: at once, also for who waits', async () => {
    const { sent, tokens } = await loggedIn()
    const calendar = tokens.for({ resource: CALENDAR })
    const call = watch(calendar.getAccessToken())
    await settle()
    await tokens.signOut()
    expect(call.error).toMatchObject({ reason: 'signed-out' })
    sent.at(-1)?.answer()
    await settle()
    expect(calendar.peek?.()).toBeUndefined()
    await expect(calendar.getAccessToken()).rejects.toMatchObject({ reason: 'signed-out' })
  })

  it('a logout: the sources are forgotten, however many there were', async () => {
    const { tokens } = await loggedIn()
    const before = tokens.for({ resource: CALENDAR })
    expect(tokens.for({ resource: CALENDAR })).toBe(before)
    await tokens.signOut()
    expect(tokens.for({ resource: CALENDAR })).not.toBe(before)
  })

  it('a logout: what a refresh in flight brings too late is revoked, and closing waits for that', async () => {
    const revoked: unknown[] = []
    let finish!: () => void
    const finished = new Promise<void>((resolve) => (finish = resolve))
    const revoke = ({ tokens }: { tokens: { accessToken: string; refreshToken?: string } }) => {
      revoked.push([tokens.accessToken, tokens.refreshToken])
      return revoked.length < 2 ? Promise.resolve() : finished
    }
    const { sent, tokens } = await loggedIn({ revoke })
    watch(tokens.for({ resource: CALENDAR }).getAccessToken())
    await settle()
    await tokens.signOut({ revoke: true })
    sent.at(-1)?.answer()
    await settle()
    expect(revoked).toEqual([
      ['session 1', 'refresh-1'],
      [`${CALENDAR} 2`, 'refresh-2'],
    ])
    const closing = watch(tokens.close())
    await settle()
    expect(closing.status).toBe('pending')
    finish()
    await settle()
    expect(closing.status).toBe('resolved')
  })

  it('a login: no token of the one before is handed out, and none of it replayed', async () => {
    const { sent, tokens, login } = await loggedIn()
    const calendar = tokens.for({ resource: CALENDAR })
    const former = await answered(sent, calendar.getAccessToken())
    const { sessionId } = calendar
    await tokens.setTokens({ ...login, accessToken: 'other', refreshToken: 'other-refresh' })
    sent.length = 0
    expect(calendar.peek?.()).toBeUndefined()
    await expect(calendar.refresh({ rejected: former, sessionId })).rejects.toMatchObject({
      reason: 'session-changed',
    })
    await expect(calendar.refresh({ rejected: former })).rejects.toMatchObject({
      reason: 'session-changed',
    })
    void watch(calendar.getAccessToken())
    await settle()
    expect(sent).toMatchObject([{ refreshToken: 'other-refresh', resource: CALENDAR }])
  })

  it('its closing', async () => {
    const { tokens, sent } = await loggedIn()
    const calendar = tokens.for({ resource: CALENDAR })
    const call = watch(calendar.getAccessToken())
    await settle()
    const closing = watch(tokens.close())
    await settle()
    expect(closing.status).toBe('pending')
    sent.at(-1)?.answer()
    await settle()
    expect(call.value).toBe(`${CALENDAR} 2`)
    expect(closing.status).toBe('resolved')
    expect(calendar.peek?.()).toBeUndefined()
    await expect(calendar.getAccessToken()).rejects.toMatchObject({ code: 'ERR_MANAGER_CLOSED' })
  })

  it('its events, which name the resource', async () => {
    const { sent, tokens } = await loggedIn()
    const told: unknown[] = []
    tokens.on('refreshing', (event) => told.push(event))
    tokens.on('refreshed', (event) => told.push(event))
    await answered(sent, tokens.for({ resource: CALENDAR }).getAccessToken())
    await settle()
    expect(told).toMatchObject([{ resource: CALENDAR }, { resource: CALENDAR, reason: 'missing' }])
  })

  it('the reentry guard', async () => {
    const tokens: TokenManager = new TokenManager({
      store: memoryStore(),
      initialTokens: { accessToken: 'a', refreshToken: 'r' },
      refresh: async () => ({ accessToken: await tokens.for({ scope: 'x' }).getAccessToken() }),
    })
    await expect(tokens.for({ scope: 'x' }).getAccessToken()).rejects.toMatchObject({
      code: 'ERR_TOKEN_OPTIONS',
    })
  })
})

function invalidGrant(): Error {
  return Object.assign(new Error('no'), { status: 400, error: 'invalid_grant' })
}

async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  )
}

describe('tokens.for() refuses', () => {
  it.each([
    [undefined, 'got undefined'],
    [{}, 'got none'],
    [{ resource: 'calendar' }, 'absolute URI'],
    [{ resource: [] }, 'absolute URI'],
    [{ resource: `${CALENDAR}/#part` }, 'without a fragment'],
    [{ resource: 7 }, 'absolute URI'],
    [{ scope: ' ' }, 'non-empty'],
    [{ tenant: MAIL }, 'unknown option'],
  ])('%o', (target, message) => {
    const tokens = scene().manager()
    expect(() => tokens.for(target as never)).toThrow(message)
  })

  it('an acquire manager, which has no refresh token to share', () => {
    const tokens = new TokenManager({ acquire: () => Promise.resolve({ accessToken: 'a' }) })
    expect(() => tokens.for({ resource: MAIL })).toThrow('needs a manager with `refresh`')
  })
})
