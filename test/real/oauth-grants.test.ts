import { SignJWT } from 'jose'
import { LoginError, RefreshRejectedError, TokenManager, type TokenSet } from 'tokenward'
import { oauthClient, type OAuthClient } from 'tokenward/oauth'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import {
  startAuthorizationServer,
  type AuthorizationServer,
} from '../support/oidc/authorization-server.js'
import {
  JWT_BEARER,
  POST_LOGOUT_REDIRECT_URI,
  REDIRECT_URI,
  TOKEN_EXCHANGE,
  type ClientAuthentication,
} from '../support/oidc/clients.js'
import { OTHER_RESOURCE, RESOURCE, SCOPE } from '../support/oidc/provider.js'

const LOGIN_SCOPE = `openid offline_access ${SCOPE}`
const METHODS = [
  'client_secret_basic',
  'client_secret_post',
  'client_secret_jwt',
  'private_key_jwt',
  'none',
] satisfies ClientAuthentication[]
const CONFIDENTIAL = METHODS.filter((method) => method !== 'none')

let server: AuthorizationServer

beforeAll(async () => {
  server = await startAuthorizationServer({ accessTokenTtl: 300 })
})
afterAll(() => server.stop())

describe.each(METHODS)('%s at oidc-provider', (method) => {
  it('logs in by authorization code with PKCE, and refreshes with rotation', async () => {
    const oauth = client(method)
    const login = await logIn(oauth)

    expect(login).toMatchObject({ scope: SCOPE, idToken: expect.any(String) })
    expect(claimsOf(login.accessToken)).toMatchObject({ sub: 'alice', aud: RESOURCE })

    const tokens = managed({ refresh: oauth.refreshToken(), initialTokens: login })
    expect(claimsOf(await tokens.refresh())).toMatchObject({ sub: 'alice', aud: RESOURCE })
    const first = (await tokens.getTokens())!.refreshToken!
    await tokens.refresh()
    expect((await tokens.getTokens())!.refreshToken).not.toBe(first)
    expect(first).not.toBe(login.refreshToken)
    expect(server.ledger.reuse).toBe(0)
  })

  it('revokes the session at sign-out', async () => {
    const oauth = client(method)
    const initialTokens = await logIn(oauth)
    const tokens = managed({
      refresh: oauth.refreshToken(),
      revoke: oauth.revoke(),
      initialTokens,
    })
    expect(await server.knows(initialTokens.refreshToken!)).toBe(true)
    await tokens.signOut({ revoke: true })
    await tokens.close()

    expect(await server.knows(initialTokens.refreshToken!)).toBe(false)
  })
})

describe.concurrent.each(METHODS)('%s at oidc-provider', (method) => {
  it('logs in by device code', async () => {
    const device = await client(method).deviceAuthorization({
      scope: LOGIN_SCOPE,
      resource: RESOURCE,
    })
    expect(device).toMatchObject({ intervalMs: 1_000, userCode: expect.stringMatching(/\w/) })
    const polled = device.poll()
    const page = await server
      .userAgent('alice')
      .browseToEnd(new URL(device.verificationUriComplete!))
    expect(page).toBe('Signed in')

    expect(claimsOf((await polled).accessToken)).toMatchObject({ sub: 'alice', aud: RESOURCE })
  })
})

describe.each(CONFIDENTIAL)('%s at oidc-provider', (method) => {
  it('gets a token by client credentials for a resource', async () => {
    const acquire = client(method).clientCredentials({ scope: SCOPE, resource: RESOURCE })
    const { accessToken } = await acquire(context())
    expect(claimsOf(accessToken)).toMatchObject({ aud: RESOURCE, scope: SCOPE })
  })
})

describe('private_key_jwt at oidc-provider', () => {
  it('takes a CryptoKey that a function gives', async () => {
    let asked = 0
    const { clientId } = server.clients.private_key_jwt
    const clientKey = async () => {
      asked += 1
      return { key: server.clientKey, kid: 'client-key' }
    }
    const oauth = oauthClient({ issuer: server.issuer, clientId, clientKey })
    const acquire = oauth.clientCredentials({ scope: SCOPE, resource: RESOURCE })
    await acquire(context())
    await acquire(context()) // a jti used twice would be refused
    expect(asked).toBe(2)
  })

  it('gets a token by JWT bearer (RFC 7523), with a fresh assertion each time', async () => {
    const acquire = client('private_key_jwt').grant(JWT_BEARER, async () => ({
      assertion: await new SignJWT({ jti: crypto.randomUUID() })
        .setProtectedHeader({ alg: 'ES256' })
        .setIssuer('private-jwt')
        .setSubject('alice')
        .setAudience(server.issuer)
        .setExpirationTime('1m')
        .sign(server.clientKey),
    }))
    const tokens = managed({ acquire })
    expect(await tokens.getAccessToken()).not.toBe(await tokens.refresh())
  })

  it('is told that an assertion was refused', async () => {
    const acquire = client('private_key_jwt').grant(JWT_BEARER, { assertion: 'ey.no.jwt' })
    await expect(acquire(context())).rejects.toMatchObject({
      code: 'ERR_REFRESH_REJECTED',
      error: 'invalid_grant',
    })
  })
})

