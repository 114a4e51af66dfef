import { EventEmitter, once } from 'node:events'
import { Agent, createServer, get } from 'node:http'
import { connect, Server, type AddressInfo } from 'node:net'
import { spawn } from 'node:child_process'
import { inspect } from 'node:util'
import { LoginError, RefreshUnavailableError, TokenOptionsError, type TokenSet } from 'tokenward'
import { browserLogin, type BrowserLoginOptions } from 'tokenward/cli'
import { oauthClient } from 'tokenward/oauth'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import {
  ask,
  browser,
  called,
  connection,
  fakeClient,
  held,
  listeners,
  rejectionOf,
  STATE,
  TOKENS,
} from './support.js'

let before: number

beforeEach(async () => {
  before = await listeners()
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] })
})

afterEach(async () => {
  expect(await listeners()).toBe(before)
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

/** A login up to the moment when the browser is open. */
async function begun(options: Partial<BrowserLoginOptions> = {}) {
  const window = browser()
  const client = fakeClient()
  const login = browserLogin({ client, open: window.open, ...options })
  await Promise.race([window.redirectUri, login])
  const redirectUri = await window.redirectUri
  return { login, window, client, redirectUri }
}

describe('a login in the browser', () => {
  it('opens the URL of an authorization request that comes back to a free port of 127.0.0.1', async () => {
    const { login, window, client, redirectUri } = await begun()

    expect(redirectUri.href).toMatch(/^http:\/\/127\.0\.0\.1:\d{2,5}\/callback$/)
    expect(client.authorizationRequest).toHaveBeenCalledExactlyOnceWith({
      redirectUri: redirectUri.href,
    })
    expect(window.open).toHaveBeenCalledExactlyOnceWith((await window.url).href)

    await window.comeBack()
    await login
  })

  it('gives what the client makes of the answer', async () => {
    const { login, window, client, redirectUri } = await begun()
    await window.comeBack({ code: 'the-code', state: STATE, iss: 'https://auth.example.test' })

    expect(await login).toBe(TOKENS)
    const [callback, request, options] = client.authorizationCode.mock.lastCall!
    expect(String(callback)).toBe(
      `code=the-code&state=${STATE}&iss=https%3A%2F%2Fauth.example.test`,
    )
    expect(request).toMatchObject({ state: STATE, redirectUri: redirectUri.href })
    expect(options?.signal).toBeInstanceOf(AbortSignal)
  })

  it('passes on what the authorization request is to have, and nothing else', async () => {
    const { login, window, client, redirectUri } = await begun({
      scope: 'openid offline_access',
      resource: 'https://api.example.test/',
      prompt: 'consent',
      timeoutMs: 1_000,
      signal: new AbortController().signal,
      page: () => undefined,
      redirectUri: 'http://127.0.0.1/back',
      onUrl: () => {},
      listen: {},
      paste: false,
    })
    expect(client.authorizationRequest).toHaveBeenCalledWith({
      scope: 'openid offline_access',
      resource: 'https://api.example.test/',
      prompt: 'consent',
      redirectUri: `http://127.0.0.1:${redirectUri.port}/back`,
    })
    await window.comeBack()
    await login
  })

  it('makes no request and opens nothing before it is called, and listens on no other address', async () => {
    const { login, window, redirectUri } = await begun()
    expect(await connection(redirectUri.port, '127.0.0.2')).toBe('ECONNREFUSED')
    expect(await connection(redirectUri.port, '::1')).not.toBe('connected')
    await window.comeBack()
    await login
  })

  it('has stopped listening when it resolves', async () => {
    const { login, window, redirectUri } = await begun()
    await window.comeBack()
    await login
    expect(await connection(redirectUri.port)).toBe('ECONNREFUSED')
  })

  it('leaves no listener on the signal', async () => {
    const { signal } = new AbortController()
    const added = vi.spyOn(signal, 'addEventListener')
    const removed = vi.spyOn(signal, 'removeEventListener')
    const { login, window } = await begun({ signal })
    await window.comeBack()
    await login
    expect(removed).toHaveBeenCalledTimes(added.mock.calls.length)
  })
})

describe('the page at the end', () => {
  it('says that the window may be closed, once the tokens are there', async () => {
    const tokens = held<TokenSet>()
    const client = fakeClient({ authorizationCode: () => tokens.promise })
    const { login, window } = await begun({ client })
    let isShown = false
    const page = window.comeBack().finally(() => (isShown = true))
    await called(client.authorizationCode)
    expect(isShown).toBe(false)

    tokens.resolve(TOKENS)
    await login
    expect(await page).toMatchObject({
      status: 200,
      html: expect.stringContaining('You may close this window.'),
    })
  })

  it('loads nothing, runs nothing, is not kept, and holds no secret', async () => {
    const { login, window } = await begun()
    const { headers, html } = await window.comeBack()
    await login
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': expect.stringContaining("default-src 'none'"),
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      connection: 'close',
    })
    expect(html).not.toMatch(/<script|https?:|src=|href=|url\(/)
    for (const secret of ['the-code', STATE, TOKENS.accessToken, TOKENS.refreshToken!]) {
      expect(html).not.toContain(secret)
      expect(JSON.stringify(headers)).not.toContain(secret)
    }
  })

  it('says what went wrong, as text', async () => {
    const error = new LoginError(`<script>alert("1")</script> & 'so' on`, { reason: 'failed' })
    const client = fakeClient({ authorizationCode: () => Promise.reject(error) })
    const { login, window } = await begun({ client })
    const { status, html } = await window.comeBack()
    expect(await rejectionOf(login)).toBe(error)
    expect(status).toBe(400)
    expect(html).not.toContain('<script')
    expect(html).toContain(
      '&#60;script&#62;alert(&#34;1&#34;)&#60;/script&#62; &#38; &#39;so&#39; on.',
    )
  })

  it('has the words that the caller gives, as text', async () => {
    const page = vi.fn(() => ({ title: 'Bienvenue <chez nous>', text: 'Fermez & souriez' }))
    const { login, window } = await begun({ page })
    const { html } = await window.comeBack()
    await login
    expect(page).toHaveBeenCalledExactlyOnceWith({ status: 'signed-in' })
    expect(html).toContain('<h1>Bienvenue &#60;chez nous&#62;</h1>')
    expect(html).toContain('<p>Fermez &#38; souriez</p>')
  })

  it.each<[string, any]>([
    [
      'throws',
      () => {
        throw new Error('no words')
      },
    ],
    ['gives nothing', () => undefined],
    ['gives no title', () => ({ text: 'x' })],
    ['gives no text', () => ({ title: 'x' })],
  ])('has our words where `page` %s', async (_, page) => {
    const { login, window } = await begun({ page })
    expect((await window.comeBack()).html).toContain('You are logged in')
    expect(await login).toBe(TOKENS)
  })

  it('need not reach anybody: a browser that goes away meanwhile changes nothing', async () => {
    const tokens = held<TokenSet>()
    const client = fakeClient({ authorizationCode: () => tokens.promise })
    const { login, redirectUri } = await begun({ client })
    const socket = connect(Number(redirectUri.port), '127.0.0.1')
    socket.write(
      `GET ${redirectUri.pathname}?code=the-code&state=${STATE} HTTP/1.1\r\nhost: ${redirectUri.host}\r\n\r\n`,
    )
    await called(client.authorizationCode)
    socket.resetAndDestroy()
    await once(socket, 'close')
    await new Promise(setImmediate)
    tokens.resolve(TOKENS)
    expect(await login).toBe(TOKENS)
  })
})

describe('a second answer', () => {
  it('is told so, and changes nothing', async () => {
    const tokens = held<TokenSet>()
    const client = fakeClient({ authorizationCode: () => tokens.promise })
    const { login, window } = await begun({ client })
    const first = window.comeBack()
    await called(client.authorizationCode)

    const second = await window.comeBack({ error: 'access_denied', state: STATE })
    expect(second).toMatchObject({
      status: 409,
      html: expect.stringContaining('This login is already finished'),
    })

    tokens.resolve(TOKENS)
    expect(await login).toBe(TOKENS)
    expect((await first).status).toBe(200)
    expect(client.authorizationCode).toHaveBeenCalledTimes(1)
  })
})

const form = (body: string) => ({
  method: 'POST',
  target: '/callback',
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  body,
})
const ahead = (headers: Record<string, string>) => ({
  target: `/callback?code=x&state=${STATE}`,
  headers,
})

describe('a response as a form (response_mode=form_post)', () => {
  it('counts like any other', async () => {
    const { login, redirectUri, client } = await begun()
    const { status } = await ask(redirectUri, form(`code=the-code&state=${STATE}`))
    expect(await login).toBe(TOKENS)
    expect(status).toBe(200)
    expect(String(client.authorizationCode.mock.lastCall![0])).toBe(`code=the-code&state=${STATE}`)
  })
})

describe('what is no response to this login', () => {
  it.each([
    ['another path', { target: '/favicon.ico' }, 404],
    ['another path with a code', { target: '/other?code=x' }, 404],
    ['a path that a URL parser reads as a host', { target: '//evil.test/callback?code=x' }, 404],
    ['an absolute URL', { target: 'http://evil.test/callback?code=x' }, 404],
    ['neither code nor error', { target: '/callback?state=x' }, 400],
    ['a POST that is no form', { method: 'POST', target: '/callback', body: 'code=x' }, 400],
    ['a POST of more than 64 kB', form(`code=${'x'.repeat(65_536)}&state=${STATE}`), 400],
    ['a PUT', { method: 'PUT', target: '/callback?code=x' }, 405],
    ['a HEAD', { method: 'HEAD', target: `/callback?code=x&state=${STATE}` }, 405],
    ['a prefetch', ahead({ 'sec-purpose': 'prefetch;prerender' }), 503],
    ['a preview (Safari)', ahead({ purpose: 'preview' }), 503],
    ["an older window's response", { target: '/callback?code=x&state=older' }, 400],
    ['a response without a state', { target: '/callback?error=access_denied' }, 400],
    ["another host's name", { host: 'evil.test', target: '/callback?code=x' }, 403],
    ['the name localhost', { host: 'localhost', target: '/callback?code=x' }, 403],
  ])('%s is refused, and the login goes on', async (_, request, status) => {
    const { login, window, redirectUri, client } = await begun()
    const answer = await ask(redirectUri, request)
    expect(answer.status).toBe(status)
    expect(answer.headers['content-security-policy']).toContain("default-src 'none'")
    expect(client.authorizationCode).not.toHaveBeenCalled()

    await window.comeBack()
    expect(await login).toBe(TOKENS)
  })
})

describe('connections that a browser keeps', () => {
  it('are closed at the end: one opened in advance, one kept alive', async () => {
    const { login, window, redirectUri } = await begun()
    const preconnected = connect(Number(redirectUri.port), '127.0.0.1')
    await once(preconnected, 'connect')
    const agent = new Agent({ keepAlive: true })
    onTestFinished(() => agent.destroy())
    const [favicon] = await once(get(new URL('/favicon.ico', redirectUri), { agent }), 'response')
    favicon.resume()

    const closed = once(preconnected.resume(), 'close')
    await window.comeBack()
    await login
    await closed
    expect(await connection(redirectUri.port)).toBe('ECONNREFUSED')
  })
})

describe('with the client of an authorization server that names itself in its answers', () => {
  const issuer = 'https://auth.example.test'
  const fetch = vi.fn(async () =>
    Response.json({ access_token: 'new-access-token', token_type: 'Bearer', expires_in: 60 }),
  )
  const client = oauthClient({
    clientId: 'cli',
    fetch,
    metadata: {
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      authorization_response_iss_parameter_supported: true,
    },
  })
  beforeEach(() => void fetch.mockClear())

  async function answered(answer: (state: string) => Record<string, string>) {
    const { login, window, redirectUri } = await begun({ client })
    const state = (await window.url).searchParams.get('state')!
    const page = await window.comeBack(answer(state))
    const outcome = await login.catch((error: unknown) => error)
    expect(await connection(redirectUri.port)).toBe('ECONNREFUSED')
    return { page, outcome, state }
  }

  it('a good answer becomes tokens', async () => {
    const { outcome, page } = await answered((state) => ({ code: 'the-code', state, iss: issuer }))
    expect(outcome).toMatchObject({ accessToken: 'new-access-token' })
    expect(page.status).toBe(200)
    expect(fetch).toHaveBeenCalledTimes(1)
  })

  it.each<[string, string, (state: string) => Record<string, string>]>([
    ['the wrong iss', 'issuer', (state) => ({ code: 'the-code', state, iss: 'https://evil.test' })],
    ['no iss', 'issuer', (state) => ({ code: 'the-code', state })],
    ['access_denied', 'denied', (state) => ({ error: 'access_denied', state, iss: issuer })],
    ['another error', 'failed', (state) => ({ error: 'server_error', state, iss: issuer })],
  ])('%s: a LoginError, reason %s, shown in the browser too', async (_, reason, answer) => {
    const { outcome, page, state } = await answered(answer)
    expect(outcome).toBeInstanceOf(LoginError)
    expect(outcome).toMatchObject({ reason })
    expect(page.status).toBe(400)
    expect(page.html).toContain('The login failed')
    expect(fetch).not.toHaveBeenCalled()
    for (const text of [inspect(outcome, { depth: 9 }), page.html]) {
      expect(text).not.toContain('the-code')
      expect(text).not.toContain(state)
    }
  })
})

describe('when the port is in use', () => {
  it('a LoginError says what to do, and nothing is opened', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const { port } = taken.address() as AddressInfo
    const { open } = browser()
    const client = fakeClient()

    const redirectUri = `http://127.0.0.1:${port}/callback`
    const error = await rejectionOf(browserLogin({ client, open, redirectUri }))

    expect(error).toBeInstanceOf(LoginError)
    expect(error).toMatchObject({ reason: 'port' })
    expect(error.message).toBe(
      `Port ${port} of 127.0.0.1 is in use: close the other login, or the program that listens there`,
    )
    expect(client.authorizationRequest).not.toHaveBeenCalled()
    expect(open).not.toHaveBeenCalled()
    taken.close()
    await once(taken, 'close')
  })
})

