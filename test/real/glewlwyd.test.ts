import axios from 'axios'
import {
  LoginRequiredError,
  RefreshRejectedError,
  RefreshUnavailableError,
  TokenManager,
  toTokenSet,
  type TokenManagerOptions,
} from 'tokenward'
import { attachTokens } from 'tokenward/axios'
import { oauthClient, type TokenFetch } from 'tokenward/oauth'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import {
  CLIENTS,
  SCOPE,
  startGlewlwyd,
  type ClientName,
  type Glewlwyd,
} from '../support/glewlwyd/authorization-server.js'
import { missingOfGlewlwyd } from '../support/glewlwyd/installation.js'
import { logIn } from '../support/glewlwyd/login.js'

const missing = missingOfGlewlwyd()
const METHODS = Object.keys(CLIENTS) as ClientName[]

if (missing !== undefined && process.env.TOKENWARD_REQUIRE_ALL) {
  it('glewlwyd is here, as TOKENWARD_REQUIRE_ALL demands', () => {
    expect.fail(missing)
  })
}

describe.skipIf(missing !== undefined)(`with glewlwyd${missing ? ` (${missing})` : ''}`, () => {
  let server: Glewlwyd

  beforeAll(async () => {
    server = await startGlewlwyd()
  })

  afterAll(async () => {
    await server?.stop()
  })

  beforeEach(({ onTestFailed }) => {
    const before = server.output().length
    onTestFailed(() => {
      console.error(`glewlwyd printed:\n${server.output().slice(before)}`)
    })
  })

  describe('discovery', () => {
    it('finds the endpoints by the issuer, whose path is no obstacle', async () => {
      expect(await client().oauth.discover()).toMatchObject({
        issuer: server.issuer,
        token_endpoint: `${server.issuer}/token`,
        revocation_endpoint: `${server.issuer}/revoke`,
      })
    })

    it('takes what is said of grant types for no more than a hint: the refresh grant is not among them', async () => {
      const { grant_types_supported: grants } = await client().oauth.discover()
      expect(grants).not.toContain('refresh_token')
      expect(grants).not.toContain('client_credentials')
    })
  })

  describe.each(METHODS)('a login, refreshed as %s', (method) => {
    it('each refresh brings other tokens, which the server accepts', async () => {
      const login = await logIn(server, method)
      const { tokens, http, sent } = session(login, { method })

      const accessTokens = [login.access_token]
      const refreshTokens = [login.refresh_token]
      for (let rotations = 0; rotations < 4; rotations++) {
        accessTokens.push(await tokens.refresh())
        refreshTokens.push((await tokens.getTokens())?.refreshToken)
      }

      expect(new Set(accessTokens).size).toBe(5)
      expect(new Set(refreshTokens).size).toBe(5)
      expect(sent).toEqual(Array(4).fill({ grantType: 'refresh_token', status: 200 }))
      expect((await http.get('/userinfo')).status).toBe(200)
    })
  })

  describe('a session', () => {
    it('has a Bearer token, however the server spells it', async () => {
      const login = await logIn(server, 'client_secret_basic')
      const { tokens, http, sent } = session(login)
      const whoami = async () => (await http.get<{ sub: string }>('/userinfo')).data.sub

      const name = await whoami()
      await tokens.refresh()

      expect(login.token_type).toBe('bearer')
      expect(await whoami()).toBe(name)
      expect(await tokens.getTokens()).toMatchObject({ tokenType: 'Bearer' })
      expect(sent).toHaveLength(1)
    })

    it('is refreshed once for all who ask at the same time', async () => {
      const login = await logIn(server, 'client_secret_basic')
      const { tokens, sent } = session({ ...toTokenSet(login), expiresAt: Date.now() - 1 })

      const answers = await Promise.all(Array.from({ length: 50 }, () => tokens.getAccessToken()))

      expect(new Set(answers).size).toBe(1)
      expect(answers[0]).not.toBe(login.access_token)
      expect(sent).toEqual([{ grantType: 'refresh_token', status: 200 }])
      expect(await tokens.refresh()).not.toBe(answers[0]) // it was not taken for reuse
    })

    it('is refreshed when an API no longer accepts its token, and the request is made again', async () => {
      const { tokens, http, sent } = session(await logIn(server, 'client_secret_basic'))
      const first = await tokens.getAccessToken()
      await server.revoke(first, 'client_secret_basic')

      const answers = await Promise.all([http.get('/userinfo'), http.get('/userinfo')])

      expect(answers.map(({ status }) => status)).toEqual([200, 200])
      expect(await tokens.getAccessToken()).not.toBe(first)
      expect(sent).toEqual([{ grantType: 'refresh_token', status: 200 }])
    })
  })

  describe('when a spent refresh token is used again', () => {
    it('the refusal gives no reason: the tokens are kept, and the server is left alone for a while', async () => {
      const { tokens, http, sent } = await robbed()

      const error: unknown = await tokens.refresh().catch((thrown: unknown) => thrown)
      const later: unknown = await tokens.refresh().catch((thrown: unknown) => thrown)

      expect(error).toBeInstanceOf(RefreshRejectedError)
      expect(error).toMatchObject({ status: 400, error: undefined, errorDescription: undefined })
      expect(later).toBeInstanceOf(RefreshUnavailableError)
      expect(later).toMatchObject({ outcome: 'not-sent' })
      expect(sent).toEqual([{ grantType: 'refresh_token', status: 400 }])
      const kept = await tokens.getTokens()
      expect(kept).toMatchObject({ refreshToken: expect.any(String) })
      expect(await tokens.getAccessToken()).toBe(kept?.accessToken)
      expect((await http.get('/userinfo')).status).toBe(200)
    })

    it('the session ends, if the app knows what such a refusal means here', async () => {
      const { tokens, sent } = await robbed({
        endsSession: ({ status, error }) => status === 400 && error === undefined,
      })

      const error: unknown = await tokens.refresh().catch((thrown: unknown) => thrown)

      expect(error).toBeInstanceOf(LoginRequiredError)
      expect(await tokens.getTokens()).toBeUndefined()
      await expect(tokens.getAccessToken()).rejects.toBe(error)
      expect(sent).toHaveLength(1)
    })
  })

  describe('when the client secret is wrong', () => {
    it('the refusal is the very same, so the session is kept: it may be the configuration', async () => {
      const login = await logIn(server, 'client_secret_basic')
      const { oauth } = client('client_secret_basic', { clientSecret: 'secret2' })
      const tokens = managed({ refresh: oauth.refreshToken(), initialTokens: login })

      const error: unknown = await tokens.refresh().catch((thrown: unknown) => thrown)

      expect(error).toBeInstanceOf(RefreshRejectedError)
      expect(error).toMatchObject({ status: 400, error: undefined, errorDescription: undefined })
      expect(await tokens.getTokens()).toMatchObject({ refreshToken: login.refresh_token })
      expect(await tokens.getAccessToken()).toBe(login.access_token)
    })
  })

  describe('a client with a token of its own', () => {
    it.each(['client_secret_basic', 'client_secret_post'] as const)(
      'gets one as %s, and another when it is asked to',
      async (method) => {
        const { oauth, sent } = client(method)
        const tokens = managed({ acquire: oauth.clientCredentials({ scope: SCOPE }) })

        const answers = await Promise.all(Array.from({ length: 20 }, () => tokens.getAccessToken()))
        const next = await tokens.refresh()

        expect(new Set(answers).size).toBe(1)
        expect(next).not.toBe(answers[0])
        expect(await server.isActive(next, method)).toBe(true)
        expect(await tokens.getTokens()).toMatchObject({ tokenType: 'Bearer', scope: SCOPE })
        expect(sent).toEqual(Array(2).fill({ grantType: 'client_credentials', status: 200 }))
      },
    )

    it('is told what the server says of a scope it does not know', async () => {
      const { oauth } = client()
      const tokens = managed({ acquire: oauth.clientCredentials({ scope: 'write:all' }) })

      const error: unknown = await tokens.getAccessToken().catch((thrown: unknown) => thrown)

      expect(error).toBeInstanceOf(RefreshRejectedError)
      expect(error).toMatchObject({ status: 400, error: 'scope_invalid' })
    })
  })

  /** A client, and what it has sent to the token endpoint. */
  function client(
    method: ClientName = 'client_secret_basic',
    options: { clientSecret?: string } = {},
  ) {
    const sent: { grantType: string | null; status: number }[] = []
    const record: TokenFetch = async (url, init) => {
      const answer = await fetch(url, init)
      const grantType = new URLSearchParams(init.body).get('grant_type')
      if (url.endsWith('/token')) sent.push({ grantType, status: answer.status })
      return answer
    }
    const oauth = oauthClient({
      issuer: server.issuer,
      ...CLIENTS[method],
      ...options,
      clientAuth: method,
      fetch: record,
    })
    return { oauth, sent }
  }

  /** What a login became: its manager, and the server's own protected endpoint as an API. */
  function session(
    initialTokens: TokenManagerOptions['initialTokens'],
    {
      method,
      options,
    }: { method?: ClientName | undefined; options?: Partial<TokenManagerOptions> } = {},
  ) {
    const { oauth, sent } = client(method)
    const refresh = oauth.refreshToken()
    const tokens = managed({ ...options, refresh, acquire: undefined, initialTokens })
    const http = attachTokens(axios.create({ baseURL: server.issuer }), tokens)
    return { tokens, http, sent }
  }

  /** A session whose spent refresh token somebody else has tried, so that the server ended it. */
  async function robbed(options: Partial<TokenManagerOptions> = {}) {
    const login = await logIn(server, 'client_secret_basic')
    const { tokens, http, sent } = session(login, { options })
    await tokens.refresh()
    sent.length = 0
    const theft = client().oauth.refreshToken()({
      refreshToken: login.refresh_token!,
      tokens: (await tokens.getTokens())!,
      signal: AbortSignal.timeout(5_000),
    })
    await expect(theft).rejects.toBeInstanceOf(RefreshRejectedError)
    return { tokens, http, sent }
  }
})

function managed(options: TokenManagerOptions): TokenManager {
  const tokens = new TokenManager(options)
  onTestFinished(() => tokens.close())
  return tokens
}
