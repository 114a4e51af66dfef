import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { LoginRequiredError, RefreshRejectedError, RefreshUnavailableError } from 'tokenward'
import { oauthClient } from 'tokenward/oauth'
import {
  acquireContext,
  failureOf,
  json,
  ODD_SECRET,
  refreshContext,
  serve,
  stubFetch,
  TOKEN_ENDPOINT,
  TOKENS,
  unusedOrigin,
} from './support.js'

const failureWith = (answer: () => Response | Promise<Response>) => {
  const { fetch } = stubFetch(answer)
  const oauth = oauthClient({ tokenEndpoint: TOKEN_ENDPOINT, clientId: 'app', fetch })
  return failureOf(oauth.refreshToken()(refreshContext()))
}
const oauthError = (error: string, init: ResponseInit = { status: 400 }) =>
  failureWith(() => json({ error, error_description: 'because' }, init))

describe('invalid_grant', () => {
  it.each([
    { status: 400 },
    { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } },
    { status: 200 },
  ])('asks for a login: %j', async (init) => {
    const error = await oauthError('invalid_grant', init)
    expect(error).toBeInstanceOf(LoginRequiredError)
    expect(error).toMatchObject({ reason: 'invalid-grant' })
  })

  it('asks for nobody’s login where a client has no session', async () => {
    const { fetch } = stubFetch(() => json({ error: 'invalid_grant' }, { status: 400 }))
    const oauth = oauthClient({ tokenEndpoint: TOKEN_ENDPOINT, clientId: 'app', fetch })
    const error = await failureOf(oauth.clientCredentials()(acquireContext()))
    expect(error).toBeInstanceOf(RefreshRejectedError)
    expect(error).toMatchObject({ error: 'invalid_grant', status: 400 })
  })
})

describe('another OAuth error', () => {
  it.each(['invalid_client', 'invalid_request', 'invalid_scope', 'unsupported_grant_type'])(
    'is a rejection that tells what the server said: %s',
    async (error) => {
      const init = { status: 401, headers: { 'www-authenticate': 'Basic' } }
      expect(await oauthError(error, init)).toMatchObject({
        code: 'ERR_REFRESH_REJECTED',
        error,
        errorDescription: 'because',
        status: 401,
      })
    },
  )

  it('is a rejection where the status says success', async () => {
    const error = await oauthError('incorrect_client_credentials', { status: 200 })
    expect(error).toMatchObject({
      code: 'ERR_REFRESH_REJECTED',
      error: 'incorrect_client_credentials',
    })
  })

  it('is an end where it means nothing else, whatever the status says (GitHub)', async () => {
    const error = await oauthError('bad_refresh_token', { status: 200 })
    expect(error).toMatchObject({
      code: 'ERR_LOGIN_REQUIRED',
      reason: 'invalid-grant',
      providerError: 'bad_refresh_token',
    })
  })

  it.each([
    ['an empty 400 (glewlwyd)', () => new Response(null, { status: 400 }), 400],
    [
      'a 401 with a page (spring-security#12309)',
      () => new Response('<html>', { status: 401, headers: { 'content-type': 'text/html' } }),
      401,
    ],
    ['an error that has no word', () => json({ error: { nested: {} } }, { status: 403 }), 403],
    ['a 404', () => new Response('no', { status: 404 }), 404],
  ])('is a rejection without a code: %s', async (_, answer, status) => {
    const error = await failureWith(answer)
    expect(error).toBeInstanceOf(RefreshRejectedError)
    expect(error).toMatchObject({ status, error: undefined, errorDescription: undefined })
  })
})

