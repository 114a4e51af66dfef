import { LoginError, TokenManager, TokenOptionsError, type TokenSet } from 'tokenward'
import { deviceLogin, type DeviceLoginOptions } from 'tokenward/cli'
import { oauthClient, type DeviceAuthorization } from 'tokenward/oauth'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { called, held, rejectionOf, TOKENS } from './support.js'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] })
})

afterEach(() => {
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

const CODE = {
  userCode: 'WDJB-MJHT',
  verificationUri: 'https://auth.example.test/device',
  verificationUriComplete: 'https://auth.example.test/device?user_code=WDJB-MJHT',
  expiresAt: 600_000,
}

function fakeClient(poll: DeviceAuthorization['poll'] = async () => TOKENS) {
  const polled = vi.fn(poll)
  const deviceAuthorization = vi.fn(async () => ({ ...CODE, intervalMs: 5_000, poll: polled }))
  return { deviceAuthorization, polled }
}

/** Polls until it is told to stop. */
const untilStopped: DeviceAuthorization['poll'] = ({ signal } = {}) =>
  new Promise((_, reject) => {
    signal?.addEventListener('abort', () => reject(new Error('own words for an abort')))
  })

describe('a login on another device', () => {
  it('shows the code and the URL, then gives what polling gives', async () => {
    const client = fakeClient()
    const onCode = vi.fn()
    expect(await deviceLogin({ client, onCode })).toBe(TOKENS)
    expect(onCode).toHaveBeenCalledExactlyOnceWith(CODE)
  })

  it('asks for what it is to ask for, and nothing else', async () => {
    const client = fakeClient()
    const resource = 'https://api.example.test/'
    await deviceLogin({ client, onCode: () => {}, scope: 'read', resource, timeoutMs: 1_000 })
    expect(client.deviceAuthorization).toHaveBeenCalledExactlyOnceWith({
      scope: 'read',
      resource,
      signal: expect.any(AbortSignal),
    })
  })

  it('does not wait for what `onCode` does', async () => {
    const client = fakeClient()
    expect(await deviceLogin({ client, onCode: () => new Promise(() => {}) })).toBe(TOKENS)
  })

  it('takes as long as the server lets it', async () => {
    const tokens = held<TokenSet>()
    const client = fakeClient(() => tokens.promise)
    const login = deviceLogin({ client, onCode: () => {} })
    await called(client.polled)
    await vi.advanceTimersByTimeAsync(24 * 60 * 60 * 1000)
    tokens.resolve(TOKENS)
    expect(await login).toBe(TOKENS)
  })
})

describe('the end of a login on another device', () => {
  it('comes with `timeoutMs`, and polling with it', async () => {
    const client = fakeClient(untilStopped)
    const login = deviceLogin({ client, onCode: () => {}, timeoutMs: 60_000 })
    await called(client.polled)
    vi.advanceTimersByTime(60_000)
    const error = await rejectionOf(login)
    expect(error).toBeInstanceOf(LoginError)
    expect(error).toMatchObject({ reason: 'timeout' })
    expect(client.polled.mock.lastCall![0]!.signal!.aborted).toBe(true)
  })

  it("comes with an abort, with the caller's own reason", async () => {
    const controller = new AbortController()
    const client = fakeClient(untilStopped)
    const login = deviceLogin({ client, onCode: () => {}, signal: controller.signal })
    await called(client.polled)
    const reason = new Error('Ctrl+C')
    controller.abort(reason)
    expect(await rejectionOf(login)).toBe(reason)
    expect(client.polled.mock.lastCall![0]!.signal!.aborted).toBe(true)
  })

  it('comes before the beginning, for a signal aborted before', async () => {
    const client = fakeClient()
    const signal = AbortSignal.abort()
    const login = deviceLogin({ client, onCode: () => {}, signal })
    expect(await rejectionOf(login)).toBe(signal.reason)
    expect(client.deviceAuthorization).not.toHaveBeenCalled()
  })

  it.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('no terminal')
      },
    ],
    ['rejects', () => Promise.reject(new Error('no terminal'))],
  ])('comes when `onCode` %s: nobody has seen the code', async (_, onCode) => {
    const client = fakeClient(untilStopped)
    const error = await rejectionOf(deviceLogin({ client, onCode }))
    expect(error).toBeInstanceOf(LoginError)
    expect(error).toMatchObject({ reason: 'failed', cause: { message: 'no terminal' } })
    expect(client.polled.mock.lastCall![0]!.signal!.aborted).toBe(true)
  })

  it('comes as the client says, with its own error', async () => {
    const error = new LoginError('The user said no', { reason: 'denied' })
    const client = fakeClient(() => Promise.reject(error))
    expect(await rejectionOf(deviceLogin({ client, onCode: () => {} }))).toBe(error)
  })
})

