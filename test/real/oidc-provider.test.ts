import { Agent } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import axios, { type AxiosInstance } from 'axios'
import {
  LoginRequiredError,
  RefreshRejectedError,
  RefreshUnavailableError,
  TokenManager,
  tokenErrorOf,
  type TokenManagerOptions,
} from 'tokenward'
import { attachTokens } from 'tokenward/axios'
import { oauthClient } from 'tokenward/oauth'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import {
  startAuthorizationServer,
  type AuthorizationServer,
} from '../support/oidc/authorization-server.js'
import { startProtectedApi, type ProtectedApi } from '../support/oidc/protected-api.js'
import { RESOURCE, SCOPE } from '../support/oidc/provider.js'

/** Longer than any test: a token of this lifetime is renewed only if something makes it. */
const LONG_SECONDS = 300

let server: AuthorizationServer
let api: ProtectedApi

beforeEach(async () => {
  server = await startAuthorizationServer({ accessTokenTtl: LONG_SECONDS })
  api = await startProtectedApi(server.issuer)
})

afterEach(async () => {
  await api.stop()
  await server.stop()
})

describe('with access tokens that live for 3 s', () => {
  it('1,000 requests at concurrency 50 over four lifetimes: none fails, no refresh token is spent twice', async () => {
    server.accessTokenTtl = 3
    const { http } = await signedIn()
    // Tokens expire on their way, and the whole spans more than four lifetimes.
    api.travelMs = () => 50 + Math.random() * 50
    api.workMs = () => 550 + Math.random() * 100

    const startedAt = performance.now()
    const outcomes = await manyRequests(http, { count: 1_000, concurrency: 50 })
    const seconds = (performance.now() - startedAt) / 1000

    const renewals = server.ledger.of('refresh_token')
    console.log(
      `1,000 requests in ${seconds.toFixed(1)} s, failed: ${outcomes.failed.length}, ` +
        `token requests: ${renewals.length}, reuse: ${server.ledger.reuse}, ` +
        `401s at the API: ${api.figures.rejections} of ${api.figures.requests}`,
    )
    expect(outcomes.failed).toEqual([])
    expect(outcomes.names).toEqual(new Set(['alice']))
    expect(api.figures.requests).toBe(1_000 + api.figures.rejections)
    expect(seconds).toBeGreaterThan(12)
    expect(renewals.map(({ error }) => error)).toEqual(renewals.map(() => undefined))
    expect(renewals.length).toBeGreaterThanOrEqual(4)
    // The server rounds `exp` down, so a token lives for 2 s at least; each is renewed once.
    expect(renewals.length).toBeLessThanOrEqual(seconds / 2 + 1)
    expect(server.ledger).toMatchObject({ reuse: 0, reuseDetected: 0 })
  })
})

describe('when the API denies the current token while 50 requests are under way', () => {
  it('one refresh serves them all, also those whose 401 comes after it', async () => {
    const { http, tokens } = await signedIn()
    const held = api.hold(50)
    const requests = manyRequests(http, { count: 50, concurrency: 50 })
    await held.allArrived
    api.deny(tokens.peek())
    const refreshed = new Promise((resolve) => tokens.on('refreshed', resolve))
    held.release(25)
    await refreshed
    held.release(25)

    expect((await requests).failed).toEqual([])
    expect(server.ledger.of('refresh_token')).toHaveLength(1)
    expect(server.ledger.reuse).toBe(0)
    expect(api.figures).toEqual({ requests: 100, rejections: 50 })
  })
})

describe('a client with a token of its own', () => {
  it('gets one by client credentials, and another when the API denies it', async () => {
    const { http, tokens } = managed({
      acquire: oauthClient(server.client).clientCredentials({ scope: SCOPE, resource: RESOURCE }),
    })
    const first = await manyRequests(http, { count: 20, concurrency: 20 })
    api.deny(tokens.peek())
    const second = await manyRequests(http, { count: 20, concurrency: 20 })

    expect([...first.failed, ...second.failed]).toEqual([])
    expect(first.names).toEqual(new Set([server.client.clientId]))
    expect(server.ledger.requests.map(({ grantType }) => grantType)).toEqual([
      'client_credentials',
      'client_credentials',
    ])
  })
})

describe('when the client secret is wrong', () => {
  it('the refresh is rejected as invalid_client, and the session is kept', async () => {
    const { tokens: login } = await server.logIn('alice')
    const oauth = oauthClient({ ...server.client, clientSecret: 'p:a/s' })
    const { http, tokens } = managed({ refresh: oauth.refreshToken(), initialTokens: login })

    const error: unknown = await tokens.refresh().catch((thrown: unknown) => thrown)

    expect(error).toBeInstanceOf(RefreshRejectedError)
    expect(error).toMatchObject({ error: 'invalid_client', status: 401 })
    expect(await tokens.getTokens()).toMatchObject({ refreshToken: login.refresh_token })
    expect(await server.knows(login.refresh_token!)).toBe(true)
    expect((await http.get('/me')).data).toEqual({ name: 'alice' })
  })
})

