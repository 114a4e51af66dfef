import { describe, expect, it, vi } from 'vitest'
import { InvalidTokenResponseError, LoginError, RefreshRejectedError, RefreshUnavailableError, TokenOptionsError } from 'tokenward' // prettier-ignore
import { oauthClient, type AuthorizationRequestOptions, type OAuthClient } from 'tokenward/oauth'
import { failureOf, FULL_METADATA, ISSUER, json, REDIRECT_URI, shownBy, stubFetch, TOKEN_ENDPOINT, TOKENS } from '../support.js' // prettier-ignore

type Answer = () => Response | Promise<Response>

function clientAnswering(answer: Answer = () => json(TOKENS), metadata: object = {}) {
  const { fetch, sent, form } = stubFetch(answer)
  const oauth = oauthClient({
    metadata: { ...FULL_METADATA, ...metadata },
    clientId: 'app',
    redirectUri: REDIRECT_URI,
    fetch,
  })
  return { oauth, sent, form }
}

async function begun(oauth: OAuthClient, options?: AuthorizationRequestOptions) {
  const request = await oauth.authorizationRequest(options)
  const callback = (parameters: Record<string, string> = {}) =>
    `${REDIRECT_URI}?${new URLSearchParams({ code: 'the code', state: request.state, ...parameters })}`
  return { request, callback }
}

