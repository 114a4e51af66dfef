import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { memoryStore, TokenManager, type TokenStore } from 'tokenward'
import { generateDpopKey, oauthClient } from 'tokenward/oauth'
import { failureOf, json, shownBy, stubFetch, TOKEN_ENDPOINT } from './oauth/support.js'

beforeEach(() => vi.useFakeTimers({ now: Date.UTC(2026, 0, 1) }))
afterEach(() => vi.useRealTimers())

const HOUR = 3_600_000
const LOGIN = { access_token: 'AT0', refresh_token: 'RT-0', expires_in: 3600 }

describe('a refresh token that came without an access token', () => {
  const bodies: [string, unknown][] = [
    ['beside nothing', { refresh_token: 'RT-1' }],
    ['beside an error of its own', { error: 'try_again', refresh_token: 'RT-1' }],
    ['beside an access token that cannot be sent', { access_token: 'a\nb', refresh_token: 'RT-1' }],
    ['nested', { data: { accessToken: 7, refreshToken: 'RT-1' } }],
    ['nested, by itself', { ok: true, authed_user: { refresh_token: 'RT-1' } }],
    ['beneath a null', { access_token: null, data: { access_token: 7, refresh_token: 'RT-1' } }],
    [
      'beside a token of a key that nobody has',
      { access_token: 'AT1', token_type: 'DPoP', refresh_token: 'RT-1' },
    ],
  ]

  describe.each(bodies)('%s', (_, body) => {
    it.each(['oauthClient', 'a refresh of the user’s own'])(
      'is kept and used by the next refresh, whoever makes it: %s',
      async (way) => {
        const sent: string[] = []
        const answer = (refreshToken: string) => {
          sent.push(refreshToken)
          return sent.length === 1 ? body : { access_token: 'AT2', expires_in: 3600 }
        }
        const { fetch } = stubFetch((request) =>
          json(answer(new URLSearchParams(request.body).get('refresh_token')!)),
        )
        const refresh =
          way === 'oauthClient'
            ? oauthClient({ tokenEndpoint: TOKEN_ENDPOINT, clientId: 'app', fetch }).refreshToken()
            : async ({ refreshToken }: { refreshToken: string }) => answer(refreshToken) as never
        const store = memoryStore()
        const tokens = new TokenManager({ refresh, store, initialTokens: LOGIN })
        const error = await failureOf(tokens.refresh())
        expect(shownBy(error)).not.toContain('RT-1')
        expect((await store.load())!.tokens).toMatchObject({
          accessToken: 'AT0',
          refreshToken: 'RT-1',
        })
        await expect(tokens.getAccessToken()).resolves.toBe('AT0') // nothing good was lost
        await tokens.close()

        const another = new TokenManager({ refresh, store })
        await vi.advanceTimersByTimeAsync(2 * HOUR)
        await expect(another.getAccessToken()).resolves.toBe('AT2')
        expect(sent).toEqual(['RT-0', 'RT-1'])
      },
    )
  })

  it('goes on with the session whose store marks what is being spent', async () => {
    const inner = memoryStore()
    const store: TokenStore = {
      load: () => inner.load(),
      save: (session, condition) => inner.save(session, condition),
      exclusive: (task) => inner.exclusive!(task),
    }
    let answers = 0
    const refresh = async () => {
      answers += 1
      return (answers === 1 ? { refresh_token: 'RT-1' } : { access_token: 'AT2' }) as never
    }
    const tokens = new TokenManager({ refresh, store, initialTokens: LOGIN })
    await failureOf(tokens.refresh())
    const stored = (await store.load())!
    expect(stored.tokens!.refreshToken).toBe('RT-1')
    expect(stored.spending).toBeUndefined()
    await vi.advanceTimersByTimeAsync(2_000)
    await expect(tokens.refresh()).resolves.toBe('AT2')
  })

  it('is kept also where it came after its time was over', async () => {
    const store = memoryStore()
    const sent: string[] = []
    let answer!: (body: object) => void
    const refresh = ({ refreshToken }: { refreshToken: string }) => {
      sent.push(refreshToken)
      const late = new Promise<never>((resolve) => (answer = resolve as typeof answer))
      return sent.length === 1 ? late : Promise.resolve({ access_token: 'AT2', expires_in: 60 })
    }
    const tokens = new TokenManager({ refresh, store, initialTokens: LOGIN })
    const waiting = failureOf(tokens.refresh())
    await vi.advanceTimersByTimeAsync(60_000)
    await waiting
    answer({ refresh_token: 'RT-1' })
    await vi.advanceTimersByTimeAsync(0)
    const { tokens: stored } = (await store.load())!
    expect(stored).toMatchObject({ accessToken: 'AT0', refreshToken: 'RT-1' })
    await vi.advanceTimersByTimeAsync(2 * HOUR)
    await expect(tokens.getAccessToken()).resolves.toBe('AT2')
    expect(sent).toEqual(['RT-0', 'RT-1'])
  })

  it('is not kept late where the user has logged in since', async () => {
    const store = memoryStore()
    let answer!: (body: object) => void
    const refresh = () => new Promise<never>((resolve) => (answer = resolve as typeof answer))
    const tokens = new TokenManager({ refresh, store, initialTokens: LOGIN })
    const waiting = failureOf(tokens.refresh())
    await vi.advanceTimersByTimeAsync(60_000)
    await waiting
    await tokens.setTokens({ access_token: 'AT9', refresh_token: 'RT-9', expires_in: 3600 })
    answer({ refresh_token: 'RT-1' })
    await vi.advanceTimersByTimeAsync(0)
    expect((await store.load())!.tokens).toMatchObject({ refreshToken: 'RT-9' })
  })

  it.each<[string, object]>([
    ['a bearer token in the place of one that is bound to a key (RFC 9449 §5)', {}],
    ['a token that is no access token (RFC 8693 §2.2.1)', { token_type: 'N_A' }],
  ])('is kept though the response has %s', async (_, members) => {
    const { fetch } = stubFetch(() =>
      json({ access_token: 'AT1', token_type: 'Bearer', refresh_token: 'RT-1', ...members }),
    )
    const oauth = oauthClient({ tokenEndpoint: TOKEN_ENDPOINT, clientId: 'app', fetch })
    const store = memoryStore()
    const dpopKey = await generateDpopKey()
    const initialTokens = { ...LOGIN, token_type: 'DPoP', dpopKey }
    const tokens = new TokenManager({ refresh: oauth.refreshToken(), store, initialTokens })
    expect(await failureOf(tokens.refresh())).toMatchObject({ code: 'ERR_INVALID_TOKEN_RESPONSE' })
    const { tokens: stored } = (await store.load())!
    expect(stored).toMatchObject({ accessToken: 'AT0', refreshToken: 'RT-1', tokenType: 'DPoP' })
  })

  it('of another resource is kept for the session', async () => {
    const refresh = async ({ resource }: { resource?: unknown }) =>
      (resource ? { refresh_token: 'RT-1' } : { access_token: 'AT2' }) as never
    const store = memoryStore()
    const tokens = new TokenManager({ refresh, store, initialTokens: LOGIN })
    await failureOf(tokens.for({ resource: 'https://mail.test' }).getAccessToken())
    expect((await store.load())!.tokens).toMatchObject({ accessToken: 'AT0', refreshToken: 'RT-1' })
  })
})

