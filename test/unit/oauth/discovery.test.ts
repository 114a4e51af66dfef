import { http, HttpResponse } from 'msw'
import { setupServer } from 'msw/node'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { RefreshRejectedError, RefreshUnavailableError } from 'tokenward'
import { oauthClient } from 'tokenward/oauth'
import {
  acquireContext,
  failureOf,
  ISSUER,
  json,
  METADATA,
  OAUTH_DOCUMENT,
  OIDC_DOCUMENT,
  refreshContext,
  stubFetch,
  TOKEN_ENDPOINT,
  TOKENS,
} from './support.js'

const server = setupServer()
const seen: string[] = []
beforeAll(() => {
  server.listen({ onUnhandledRequest: 'error' })
  server.events.on('request:start', ({ request }) => void seen.push(request.url))
})
afterEach(() => {
  server.resetHandlers()
  seen.length = 0
})
afterAll(() => server.close())

const client = () => oauthClient({ issuer: ISSUER, clientId: 'app', clientSecret: 's3cret' })
const tokenEndpoint = http.post(TOKEN_ENDPOINT, () => HttpResponse.json(TOKENS))

describe('a client that knows its issuer', () => {
  it('finds the token endpoint by OpenID Connect at the first request, and once', async () => {
    server.use(
      http.get(OIDC_DOCUMENT, () => HttpResponse.json(METADATA)),
      tokenEndpoint,
    )
    const refresh = client().refreshToken()
    await expect(refresh(refreshContext())).resolves.toMatchObject({ accessToken: 'AT1' })
    await refresh(refreshContext())
    expect(seen).toEqual([OIDC_DOCUMENT, TOKEN_ENDPOINT, TOKEN_ENDPOINT])
  })

  it('falls back to RFC 8414', async () => {
    server.use(
      http.get(OIDC_DOCUMENT, () => new HttpResponse(null, { status: 404 })),
      http.get(OAUTH_DOCUMENT, () => HttpResponse.json(METADATA)),
    )
    await expect(client().discover()).resolves.toEqual(METADATA)
  })

  it('falls back to RFC 8414 where every unknown path is answered with a page', async () => {
    server.use(
      http.get(OIDC_DOCUMENT, () => HttpResponse.html('<html>app</html>')),
      http.get(OAUTH_DOCUMENT, () => HttpResponse.json(METADATA)),
    )
    await expect(client().discover()).resolves.toEqual(METADATA)
  })

  it('puts the path of an issuer where each standard wants it', async () => {
    const { fetch, sent } = stubFetch(() => new Response(null, { status: 404 }))
    const oauth = oauthClient({ issuer: `${ISSUER}/tenant`, clientId: 'app', fetch })
    await failureOf(oauth.discover())
    expect(sent.map(({ url }) => url)).toEqual([
      `${ISSUER}/tenant/.well-known/openid-configuration`,
      `${ISSUER}/.well-known/oauth-authorization-server/tenant`,
      `${ISSUER}/.well-known/openid-configuration/tenant`,
    ])
  })

  it('reads the metadata of an issuer with a path wherever one of them has it', async () => {
    const issuer = `${ISSUER}/tenant`
    for (const name of ['openid-configuration', 'oauth-authorization-server']) {
      const url = `${ISSUER}/.well-known/${name}/tenant`
      const { fetch } = stubFetch(
        (request) =>
        request.url === url ? Response.json({ ...METADATA, issuer }) : new Response(null, { status: 404 }), // prettier-ignore
      )
      const oauth = oauthClient({ issuer, clientId: 'app', fetch })
      await expect(oauth.discover()).resolves.toMatchObject({ issuer })
    }
  })

  it('reads metadata served under another content type', async () => {
    server.use(http.get(OIDC_DOCUMENT, () => HttpResponse.text(JSON.stringify(METADATA))))
    await expect(client().discover()).resolves.toEqual(METADATA)
  })

  it('gives all who ask at once the result of one request', async () => {
    server.use(
      http.get(OIDC_DOCUMENT, () => HttpResponse.json(METADATA)),
      tokenEndpoint,
    )
    const oauth = client()
    const found = await Promise.all([
      oauth.discover(),
      oauth.discover(),
      oauth.refreshToken()(refreshContext()),
      oauth.clientCredentials()(acquireContext()),
    ])
    expect(found[0]).toBe(found[1])
    expect(seen.filter((url) => url === OIDC_DOCUMENT)).toHaveLength(1)
  })

  it('keeps what it found from being changed by others', async () => {
    server.use(http.get(OIDC_DOCUMENT, () => HttpResponse.json(METADATA)))
    expect(Object.isFrozen(await client().discover())).toBe(true)
  })
})

