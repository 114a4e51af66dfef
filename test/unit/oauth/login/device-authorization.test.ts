import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { InvalidTokenResponseError, LoginError, RefreshRejectedError, RefreshUnavailableError, TokenOptionsError } from 'tokenward' // prettier-ignore
import { oauthClient } from 'tokenward/oauth'
import { failureOf, FULL_METADATA, json, shownBy, stubFetch, TOKENS, type Sent } from '../support.js' // prettier-ignore

const CODE = {
  device_code: 'the device code',
  user_code: 'ABCD-EFGH',
  verification_uri: 'https://auth.test/go',
  verification_uri_complete: 'https://auth.test/go?user_code=ABCD-EFGH',
  expires_in: 60,
  interval: 2,
}
const refusal = (error: string, status = 400, headers = {}) =>
  json({ error, error_description: 'because' }, { status, headers })
const pending = () => refusal('authorization_pending')

type Answer = (request: Sent) => Response | Promise<Response>

/** A server that answers each poll by the next of these, then by tokens. */
function clientPolling(polls: Answer[] = [], device: Answer = () => json(CODE)) {
  const left = [...polls]
  const at: number[] = []
  const { fetch, sent, form } = stubFetch((request) => {
    if (request.url === FULL_METADATA.device_authorization_endpoint) return device(request)
    at.push(Date.now())
    return left.shift()?.(request) ?? json(TOKENS)
  })
  const oauth = oauthClient({ metadata: FULL_METADATA, clientId: 'app', fetch })
  return { oauth, sent, form, at }
}

beforeEach(() => void vi.useFakeTimers({ now: 0 }))
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