describe('what a refresh says besides', () => {
  it('is told where it cannot be read, and costs nothing', async () => {
    const refresh = async () => ({ access_token: 'AT1', expires_in: '1h', scope: 7 }) as never
    const tokens = new TokenManager({ refresh, initialTokens: LOGIN })
    const told: unknown[] = []
    tokens.on('refreshed', ({ warnings }) => told.push(warnings))
    await expect(tokens.refresh()).resolves.toBe('AT1')
    await Promise.resolve()
    expect(told).toEqual([
      [expect.stringContaining('`expires_in` must be'), expect.stringContaining('The scope must')],
    ])
  })

  it('is told through oauthClient too', async () => {
    const { fetch } = stubFetch(() => json({ access_token: 'AT1', expires_in: 'soon' }))
    const oauth = oauthClient({ tokenEndpoint: TOKEN_ENDPOINT, clientId: 'app', fetch })
    const tokens = new TokenManager({ refresh: oauth.refreshToken(), initialTokens: LOGIN })
    const told: unknown[] = []
    tokens.on('refreshed', ({ warnings }) => told.push(warnings))
    await tokens.refresh()
    await Promise.resolve()
    expect(told).toEqual([[expect.stringContaining('`expires_in`')]])
  })

  it('stays in the record over refreshes that do not say it again (jsforce#196)', async () => {
    const answers = [{ access_token: 'AT1', extra: { instance_url: 'https://b.test' } }, { access_token: 'AT2' }] // prettier-ignore
    const tokens = new TokenManager({
      refresh: async () => answers.shift()!,
      initialTokens: { ...LOGIN, extra: { instance_url: 'https://a.test', team: 'T1' } },
    })
    expect((await tokens.getTokens())!.extra).toEqual({
      instance_url: 'https://a.test',
      team: 'T1',
    })
    for (let refreshes = 0; refreshes < 2; refreshes++) {
      await tokens.refresh()
      const { extra } = (await tokens.getTokens())!
      expect(extra).toEqual({ instance_url: 'https://b.test', team: 'T1' })
    }
  })
})