describe('client_secret_basic at oidc-provider', () => {
  it('exchanges a token (RFC 8693)', async () => {
    const oauth = client('client_secret_basic')
    const { accessToken: subjectToken } = await logIn(oauth)
    const acquire = oauth.grant(TOKEN_EXCHANGE, {
      subject_token: subjectToken,
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    })
    const { accessToken } = await acquire(context())
    expect(accessToken).toEqual(expect.any(String))
    expect(accessToken).not.toBe(subjectToken)
  })

  it('asks one session for the tokens of two resources (RFC 8707)', async () => {
    const oauth = client('client_secret_basic')
    const request = await oauth.authorizationRequest({
      scope: LOGIN_SCOPE,
      resource: [RESOURCE, OTHER_RESOURCE],
      prompt: 'consent',
    })
    const callback = await browse(request.url)
    const initialTokens = await oauth.authorizationCode(callback, {
      ...request,
      resource: RESOURCE,
    })
    const tokens = managed({ refresh: oauth.refreshToken({ resource: RESOURCE }), initialTokens })
    const other = tokens.for({ resource: OTHER_RESOURCE })
    const before = server.ledger.of('refresh_token').length

    const [own, others] = await Promise.all([
      tokens.refresh(),
      Promise.all(Array.from({ length: 20 }, () => other.getAccessToken())),
    ])

    expect(claimsOf(own)).toMatchObject({ aud: RESOURCE })
    expect(new Set(others).size).toBe(1)
    expect(claimsOf(others[0]!)).toMatchObject({ aud: OTHER_RESOURCE })
    expect(await tokens.getAccessToken()).toBe(own)
    expect(server.ledger.of('refresh_token')).toHaveLength(before + 2)
    expect(server.ledger.reuse).toBe(0)
  })

  it('is told that the user refused', async () => {
    const oauth = client('client_secret_basic')
    const request = await oauth.authorizationRequest({ prompt: 'none', scope: 'openid' })
    const callback = await browse(request.url)
    const error = await oauth
      .authorizationCode(callback, request)
      .catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(LoginError)
    expect(error).toMatchObject({ reason: 'failed', error: 'login_required' })
  })

  it('does not take an answer to another login, nor one twice', async () => {
    const oauth = client('client_secret_basic')
    const request = await authorizationRequest(oauth)
    const other = await authorizationRequest(oauth)
    const callback = await browse(request.url)
    await expect(oauth.authorizationCode(callback, other)).rejects.toMatchObject({
      reason: 'state',
    })
    const login = await oauth.authorizationCode(callback, request)
    await expect(oauth.authorizationCode(callback, request)).rejects.toMatchObject({
      reason: 'state',
    })
    expect(await server.knows(login.refreshToken!)).toBe(true)
  })

  it('is told that a code was sent before, by another process', async () => {
    const request = await authorizationRequest(client('client_secret_basic'))
    const callback = await browse(request.url)
    await client('client_secret_basic').authorizationCode(callback, request)
    const again = client('client_secret_basic').authorizationCode(callback, request)
    await expect(again).rejects.toMatchObject({ reason: 'failed', error: 'invalid_grant' })
  })

  it('ends the session at the server by a page of its own', async () => {
    const oauth = client('client_secret_basic')
    const user = server.userAgent('alice')
    const request = await authorizationRequest(oauth)
    const callback = await user.browseBackTo(REDIRECT_URI, new URL(request.url))
    const { idToken } = await oauth.authorizationCode(callback, request)
    const url = await oauth.endSessionUrl({
      idToken,
      postLogoutRedirectUri: POST_LOGOUT_REDIRECT_URI,
      state: 'bye',
    })
    const back = await user.browseBackTo(POST_LOGOUT_REDIRECT_URI, new URL(url))
    expect(back.searchParams.get('state')).toBe('bye')
  })

  it('says what a server refuses of a device login', async () => {
    const oauth = oauthClient({ ...server.client, clientSecret: 'wrong' })
    await expect(oauth.deviceAuthorization()).rejects.toBeInstanceOf(RefreshRejectedError)
  })
})

function client(method: ClientAuthentication): OAuthClient {
  const { issuer } = server
  return oauthClient({ issuer, ...server.clients[method], redirectUri: REDIRECT_URI })
}

function authorizationRequest(oauth: OAuthClient) {
  // OpenID Connect Core §11: without a consent there is no offline_access.
  return oauth.authorizationRequest({ scope: LOGIN_SCOPE, resource: RESOURCE, prompt: 'consent' })
}

function browse(url: string): Promise<URL> {
  return server.userAgent('alice').browseBackTo(REDIRECT_URI, new URL(url))
}

async function logIn(oauth: OAuthClient): Promise<TokenSet> {
  const request = await authorizationRequest(oauth)
  const stored = JSON.parse(JSON.stringify(request)) as typeof request
  return oauth.authorizationCode(await browse(request.url), stored)
}

function managed(options: ConstructorParameters<typeof TokenManager>[0]): TokenManager {
  const tokens = new TokenManager(options)
  onTestFinished(() => tokens.close())
  return tokens
}

const context = () => ({ signal: new AbortController().signal })

function claimsOf(jwt: string): Record<string, unknown> {
  const [, payload = ''] = jwt.split('.')
  return JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>
}