describe('a client that needs no discovery', () => {
  it('asks nothing and tells what it was given', async () => {
    const metadata = { ...METADATA, token_endpoint_auth_methods_supported: ['none'] }
    const oauth = oauthClient({ metadata, clientId: 'app' })
    metadata.token_endpoint = 'http://changed.test/later'
    await expect(oauth.discover()).resolves.toMatchObject(METADATA)
    await expect(
      oauthClient({ tokenEndpoint: TOKEN_ENDPOINT, clientId: 'app' }).discover(),
    ).resolves.toMatchObject({ token_endpoint: TOKEN_ENDPOINT })
    expect(seen).toEqual([])
  })
})

describe('discovery that fails', () => {
  it('is tried again at the next call', async () => {
    server.use(
      http.get(OIDC_DOCUMENT, () => HttpResponse.error(), { once: true }),
      http.get(OIDC_DOCUMENT, () => HttpResponse.json(METADATA)),
    )
    const oauth = client()
    await expect(oauth.discover()).rejects.toBeInstanceOf(RefreshUnavailableError)
    await expect(oauth.discover()).resolves.toEqual(METADATA)
    await oauth.discover()
    expect(seen).toHaveLength(2)
  })

  it.each([408, 429, 500, 503])('is unavailability where the server says %s', async (status) => {
    server.use(
      http.get(
        OIDC_DOCUMENT,
        () => new HttpResponse('no', { status, headers: { 'retry-after': '3' } }),
      ),
    )
    const error = await failureOf(client().refreshToken()(refreshContext()))
    expect(error).toBeInstanceOf(RefreshUnavailableError)
    expect(error).toMatchObject({ outcome: 'not-sent', status, retryAfterMs: 3_000 })
    expect(seen).toEqual([OIDC_DOCUMENT])
  })

  it('was not sent, whatever happened to the connection', async () => {
    const reset = Object.assign(new Error('reset'), { code: 'ECONNRESET' })
    const oauth = oauthClient({
      issuer: ISSUER,
      clientId: 'app',
      fetch: () => Promise.reject(new TypeError('fetch failed', { cause: reset })),
    })
    const error = await failureOf(oauth.refreshToken()(refreshContext()))
    expect(error).toMatchObject({ code: 'ERR_REFRESH_UNAVAILABLE', outcome: 'not-sent' })
    expect((error.cause as Error).cause).toMatchObject({ code: 'ECONNRESET' })
  })

  it('is unavailability where the body is cut short', async () => {
    const body = new ReadableStream({ start: (controller) => controller.error(new Error('cut')) })
    const oauth = oauthClient({
      issuer: ISSUER,
      clientId: 'app',
      fetch: async () => new Response(body),
    })
    await expect(oauth.discover()).rejects.toMatchObject({ outcome: 'not-sent' })
  })

  it('is unavailability behind a captive portal, which answers with a page', async () => {
    server.use(http.get(`${ISSUER}/*`, () => HttpResponse.html('<html>')))
    await expect(client().discover()).rejects.toMatchObject({
      code: 'ERR_REFRESH_UNAVAILABLE',
      outcome: 'not-sent',
    })
  })

  it('is a rejection where there are no metadata', async () => {
    server.use(http.get(`${ISSUER}/*`, () => new HttpResponse('no', { status: 404 })))
    const error = await failureOf(client().discover())
    expect(error).toBeInstanceOf(RefreshRejectedError)
    expect(error.message).toMatch(/HTTP 404 and 404.*check `issuer`/)
  })

  it('is a rejection where it is redirected, which is not followed', async () => {
    const location = 'https://evil.test/metadata'
    server.use(
      http.get(`${ISSUER}/*`, () => new HttpResponse(null, { status: 302, headers: { location } })),
    )
    await expect(client().discover()).rejects.toMatchObject({
      code: 'ERR_REFRESH_REJECTED',
      status: 302,
    })
    expect(seen).toEqual([OIDC_DOCUMENT, OAUTH_DOCUMENT])
  })

  it.each(['https://evil.test', 'not a url', `${ISSUER}/other`])(
    'is a rejection where the metadata are those of another issuer: %s',
    async (issuer) => {
      server.use(http.get(OIDC_DOCUMENT, () => HttpResponse.json({ ...METADATA, issuer })))
      const error = await failureOf(client().refreshToken()(refreshContext()))
      expect(error).toBeInstanceOf(RefreshRejectedError)
      expect(error.message).toContain('another issuer')
      expect(seen).toEqual([OIDC_DOCUMENT])
    },
  )

  it('is a rejection where the metadata have no token endpoint', async () => {
    server.use(http.get(OIDC_DOCUMENT, () => HttpResponse.json({ issuer: ISSUER })))
    const error = await failureOf(client().discover())
    expect(error).toBeInstanceOf(RefreshRejectedError)
    expect(error.message).toContain('has no token_endpoint')
  })

  it.each([[{ token_endpoint: TOKEN_ENDPOINT }], [[]], ['text'], [{ issuer: 7 }]])(
    'does not take %j for metadata',
    async (body) => {
      server.use(http.get(`${ISSUER}/*`, () => HttpResponse.json(body as object)))
      await expect(client().discover()).rejects.toMatchObject({ code: 'ERR_REFRESH_UNAVAILABLE' })
    },
  )

  it('passes on what a fetch of yours throws of ours', async () => {
    const mine = new RefreshRejectedError('the proxy wants a login')
    const oauth = oauthClient({
      issuer: ISSUER,
      clientId: 'app',
      fetch: () => Promise.reject(mine),
    })
    await expect(oauth.discover()).rejects.toBe(mine)
  })
})

