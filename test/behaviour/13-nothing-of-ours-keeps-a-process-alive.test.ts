import { describe, expect, it, vi } from 'vitest'
import { RefreshUnavailableError, TokenManager } from 'tokenward'
import {
  type Issuer,
  LIFETIME_MS,
  createIssuer,
  refuses,
  refusesConnection,
  signedIn,
} from '../support/session/issuer.js'
import { failureOf, never, watch } from '../support/session/promises.js'
import { DAY_MS, START, fakeTime, jump, pass, settle } from '../support/session/time.js'

// Weeks pass here in thousands of steps: how long this machine takes for them says nothing.
vi.setConfig({ testTimeout: 120_000 })

fakeTime()

const LONGEST_DELAY_MS = 2 ** 31 - 1

/** Every timer from now on: how long, and whether it holds the process. */
function spyOnTimers() {
  const timers: { delayMs: number; timer: { hasRef(): boolean } }[] = []
  const { setTimeout } = globalThis
  vi.spyOn(globalThis, 'setTimeout').mockImplementation((run: () => void, delayMs?: number) => {
    const timer = setTimeout(run, delayMs)
    timers.push({ delayMs: delayMs ?? 0, timer })
    return timer
  })
  return timers
}

function keptFresh(issuer: Issuer, expiresIn: number): TokenManager {
  return new TokenManager({
    refresh: issuer.refresh,
    initialTokens: { accessToken: 'at-0', refreshToken: 'rt-0', expiresIn },
    keepFresh: true,
  })
}

