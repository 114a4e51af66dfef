import * as openid from 'openid-client'
import { LoginError, TokenOptionsError } from 'tokenward'
import { oauthClient } from 'tokenward/oauth'
import {
  createAuthorizationServer,
  type AuthorizationServer,
  type AuthorizationServerOptions,
} from 'tokenward/testing'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { claimsOf, postToken, refusal } from './requests.js'

const REDIRECT_URI = 'https://app.example.com/callback'

/** RFC 7636, appendix B. */
const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
const CHALLENGE = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'

const REQUEST = {
  client_id: 'web',
  redirect_uri: REDIRECT_URI,
  response_type: 'code',
  state: 'a state',
  code_challenge: CHALLENGE,
  code_challenge_method: 'S256',
}

afterEach(() => {
  vi.useRealTimers()
})

function publicServer(options: AuthorizationServerOptions = {}) {
  return createAuthorizationServer({ clientId: 'web', ...options })
}

/** What a browser gets that opens the URL. */
function open(server: AuthorizationServer, parameters: Record<string, string>) {
  const query = new URLSearchParams(parameters)
  return server.fetch(`${server.metadata.authorization_endpoint}?${query}`)
}

/** Where the browser is sent. */
async function callbackOf(answer: Promise<Response>): Promise<URL> {
  const { status, headers } = await answer
  expect(status).toBe(302)
  return new URL(headers.get('location')!)
}

async function codeOf(server: AuthorizationServer, parameters: Record<string, string> = REQUEST) {
  return (await callbackOf(open(server, parameters))).searchParams.get('code')!
}

function redeem(server: AuthorizationServer, code: string, fields: Record<string, string> = {}) {
  return postToken(server, {
    grant_type: 'authorization_code',
    code,
    redirect_uri: REDIRECT_URI,
    client_id: 'web',
    code_verifier: VERIFIER,
    ...fields,
  })
}

describe('a login by authorization code', () => {
  it('is whole without a browser: request, consent, code, tokens, refresh', async () => {
    const server = publicServer({ redirectUris: [REDIRECT_URI] })
    server.consent({ sub: 'alice' })
    const { issuer, fetch } = server
    const oauth = oauthClient({ issuer, clientId: 'web', redirectUri: REDIRECT_URI, fetch })

    const request = await oauth.authorizationRequest({ scope: 'openid read' })
    const callback = await callbackOf(server.fetch(request.url))
    const tokens = await oauth.authorizationCode(callback, request)

    expect(server.introspect(tokens.accessToken)).toMatchObject({ sub: 'alice', active: true })
    expect(tokens.scope).toBe('openid read')
    expect(claimsOf(tokens.idToken!)).toMatchObject({ iss: issuer, aud: 'web', sub: 'alice' })
    expect(server.stats).toMatchObject({ logins: 1, authorizationRequests: 1, issued: 1 })
    const { refreshToken = '' } = tokens
    const { signal } = new AbortController()
    await oauth.refreshToken()({ refreshToken, tokens, signal })
    expect(server.stats.refreshes).toBe(1)
  })

  it('satisfies openid-client, which verifies the ID token by the published key', async () => {
    const server = createAuthorizationServer({
      clientId: 'web',
      clientSecret: 'a secret',
      requirePushedRequests: true,
    })
    const config = await openid.discovery(
      new URL(server.issuer),
      'web',
      'a secret',
      openid.ClientSecretBasic('a secret'),
      { [openid.customFetch]: (url, init) => server.fetch(url, init as RequestInit) },
    )
    openid.enableNonRepudiationChecks(config)
    const url = await openid.buildAuthorizationUrlWithPAR(config, {
      redirect_uri: REDIRECT_URI,
      scope: 'openid',
      state: 'a state',
      nonce: 'a nonce',
      code_challenge: CHALLENGE,
      code_challenge_method: 'S256',
    })
    expect(url.searchParams.get('request_uri')).toMatch(/^urn:ietf:params:oauth:request_uri:/)

    const tokens = await openid.authorizationCodeGrant(
      config,
      await callbackOf(server.fetch(url)),
      {
        expectedState: 'a state',
        expectedNonce: 'a nonce',
        pkceCodeVerifier: VERIFIER,
      },
    )

    expect(tokens.claims()).toMatchObject({ sub: 'user', nonce: 'a nonce' })
    expect(server.stats.pushedRequests).toBe(1)
    const again = await server.fetch(url)
    expect(again.status, 'a pushed request that is used again').toBe(400)
  })

  it('that the user denies says so, and the script goes on', async () => {
    const server = publicServer()
    server.consent({ deny: 'access_denied', description: 'Not today' }, { scope: 'read' })
    const { issuer, fetch } = server
    const oauth = oauthClient({ issuer, clientId: 'web', redirectUri: REDIRECT_URI, fetch })

    const request = await oauth.authorizationRequest({ scope: 'read write' })
    const denied = oauth.authorizationCode(await callbackOf(server.fetch(request.url)), request)
    await expect(denied).rejects.toThrow(LoginError)

    const second = await oauth.authorizationRequest({ scope: 'read write' })
    const callback = await callbackOf(server.fetch(second.url))
    expect((await oauth.authorizationCode(callback, second)).scope).toBe('read')
  })

  it('can be lost on the way like any other request', async () => {
    const server = publicServer()
    server.next({ at: 'authorization', status: 503 })
    expect((await open(server, REQUEST)).status).toBe(503)
    expect((await open(server, REQUEST)).status).toBe(302)
  })

  it('answers by a form where that is asked for', async () => {
    const answer = await open(publicServer(), {
      ...REQUEST,
      response_mode: 'form_post',
      state: '"><script>',
    })
    expect(answer.status).toBe(200)
    const page = await answer.text()
    expect(page).toContain(`action="${REDIRECT_URI}"`)
    expect(page).toMatch(/name="code" value="code_\w+"/)
    expect(page).not.toContain('<script>')
  })
})