describe('when the session is revoked at the server', () => {
  it('callers are told to log in, and no further token request is made', async () => {
    const { http, tokens } = await signedIn()
    await server.revokeSessions()
    api.deny(tokens.peek())

    const first = await manyRequests(http, { count: 20, concurrency: 20 })
    const later = await manyRequests(http, { count: 20, concurrency: 20 })

    for (const error of [...first.failed, ...later.failed]) {
      expect(error).toBeInstanceOf(LoginRequiredError)
      expect(error).toMatchObject({ reason: 'invalid-grant' })
    }
    expect(first.failed.length + later.failed.length).toBe(40)
    expect(server.ledger.of('refresh_token')).toEqual([
      { grantType: 'refresh_token', status: 400, error: 'invalid_grant' },
    ])
    expect(api.figures.requests).toBe(20)
  })

  it('a login revives it', async () => {
    const { http, tokens } = await signedIn()
    await server.revokeSessions()
    await expect(tokens.refresh()).rejects.toBeInstanceOf(LoginRequiredError)

    await tokens.setTokens((await server.logIn('bob')).tokens)

    expect((await http.get('/me')).data).toEqual({ name: 'bob' })
  })
})

describe('when the authorization server is down', () => {
  it('requests go on while the token is valid, fail as unavailable after it, and recover', async () => {
    server.accessTokenTtl = 3
    const { http, tokens } = await signedIn({ retry: { baseDelayMs: 20 } })
    const { expiresAt } = (await tokens.getTokens())!
    await server.stop()

    const whileValid = await manyRequests(http, { count: 50, concurrency: 50 })
    expect(whileValid.failed).toEqual([])

    await delay(expiresAt! - Date.now() + 10)
    const afterwards = await manyRequests(http, { count: 50, concurrency: 50 })
    expect(afterwards.failed).toHaveLength(50)
    for (const error of afterwards.failed) expect(error).toBeInstanceOf(RefreshUnavailableError)
    expect(server.ledger.of('refresh_token')).toHaveLength(0)

    await server.start()
    await untilOffCoolDown(() => tokens.getAccessToken())
    const recovered = await manyRequests(http, { count: 50, concurrency: 50 })
    expect(recovered.failed).toEqual([])
    expect(server.ledger.of('refresh_token')).toHaveLength(1)
    expect(server.ledger.reuse).toBe(0)
  })
})

describe('discovery', () => {
  it('finds the token endpoint by the issuer', async () => {
    expect(await oauthClient(server.client).discover()).toMatchObject({
      issuer: server.issuer,
      token_endpoint: `${server.issuer}/token`,
    })
  })

  it('a server that was down at the first refresh is found later', async () => {
    const { tokens } = await signedIn({ retry: { baseDelayMs: 20 } })
    await server.stop()
    await expect(tokens.refresh()).rejects.toBeInstanceOf(RefreshUnavailableError)
    await server.start()
    await untilOffCoolDown(() => tokens.refresh())
    expect(await tokens.refresh()).toEqual(expect.any(String))
  })
})

/** A logged-in user, and an axios instance with the session's tokens. */
async function signedIn(options: Partial<TokenManagerOptions> = {}) {
  const { tokens: initialTokens } = await server.logIn('alice')
  const refresh = oauthClient(server.client).refreshToken()
  return managed({ ...options, refresh, acquire: undefined, initialTokens })
}

function managed(options: TokenManagerOptions) {
  const tokens = new TokenManager(options)
  const httpAgent = new Agent({ keepAlive: true })
  const http = attachTokens(axios.create({ baseURL: api.origin, httpAgent }), tokens)
  onTestFinished(async () => {
    httpAgent.destroy()
    await tokens.close()
  })
  return { http, tokens }
}

/** Asks who the user is, `count` times, with `concurrency` requests under way at any moment. */
async function manyRequests(
  http: AxiosInstance,
  { count, concurrency }: { count: number; concurrency: number },
) {
  const names = new Set<string>()
  const failed: unknown[] = []
  let left = count
  const worker = async () => {
    while (left-- > 0) {
      try {
        names.add((await http.get<{ name: string }>('/me')).data.name)
      } catch (error) {
        failed.push(tokenErrorOf(error) ?? error)
      }
    }
  }
  await Promise.all(Array.from({ length: concurrency }, worker))
  return { names, failed }
}

/** A failed refresh is followed by a cool-down; whoever calls during it is told how much is left. */
async function untilOffCoolDown(call: () => Promise<unknown>): Promise<void> {
  const error: unknown = await call().catch((thrown: unknown) => thrown)
  if (error instanceof RefreshUnavailableError) await delay((error.retryAfterMs ?? 0) + 10)
}