describe('nothing of ours keeps a process alive or busy: an idle manager', () => {
  it('has no timer at all', async () => {
    const timers = spyOnTimers()
    const manager = signedIn(createIssuer())
    await manager.getAccessToken()
    manager.peek()
    expect(timers).toEqual([])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('has no timer left after a refresh, a failure or a timeout', async () => {
    const issuer = createIssuer()
    const manager = signedIn(issuer)
    await manager.refresh()
    expect(vi.getTimerCount()).toBe(0)
    issuer.next(refuses(500))
    await failureOf(manager.refresh())
    expect(vi.getTimerCount()).toBe(0)
    await pass(1_000)
    issuer.always = never
    watch(manager.refresh())
    await pass(60_000)
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('nothing of ours keeps a process alive or busy: keepFresh', () => {
  // badgateway, AARQ, supabase/auth-js#99: a timer keeps the process alive
  it('has one timer, which does not hold the process', () => {
    const timers = spyOnTimers()
    keptFresh(createIssuer(), 300)
    expect(timers).toHaveLength(1)
    expect(timers[0]!.timer.hasRef()).toBe(false)
  })

  it('renews without being used, and goes on', async () => {
    const issuer = createIssuer()
    const manager = keptFresh(issuer, 300)
    await pass(LIFETIME_MS * 10)
    expect(manager.peek()).toMatch(/^at-\d+$/)
    expect(issuer.spent.length).toBeGreaterThanOrEqual(11)
    expect(issuer.spent.length).toBeLessThanOrEqual(13)
    expect(vi.getTimerCount()).toBe(1)
  })

  // badgateway: 30-day token, 30 token calls a second. okta, directus#4054,
  // workos/authkit-nextjs#273, rynfar/meridian#583: setTimeout over 2³¹ ms fires at once
  it.each([30, 365, 36_500])('waits for a token of %d days, not a moment less', async (days) => {
    const timers = spyOnTimers()
    const issuer = createIssuer({ lifetimeMs: days * DAY_MS })
    keptFresh(issuer, days * 24 * 60 * 60)
    if (days > 365) jump((days - 365) * DAY_MS) // a century of timers would only keep this machine busy
    await pass(Math.min(days, 365) * DAY_MS - 6 * 60_000)
    expect(issuer.spent).toHaveLength(0)
    await pass(60_000)
    expect(issuer.spent).toHaveLength(1)
    for (const { delayMs, timer } of timers.filter(({ delayMs }) => delayMs > 60_000)) {
      expect(delayMs).toBeLessThanOrEqual(LONGEST_DELAY_MS)
      expect(timer.hasRef()).toBe(false)
    }
  })

  it('is calm with a lifetime that no date can hold', async () => {
    const issuer = createIssuer()
    keptFresh(issuer, 1e300)
    await pass(60 * DAY_MS)
    expect(issuer.spent).toEqual([])
    expect(vi.getTimerCount()).toBe(1)
  })

  it('sets no timer for a token of unknown expiry', () => {
    new TokenManager({
      refresh: createIssuer().refresh,
      initialTokens: { accessToken: 'opaque' },
      keepFresh: true,
    })
    expect(vi.getTimerCount()).toBe(0)
  })

  // okta-auth-js#557: expired token returned after sleep
  it('is judged by the clock after sleep: no expired token is given', async () => {
    const issuer = createIssuer()
    const manager = keptFresh(issuer, 300)
    await pass(60_000)
    jump(8 * 3_600_000) // the laptop slept, and its timers with it
    expect(manager.peek()).toBeUndefined()
    await expect(manager.getAccessToken()).resolves.toBe('at-1')
  })

  // oidc-client-ts#1343: renewal dies for good after one failure on waking
  it('goes on after a failure on waking, with backoff', async () => {
    const issuer = createIssuer()
    issuer.always = refusesConnection
    const manager = keptFresh(issuer, 300)
    jump(8 * 3_600_000)
    await pass(LIFETIME_MS)
    const failed = issuer.spent.length
    expect(failed).toBeGreaterThan(1)
    expect(failed).toBeLessThan(40)
    issuer.always = undefined
    await pass(61_000)
    expect(manager.peek()).toMatch(/^at-/)
  })

  it('renews in time although the clock was set back: a lifetime is a duration', async () => {
    const issuer = createIssuer()
    keptFresh(issuer, 300)
    await pass(60_000)
    jump(-3_600_000)
    await pass(170_000)
    expect(issuer.spent).toEqual([])
    await pass(20_000)
    expect(issuer.spent).toHaveLength(1)
  })

  it('renews within a minute of waking: a timer stands still while the machine sleeps', async () => {
    const issuer = createIssuer({ lifetimeMs: 3_600_000 })
    keptFresh(issuer, 3_600)
    await pass(60_000)
    jump(57 * 60_000)
    await pass(60_000)
    expect(issuer.spent).toHaveLength(1)
  })

  it('has a floor between two renewals, however short a token lives', async () => {
    const issuer = createIssuer({ lifetimeMs: 1 })
    keptFresh(issuer, 0.001)
    await pass(10_000)
    expect(issuer.spent.length).toBeLessThanOrEqual(11)
  })

  it('is not busy in any state: failing for hours costs a request a minute at most', async () => {
    const issuer = createIssuer()
    issuer.always = refuses(500)
    keptFresh(issuer, 300)
    await pass(2 * 60 * 60_000)
    expect(issuer.spent.length).toBeLessThanOrEqual(2 * 60 + 10)
    expect(issuer.spent.length).toBeGreaterThan(2 * 60 - 10)
  })

  it('is not busy whatever a refresh says about when to come back', async () => {
    const issuer = createIssuer()
    issuer.always = () => {
      throw new RefreshUnavailableError('busy', { outcome: 'failed', retryAfterMs: NaN })
    }
    const manager = keptFresh(issuer, 300)
    const timers = spyOnTimers()
    await pass(LIFETIME_MS)
    expect(timers.length).toBeLessThan(50)
    issuer.always = undefined
    await pass(61_000)
    expect(manager.peek()).toBe('at-1')
  })

  it('stops with a logout, with the end of the session, and with close', async () => {
    const issuer = createIssuer()
    const out = keptFresh(issuer, 300)
    await out.signOut()
    expect(vi.getTimerCount()).toBe(0)

    issuer.always = refuses(400, 'invalid_grant')
    keptFresh(issuer, 300)
    await pass(LIFETIME_MS)
    expect(issuer.spent).toHaveLength(2) // the second to be sure, since the token was still good
    expect(vi.getTimerCount()).toBe(0)

    const closed = keptFresh(issuer, 300)
    await closed.close()
    await pass(LIFETIME_MS)
    expect(issuer.spent).toHaveLength(2)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('begins with a login', async () => {
    const issuer = createIssuer()
    const manager = new TokenManager({ refresh: issuer.refresh, keepFresh: true })
    expect(vi.getTimerCount()).toBe(0)
    await manager.setTokens({ accessToken: 'login', refreshToken: 'rt', expiresIn: 300 })
    expect(vi.getTimerCount()).toBe(1)
    await pass(LIFETIME_MS)
    expect(issuer.spent).toHaveLength(1)
  })
})

describe('nothing of ours keeps a process alive or busy: a refresh in flight', () => {
  it("holds it until it is saved: whatever it waits for is not unref'd", async () => {
    const issuer = createIssuer()
    issuer.next(refusesConnection, refuses(503))
    const manager = signedIn(issuer)
    const timers = spyOnTimers()
    const call = watch(manager.refresh())
    await settle()
    expect(timers.length).toBeGreaterThan(0)
    expect(vi.getTimerCount()).toBeGreaterThan(0)
    await pass(1_000)
    expect(call.value).toBe('at-2')
    for (const { timer } of timers) expect(timer.hasRef()).toBe(true)
  })

  it('looks up the clock and the timers when they are called', async () => {
    const issuer = createIssuer()
    const manager = signedIn(issuer)
    expect(Date.now()).toBe(START)
    await pass(LIFETIME_MS)
    await expect(manager.getAccessToken()).resolves.toBe('at-2')
    await expect(manager.getTokens()).resolves.toMatchObject({ issuedAt: START + LIFETIME_MS })
  })
})