describe('a server in trouble', () => {
  it.each([408, 429, 500, 502, 503, 504])('is unavailable for now: %s', async (status) => {
    const error = await failureWith(
      () => new Response('<html>', { status, headers: { 'retry-after': '7' } }),
    )
    expect(error).toBeInstanceOf(RefreshUnavailableError)
    expect(error).toMatchObject({ status, outcome: 'failed', retryAfterMs: 7_000 })
  })

  it('may name a date to retry after, by its own clock', async () => {
    const headers = {
      date: 'Sun, 06 Nov 1994 08:49:37 GMT',
      'retry-after': 'Sun, 06 Nov 1994 08:50:37 GMT',
    }
    const error = await failureWith(() => new Response(null, { status: 503, headers }))
    expect(error).toMatchObject({ retryAfterMs: 60_000 })
  })

  it('is unavailable where it says so with a 400', async () => {
    expect(await oauthError('temporarily_unavailable')).toMatchObject({
      code: 'ERR_REFRESH_UNAVAILABLE',
      outcome: 'failed',
      status: 400,
    })
  })

  it('does not end the session by a body that says invalid_grant', async () => {
    expect(await oauthError('invalid_grant', { status: 503 })).toMatchObject({ outcome: 'failed' })
  })
})

describe('a redirect of the token request (Gitlawb/zero#729)', () => {
  it.each([301, 302, 303, 307, 308])('is refused, not followed: %s', async (status) => {
    let stolen = 0
    const thief = await serve((_, response) => {
      stolen++
      response.end('{"access_token":"evil"}')
    })
    const url = await serve((request, response) => {
      request.resume()
      response.writeHead(status, { location: `${thief}/token?hush=1` }).end()
    })
    const oauth = oauthClient({ tokenEndpoint: url, clientId: 'app', clientSecret: 's3cret' })
    const error = await failureOf(oauth.refreshToken()(refreshContext()))
    expect(error).toBeInstanceOf(RefreshRejectedError)
    expect(error).toMatchObject({ status })
    expect(error.message).toContain(`redirect to ${thief}, which is not followed`)
    expect(error.message).not.toContain('hush')
    expect(stolen).toBe(0)
  })

  it('is refused where fetch hides it, and where it says not whereto', async () => {
    const hidden = Object.assign(new Response(null), {})
    Object.defineProperties(hidden, { type: { value: 'opaqueredirect' }, status: { value: 0 } })
    const opaque = await failureWith(() => hidden)
    expect(opaque).toMatchObject({ code: 'ERR_REFRESH_REJECTED' })
    expect(opaque.message).toContain('with a redirect, which')
    const bare = await failureWith(() => new Response(null, { status: 302 }))
    expect(bare.message).toContain('with a redirect, which')
  })
})

describe('a token request without an answer', () => {
  it('was not sent where nobody listens', async () => {
    const oauth = oauthClient({ tokenEndpoint: await unusedOrigin(), clientId: 'app' })
    const error = await failureOf(oauth.refreshToken()(refreshContext()))
    expect(error).toBeInstanceOf(RefreshUnavailableError)
    expect(error.outcome).toBe('not-sent')
  })

  it('may have been done where the connection is cut', async () => {
    const url = await serve((request) => request.socket.destroy())
    const oauth = oauthClient({ tokenEndpoint: url, clientId: 'app' })
    const error = await failureOf(oauth.refreshToken()(refreshContext()))
    expect(error).toMatchObject({ code: 'ERR_REFRESH_UNAVAILABLE', outcome: 'unknown' })
  })

  it('may have been done where the body is cut', async () => {
    const url = await serve((_, response) => {
      response.writeHead(200, { 'content-length': '100' })
      response.write('{"access_token":', () => response.socket!.destroy())
    })
    const oauth = oauthClient({ tokenEndpoint: url, clientId: 'app' })
    const error = await failureOf(oauth.refreshToken()(refreshContext()))
    expect(error).toMatchObject({ code: 'ERR_REFRESH_UNAVAILABLE', outcome: 'unknown' })
  })

  it('was not done where the body is cut of an answer that says so', async () => {
    const cut = () => new ReadableStream({ start: (stream) => stream.error(new Error('cut')) })
    const error = await failureWith(() => new Response(cut(), { status: 503 }))
    expect(error).toMatchObject({ outcome: 'failed', status: 503 })
  })

  it('may have been done where it is aborted on its way', async () => {
    const controller = new AbortController()
    const url = await serve(() => controller.abort(new Error('too late')))
    const oauth = oauthClient({ tokenEndpoint: url, clientId: 'app' })
    const error = await failureOf(oauth.refreshToken()(refreshContext(controller.signal)))
    expect(error).toMatchObject({ code: 'ERR_REFRESH_UNAVAILABLE', outcome: 'unknown' })
  })

  it('was not sent where it is aborted before, at whichever moment', async () => {
    const outcomes = new Set<string>()
    for (let turns = 0; turns < 30; turns++) {
      const controller = new AbortController()
      const { fetch, sent } = stubFetch(() => json(TOKENS))
      const oauth = oauthClient({ tokenEndpoint: TOKEN_ENDPOINT, clientId: 'app', fetch })
      const call = oauth.refreshToken()(refreshContext(controller.signal))
      const outcome = call.then(
        () => 'tokens',
        (error: unknown) => (error as RefreshUnavailableError).outcome,
      )
      for (let turn = 0; turn < turns; turn++) await Promise.resolve()
      const isSent = sent.length > 0
      controller.abort()
      expect(await outcome).toBe(isSent ? 'tokens' : 'not-sent')
      outcomes.add(await outcome)
    }
    expect(outcomes.size).toBe(2)
  })

  it('is told of in the words of a fetch of yours that throws ours', async () => {
    const mine = new LoginRequiredError()
    expect(await failureWith(() => Promise.reject(mine))).toBe(mine)
  })
})