describe('beginning a login on another device', () => {
  it('gives what the user needs, and no device code', async () => {
    const { oauth, form } = clientPolling()
    const device = await oauth.deviceAuthorization({ scope: 'read', resource: 'urn:api' })
    expect(device).toMatchObject({
      userCode: 'ABCD-EFGH',
      verificationUri: 'https://auth.test/go',
      verificationUriComplete: 'https://auth.test/go?user_code=ABCD-EFGH',
      expiresAt: 60_000,
      intervalMs: 2_000,
    })
    expect(shownBy(device)).not.toContain('the device code')
    expect(shownBy(device)).toContain('DeviceAuthorization { at: https://auth.test }')
    expect(Object.fromEntries(form())).toEqual({
      client_id: 'app',
      scope: 'read',
      resource: 'urn:api',
    })
  })

  it.each<[object, object]>([
    [
      { interval: undefined, expires_in: undefined },
      { intervalMs: 5_000, expiresAt: 300_000 },
    ],
    [
      { interval: '1', expires_in: '7' },
      { intervalMs: 1_000, expiresAt: 7_000 },
    ],
    [
      { interval: 0, expires_in: -1 },
      { intervalMs: 5_000, expiresAt: 300_000 },
    ],
    [{ interval: 'soon' }, { intervalMs: 5_000 }],
    [{ user_code: 'AB\u001b[2JCD' }, { userCode: 'AB[2JCD' }],
    [{ user_code: '\u202eAB\u200bCD' }, { userCode: 'ABCD' }],
    [{ interval: 1e-9 }, { intervalMs: 1_000 }],
    [{ interval: 3_000_000 }, { intervalMs: 600_000 }],
    [{ expires_in: 1e300 }, { expiresAt: 24 * 60 * 60_000 }],
    [
      { verification_uri: undefined, verification_url: 'https://google.test/device' },
      { verificationUri: 'https://google.test/device' },
    ],
    [{ verification_uri: 'https://auth.test/#/go' }, { verificationUri: 'https://auth.test/#/go' }],
  ])('reads what servers send: %j', async (fields, expected) => {
    const { oauth } = clientPolling([], () => json({ ...CODE, ...fields }))
    await expect(oauth.deviceAuthorization()).resolves.toMatchObject(expected)
  })

  it.each([undefined, 7, 'javascript:alert(1)'])(
    'leaves out a complete URI that is none: %s',
    async (verification_uri_complete) => {
      const { oauth } = clientPolling([], () => json({ ...CODE, verification_uri_complete }))
      expect(await oauth.deviceAuthorization()).not.toHaveProperty('verificationUriComplete')
    },
  )

  it.each([
    { device_code: undefined },
    { user_code: '' },
    { user_code: '\u200b' },
    { verification_uri: 7 },
    { verification_uri: 'file:///bin/sh' },
    { verification_uri: 'http://auth.test/go' },
  ])('refuses an answer with %j', async (fields) => {
    const { oauth } = clientPolling([], () => json({ ...CODE, ...fields }))
    expect(await failureOf(oauth.deviceAuthorization())).toBeInstanceOf(InvalidTokenResponseError)
  })

  it.each<[string, Answer, object]>([
    [
      'refuses',
      () => refusal('unauthorized_client', 401),
      {
        code: 'ERR_REFRESH_REJECTED',
        error: 'unauthorized_client',
        errorDescription: 'because',
        status: 401,
      },
    ],
    [
      'refuses with 200 (GitHub)',
      () => refusal('device_flow_disabled', 200),
      { code: 'ERR_REFRESH_REJECTED', error: 'device_flow_disabled' },
    ],
    [
      'refuses without a word',
      () => new Response(null, { status: 404 }),
      { code: 'ERR_REFRESH_REJECTED', error: undefined },
    ],
    [
      'redirects',
      () => new Response(null, { status: 302, headers: { location: 'https://evil.test/x?y' } }),
      {
        code: 'ERR_REFRESH_REJECTED',
        message: expect.stringContaining(
          'device authorization endpoint responded with a redirect to https://evil.test,',
        ),
      },
    ],
    [
      'is down',
      () => refusal('x', 503, { 'retry-after': '3' }),
      { code: 'ERR_REFRESH_UNAVAILABLE', outcome: 'failed', retryAfterMs: 3_000 },
    ],
    ['sends a page', () => new Response('<html>'), { code: 'ERR_INVALID_TOKEN_RESPONSE' }],
    [
      'cuts its answer',
      () => new Response(new ReadableStream({ start: (stream) => stream.error(new Error()) })),
      { code: 'ERR_REFRESH_UNAVAILABLE', outcome: 'unknown' },
    ],
    [
      'cuts its refusal',
      () =>
        new Response(new ReadableStream({ start: (stream) => stream.error(new Error()) }), {
          status: 503,
        }),
      { code: 'ERR_REFRESH_UNAVAILABLE', outcome: 'failed' },
    ],
    [
      'is not there',
      () => Promise.reject(Object.assign(new Error(), { code: 'ENOTFOUND' })),
      { code: 'ERR_REFRESH_UNAVAILABLE', outcome: 'not-sent' },
    ],
  ])('fails where the server %s', async (_, answer, expected) => {
    expect(await failureOf(clientPolling([], answer).oauth.deviceAuthorization())).toMatchObject(
      expected,
    )
  })

  it('fails where the server has no such endpoint, or a bad one', async () => {
    for (const device_authorization_endpoint of [undefined, 'http://auth.test/device']) {
      const metadata = { ...FULL_METADATA, device_authorization_endpoint }
      const oauth = oauthClient({ metadata, clientId: 'app' })
      expect(await failureOf(oauth.deviceAuthorization())).toBeInstanceOf(RefreshRejectedError)
    }
  })

  it.each([{ scope: '' }, { signal: {} }, { signal: null }, { foo: 1 }])(
    'wants good options, not %j',
    async (options) => {
      const call = clientPolling().oauth.deviceAuthorization(options as object)
      expect(await failureOf(call)).toBeInstanceOf(TokenOptionsError)
    },
  )

  it('can be given up', async () => {
    const { oauth } = clientPolling()
    const call = oauth.deviceAuthorization({ signal: AbortSignal.abort() })
    expect(await failureOf(call)).toMatchObject({ code: 'ERR_LOGIN', reason: 'aborted' })
  })
})