describe('an authorization request', () => {
  it('is a URL with PKCE and state, and plain JSON', async () => {
    const { oauth, sent } = clientAnswering()
    const request = await oauth.authorizationRequest({ scope: 'read' })
    const url = new URL(request.url)
    const hash = await crypto.subtle.digest(
      'SHA-256',
      new TextEncoder().encode(request.codeVerifier),
    )
    expect(Object.fromEntries(url.searchParams)).toEqual({
      tenant: '1',
      response_type: 'code',
      client_id: 'app',
      redirect_uri: REDIRECT_URI,
      state: request.state,
      code_challenge: Buffer.from(hash).toString('base64url'),
      code_challenge_method: 'S256',
      scope: 'read',
    })
    expect(JSON.parse(JSON.stringify(request))).toEqual({
      url: request.url,
      redirectUri: REDIRECT_URI,
      state: request.state,
      codeVerifier: request.codeVerifier,
      issuer: ISSUER,
    })
    expect(request.codeVerifier).toMatch(/^[\w-]{43}$/)
    expect(sent).toEqual([])
  })

  it('is another each time, and not shown by inspect', async () => {
    const { oauth } = clientAnswering()
    const first = await oauth.authorizationRequest()
    const second = await oauth.authorizationRequest()
    expect(first.state).not.toBe(second.state)
    expect(first.codeVerifier).not.toBe(second.codeVerifier)
    const { inspect } = await import('node:util')
    expect(inspect(first)).toBe('AuthorizationRequest { at: https://auth.test/authorize }')
  })

  it('asks for all that it is told to', async () => {
    const { oauth } = clientAnswering()
    const request = await oauth.authorizationRequest({
      redirectUri: 'com.example.app:/callback',
      scope: 'openid read',
      resource: ['https://a.test/', 'https://b.test/'],
      audience: 'api',
      prompt: 'login consent',
      loginHint: 'alice',
      maxAgeSeconds: 0,
      acrValues: ['gold', 'silver'],
      parameters: { ui_locales: 'de', extra: ['1', '2'] },
    })
    const { searchParams } = new URL(request.url)
    expect(searchParams.getAll('resource')).toEqual(['https://a.test/', 'https://b.test/'])
    expect(searchParams.getAll('extra')).toEqual(['1', '2'])
    expect(Object.fromEntries(searchParams)).toMatchObject({
      redirect_uri: 'com.example.app:/callback',
      audience: 'api',
      prompt: 'login consent',
      login_hint: 'alice',
      max_age: '0',
      acr_values: 'gold silver',
      ui_locales: 'de',
      nonce: request.nonce,
    })
    expect(request).toMatchObject({ nonce: expect.any(String), maxAgeSeconds: 0 })
    expect(request.resource).toBeUndefined()
    const one = await oauth.authorizationRequest({ resource: 'urn:one', acrValues: [] })
    expect(one.resource).toBe('urn:one')
    expect(one.url).not.toContain('acr_values')
  })

  it('has no parameter twice, whatever the endpoint has in its URL', async () => {
    const authorization_endpoint =
      'https://auth.test/authorize?tenant=1&redirect_uri=https%3A%2F%2Fevil.test&state=theirs&code_challenge_method=plain'
    const { oauth } = clientAnswering(undefined, { authorization_endpoint })
    const request = await oauth.authorizationRequest()
    const { searchParams } = new URL(request.url)
    expect(searchParams.get('tenant')).toBe('1')
    expect(searchParams.getAll('redirect_uri')).toEqual([REDIRECT_URI])
    expect(searchParams.getAll('state')).toEqual([request.state])
    expect(searchParams.getAll('code_challenge_method')).toEqual(['S256'])
  })

  it.each<[object, RegExp]>([
    [{ redirectUri: 'http://app.test/callback' }, /`redirectUri` must be .* not plain HTTP/],
    [{ redirectUri: 'callback' }, /`redirectUri` must be .* cannot be parsed/],
    [{ redirectUri: 7 }, /`redirectUri` must be .* not number/],
    [{ redirectUri: 'https://app.test/#a' }, /`redirectUri` must be .* fragment/],
    [{ redirectUri: 'com.example:/#a' }, /`redirectUri` must be .* fragment/],
    [{ redirectUri: 'javascript:alert(1)' }, /`redirectUri` must be .* not javascript:/],
    [{ redirectUri: 'vbscript:x' }, /`redirectUri` must be .* not vbscript:/],
    [{ redirectUri: 'view-source:https://x' }, /`redirectUri` must be .* not view-source:/],
    [{ maxAgeSeconds: -1 }, /`maxAgeSeconds` must be a whole number of seconds, 0 or more, got -1/],
    [{ maxAgeSeconds: '1' }, /`maxAgeSeconds` must be .* got another string/],
    [{ acrValues: 'gold' }, /`acrValues` must be an array of values without spaces/],
    [{ acrValues: [''] }, /`acrValues` must be .* got an array/],
    [{ acrValues: ['a b'] }, /`acrValues` must be an array of values without spaces/],
    [{ prompt: '' }, /`prompt`/],
    [{ loginHint: 1 }, /`loginHint`/],
    [{ parameters: { state: 'mine' } }, /`parameters` must not set `state`/],
    [{ parameters: 'x' }, /`parameters` must be an object/],
    [{ foo: 1 }, /unknown option `foo`/],
  ])('wants good options: %j', async (options, message) => {
    const error = await failureOf(clientAnswering().oauth.authorizationRequest(options))
    expect(error).toBeInstanceOf(TokenOptionsError)
    expect(error.message).toMatch(message)
  })

  it('wants a redirect URI, here or of the client', async () => {
    const oauth = oauthClient({ metadata: FULL_METADATA, clientId: 'app' })
    const error = await failureOf(oauth.authorizationRequest())
    expect(error.message).toMatch(/`redirectUri` must be given, here or to the client/)
    const make = () =>
      oauthClient({ metadata: FULL_METADATA, clientId: 'app', redirectUri: 'http://app.test/' })
    expect(make).toThrow(/`redirectUri` must be .* not plain HTTP/)
    const loopback = { redirectUri: 'http://127.0.0.1:8080/callback' }
    await expect(oauth.authorizationRequest(loopback)).resolves.toMatchObject(loopback)
  })

  it.each([undefined, '', 7, 'http://auth.test/authorize', 'javascript:alert(1)'])(
    'wants a good endpoint of the server, not %j',
    async (authorization_endpoint) => {
      const { oauth } = clientAnswering(undefined, { authorization_endpoint })
      const error = await failureOf(oauth.authorizationRequest())
      expect(error).toBeInstanceOf(RefreshRejectedError)
    },
  )
})