describe('with the client of an authorization server', () => {
  const issuer = 'https://auth.example.test'
  const pending = { status: 400, body: { error: 'authorization_pending' } }

  function serverThat(
    { dpop = false }: { dpop?: boolean },
    ...answers: { status: number; body: object }[]
  ) {
    const questions: number[] = []
    const fetch = async (url: string) => {
      if (url.endsWith('/device')) {
        return Response.json({
          device_code: 'the-device-code-0123456789',
          user_code: 'WDJB-MJHT',
          verification_uri: `${issuer}/activate`,
          expires_in: 60,
          interval: 5,
        })
      }
      questions.push(Date.now())
      const { status, body } = answers.shift() ?? pending
      return Response.json(body, { status })
    }
    const client = oauthClient({
      clientId: 'cli',
      dpop,
      fetch,
      metadata: {
        issuer,
        token_endpoint: `${issuer}/token`,
        device_authorization_endpoint: `${issuer}/device`,
      },
    })
    return { client, questions }
  }

  it('asks as the server says, until the user has agreed', async () => {
    const { client, questions } = serverThat(
      {},
      pending,
      { status: 400, body: { error: 'slow_down' } },
      { status: 200, body: { access_token: 'new-access-token', token_type: 'Bearer' } },
    )
    const startedAt = Date.now()
    const login = deviceLogin({ client, onCode: () => {} })
    await vi.advanceTimersByTimeAsync(60_000)
    expect(await login).toMatchObject({ accessToken: 'new-access-token' })
    expect(questions.map((at) => at - startedAt)).toEqual([5_000, 10_000, 20_000])
  })

  it('gives the key that the tokens are bound to, where the client wants one', async () => {
    const bound = { access_token: 'new-access-token', refresh_token: 'RT', token_type: 'DPoP' }
    const { client } = serverThat({ dpop: true }, { status: 200, body: bound })
    const login = deviceLogin({ client, onCode: () => {} })
    // Keys and signatures take turns of the event loop that no fake timer counts.
    while (vi.getTimerCount() === 0) await new Promise(setImmediate)
    await vi.advanceTimersByTimeAsync(5_000)
    const result = await login
    expect(result).toMatchObject({
      tokenType: 'DPoP',
      dpopKey: { kty: 'EC', d: expect.any(String) },
    })
    const tokens = new TokenManager({ refresh: client.refreshToken() })
    await tokens.setTokens(result)
    expect(await tokens.getTokens()).toMatchObject({ dpopKey: result.dpopKey })
  })

  it.each([
    ['is expired for the server', [{ status: 400, body: { error: 'expired_token' } }], 'expired'],
    ['is expired by the clock', [], 'expired'],
    ['is denied', [{ status: 400, body: { error: 'access_denied' } }], 'denied'],
  ])('a code that %s: a LoginError, and no further question', async (_, answers, reason) => {
    const { client, questions } = serverThat({}, ...answers)
    const login = rejectionOf(deviceLogin({ client, onCode: () => {} }))
    await vi.advanceTimersByTimeAsync(120_000)
    const error = await login
    expect(error).toBeInstanceOf(LoginError)
    expect(error).toMatchObject({ reason })
    const { length } = questions
    await vi.advanceTimersByTimeAsync(120_000)
    expect(questions).toHaveLength(length)
  })

  it('an abort ends the polling at once', async () => {
    const { client, questions } = serverThat({})
    const controller = new AbortController()
    const login = rejectionOf(deviceLogin({ client, onCode: () => {}, signal: controller.signal }))
    await vi.advanceTimersByTimeAsync(7_000)
    controller.abort()
    expect(await login).toBe(controller.signal.reason)
    await vi.advanceTimersByTimeAsync(120_000)
    expect(questions).toHaveLength(1)
  })
})

describe('a bad option', () => {
  const good = { client: fakeClient(), onCode: () => {} }

  it.each<[string, unknown, string]>([
    ['no options', undefined, 'deviceLogin: `options` must be an object, got undefined'],
    ['no client', { onCode: good.onCode }, '`client` must be the result of oauthClient, got undef'],
    ['no onCode', { client: good.client }, '`onCode` must be a function, got undefined'],
    ['timeoutMs', { ...good, timeoutMs: -1 }, '`timeoutMs` must be a number of milliseconds above'],
    ['signal', { ...good, signal: 'x' }, '`signal` must be an AbortSignal, got another string'],
  ])('%s is refused at once', async (_, options, message) => {
    const error = await rejectionOf(deviceLogin(options as DeviceLoginOptions))
    expect(error).toBeInstanceOf(TokenOptionsError)
    expect(error.message).toContain(message)
  })
})