describe('discovery that hangs', () => {
  it('ends after 5 s, also where fetch ignores its signal, and the next call asks again', async () => {
    vi.useFakeTimers()
    let asked = 0
    const oauth = oauthClient({
      issuer: ISSUER,
      clientId: 'app',
      fetch: () => (asked++ === 0 ? new Promise(() => {}) : Promise.resolve(json(METADATA))),
    })
    const failed = failureOf(oauth.refreshToken()(refreshContext()))
    await vi.advanceTimersByTimeAsync(4_999)
    expect(vi.getTimerCount()).toBe(1)
    await vi.advanceTimersByTimeAsync(1)
    expect(await failed).toMatchObject({ code: 'ERR_REFRESH_UNAVAILABLE', outcome: 'not-sent' })
    await expect(oauth.discover()).resolves.toEqual(METADATA)
    expect(vi.getTimerCount()).toBe(0)
    vi.useRealTimers()
  })

  it('is aborted after 5 s where fetch heeds its signal', async () => {
    vi.useFakeTimers()
    const signals: (AbortSignal | undefined)[] = []
    const oauth = oauthClient({
      issuer: ISSUER,
      clientId: 'app',
      fetch: (_, { signal }) => {
        signals.push(signal)
        return new Promise((_, reject) => {
          signal!.addEventListener('abort', () => reject(signal!.reason as Error))
        })
      },
    })
    const failed = failureOf(oauth.discover())
    await vi.advanceTimersByTimeAsync(5_000)
    expect(await failed).toMatchObject({ outcome: 'not-sent' })
    expect(signals[0]!.aborted).toBe(true)
    vi.useRealTimers()
  })
})