describe('secrets', () => {
  const secrets = [ODD_SECRET, 'rt:odd é', 'p%3Aa%2Fs%2Bs', encodeURIComponent(ODD_SECRET)]
  const shownBy = (value: unknown) =>
    [inspect(value, { depth: 20, showHidden: true }), JSON.stringify(value), String(value)].join()
  const clientWith = (fetch: () => Promise<Response>) =>
    oauthClient({ tokenEndpoint: TOKEN_ENDPOINT, clientId: 'app', clientSecret: ODD_SECRET, fetch })

  it('are not shown by a client', () => {
    const oauth = clientWith(() => Promise.reject(new Error()))
    const shown = shownBy(oauth)
    for (const secret of secrets) expect(shown).not.toContain(secret)
    expect(inspect(oauth)).toBe(
      'OAuthClient { server: https://auth.test, clientId: app, clientAuth: by the metadata }',
    )
    const byIssuer = oauthClient({ issuer: 'https://auth.test/tenant', clientId: 'app' })
    expect(inspect(byIssuer)).toContain(
      'server: https://auth.test, clientId: app, clientAuth: by the metadata',
    )
  })

  it.each<[string, () => Promise<Response>]>([
    [
      'a server that quotes them',
      async () =>
        json(
          { error: `x ${ODD_SECRET}`, error_description: `no rt:odd é, no ${ODD_SECRET}` },
          { status: 400 },
        ),
    ],
    [
      'a server that quotes them as names',
      async () =>
        json({ error: 'x', 'rt:odd é': 'is unknown', in: { [ODD_SECRET]: [] } }, { status: 400 }),
    ],
    [
      'a fetch that quotes them',
      () =>
        Promise.reject(
          Object.assign(
            new Error(`POST p%3Aa%2Fs%2Bs+%25%C3%A9 rt:odd é`, {
              cause: new Error(`also ${ODD_SECRET}`),
            }),
            { config: { body: ODD_SECRET } },
          ),
        ),
    ],
    [
      'a body that quotes them and breaks',
      async () =>
        new Response(
          new ReadableStream({
            start: (stream) => stream.error(new Error(`rt:odd é ${ODD_SECRET}`)),
          }),
        ),
    ],
  ])('are not in the error of %s', async (_, answer) => {
    const call = clientWith(answer).refreshToken()(refreshContext(undefined, 'rt:odd é'))
    const error = await failureOf(call)
    const shown = shownBy(error) + String(error.stack) + String(error.errorDescription)
    for (const secret of secrets) expect(shown).not.toContain(secret)
    expect(shown).toContain('[redacted]')
  })
})
