import axios, { type AxiosInstance } from 'axios'
import { memoryStore, TokenManager, type TokenManagerOptions } from 'tokenward'
import { attachTokens } from 'tokenward/axios'
import { browserLogin } from 'tokenward/cli'
import { oauthClient, type OAuthClientOptions } from 'tokenward/oauth'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { startDpopApi, type DpopApi } from '../support/oidc/dpop-api.js'
import { NATIVE, startDpopServer, WEB, type DpopServer } from '../support/oidc/dpop-provider.js'
import { REDIRECT_URI } from '../support/oidc/clients.js'
import { RESOURCE, SCOPE } from '../support/oidc/provider.js'

let server: DpopServer
let api: DpopApi

beforeEach(async () => {
  server = await startDpopServer()
  api = await startDpopApi(server.issuer)
})

afterEach(async () => {
  await api.stop()
  await server.stop()
})

const clientOf = (client: { clientId: string; clientSecret?: string }) => {
  const options: OAuthClientOptions = {
    issuer: server.issuer,
    redirectUri: REDIRECT_URI,
    ...client,
  }
  return oauthClient({ ...options, dpop: true })
}

const CLIENTS = [
  ['client_secret_basic', WEB],
  ['none', NATIVE],
] as const

describe.each(CLIENTS)('%s at oidc-provider, DPoP with nonces required', (_name, client) => {
  it('logs in, calls an API that wants nonces too, is renewed, and is replayed', async () => {
    const { http, tokens, login } = await signedIn(client)
    expect(login).toMatchObject({ tokenType: 'DPoP', dpopKey: { kty: 'EC', crv: 'P-256' } })

    expect((await http.get('/me?a=b#c')).data).toEqual({ name: 'alice' })
    expect((await http.post('/me/ü ö', { a: 1 })).data).toEqual({ name: 'alice' })
    expect(api.answers).toEqual(['use_dpop_nonce', 'ok', 'ok'])

    api.deny(tokens.peek())
    api.rotateNonce()
    expect((await http.get('/me')).data).toEqual({ name: 'alice' })
    expect(api.answers.slice(3)).toEqual(['invalid_token', 'ok'])
    expect(await tokens.getTokens()).toMatchObject({ tokenType: 'DPoP', dpopKey: login.dpopKey })
  })

  it('50 requests at once that meet a new nonce and a denied token: one refresh, no failure', async () => {
    const { http, tokens } = await signedIn(client)
    await http.get('/me')
    api.deny(tokens.peek())
    api.rotateNonce()
    const before = server.ledger.of('refresh_token').length

    const answers = await Promise.all(Array.from({ length: 50 }, () => http.get('/me')))

    expect(new Set(answers.map(({ data }) => (data as { name: string }).name))).toEqual(
      new Set(['alice']),
    )
    const renewals = server.ledger.of('refresh_token').slice(before)
    expect(renewals.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(server.ledger.reuse).toBe(0)
    expect(api.proofs.size).toBe(51)
  })
})

describe('a login from a terminal', () => {
  it('brings the key along with its tokens: setTokens takes both', async () => {
    const client = clientOf(NATIVE)
    const result = await browserLogin({
      client,
      scope: `openid offline_access ${SCOPE}`,
      resource: RESOURCE,
      prompt: 'consent',
      timeoutMs: 20_000,
      open: async (url) => void (await fetch(await server.logIn(url))),
    })
    const { http, tokens } = managed({ refresh: client.refreshToken() })
    await tokens.setTokens(result)
    await tokens.refresh()
    expect((await http.get('/me')).data).toEqual({ name: 'alice' })
    expect(await tokens.getTokens()).toMatchObject({ dpopKey: result.dpopKey })
  })
})

describe('a session in a store', () => {
  it('is taken up by another process with the same key', async () => {
    const store = memoryStore()
    const first = await signedIn(WEB, { store })
    const record = JSON.parse(JSON.stringify(await store.load())) as never
    await first.tokens.close()

    const second = managed({ refresh: clientOf(WEB).refreshToken(), store: memoryStore(record) })
    await second.tokens.refresh()

    expect((await second.http.get('/me')).data).toEqual({ name: 'alice' })
    expect(await second.tokens.getTokens()).toMatchObject({ dpopKey: first.login.dpopKey })
  })
})

describe('a refresh with another key', () => {
  it("is refused: a public client's refresh token is worth nothing to a thief", async () => {
    const { login } = await signedIn(NATIVE)
    const other = await signedIn(NATIVE)
    const stolen = managed({
      refresh: clientOf(NATIVE).refreshToken(),
      initialTokens: { ...login, dpopKey: other.login.dpopKey },
    })
    await expect(stolen.tokens.refresh()).rejects.toMatchObject({ code: 'ERR_LOGIN_REQUIRED' })
  })
})

describe('client_secret_basic at oidc-provider, with a token of its own', () => {
  it('keeps its key from one token to the next', async () => {
    const grant = clientOf(WEB).clientCredentials({ scope: SCOPE, resource: RESOURCE })
    const { http, tokens } = managed({ acquire: grant })
    await http.get('/me')
    const before = await tokens.getTokens()
    api.deny(tokens.peek())
    expect((await http.get('/me')).data).toEqual({ name: WEB.clientId })
    expect(await tokens.getTokens()).toMatchObject({ dpopKey: before?.dpopKey })
    expect(server.ledger.requests.map(({ error }) => error)).toEqual([
      'use_dpop_nonce',
      undefined,
      undefined,
    ])
  })
})

/** A user who logged in by the authorization code flow, and an axios instance with the tokens. */
async function signedIn(
  client: (typeof CLIENTS)[number][1],
  options: Partial<TokenManagerOptions> = {},
) {
  const oauth = clientOf(client)
  const request = await oauth.authorizationRequest({
    scope: `openid offline_access ${SCOPE}`,
    resource: RESOURCE,
    prompt: 'consent',
  })
  const login = await oauth.authorizationCode(await server.logIn(request.url), request)
  const { http, tokens } = managed({
    ...options,
    acquire: undefined,
    refresh: oauth.refreshToken(),
  })
  await tokens.setTokens(login)
  return { http, tokens, login }
}

function managed(options: TokenManagerOptions): { http: AxiosInstance; tokens: TokenManager } {
  const tokens = new TokenManager(options)
  const http = attachTokens(axios.create({ baseURL: api.origin }), tokens)
  onTestFinished(() => tokens.close())
  return { http, tokens }
}