describe('a caller that aborts during the shared discovery (Azure tokenCycler)', () => {
  const heldClient = () => {
    let release = (_: Response) => {}
    const held = new Promise<Response>((resolve) => (release = resolve))
    const { fetch, sent } = stubFetch(({ url }) => (url === TOKEN_ENDPOINT ? json(TOKENS) : held))
    const oauth = oauthClient({ issuer: ISSUER, clientId: 'app', fetch })
    return { oauth, sent, release: () => release(json(METADATA)) }
  }

  it('ends its own wait at once, and nobody else’s', async () => {
    const { oauth, sent, release } = heldClient()
    const first = new AbortController()
    const gone = failureOf(oauth.refreshToken()(refreshContext(first.signal)))
    const stays = oauth.refreshToken()(refreshContext())
    first.abort(new Error('changed my mind'))
    expect(await gone).toMatchObject({ code: 'ERR_REFRESH_UNAVAILABLE', outcome: 'not-sent' })
    release()
    await expect(stays).resolves.toMatchObject({ accessToken: 'AT1' })
    expect(sent.map(({ url }) => url)).toEqual([OIDC_DOCUMENT, TOKEN_ENDPOINT])
  })

  it('leaves the result for the next, even where it was the only one', async () => {
    const { oauth, sent, release } = heldClient()
    const only = new AbortController()
    const gone = failureOf(oauth.refreshToken()(refreshContext(only.signal)))
    only.abort()
    await gone
    release()
    await oauth.discover()
    expect(sent).toHaveLength(1)
  })

  it('makes no unhandled rejection where nobody is left to hear of a failure', async () => {
    const unhandled = vi.fn()
    process.on('unhandledRejection', unhandled)
    let fail = (_: Error) => {}
    const oauth = oauthClient({
      issuer: ISSUER,
      clientId: 'app',
      fetch: () => new Promise((_, reject) => (fail = reject)),
    })
    const only = new AbortController()
    const gone = failureOf(oauth.refreshToken()(refreshContext(only.signal)))
    only.abort()
    await gone
    fail(new Error('down'))
    await new Promise((resolve) => setTimeout(resolve, 5))
    process.off('unhandledRejection', unhandled)
    expect(unhandled).not.toHaveBeenCalled()
  })

  it('makes no request at all where it had aborted before', async () => {
    const { oauth, sent } = heldClient()
    const error = await failureOf(oauth.refreshToken()(refreshContext(AbortSignal.abort())))
    expect(error).toMatchObject({ outcome: 'not-sent' })
    expect(sent).toHaveLength(0)
  })
})

// Whoever listens at a port of this machine would get the client's secret and the refresh token.
describe('an issuer elsewhere whose metadata lead to plain HTTP on this machine', () => {
  const HERE = 'http://127.0.0.1:9/x'

  it('is refused before anything secret is sent, for the token endpoint', async () => {
    const { fetch, sent } = stubFetch(() => json({ ...METADATA, token_endpoint: HERE }))
    const oauth = oauthClient({ issuer: ISSUER, clientId: 'app', clientSecret: 's3cret', fetch })
    const error = await failureOf(oauth.refreshToken()(refreshContext()))
    expect(error).toMatchObject({ code: 'ERR_REFRESH_REJECTED' })
    expect(sent.map(({ url }) => url)).toEqual([OIDC_DOCUMENT])
  })

  it('is refused for the pages and for revocation too', async () => {
    const found = { ...METADATA, authorization_endpoint: HERE, revocation_endpoint: HERE, end_session_endpoint: HERE } // prettier-ignore
    const { fetch, sent } = stubFetch(() => json(found))
    const oauth = oauthClient({ issuer: ISSUER, clientId: 'app', clientSecret: 's3cret', fetch })
    const { tokens, signal } = refreshContext()
    const refused = { code: 'ERR_REFRESH_REJECTED' }
    expect(await failureOf(oauth.authorizationRequest({ redirectUri: ISSUER }))).toMatchObject(refused) // prettier-ignore
    expect(await failureOf(oauth.endSessionUrl())).toMatchObject(refused)
    await failureOf(oauth.revoke()({ tokens, signal }))
    expect(sent.map(({ url }) => url)).toEqual([OIDC_DOCUMENT])
  })

  it('is none where the issuer is on this machine itself', async () => {
    const issuer = 'http://127.0.0.1:8'
    const { fetch } = stubFetch(({ url }) =>
      json(url === HERE ? TOKENS : { issuer, token_endpoint: HERE }),
    )
    const oauth = oauthClient({ issuer, clientId: 'app', fetch })
    expect(await oauth.refreshToken()(refreshContext())).toMatchObject({ accessToken: 'AT1' })
  })
})