describe('an authorization request that is wrong', () => {
  it.each([
    ['an unknown client', { client_id: 'other' }],
    ['a redirect URI that is not registered', { redirect_uri: 'https://evil.example.com/' }],
    ['another path of the app', { redirect_uri: `${REDIRECT_URI}/more` }],
  ])('is not sent back to %s', async (_, parameters) => {
    const server = publicServer({ redirectUris: [REDIRECT_URI] })
    const answer = await open(server, { ...REQUEST, ...parameters })
    expect(answer.status).toBe(400)
    expect(answer.headers.get('location')).toBeNull()
  })

  it.each([
    ['unsupported_response_type', { response_type: 'token' }],
    ['invalid_request', { code_challenge_method: 'plain' }],
    ['invalid_request', { response_mode: 'fragment' }],
  ])('is answered %s for %o', async (error, parameters) => {
    const callback = await callbackOf(open(publicServer(), { ...REQUEST, ...parameters }))
    expect(callback.searchParams.get('error')).toBe(error)
    expect(callback.searchParams.get('state')).toBe('a state')
  })

  it('without PKCE is refused a public client, and let through for one with a secret', async () => {
    const { client_id, redirect_uri, response_type } = REQUEST
    const plain = { client_id, redirect_uri, response_type }
    const refused = await callbackOf(open(publicServer(), plain))
    expect(refused.searchParams.get('error')).toBe('invalid_request')
    const server = publicServer({ clientSecret: 'a secret' })
    expect(await codeOf(server, plain)).toMatch(/^code_/)
  })

  it('that was not pushed is refused where that is required', async () => {
    const server = publicServer({ requirePushedRequests: true })
    expect((await open(server, REQUEST)).status).toBe(400)
  })

  it('takes any port of a loopback address', async () => {
    const server = publicServer({ redirectUris: ['http://127.0.0.1/callback'] })
    const at = (redirect_uri: string) => open(server, { ...REQUEST, redirect_uri })
    expect((await at('http://127.0.0.1:49152/callback')).status).toBe(302)
    expect((await at('http://127.0.0.1:49152/other')).status).toBe(400)
  })

  it.each([[{ deny: '' }], [{ scpoe: 'read' }], [7]])('is no decision: %o', (consent) => {
    expect(() => publicServer().consent(consent as object)).toThrow(TokenOptionsError)
  })
})

describe('an authorization code', () => {
  it('that comes again ends the session it brought', async () => {
    const server = publicServer()
    const code = await codeOf(server)
    const { access_token } = (await (await redeem(server, code)).json()) as { access_token: string }
    expect(server.isValid(access_token)).toBe(true)
    expect(await refusal(redeem(server, code))).toEqual({ status: 400, error: 'invalid_grant' })
    expect(server.isValid(access_token)).toBe(false)
  })

  it('is good for a minute', async () => {
    vi.useFakeTimers()
    const server = publicServer()
    const code = await codeOf(server)
    vi.advanceTimersByTime(60_000)
    expect(await refusal(redeem(server, code))).toMatchObject({ error: 'invalid_grant' })
  })

  it.each([
    ['another verifier', { code_verifier: 'x'.repeat(43) }],
    ['another redirect URI', { redirect_uri: 'https://app.example.com/' }],
    ['an unknown code', { code: 'code_unknown' }],
  ])('is refused with %s', async (_, fields) => {
    const server = publicServer()
    const code = await codeOf(server)
    expect(await refusal(redeem(server, code, fields))).toMatchObject({ error: 'invalid_grant' })
  })

  it('is refused with a verifier that no challenge asked for', async () => {
    const server = publicServer({ clientSecret: 'a secret' })
    const { client_id, redirect_uri, response_type } = REQUEST
    const code = await codeOf(server, { client_id, redirect_uri, response_type })
    const answer = redeem(server, code, { client_secret: 'a secret' })
    expect(await refusal(answer)).toMatchObject({ error: 'invalid_grant' })
  })
})