/** What a server may say in place of RFC 8628's word. */
const refusedAs =
  (reason: string) =>
  (error: string): [string, Answer, object] => [
    `the server says ${error}`,
    () => refusal(error),
    { reason, error },
  ]

describe('waiting for the user', () => {
  async function poll(polls: Answer[], options?: { signal?: AbortSignal }) {
    const client = clientPolling(polls)
    const device = await client.oauth.deviceAuthorization({ resource: 'urn:api' })
    const outcome = device.poll(options)
    outcome.catch(() => undefined)
    return { ...client, device, outcome }
  }

  it('asks at the server’s interval until there are tokens', async () => {
    const { outcome, at, form } = await poll([pending, pending])
    await vi.advanceTimersByTimeAsync(6_000)
    await expect(outcome).resolves.toMatchObject({ accessToken: 'AT1' })
    expect(at).toEqual([2_000, 4_000, 6_000])
    expect(Object.fromEntries(form(1))).toEqual({
      grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
      device_code: 'the device code',
      resource: 'urn:api',
      client_id: 'app',
    })
  })

  it('asks 5 s more slowly after each slow_down, for good', async () => {
    const slow = () => refusal('slow_down')
    const { at } = await poll([slow, pending, () => refusal('slow_down', 200), pending])
    await vi.advanceTimersByTimeAsync(59_000)
    expect(at).toEqual([2_000, 9_000, 16_000, 28_000, 40_000])
  })

  it('waits twice as long after each failure that may pass, until one answer', async () => {
    const down = () => refusal('x', 503)
    const reset = () => Promise.reject(Object.assign(new Error(), { code: 'ECONNRESET' }))
    const { at, outcome } = await poll([down, reset, () => new Response('<html>'), pending])
    await vi.advanceTimersByTimeAsync(59_000)
    await expect(outcome).resolves.toBeDefined()
    expect(at).toEqual([2_000, 6_000, 14_000, 30_000, 32_000])
  })

  it('heeds Retry-After', async () => {
    const { at, outcome } = await poll([() => refusal('x', 429, { 'retry-after': '20' })])
    await vi.advanceTimersByTimeAsync(59_000)
    await outcome
    expect(at).toEqual([2_000, 22_000])
  })

  it('gives a request 10 s, and asks again', async () => {
    const { at, outcome } = await poll([() => new Promise<Response>(() => {})])
    await vi.advanceTimersByTimeAsync(59_000)
    await expect(outcome).resolves.toBeDefined()
    expect(at).toEqual([2_000, 16_000])
  })

  it.each<[string, Answer, object]>([
    [
      'the user refuses',
      () => refusal('access_denied'),
      { reason: 'denied', error: 'access_denied', errorDescription: 'because' },
    ],
    [
      'the server says that the code has expired',
      () => refusal('expired_token'),
      { reason: 'expired', error: 'expired_token' },
    ],
    [
      'the server knows no such code',
      () => refusal('invalid_grant'),
      { reason: 'failed', error: 'invalid_grant' },
    ],
    // OpenAM#627, and Entra, GitHub and LinkedIn in their own words
    ...['authorization_declined', 'user_denied', 'user_cancelled_login'].map(refusedAs('denied')),
    ...['code_expired', 'token_expired'].map(refusedAs('expired')),
    ...['bad_verification_code', 'incorrect_device_code'].map(refusedAs('failed')),
  ])('ends where %s', async (_, answer, expected) => {
    const { outcome, at } = await poll([pending, answer])
    await vi.advanceTimersByTimeAsync(4_000)
    const error = await failureOf(outcome)
    expect(error).toBeInstanceOf(LoginError)
    expect(error).toMatchObject(expected)
    expect(at).toHaveLength(2)
  })

  it.each<[string, object, RegExp]>([
    ['an expiry that nobody can read', { expires_in: '1h' }, /`expires_in`/],
    ['a type that takes a key', { token_type: 'DPoP' }, /`dpopKey`/],
  ])('ends where tokens come with %s: the code is spent', async (_, members, message) => {
    const { outcome, at } = await poll([() => json({ ...TOKENS, ...members })])
    await vi.advanceTimersByTimeAsync(4_000)
    const error = await failureOf(outcome)
    expect(error).toBeInstanceOf(InvalidTokenResponseError)
    expect(error.message).toMatch(message)
    expect(at).toEqual([2_000])
  })

  it('goes on after pages of a gateway, which are no response, and gives up at the fourth', async () => {
    const page = () => new Response('<html>Sign in to the guest network</html>', { status: 403 })
    const { at, outcome } = await poll([page, pending, page])
    await vi.advanceTimersByTimeAsync(30_000)
    await expect(outcome).resolves.toBeDefined()
    expect(at).toEqual([2_000, 6_000, 8_000, 12_000])

    const walled = await poll([page, page, page, page])
    await vi.advanceTimersByTimeAsync(30_000)
    expect(await failureOf(walled.outcome)).toBeInstanceOf(RefreshRejectedError)
    expect(walled.at).toHaveLength(4)
  })

  it('takes 428 (Google) for what its error says', async () => {
    const { outcome, at } = await poll([() => refusal('authorization_pending', 428)])
    await vi.advanceTimersByTimeAsync(4_000)
    await expect(outcome).resolves.toBeDefined()
    expect(at).toEqual([2_000, 4_000])
  })

  it('ends where the client is refused', async () => {
    const { outcome } = await poll([() => refusal('invalid_client', 401)])
    await vi.advanceTimersByTimeAsync(2_000)
    expect(await failureOf(outcome)).toBeInstanceOf(RefreshRejectedError)
  })

  it('ends where a fetch of yours throws what is no trouble of the network', async () => {
    const { outcome } = await poll([() => Promise.reject(new TokenOptionsError('mine'))])
    await vi.advanceTimersByTimeAsync(2_000)
    expect(await failureOf(outcome)).toBeInstanceOf(TokenOptionsError)
  })

  it('ends when the code has expired, and says what went wrong last', async () => {
    const down = () => refusal('x', 503)
    const { device, outcome, at } = await poll(Array.from({ length: 50 }, () => down))
    await vi.advanceTimersByTimeAsync(60_000)
    const error = await failureOf(outcome)
    expect(error).toMatchObject({ code: 'ERR_LOGIN', reason: 'expired' })
    expect(error.cause).toBeInstanceOf(RefreshUnavailableError)
    expect(at.at(-1)).toBeLessThan(60_000)
    expect(await failureOf(device.poll())).toMatchObject({ reason: 'expired' })
  })

  it('goes on after the laptop has slept, for longer than the code is valid: the server knows', async () => {
    const { at, outcome } = await poll([pending, pending])
    await vi.advanceTimersByTimeAsync(2_000)
    vi.setSystemTime(Date.now() + 60 * 60_000) // timers and the monotonic clock stand still
    await vi.advanceTimersByTimeAsync(4_000)
    await expect(outcome).resolves.toBeDefined()
    expect(at).toHaveLength(3)
  })

  it('ends when it is given up: between questions, during one, and before', async () => {
    for (const afterMs of [1_000, 2_000]) {
      const controller = new AbortController()
      const hanging = () => new Promise<Response>(() => {})
      const { outcome, sent } = await poll([hanging], { signal: controller.signal })
      await vi.advanceTimersByTimeAsync(afterMs)
      controller.abort()
      expect(await failureOf(outcome)).toMatchObject({ reason: 'aborted' })
      expect(sent).toHaveLength(afterMs / 1_000)
      await vi.advanceTimersByTimeAsync(10_000)
    }
    const { outcome } = await poll([], { signal: AbortSignal.abort() })
    expect(await failureOf(outcome)).toMatchObject({ reason: 'aborted' })
  })

  it('is done once at a time', async () => {
    const { device, outcome } = await poll([])
    expect(await failureOf(device.poll())).toBeInstanceOf(TokenOptionsError)
    expect(await failureOf(device.poll({ foo: 1 } as object))).toBeInstanceOf(TokenOptionsError)
    await vi.advanceTimersByTimeAsync(2_000)
    await expect(outcome).resolves.toBeDefined()
  })
})
