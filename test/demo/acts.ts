import { setTimeout as delay } from 'node:timers/promises'
import { RefreshUnavailableError, type TokenEvents, type TokenManager } from 'tokenward'
import type { Expected } from './figures.js'
import { screen } from './screen.js'
import { LONG, type Stage } from './stage.js'

export interface Act {
  readonly title: string
  /** Brings the session to where the act begins; not counted. */
  prepare?(stage: Stage): Promise<void>
  play(stage: Stage): Promise<void>
  readonly expected: Expected
}

const TRAFFIC_INTERVAL_MS = 20
/** Longer than traffic ever lasts, so that figures are told where what it waits for never comes. */
const LONGEST_TRAFFIC_MS = 10_000

const expiredToken: Act = {
  title: '100 requests on an expired token',
  async prepare({ server, tokens }) {
    server.accessTokenTtl = LONG
    await untilExpired(tokens)
  },
  async play({ burst }) {
    screen.event('the access token has expired: 100 requests at once')
    await burst(100)
  },
  expected: { requests: 100, failures: {}, tokenRequests: 1, rejections: 0 },
}

const rejectionStorm: Act = {
  title: 'a 401 storm: the API denies a token that 100 requests carry',
  async play({ api, tokens, burst }) {
    const held = api.hold(100)
    const requests = burst(100)
    await Promise.race([held.allArrived, requests])
    api.deny(tokens.peek())
    screen.event('100 requests are at the API, which now denies their token: 50 are answered')
    const refreshed = untilSeen(tokens, 'refreshed', 1)
    const failed = untilSeen(tokens, 'refreshFailed', 1)
    held.release(50)
    await Promise.race([refreshed, failed])
    screen.event('the other 50, with the old token still, are answered')
    held.release(50)
    await requests
  },
  expected: { requests: 100, failures: {}, tokenRequests: 1, rejections: 100 },
}

const aheadOfTime: Act = {
  title: 'renewal ahead of time: steady traffic, tokens that live for 4 s',
  async prepare({ server, tokens }) {
    server.accessTokenTtl = 4
    await beginFresh(tokens)
  },
  async play({ tokens, request, count }) {
    screen.event(`a request every ${TRAFFIC_INTERVAL_MS} ms, until two renewals have been seen`)
    let waited = 0
    const steadyRequest = () => {
      if (tokens.peek() === undefined) waited += 1
      return request()
    }
    await traffic(steadyRequest, untilSeen(tokens, 'refreshed', 2))
    count('requests that waited for a token', waited)
  },
  expected: {
    failures: {},
    tokenRequests: 2,
    rejections: 0,
    more: { 'requests that waited for a token': 0 },
  },
}

const serverDown: Act = {
  title: 'the authorization server is down for a while',
  async prepare({ tokens }) {
    await beginFresh(tokens)
  },
  async play({ server, tokens, request, burst, figures, count }) {
    await server.stop()
    screen.event('down; traffic goes on with the token at hand')
    await traffic(request, untilSeen(tokens, 'refreshFailed', 1))
    screen.event(`${figures().requests} requests served, a failed renewal went unnoticed`)
    count('failures while the token was valid', Object.keys(figures().failures).length)
    await untilExpired(tokens)
    screen.event('the token has expired: 20 requests')
    await burst(20)
    server.accessTokenTtl = LONG
    await server.start()
    screen.event('up again; no request is sent before the cool-down is over')
    await untilOffCoolDown(tokens)
    await burst(50)
    screen.event('50 requests served')
  },
  expected: {
    failures: { RefreshUnavailableError: 20 },
    tokenRequests: 1,
    rejections: 0,
    more: { 'failures while the token was valid': 0 },
  },
}

const revokedSession: Act = {
  title: 'the session is revoked at the server',
  async play({ server, api, tokens, burst }) {
    await server.revokeSessions()
    api.deny(tokens.peek())
    screen.event('revoked: 50 requests, then 50 more')
    await burst(50)
    await burst(50)
  },
  expected: {
    requests: 100,
    failures: { 'LoginRequiredError (invalid-grant)': 100 },
    tokenRequests: 1,
    rejections: 50,
  },
}

const logout: Act = {
  title: 'a logout',
  async prepare({ server, tokens }) {
    await tokens.setTokens((await server.logIn('alice')).tokens)
  },
  async play({ server, tokens, burst, count }) {
    await burst(50)
    screen.event('50 requests served; now the user logs out')
    const { refreshToken = '' } = (await tokens.getTokens()) ?? {}
    await tokens.signOut()
    await burst(50)
    count('sessions left at the server', (await server.knows(refreshToken)) ? 1 : 0)
  },
  expected: {
    requests: 100,
    failures: { 'LoginRequiredError (signed-out)': 50 },
    tokenRequests: 0,
    rejections: 0,
    more: { 'sessions left at the server': 0 },
  },
}

export const ACTS: readonly Act[] = [
  expiredToken,
  rejectionStorm,
  aheadOfTime,
  serverDown,
  revokedSession,
  logout,
]

async function beginFresh(tokens: TokenManager): Promise<void> {
  screen.event('to begin with a new token, a refresh that is not counted')
  await tokens.refresh()
}

/** A request at each interval until something happens; then waits for all of them. */
async function traffic(request: () => Promise<void>, end: Promise<void>): Promise<void> {
  let isOver = false
  void end.then(() => (isOver = true))
  const deadline = performance.now() + LONGEST_TRAFFIC_MS
  const requests: Promise<void>[] = []
  while (!isOver && performance.now() < deadline) {
    requests.push(request())
    await delay(TRAFFIC_INTERVAL_MS)
  }
  await Promise.all(requests)
}

function untilSeen(tokens: TokenManager, name: keyof TokenEvents, times: number): Promise<void> {
  return new Promise((resolve) => {
    let left = times
    const off = tokens.on(name, () => {
      left -= 1
      if (left > 0) return
      off()
      resolve()
    })
  })
}

async function untilExpired(tokens: TokenManager): Promise<void> {
  const { expiresAt = 0 } = (await tokens.getTokens()) ?? {}
  await delay(Math.max(expiresAt - Date.now(), 0) + 10)
}

/** A refusal tells how much of the cool-down is left. */
async function untilOffCoolDown(tokens: TokenManager): Promise<void> {
  const error: unknown = await tokens.getAccessToken().catch((thrown: unknown) => thrown)
  if (error instanceof RefreshUnavailableError) await delay((error.retryAfterMs ?? 0) + 10)
}