describe('when the port cannot be had for another reason', () => {
  it.each([
    ['http://127.0.0.1:80/', 'Could not listen on port 80 of 127.0.0.1 (EACCES)'],
    [undefined, 'Could not listen on any port of 127.0.0.1 (EACCES)'],
  ])('a LoginError names it: %s', async (redirectUri, message) => {
    vi.spyOn(Server.prototype, 'listen').mockImplementation(function (this: Server) {
      this.emit('error', Object.assign(new Error('listen EACCES'), { code: 'EACCES' }))
      return this
    })
    const error = await rejectionOf(
      browserLogin({ client: fakeClient(), open: () => {}, redirectUri }),
    )
    expect(error).toBeInstanceOf(LoginError)
    expect(error).toMatchObject({ reason: 'port', message, cause: { code: 'EACCES' } })
  })
})

describe('when no answer comes', () => {
  it('a closed browser ends in a LoginError after five minutes, or `timeoutMs`', async () => {
    for (const { timeoutMs, durationMs } of [
      { timeoutMs: undefined, durationMs: 300_000 },
      { timeoutMs: 60_000, durationMs: 60_000 },
    ]) {
      const { login, redirectUri } = await begun({ timeoutMs })
      vi.advanceTimersByTime(durationMs - 1)
      expect(await connection(redirectUri.port)).toBe('connected')
      vi.advanceTimersByTime(1)
      const error = await rejectionOf(login)
      expect(error).toBeInstanceOf(LoginError)
      expect(error).toMatchObject({ reason: 'timeout' })
      expect(error.message).toContain(`within ${durationMs / 1000} s`)
      expect(await connection(redirectUri.port)).toBe('ECONNREFUSED')
    }
  })

  it('a time longer than a timer can hold is no time at all in which to fail', async () => {
    const { login, window } = await begun({ timeoutMs: 2 ** 40 })
    vi.advanceTimersByTime(1_000)
    await window.comeBack()
    expect(await login).toBe(TOKENS)
  })

  it('an authorization server that never gives metadata is given up too', async () => {
    const client = fakeClient({ authorizationRequest: () => new Promise(() => {}) })
    const login = browserLogin({ client, open: () => {} })
    login.catch(() => {})
    await called(client.authorizationRequest)
    vi.advanceTimersByTime(300_000)
    expect(await rejectionOf(login)).toMatchObject({ reason: 'timeout' })
  })

  it('a token request that hangs is ended, and the browser is told', async () => {
    const client = fakeClient({
      authorizationCode: (_callback, _request, { signal } = {}) =>
        new Promise((_, reject) => {
          signal?.addEventListener('abort', () => reject(new Error('own words for an abort')))
        }),
    })
    const { login, window } = await begun({ client })
    const page = window.comeBack()
    await called(client.authorizationCode)
    vi.advanceTimersByTime(300_000)
    expect(await rejectionOf(login)).toMatchObject({ reason: 'timeout' })
    expect((await page).html).toContain('was not finished within 300 s')
  })
})

