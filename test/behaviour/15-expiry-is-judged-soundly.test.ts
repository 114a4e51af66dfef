import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { TokenManager, toTokenSet, type TokenInput } from 'tokenward'
import { LIFETIME_MS } from '../support/session/issuer.js'
import { held, watch } from '../support/session/promises.js'
import { START, fakeTime, pass, settle } from '../support/session/time.js'

fakeTime()
afterEach(() => vi.restoreAllMocks())

const YEAR_MS = 365 * 86_400_000

/** A JWT of which only the times matter. */
function jwt(claims: object, id = 0): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part({ alg: 'none' })}.${part({ ...claims, jti: id })}.sig`
}

const seconds = (instant: number) => Math.floor(instant / 1000)

describe('expiry is judged soundly: expires_in', () => {
  it('counts from before the request was sent', async () => {
    const answer = held<TokenInput>()
    const manager = new TokenManager({
      refresh: () => answer.promise,
      initialTokens: { accessToken: 'at-1', refreshToken: 'rt' },
    })
    const call = watch(manager.refresh())
    await pass(7_000)
    answer.resolve({ access_token: 'at-2', expires_in: 60 })
    await settle()
    expect(call.value).toBe('at-2')
    await expect(manager.getTokens()).resolves.toMatchObject({
      issuedAt: START,
      expiresAt: START + 60_000,
    })
  })

  it('outranks the exp of a JWT', () => {
    const token = jwt({ exp: seconds(START) + 10 })
    expect(toTokenSet({ access_token: token, expires_in: 300 }).expiresAt).toBe(START + 300_000)
  })
})

describe('expiry is judged soundly: the exp of a JWT', () => {
  it('is taken where the server says nothing else', () => {
    const token = jwt({ exp: seconds(START) + 300, iat: seconds(START) })
    expect(toTokenSet({ accessToken: token }).expiresAt).toBe(START + 300_000)
  })

  it.each([-3_600_000, -600_000, 600_000, 3_600_000])(
    'is judged against iat, where the local clock is off by %d ms',
    (offsetMs) => {
      const serverNow = START - offsetMs
      const token = jwt({ exp: seconds(serverNow) + 300, iat: seconds(serverNow) })
      const { expiresAt } = toTokenSet({ access_token: token }, { receivedAt: START })
      expect(expiresAt).toBe(START + LIFETIME_MS)
    },
  )

  it.each([-3_600_000, 3_600_000])(
    "is judged against the server's clock, where the local one is off by %d ms",
    (offsetMs) => {
      const serverTime = START - offsetMs
      const token = jwt({ exp: seconds(serverTime) + 300 })
      const reception = { receivedAt: START, serverTime }
      expect(toTokenSet({ access_token: token }, reception).expiresAt).toBe(START + LIFETIME_MS)
    },
  )

  it('is not believed where the token is over before it was used', () => {
    const token = jwt({ exp: seconds(START) - 600 })
    const { expiresAt } = toTokenSet({ access_token: token }, { receivedAt: START })
    expect(expiresAt).toBeUndefined()
  })

  // axios-jwt: no exp refreshes on every request; an opaque token makes every request throw
  it.each([
    ['an opaque token', 'opaque'],
    ['a JWT without exp', jwt({ sub: 'alice' })],
    ['a JWT whose exp is a string', jwt({ exp: 'soon' })],
    ['a JWT whose exp is negative', jwt({ exp: -5 })],
    ['three parts that are no JWT', 'a.b.c'],
    ['an encrypted token of five parts', 'a.b.c.d.e'],
    ['claims that are null', `e30.${Buffer.from('null').toString('base64url')}.s`],
  ])('is unknown for %s: only 401s drive its renewal', async (_kind, accessToken) => {
    let requests = 0
    const manager = new TokenManager({
      refresh: () => Promise.resolve({ accessToken: `at-${++requests}` }),
      initialTokens: { accessToken, refreshToken: 'rt' },
      keepFresh: true,
    })
    for (let day = 0; day < 400; day++) {
      await expect(manager.getAccessToken({ minValidityMs: 1e9 })).resolves.toBe(accessToken)
      await pass(86_400_000)
    }
    expect(requests).toBe(0)
    await expect(manager.refresh({ rejected: accessToken })).resolves.toBe('at-1')
  })
})

type Way =
  'expires_in' | 'expires_in as text' | 'jwt' | 'jwt without iat' | 'expiresAt of the server'

/**
 * An authorization server whose clock differs from ours by an offset, and a manager in steady use:
 * how many token requests a lifetime.
 */
async function refreshesPerLifetime(options: {
  way: Way
  lifetimeMs: number
  offsetMs: number
  latencyMs?: number
  keepFresh?: boolean
}): Promise<number> {
  const { way, lifetimeMs, offsetMs, latencyMs = 0, keepFresh = false } = options
  let requests = 0
  const issue = (): TokenInput => {
    const serverNow = Date.now() + offsetMs
    const issued = { iat: seconds(serverNow), exp: seconds(serverNow + lifetimeMs) }
    const tokens = { refresh_token: 'rt', access_token: `at-${requests}` }
    switch (way) {
      case 'expires_in':
        return { ...tokens, expires_in: lifetimeMs / 1000 }
      case 'expires_in as text':
        return { ...tokens, expires_in: String(lifetimeMs / 1000) }
      case 'jwt':
        return { ...tokens, access_token: jwt(issued, requests) }
      case 'jwt without iat':
        return { ...tokens, access_token: jwt({ exp: issued.exp }, requests) }
      case 'expiresAt of the server':
        return {
          accessToken: tokens.access_token,
          refreshToken: 'rt',
          expiresAt: serverNow + lifetimeMs,
        }
    }
  }
  const manager = new TokenManager({
    refresh: async () => {
      requests++
      await new Promise((resolve) => setTimeout(resolve, latencyMs))
      return issue()
    },
    initialTokens: issue(),
    keepFresh,
  })
  watch(manager.refresh())
  await pass(latencyMs)
  expect(requests).toBe(1)
  requests = 0
  const uses = 400
  const lifetimes = 10
  for (let use = 0; use < uses; use++) {
    watch(manager.getAccessToken())
    await pass((lifetimeMs * lifetimes) / uses)
  }
  await manager.close()
  return requests / lifetimes
}

describe('expiry is judged soundly: no refresh loop', () => {
  const lifetimeMs = fc.oneof(
    fc.integer({ min: 1, max: 60 }).map((s) => s * 1_000),
    fc.integer({ min: 60, max: YEAR_MS / 1_000 }).map((s) => s * 1_000),
  )
  const offsetMs = fc.integer({ min: -3_600_000, max: 3_600_000 })

  it.each(['expires_in', 'expires_in as text'] as const)(
    'with %s, whatever the lifetime and the clocks',
    { timeout: 60_000 },
    async (way) => {
      await fc.assert(
        fc.asyncProperty(
          lifetimeMs,
          offsetMs,
          fc.boolean(),
          async (lifetimeMs, offsetMs, keepFresh) => {
            const often = await refreshesPerLifetime({ way, lifetimeMs, offsetMs, keepFresh })
            expect(often).toBeLessThanOrEqual(1.4)
            expect(often).toBeGreaterThanOrEqual(0.9)
          },
        ),
        { numRuns: 12 },
      )
    },
  )

  it(
    'with the exp and iat of a JWT, whatever the lifetime and the clocks',
    { timeout: 60_000 },
    async () => {
      await fc.assert(
        fc.asyncProperty(lifetimeMs, offsetMs, async (lifetimeMs, offsetMs) => {
          const often = await refreshesPerLifetime({ way: 'jwt', lifetimeMs, offsetMs })
          // Whole seconds, and a small offset that is not told from latency, shorten short lives.
          const shortest = Math.max(lifetimeMs - 6_000, lifetimeMs / 6)
          expect(often).toBeLessThanOrEqual((1.4 * lifetimeMs) / shortest)
        }),
        { numRuns: 60 },
      )
    },
  )

  // oidc-client-ts#1542: lifetime shorter than the window renews for ever. okta-oidc-js#894: clock ahead
  it.each<[string, Parameters<typeof refreshesPerLifetime>[0]]>([
    ['a 3 s token', { way: 'expires_in', lifetimeMs: 3_000, offsetMs: 0 }],
    ['a 1 s token', { way: 'expires_in', lifetimeMs: 1_000, offsetMs: 0, keepFresh: true }],
    ['a 3 s JWT, exp rounded down', { way: 'jwt', lifetimeMs: 3_000, offsetMs: 400 }],
    ['a JWT and a clock 10 min ahead', { way: 'jwt', lifetimeMs: LIFETIME_MS, offsetMs: -600_000 }],
    ['a JWT and a clock 10 min behind', { way: 'jwt', lifetimeMs: LIFETIME_MS, offsetMs: 600_000 }],
    ['no iat and a clock 10 min ahead', { way: 'jwt without iat', lifetimeMs: LIFETIME_MS, offsetMs: -600_000 }], // prettier-ignore
    ['no iat and a clock 10 min behind', { way: 'jwt without iat', lifetimeMs: LIFETIME_MS, offsetMs: 600_000 }], // prettier-ignore
    ['the server\'s expiresAt and a clock 10 min ahead', { way: 'expiresAt of the server', lifetimeMs: LIFETIME_MS, offsetMs: -600_000 }], // prettier-ignore
    ['the server\'s expiresAt and a clock 10 min behind', { way: 'expiresAt of the server', lifetimeMs: LIFETIME_MS, offsetMs: 600_000 }], // prettier-ignore
    ['a slow network', { way: 'expires_in', lifetimeMs: 60_000, offsetMs: 0, latencyMs: 3_000 }],
  ])('not with %s', async (_what, options) => {
    expect(await refreshesPerLifetime(options)).toBeLessThanOrEqual(1.5)
  })

  it('with jitter at either end', async () => {
    for (const random of [0, 0.999_999]) {
      vi.spyOn(Math, 'random').mockReturnValue(random)
      const often = await refreshesPerLifetime({
        way: 'expires_in',
        lifetimeMs: LIFETIME_MS,
        offsetMs: 0,
      })
      expect(often).toBeLessThanOrEqual(1.35)
    }
  })
})

describe('expiry is judged soundly: windows shrink with the lifetime', () => {
  const manage = (expiresIn: number, options: object = {}) => {
    let requests = 0
    const manager = new TokenManager({
      refresh: () => Promise.resolve({ access_token: `at-${++requests}`, expires_in: expiresIn }),
      initialTokens: { access_token: 'at-0', refresh_token: 'rt', expires_in: expiresIn },
      ...options,
    })
    return { manager, requests: () => requests }
  }

  it.each([1, 3, 60, 300, 1_500, 86_400, 31_536_000])(
    'no token of %d s is due in the first three quarters of its life, beyond 5.5 min of its end',
    async (lifetime) => {
      const { manager, requests } = manage(lifetime)
      await pass(Math.max(lifetime * 780, lifetime * 1_000 - 330_000) - 1)
      await manager.getAccessToken()
      await settle()
      expect(requests()).toBe(0)
      await pass(Math.min(lifetime * 20, 30_000) + 1)
      expect(manager.peek()).toBe('at-0')
      await settle()
      expect(requests()).toBe(1)
    },
  )

  it.each<[number, number]>([
    [1, 50],
    [100, 5_000],
    [200, 10_000],
    [86_400, 10_000],
  ])('a token of %d s is not sent in its last %d ms', async (lifetime, marginMs) => {
    const { manager } = manage(lifetime)
    await pass(lifetime * 1_000 - marginMs - 1)
    expect(manager.peek()).toBe('at-0')
    vi.setSystemTime(Date.now() + 1)
    expect(manager.peek()).toBeUndefined()
  })

  it('what the app sets counts for no more than half the lifetime', async () => {
    const windows = { refreshWindowMs: 600_000, expiryMarginMs: 600_000 }
    const { manager, requests } = manage(300, windows)
    await expect(manager.getAccessToken()).resolves.toBe('at-0')
    await pass(134_000)
    expect(manager.peek()).toBe('at-0')
    await settle()
    expect(requests()).toBe(0)
    await pass(16_000)
    expect(manager.peek()).toBeUndefined()
  })

  it('what the app sets is kept', async () => {
    const { manager, requests } = manage(300, { refreshWindowMs: 20_000, expiryMarginMs: 2_000 })
    await pass(277_999)
    manager.peek()
    await settle()
    expect(requests()).toBe(0)
    await pass(2_001)
    expect(manager.peek()).toBe('at-0')
    await settle()
    expect(requests()).toBe(1)
  })

  // workos/authkit-nextjs#470: a slow clock sends expired tokens
  it('a token is never sent that the server says is over, though the local clock is slow', async () => {
    const serverNow = START + 3_600_000
    const initialTokens = { accessToken: jwt({ iat: seconds(serverNow), exp: seconds(serverNow) + 300 }), refreshToken: 'rt' } // prettier-ignore
    const manager = new TokenManager({ refresh: () => Promise.resolve({ accessToken: 'next' }), initialTokens }) // prettier-ignore
    await pass(LIFETIME_MS)
    expect(manager.peek()).toBeUndefined()
  })
})
