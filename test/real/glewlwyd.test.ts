import axios from 'axios'
import {
  LoginError,
  LoginRequiredError,
  RefreshRejectedError,
  TokenManager,
  toTokenSet,
  type TokenInput,
  type TokenManagerOptions,
} from 'tokenward'
import { attachTokens } from 'tokenward/axios'
import { oauthClient, type OAuthFetch } from 'tokenward/oauth'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import {
  ALICE,
  CLIENTS,
  REDIRECT_URI,
  SCOPE,
  startGlewlwyd,
  type ClientName,
  type Glewlwyd,
} from '../support/glewlwyd/authorization-server.js'
import { Browser } from '../support/glewlwyd/browser.js'
import { missingOfInstallation } from '../support/glewlwyd/installation.js'
import { logIn } from '../support/glewlwyd/login.js'

const missing = missingOfInstallation()
const ASKED = { redirectUri: REDIRECT_URI, scope: `openid ${SCOPE}` }
const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code'
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

  describe.each(METHODS)('a login as %s', (method) => {
    it('gives a session, which each refresh gives other tokens that the server accepts', async () => {
      const { oauth, sent } = client(method)
      const request = await oauth.authorizationRequest(ASKED)
      const login = await oauth.authorizationCode(
        await server.browser.authorize(request.url),
        request,
      )
      expect(login).toMatchObject({ tokenType: 'Bearer', scope: ASKED.scope })
      expect(login.idToken).toEqual(expect.any(String))

      const { tokens, http } = session(login, { oauth, sent })
      const accessTokens = [login.accessToken]
      const refreshTokens = [login.refreshToken]
      for (let rotations = 0; rotations < 4; rotations++) {
        accessTokens.push(await tokens.refresh())
        refreshTokens.push((await tokens.getTokens())?.refreshToken)
      }

      expect(new Set(accessTokens).size).toBe(5)
      expect(new Set(refreshTokens).size).toBe(5)
      expect((await http.get('/userinfo')).status).toBe(200)
      expect(sent).toEqual([
        { grantType: 'authorization_code', status: 200 },
        ...Array<unknown>(4).fill({ grantType: 'refresh_token', status: 200 }),
      ])
    })
  })

  describe('a login', () => {
    it('without `openid` needs no nonce, and brings no ID token', async () => {
      const { oauth } = client()
      const request = await oauth.authorizationRequest({ ...ASKED, scope: SCOPE })
      const callback = await server.browser.authorize(request.url)

      const login = await oauth.authorizationCode(callback, request)

      expect(login).toMatchObject({ scope: SCOPE, refreshToken: expect.any(String) })
      expect(login.idToken).toBeUndefined()
    })

    it('whose code verifier is another is refused by the server', async () => {
      const { oauth, sent } = client()
      const request = await oauth.authorizationRequest(ASKED)
      const callback = await server.browser.authorize(request.url)
      const other = await oauth.authorizationRequest(ASKED)

      const mixed = { ...request, codeVerifier: other.codeVerifier }
      const error = await failureOf(oauth.authorizationCode(callback, mixed))

      expect(error).toBeInstanceOf(LoginError)
      expect(error).toMatchObject({ reason: 'failed', error: 'invalid_code' })
      expect(sent).toEqual([{ grantType: 'authorization_code', status: 403 }])
    })

    it('whose answer is taken twice goes on: the server, which ends it for a code sent twice, never sees it', async () => {
      const { oauth, sent } = client()
      const request = await oauth.authorizationRequest(ASKED)
      const callback = await server.browser.authorize(request.url)
      const login = await oauth.authorizationCode(callback, request)

      const error = await failureOf(oauth.authorizationCode(callback, request))

      expect(error).toBeInstanceOf(LoginError)
      expect(error).toMatchObject({ reason: 'state' })
      expect(sent).toHaveLength(1)
      expect(await session(login).tokens.refresh()).toEqual(expect.any(String))
    })

    it('is ended by the server if its code comes again from elsewhere', async () => {
      const { oauth } = client()
      const request = await oauth.authorizationRequest(ASKED)
      const callback = await server.browser.authorize(request.url)
      const login = await oauth.authorizationCode(callback, request)

      const again = await failureOf(client().oauth.authorizationCode(callback, request))

      expect(again).toBeInstanceOf(LoginError)
      expect(again).toMatchObject({ reason: 'failed', error: 'invalid_code' })
      const error = await failureOf(session(login).tokens.refresh())
      expect(error).toBeInstanceOf(RefreshRejectedError)
      expect(error).toMatchObject({ status: 400, error: undefined })
    })

    it('whose answer names another issuer is refused, though discovery does not promise a name', async () => {
      const { oauth, sent } = client()
      const request = await oauth.authorizationRequest(ASKED)
      const callback = await server.browser.authorize(request.url)
      expect(callback.searchParams.get('iss')).toBe(server.issuer)
      callback.searchParams.set('iss', 'https://elsewhere.example.test')

      const error = await failureOf(oauth.authorizationCode(callback, request))

      expect(error).toBeInstanceOf(LoginError)
      expect(error).toMatchObject({ reason: 'issuer' })
      expect(sent).toEqual([])
    })

    it('that may not ask the user, in a browser where nobody has logged in, is refused', async () => {
      const { oauth, sent } = client()
      const request = await oauth.authorizationRequest({ ...ASKED, prompt: 'none' })
      const callback = await new Browser(ALICE).authorize(request.url)

      const error = await failureOf(oauth.authorizationCode(callback, request))

      expect(error).toBeInstanceOf(LoginError)
      expect(error).toMatchObject({ reason: 'failed', error: 'interaction_required' })
      expect(sent).toEqual([])
    })
  })

  describe('a login on another device', () => {
    it('gives a session when the user has agreed there, and not before', async () => {
      const { oauth, sent } = client('none')
      const device = await oauth.deviceAuthorization({ scope: ASKED.scope })
      const polled = device.poll()
      await vi.waitFor(() => expect(sent).toHaveLength(1), { timeout: 5_000 })
      await server.browser.authorize(device.verificationUriComplete!)

      const { tokens, http } = session(await polled, { oauth, sent })

      expect((await http.get('/userinfo')).status).toBe(200)
      expect(await tokens.refresh()).toEqual(expect.any(String))
      expect(sent).toEqual([
        { grantType: DEVICE_CODE, status: 400 }, // authorization_pending
        { grantType: DEVICE_CODE, status: 200 },
        { grantType: 'refresh_token', status: 200 },
      ])
    })
  })

  describe('a session whose tokens are bound to a key', () => {
    it('proves the key at each refresh and at the API, with the nonces that the server wants', async () => {
      const { oauth, sent } = client('client_secret_basic', { dpop: true })
      const request = await oauth.authorizationRequest(ASKED)
      const callback = await server.browser.authorize(request.url)
      const login = await oauth.authorizationCode(callback, request)
      const { tokens, http } = session(login, { oauth, sent })

      const statuses = [(await http.get('/userinfo')).status]
      await tokens.refresh()
      statuses.push((await http.get('/userinfo')).status)
      await tokens.refresh()
      statuses.push((await http.get('/userinfo')).status)

      expect(login.tokenType).toBe('DPoP')
      expect(statuses).toEqual([200, 200, 200])
      expect(sent).toEqual([
        { grantType: 'authorization_code', status: 400 }, // use_dpop_nonce
        { grantType: 'authorization_code', status: 200 },
        { grantType: 'refresh_token', status: 200 },
        { grantType: 'refresh_token', status: 200 },
      ])
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

      const error = await failureOf(tokens.refresh())
      const later = await failureOf(tokens.refresh())

      expect(error).toBeInstanceOf(RefreshRejectedError)
      expect(error).toMatchObject({ status: 400, error: undefined, errorDescription: undefined })
      expect(later).toBe(error) // a refusal does not pass by itself: it is told as it was
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

      const error = await failureOf(tokens.refresh())

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

      const error = await failureOf(tokens.refresh())

      expect(error).toBeInstanceOf(RefreshRejectedError)
      expect(error).toMatchObject({ status: 400, error: undefined, errorDescription: undefined })
      expect(await tokens.getTokens()).toMatchObject({ refreshToken: login.refresh_token })
      expect(await tokens.getAccessToken()).toBe(login.access_token)
    })

    it('the refresh token is spent all the same: this server looks at the client afterwards', async () => {
      const login = await logIn(server, 'client_secret_basic')
      const { oauth } = client('client_secret_basic', { clientSecret: 'secret2' })
      const wrong = managed({ refresh: oauth.refreshToken(), initialTokens: login })
      await failureOf(wrong.refresh())

      const mended = session(login, client(), {
        endsSession: (e) => e.status === 400 && e.error === undefined, // as the guide has it
      })

      expect(await failureOf(mended.tokens.refresh())).toBeInstanceOf(LoginRequiredError)
    })
  })

  describe('a logout', () => {
    it.each(['client_secret_basic', 'client_secret_post'] as const)(
      'takes both tokens back at the server too, as %s',
      async (method) => {
        const { tokens } = session(await logIn(server, method), client(method))
        const { refreshToken, accessToken } = (await tokens.getTokens())!
        expect(await server.isActive(refreshToken!, method)).toBe(true)
        expect(await server.isActive(accessToken, method)).toBe(true)

        await tokens.signOut({ revoke: true })
        await tokens.close()

        expect(await server.isActive(refreshToken!, method)).toBe(false)
        // This server leaves it alone when the refresh token is revoked.
        expect(await server.isActive(accessToken, method)).toBe(false)
      },
    )

    it('of a public client, which this server lets revoke nothing, is one all the same', async () => {
      const { tokens } = session(await logIn(server, 'none'), client('none'))

      await tokens.signOut({ revoke: true })

      expect(await failureOf(tokens.getAccessToken())).toMatchObject({ reason: 'signed-out' })
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

      const error = await failureOf(tokens.getAccessToken())

      expect(error).toBeInstanceOf(RefreshRejectedError)
      expect(error).toMatchObject({ status: 400, error: 'scope_invalid' })
    })
  })

  /** A client, and what it has sent to the token endpoint. */
  function client(
    method: ClientName = 'client_secret_basic',
    options: { clientSecret?: string; dpop?: boolean } = {},
  ) {
    const sent: { grantType: string | null; status: number }[] = []
    const record: OAuthFetch = async (url, init) => {
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
    initialTokens: TokenInput,
    { oauth, sent }: ReturnType<typeof client> = client(),
    options: Partial<TokenManagerOptions> = {},
  ) {
    const tokens = managed({
      ...options,
      refresh: oauth.refreshToken(),
      revoke: oauth.revoke(),
      acquire: undefined,
      initialTokens,
    })
    const http = attachTokens(axios.create({ baseURL: server.issuer }), tokens)
    return { tokens, http, sent }
  }

  /** A session whose spent refresh token somebody else has tried, so that the server ended it. */
  async function robbed(options: Partial<TokenManagerOptions> = {}) {
    const login = await logIn(server, 'client_secret_basic')
    const { tokens, http, sent } = session(login, client(), options)
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

async function failureOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => expect.fail('it did not fail'),
    (thrown: unknown) => thrown,
  )
}