describe('when the caller aborts', () => {
  const reason = new Error('Ctrl+C')

  it('beforehand: nothing is done', async () => {
    const client = fakeClient()
    const login = browserLogin({ client, open: () => {}, signal: AbortSignal.abort(reason) })
    expect(await rejectionOf(login)).toBe(reason)
    expect(client.authorizationRequest).not.toHaveBeenCalled()
  })

  it('while the listener is being opened: nothing is opened', async () => {
    const controller = new AbortController()
    const client = fakeClient()
    const login = browserLogin({ client, open: () => {}, signal: controller.signal })
    controller.abort(reason)
    expect(await rejectionOf(login)).toBe(reason)
    expect(client.authorizationRequest).not.toHaveBeenCalled()
  })

  it('while the browser is open: its own reason comes, and the port is free', async () => {
    const controller = new AbortController()
    const { login, redirectUri } = await begun({ signal: controller.signal })
    controller.abort(reason)
    expect(await rejectionOf(login)).toBe(reason)
    expect(await connection(redirectUri.port)).toBe('ECONNREFUSED')
  })

  it('in `open` itself: its own reason comes', async () => {
    const controller = new AbortController()
    const open = async () => {
      controller.abort(reason)
      throw new Error('not this')
    }
    const login = browserLogin({ client: fakeClient(), open, signal: controller.signal })
    expect(await rejectionOf(login)).toBe(reason)
  })

  it('while the code is exchanged: the browser is told, without the reason', async () => {
    const controller = new AbortController()
    const client = fakeClient({ authorizationCode: () => new Promise(() => {}) })
    const { login, window } = await begun({ client, signal: controller.signal })
    const page = window.comeBack()
    await called(client.authorizationCode)
    controller.abort(reason)
    expect(await rejectionOf(login)).toBe(reason)
    expect((await page).html).toContain('The login was cancelled.')
    expect((await page).html).not.toContain('Ctrl+C')
  })
})