describe('a server that never says when a token ends', () => {
  it('is believed to give them the assumed lifetime', async () => {
    let count = 0
    const tokens = new TokenManager({
      refresh: async () => ({ access_token: `AT${++count}` }),
      initialTokens: { access_token: 'AT0', refresh_token: 'RT-0' },
      assumedLifetimeMs: HOUR,
    })
    await expect(tokens.getAccessToken()).resolves.toBe('AT0')
    await vi.advanceTimersByTimeAsync(HOUR)
    await expect(tokens.getAccessToken()).resolves.toBe('AT1')
    await vi.advanceTimersByTimeAsync(HOUR / 2)
    await expect(tokens.getAccessToken()).resolves.toBe('AT1')
  })

  it('is believed where it does say', async () => {
    const tokens = new TokenManager({
      refresh: async () => ({ access_token: 'AT1' }),
      initialTokens: LOGIN,
      assumedLifetimeMs: HOUR / 60,
    })
    await vi.advanceTimersByTimeAsync(HOUR / 2)
    await expect(tokens.getAccessToken()).resolves.toBe('AT0')
  })
})

describe('a refresh token that ends', () => {
  const DAY = 24 * HOUR
  const login = { ...LOGIN, refresh_token_expires_in: (10 * DAY) / 1000 }

  it('is told of in its last week, where no refresh puts it off', async () => {
    const tokens = new TokenManager({
      refresh: async () => ({ access_token: 'AT1', expires_in: 3600 }),
      initialTokens: login,
    })
    const endsAt = (await tokens.getTokens())!.refreshTokenExpiresAt!
    const told: unknown[] = []
    tokens.on('refreshTokenExpiring', (event) => told.push(event))
    await tokens.refresh()
    await Promise.resolve()
    expect(told).toEqual([])
    await vi.advanceTimersByTimeAsync(4 * DAY)
    await tokens.refresh()
    await Promise.resolve()
    expect(told).toEqual([{ refreshTokenExpiresAt: endsAt }])
  })

  it('is not told of where each refresh puts it off', async () => {
    const tokens = new TokenManager({
      refresh: async () => ({ ...LOGIN, refresh_token: 'RT-1', refresh_expires_in: 1800 }),
      initialTokens: { ...LOGIN, refresh_expires_in: 1800 },
    })
    const told: unknown[] = []
    tokens.on('refreshTokenExpiring', (event) => told.push(event))
    for (let refreshes = 0; refreshes < 2; refreshes++) {
      await vi.advanceTimersByTimeAsync(HOUR / 4)
      await tokens.refresh()
    }
    expect(told).toEqual([])
  })

  it('is renewed with half of its life left, where it is the access token itself (Meta)', async () => {
    const own = (token: string) => ({
      access_token: token,
      refresh_token: token,
      expires_in: (60 * DAY) / 1000,
      refresh_token_expires_in: (60 * DAY) / 1000,
    })
    const sent: string[] = []
    const tokens = new TokenManager({
      refresh: async ({ refreshToken }) => {
        sent.push(refreshToken)
        return own('AT1')
      },
      initialTokens: own('AT0'),
    })
    await vi.advanceTimersByTimeAsync(20 * DAY)
    await expect(tokens.getAccessToken()).resolves.toBe('AT0')
    expect(sent).toEqual([])
    await vi.advanceTimersByTimeAsync(15 * DAY)
    await tokens.getAccessToken()
    await vi.advanceTimersByTimeAsync(1_000)
    await expect(tokens.getAccessToken()).resolves.toBe('AT1')
    expect(sent).toEqual(['AT0'])
  })
})

describe('an end that another process was told', () => {
  it('is told with the server’s words', async () => {
    const store = memoryStore()
    const refresh = async () => {
      throw Object.assign(new Error(), {
        status: 400,
        error: 'invalid_grant',
        error_description: 'AADSTS50173: The grant was revoked',
      })
    }
    const one = new TokenManager({ refresh, store, initialTokens: LOGIN })
    const first = await failureOf(one.refresh())
    expect(first).toMatchObject({ providerError: 'AADSTS50173' })
    const other = new TokenManager({ refresh, store })
    expect(await failureOf(other.getAccessToken())).toMatchObject({
      code: 'ERR_LOGIN_REQUIRED',
      reason: 'invalid-grant',
      providerError: 'AADSTS50173',
      errorDescription: 'AADSTS50173: The grant was revoked',
    })
  })
})