describe('the answer to an authorization request', () => {
  it('becomes tokens', async () => {
    const { oauth, sent, form } = clientAnswering(() => json({ ...TOKENS, refresh_token: 'RT1' }))
    const { request, callback } = await begun(oauth, { resource: 'urn:api' })
    const stored = JSON.parse(JSON.stringify(request)) as typeof request
    const tokens = await oauth.authorizationCode(callback({ iss: ISSUER }), stored)
    expect(tokens).toMatchObject({ accessToken: 'AT1', refreshToken: 'RT1' })
    expect(sent).toHaveLength(1)
    expect(sent[0]!.url).toBe(TOKEN_ENDPOINT)
    expect(Object.fromEntries(form())).toEqual({
      grant_type: 'authorization_code',
      code: 'the code',
      redirect_uri: REDIRECT_URI,
      code_verifier: request.codeVerifier,
      resource: 'urn:api',
      client_id: 'app',
    })
  })

  it.each<[string, (url: string) => string | URL | URLSearchParams]>([
    ['a URL', (url) => new URL(url)],
    ['its parameters', (url) => new URL(url).searchParams],
    ["Node's request.url", (url) => url.slice('https://app.test'.length)],
    ['its query', (url) => new URL(url).search],
    ['a form', (url) => new URL(url).search.slice(1)],
    ['one with a fragment', (url) => `${url.slice('https://app.test'.length)}#_=_`],
  ])('may be %s', async (_, form) => {
    const { oauth } = clientAnswering()
    const { request, callback } = await begun(oauth)
    const tokens = await oauth.authorizationCode(form(callback()), request)
    expect(tokens.accessToken).toBe('AT1')
  })

  it.each<[string, object, Record<string, string>, object]>([
    ['has another state', {}, { state: 'another' }, { reason: 'state' }],
    [
      'is an error with another state',
      {},
      { state: 'x', error: 'access_denied' },
      { reason: 'state' },
    ],
    ['comes from another server', {}, { iss: 'https://evil.test' }, { reason: 'issuer' }],
    ['comes from nowhere', {}, { iss: '' }, { reason: 'issuer' }],
    [
      'does not say whence, though advertised',
      { authorization_response_iss_parameter_supported: true },
      {},
      { reason: 'issuer' },
    ],
    [
      'is an error that does not say whence',
      { authorization_response_iss_parameter_supported: true },
      { error: 'access_denied' },
      { reason: 'issuer' },
    ],
    [
      'is the user’s no',
      {},
      { error: 'access_denied', error_description: 'not now' },
      { reason: 'denied', error: 'access_denied', errorDescription: 'not now' },
    ],
    [
      'is another error',
      {},
      { error: 'login_required' },
      { reason: 'failed', error: 'login_required', errorDescription: undefined },
    ],
    ['is an implicit one', {}, { id_token: 'x' }, { reason: 'failed', error: undefined }],
    ['is JARM', {}, { response: 'x' }, { reason: 'failed' }],
    ['has no code', {}, { code: '' }, { reason: 'failed' }],
  ])('is refused where it %s', async (_, metadata, parameters, expected) => {
    const { oauth, sent } = clientAnswering(undefined, metadata)
    const { request, callback } = await begun(oauth)
    const error = await failureOf(oauth.authorizationCode(callback(parameters), request))
    expect(error).toBeInstanceOf(LoginError)
    expect(error).toMatchObject(expected)
    expect(shownBy(error)).not.toContain('the code')
    expect(shownBy(error)).not.toContain(request.state)
    expect(sent).toEqual([])
  })

  it('is refused without a state, with two of one name, and for a request to another server', async () => {
    const { oauth, sent } = clientAnswering()
    const { request, callback } = await begun(oauth)
    expect(await failureOf(oauth.authorizationCode('/?code=1', request))).toMatchObject({
      reason: 'state',
    })
    for (const twice of [`${callback()}&code=2`, `${callback()}&state=2`]) {
      expect(await failureOf(oauth.authorizationCode(twice, request))).toMatchObject({
        code: 'ERR_LOGIN',
        reason: 'failed',
      })
    }
    const issuers = `${callback()}&iss=a&iss=b`
    expect(await failureOf(oauth.authorizationCode(issuers, request))).toMatchObject({
      reason: 'failed',
    })
    const foreign = { ...request, issuer: 'https://evil.test' }
    expect(await failureOf(oauth.authorizationCode(callback(), foreign))).toMatchObject({
      reason: 'issuer',
    })
    expect(sent).toEqual([])
  })

  it('is taken once', async () => {
    const { oauth, sent } = clientAnswering()
    const { request, callback } = await begun(oauth)
    const both = await Promise.allSettled([
      oauth.authorizationCode(callback(), request),
      oauth.authorizationCode(callback(), request),
    ])
    expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
    expect(both[1]).toMatchObject({ reason: { reason: 'state' } })
    expect(sent).toHaveLength(1)
  })

  it('is refused where nobody can read when the tokens end: another login costs little', async () => {
    const { oauth } = clientAnswering(() => json({ ...TOKENS, expires_in: '1h' }))
    const { request, callback } = await begun(oauth)
    const error = await failureOf(oauth.authorizationCode(callback(), request))
    expect(error).toBeInstanceOf(InvalidTokenResponseError)
    expect(error.message).toContain('`expires_in`')
  })

  it('may be taken again where its code was not sent', async () => {
    const refused = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })
    let calls = 0
    const { oauth } = clientAnswering(() =>
      (calls += 1) === 1 ? Promise.reject(refused) : json(TOKENS),
    )
    const { request, callback } = await begun(oauth)
    expect(await failureOf(oauth.authorizationCode(callback(), request))).toMatchObject({
      code: 'ERR_REFRESH_UNAVAILABLE',
      outcome: 'not-sent',
    })
    await expect(oauth.authorizationCode(callback(), request)).resolves.toMatchObject({
      accessToken: 'AT1',
    })
  })

  it.each([
    [400, 'invalid_grant'],
    [403, 'invalid_code'], // glewlwyd
    [200, 'bad_verification_code'], // GitHub
  ])('is a failed login where the server refuses the code: %i %s', async (status, refusal) => {
    const { oauth } = clientAnswering(() =>
      json({ error: refusal, error_description: 'spent' }, { status }),
    )
    const { request, callback } = await begun(oauth)
    expect(await failureOf(oauth.authorizationCode(callback(), request))).toMatchObject({
      code: 'ERR_LOGIN',
      reason: 'failed',
      error: refusal,
      errorDescription: 'spent',
    })
  })

  it('is another’s trouble where the client is refused or the server is down', async () => {
    const status = [401, 503]
    const { oauth } = clientAnswering(() =>
      json({ error: 'invalid_client' }, { status: status.shift()! }),
    )
    const first = await begun(oauth)
    const rejected = oauth.authorizationCode(first.callback(), first.request)
    expect(await failureOf(rejected)).toBeInstanceOf(RefreshRejectedError)
    const second = await begun(oauth)
    const unavailable = oauth.authorizationCode(second.callback(), second.request)
    expect(await failureOf(unavailable)).toBeInstanceOf(RefreshUnavailableError)
  })

  it('can be given up, before it is sent and after', async () => {
    const { oauth, sent } = clientAnswering(() => new Promise<Response>(() => {}))
    const { request, callback } = await begun(oauth)
    const over = oauth.authorizationCode(callback(), request, { signal: AbortSignal.abort() })
    expect(await failureOf(over)).toMatchObject({ code: 'ERR_LOGIN', reason: 'aborted' })
    const controller = new AbortController()
    const { signal } = controller
    const failed = failureOf(oauth.authorizationCode(callback(), request, { signal }))
    await vi.waitFor(() => expect(sent).toHaveLength(1))
    controller.abort()
    expect(await failed).toMatchObject({ code: 'ERR_LOGIN', reason: 'aborted' })
    expect(sent[0]!.signal!.aborted).toBe(true)
  })

  it('is waited for no longer than 10 s', async () => {
    vi.useFakeTimers()
    const { oauth } = clientAnswering(() => new Promise<Response>(() => {}))
    const { request, callback } = await begun(oauth)
    const failed = failureOf(oauth.authorizationCode(callback(), request))
    await vi.advanceTimersByTimeAsync(10_000)
    expect(await failed).toMatchObject({ code: 'ERR_REFRESH_UNAVAILABLE', outcome: 'unknown' })
    expect(vi.getTimerCount()).toBe(0)
    vi.useRealTimers()
  })

  it.each<[unknown, unknown, object | undefined, RegExp]>([
    [7, undefined, undefined, /`callback` must be a URL or its parameters, got 7/],
    ['/', null, undefined, /`request.redirectUri` must be .* got undefined/],
    [
      '/',
      { redirectUri: REDIRECT_URI, state: '' },
      undefined,
      /`request.state` must be .* empty string/,
    ],
    ['/', undefined, { signal: 7 }, /`signal` must be an AbortSignal, got 7/],
    ['/', undefined, { foo: 7 }, /unknown option `foo`/],
  ])('wants good arguments: %j %j %j', async (callback, given, options, message) => {
    const { oauth } = clientAnswering()
    const { request } = await begun(oauth)
    const login = oauth.authorizationCode(
      callback as string,
      (given === undefined ? request : given) as typeof request,
      options,
    )
    const error = await failureOf(login)
    expect(error).toBeInstanceOf(TokenOptionsError)
    expect(error.message).toMatch(message)
  })

  it('forgets the oldest of ten thousand logins', async () => {
    const { SpentAnswers } = await import('../../../../src/oauth/login/spent-answers.js')
    const spent = new SpentAnswers()
    for (let n = 0; n <= 10_000; n++) spent.take(`state ${n}`)
    expect(() => spent.take('state 0')).not.toThrow()
    expect(() => spent.take('state 10000')).toThrow(LoginError)
  })
})