describe('a browser that cannot be opened', () => {
  const cannot = () => Promise.reject(new Error('no display'))

  it('is no failure where the URL is shown: the user may open it', async () => {
    const window = browser()
    const login = browserLogin({ client: fakeClient(), open: cannot, onUrl: window.open })
    await window.comeBack()
    expect(await login).toBe(TOKENS)
  })

  it('is not even tried where there is none', async () => {
    vi.stubEnv('BROWSER', 'none')
    onTestFinished(() => void vi.unstubAllEnvs())
    const window = browser()
    const login = browserLogin({ client: fakeClient(), onUrl: window.open })
    await window.comeBack()
    expect(await login).toBe(TOKENS)
  })

  it('ends the login where the URL cannot be shown either', async () => {
    const onUrl = () => Promise.reject(new Error('no terminal'))
    const error = await rejectionOf(browserLogin({ client: fakeClient(), open: cannot, onUrl }))
    expect(error).toMatchObject({ reason: 'failed', cause: { message: 'no terminal' } })
  })
})

describe('when the browser cannot be opened, and nobody shows the URL', () => {
  const quoting = (url: string) => new Error(`Command failed: xdg-open ${url}`)

  it.each<[string, (url: string) => unknown]>([
    [
      'throws',
      (url) => {
        throw quoting(url)
      },
    ],
    ['rejects', (url) => Promise.reject(quoting(url))],
    ['gives a child process that cannot be started', () => spawn('/no/such/browser')],
    ['resolves to such a child process', async () => spawn('/no/such/browser')],
  ])('because `open` %s: a LoginError, and nothing listens', async (_, open) => {
    const client = fakeClient()
    const error = await rejectionOf(browserLogin({ client, open }))
    expect(error).toBeInstanceOf(LoginError)
    expect(error).toMatchObject({ reason: 'failed' })
    expect(error.message).toContain('The browser could not be opened')
    expect(error.cause).toBeInstanceOf(Error)
    expect(inspect(error, { depth: 9 })).not.toContain(STATE)
    const { redirectUri } = client.authorizationRequest.mock.lastCall![0]!
    expect(await connection(new URL(redirectUri!).port)).toBe('ECONNREFUSED')
  })

  it.each<[string, unknown]>([
    ['a string', 'opened'],
    ['null', null],
    ['an object', { pid: 1 }],
    ['a child process that ends with code 1', Object.assign(new EventEmitter(), { exitCode: 1 })],
    ['a promise that never ends', new Promise(() => {})],
  ])('no other thing that it gives matters: %s', async (_, opened) => {
    const window = browser()
    const open = (url: string) => {
      window.open(url)
      return opened
    }
    const login = browserLogin({ client: fakeClient(), open })
    await window.redirectUri
    if (opened instanceof EventEmitter) opened.emit('exit', 1)
    await window.comeBack()
    expect(await login).toBe(TOKENS)
  })

  it('after the answer came, nobody cares, and the process lives', async () => {
    const tokens = held<TokenSet>()
    const client = fakeClient({ authorizationCode: () => tokens.promise })
    const child = new EventEmitter()
    const window = browser()
    const open = (url: string) => {
      window.open(url)
      return child
    }
    const login = browserLogin({ client, open })
    const page = window.comeBack()
    await called(client.authorizationCode)
    child.emit('error', new Error('killed'))
    tokens.resolve(TOKENS)
    expect(await login).toBe(TOKENS)
    expect(() => child.emit('error', new Error('late'))).not.toThrow()
    await page
  })
})

