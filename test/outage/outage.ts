import {
  isTokenError,
  LoginRequiredError,
  memoryStore,
  RefreshUnavailableError,
  type RefreshContext,
  type TokenStore,
} from 'tokenward'
import { TokenManagerPool } from 'tokenward/pool'
import type { VirtualTime } from './virtual-time.ts'

const LONG_WAIT_MS = 1_000

/** What is tried: sessions that become due together, while their token endpoint is down. */
export interface Outage {
  readonly sessions: number
  /** All become due within this. */
  readonly dueWithinMs: number
  /** What the endpoint allows; more is refused with 429 and `Retry-After: 1`. */
  readonly perSecond: number
  readonly responseMs: number
  readonly downFromMs: number
  readonly downUntilMs: number
  readonly lifetimeMs: number
  /** Each session is used so often. */
  readonly useEveryMs: number
  readonly untilMs: number
  /** `undefined`: every session is alone, as if each had a client of its own. */
  readonly maxTokenRequests: number | undefined
}

/** What happened in one second. */
export interface Second {
  succeeded: number
  tooMany: number
  whileDown: number
  /** Users who came in this second: with a token at once, after more than a second, without one. */
  usersServed: number
  usersWaited: number
  usersRefused: number
}

export interface OutageResult {
  readonly seconds: readonly Second[]
  /** The most requests that were under way at once. */
  readonly mostAtOnce: number
  readonly lostSessions: number
  /** Sessions that had a fresh token at the end. */
  readonly fresh: number
  /** How long users waited who got a token, in order. */
  readonly waitsMs: readonly number[]
  /** How long users waited who got none, in order. */
  readonly refusedAfterMs: readonly number[]
}

/** Runs in the time that it is given; random is what comes from `random`. */
export async function runOutage(
  outage: Outage,
  time: VirtualTime,
  random: () => number,
): Promise<OutageResult> {
  const startedAt = time.now()
  const elapsed = () => time.now() - startedAt
  const seconds: Second[] = []
  const second = () => (seconds[Math.floor(elapsed() / 1_000)] ??= emptySecond())
  const server = tokenEndpoint(outage, time, elapsed, second, random)
  const stores = Array.from({ length: outage.sessions }, savingStore)
  const shared = Object.assign((context: RefreshContext) => server.refresh(context), { client: {} })
  const pool = new TokenManagerPool({
    ...(outage.maxTokenRequests !== undefined && { maxTokenRequests: outage.maxTokenRequests }),
    max: outage.sessions,
    recheckMs: outage.untilMs,
    options: (id) => ({
      store: stores[Number(id)]!,
      refresh:
        outage.maxTokenRequests === undefined ? (context) => server.refresh(context) : shared,
    }),
  })
  const windowMs = 0.2 * outage.lifetimeMs
  for (let index = 0; index < outage.sessions; index++) {
    const dueInMs = (index / outage.sessions) * outage.dueWithinMs
    await pool.get(`${index}`).setTokens({
      accessToken: `at-${index}-0`,
      refreshToken: server.first(index),
      expiresAt: Date.now() + dueInMs + windowMs,
      issuedAt: Date.now() + dueInMs + windowMs - outage.lifetimeMs,
    })
  }

  const waitsMs: number[] = []
  const refusedAfterMs: number[] = []
  let lostSessions = 0
  const use = async (index: number) => {
    const cameAt = elapsed()
    const cameIn = second()
    try {
      await pool.get(`${index}`).getAccessToken()
      const waitMs = elapsed() - cameAt
      waitsMs.push(waitMs)
      if (waitMs > LONG_WAIT_MS) cameIn.usersWaited += 1
      else cameIn.usersServed += 1
    } catch (error) {
      if (isTokenError(error, 'ERR_LOGIN_REQUIRED')) lostSessions += 1
      refusedAfterMs.push(elapsed() - cameAt)
      cameIn.usersRefused += 1
    }
    if (elapsed() < outage.untilMs) {
      time.after(() => void use(index), outage.useEveryMs * (0.5 + random()))
    }
  }
  for (let index = 0; index < outage.sessions; index++) {
    time.after(() => void use(index), outage.useEveryMs * random())
  }
  await time.pass(outage.untilMs)
  const sessions = Array.from({ length: outage.sessions }, (_, index) => pool.get(`${index}`))
  const fresh = sessions.filter((tokens) => tokens.peek() !== undefined).length
  for (let at = 0; at < seconds.length; at++) seconds[at] ??= emptySecond()
  return {
    seconds: seconds.slice(0, Math.floor(outage.untilMs / 1_000)),
    mostAtOnce: server.mostAtOnce,
    lostSessions,
    fresh,
    waitsMs: waitsMs.sort((a, b) => a - b),
    refusedAfterMs: refusedAfterMs.sort((a, b) => a - b),
  }
}

/** Rotates refresh tokens, and ends the session of one that comes a second time. */
function tokenEndpoint(
  { perSecond, responseMs, downFromMs, downUntilMs, lifetimeMs }: Outage,
  time: VirtualTime,
  elapsed: () => number,
  second: () => Second,
  random: () => number,
) {
  const inForce = new Map<string, number>()
  const ended = new Set<string>()
  let atOnce = 0
  const server = {
    mostAtOnce: 0,
    first: (index: number) => (inForce.set(`${index}`, 0), `${index} 0`),
    async refresh({ refreshToken }: Pick<RefreshContext, 'refreshToken'>) {
      atOnce += 1
      server.mostAtOnce = Math.max(server.mostAtOnce, atOnce)
      const answer = judge(refreshToken)
      await new Promise<void>((resolve) => time.after(resolve, responseMs * (0.5 + random())))
      atOnce -= 1
      return answer()
    },
  }
  const judge = (refreshToken: string) => {
    const counts = second()
    if (elapsed() >= downFromMs && elapsed() < downUntilMs) {
      counts.whileDown += 1
      return unavailable(503)
    }
    if (counts.succeeded >= perSecond) {
      counts.tooMany += 1
      return unavailable(429, 1_000)
    }
    counts.succeeded += 1
    const [session, count] = refreshToken.split(' ') as [string, string]
    if (inForce.get(session) !== Number(count)) ended.add(session)
    if (ended.has(session)) {
      return () => {
        throw new LoginRequiredError('', { reason: 'invalid-grant' })
      }
    }
    const next = Number(count) + 1
    inForce.set(session, next)
    return () => ({
      accessToken: `at-${session}-${next}`,
      refreshToken: `${session} ${next}`,
      expiresIn: (10 * lifetimeMs) / 1_000, // once is enough
    })
  }
  return server
}

function unavailable(status: number, retryAfterMs?: number) {
  return () => {
    const wait = retryAfterMs === undefined ? {} : { retryAfterMs }
    throw new RefreshUnavailableError(`HTTP ${status}`, { outcome: 'failed', status, ...wait })
  }
}

/** One that outlives its process, so that tokens are marked before they are sent. */
function savingStore(): TokenStore {
  const { load, save } = memoryStore()
  return { singleProcess: true, load, save }
}

function emptySecond(): Second {
  return {
    succeeded: 0,
    tooMany: 0,
    whileDown: 0,
    usersServed: 0,
    usersWaited: 0,
    usersRefused: 0,
  }
}