describe('when the client fails', () => {
  it('with an error of ours, that is what comes', async () => {
    const error = new RefreshUnavailableError('no connection', { outcome: 'not-sent' })
    const client = fakeClient({ authorizationRequest: () => Promise.reject(error) })
    expect(await rejectionOf(browserLogin({ client, open: () => {} }))).toBe(error)
  })

  it('with anything else, a LoginError comes, with a redacted cause', async () => {
    const cause = new Error('Bearer the-access-token is bad')
    const client = fakeClient({ authorizationCode: () => Promise.reject(cause) })
    const { login, window } = await begun({ client })
    const { html } = await window.comeBack()
    const error = await rejectionOf(login)
    expect(error).toBeInstanceOf(LoginError)
    expect(error).toMatchObject({
      reason: 'failed',
      cause: { message: 'Bearer [redacted] is bad' },
    })
    expect(html).toContain('The login failed: see the cause.')
  })

  it('with a throw before its first await, too', async () => {
    const client = fakeClient({
      authorizationRequest: () => {
        throw new TypeError('sync')
      },
    })
    expect(await rejectionOf(browserLogin({ client, open: () => {} }))).toMatchObject({
      code: 'ERR_LOGIN',
      reason: 'failed',
      cause: { message: 'sync' },
    })
  })
})

describe('a bad option', () => {
  const good = { client: fakeClient(), open: () => {} }

  it.each<[string, unknown, string]>([
    ['no options', undefined, 'browserLogin: `options` must be an object, got undefined'],
    ['null', null, 'browserLogin: `options` must be an object, got null'],
    ['no client', { open: good.open }, '`client` must be the result of oauthClient, got undefined'],
    ['half a client', { ...good, client: { authorizationRequest() {} } }, '`client`'],
    ['neither open nor onUrl', { client: good.client }, '`onUrl` must be a function'],
    ['open', { ...good, open: 'firefox' }, '`open` must be a function, got another string'],
    ['onUrl', { ...good, onUrl: true }, '`onUrl` must be a function, got true'],
    ['a URL of another machine', { ...good, redirectUri: 'http://a.test/' }, '`redirectUri` must'],
    ['no URL at all', { ...good, redirectUri: [] }, 'got an empty array'],
    ['a bad one of two', { ...good, redirectUri: ['http://localhost/', '/'] }, '`redirectUri`'],
    ['listen', { ...good, listen: '0.0.0.0' }, '`listen` must be an object'],
    ['a port of 0', { ...good, listen: { port: 0 } }, '`port` must be an integer from 1 to 65535'],
    ['half a port', { ...good, listen: { port: 80.5 } }, 'got 80.5'],
    ['an empty host', { ...good, listen: { host: '' } }, '`host` must be an address'],
    ['listen.address', { ...good, listen: { address: '::' } }, 'unknown option `address`'],
    ['paste', { ...good, paste: 'yes' }, '`paste` must be true, false or a function'],
    ['timeoutMs 0', { ...good, timeoutMs: 0 }, '`timeoutMs` must be a number of milliseconds'],
    ['timeoutMs Infinity', { ...good, timeoutMs: Infinity }, 'got Infinity'],
    ['timeoutMs "1"', { ...good, timeoutMs: '1' }, 'got another string'],
    ['a signal', { ...good, signal: {} }, '`signal` must be an AbortSignal, got an object'],
    ['null for a signal', { ...good, signal: null }, '`signal` must be an AbortSignal, got null'],
    ['page', { ...good, page: '<html>' }, '`page` must be a function, got another string'],
  ])('%s is refused at once', async (_, options, message) => {
    const error = await rejectionOf(browserLogin(options as BrowserLoginOptions))
    expect(error).toBeInstanceOf(TokenOptionsError)
    expect(error.message).toContain(message)
  })
})
