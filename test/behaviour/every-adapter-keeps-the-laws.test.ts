import { describe, expect, it } from 'vitest'
import {
  LoginRequiredError,
  NotReplayedError,
  RefreshUnavailableError,
  StepUpRequiredError,
  TokenManager,
  TokenOptionsError,
} from 'tokenward'
import { FakeSource } from '../unit/http/support/sources.js'
import { CLIENTS } from './support/http-client.js'
import { API, closed, redirect, unauthorized, useWorld } from './support/http-world.js'

const EVIL = 'https://evil.example'
const AT = { origins: [API] }

describe.each(CLIENTS)('a rejected token costs at most one refresh: by $name', (client) => {
  const { server, login, sent, apiAnswers } = useWorld()
  const apiRequests = async () => (await sent()).filter(({ origin }) => origin === API)

  it('401s before, during and just after a refresh: one refresh, 50 successes', async () => {
    const { manager } = login({ token: 'denied' })
    const send = client.with(manager, AT)
    const post = (i: number) => send({ url: `${API}/orders/${i}`, method: 'POST', body: `${i}` })
    const late = range(30).map(() => server.hold({ at: 'api', when: 'after' }))
    const calls = range(30).map(post)
    await Promise.all(late.map(({ arrived }) => arrived))
    const refresh = server.hold()
    calls.push(...range(10, 30).map(post)) // before
    await refresh.arrived
    calls.push(...range(10, 40).map(post)) // begun during
    late.splice(0, 15).forEach((gate) => gate.release()) // during
    refresh.release()
    await Promise.all(calls.slice(30))
    late.forEach((gate) => gate.release()) // just after
    const answers = await Promise.all(calls)
    expect(answers.map(({ text }) => JSON.parse(text).path)).toEqual(
      range(50).map((i) => `/orders/${i}`),
    )
    expect(server.stats).toMatchObject({ tokenRequests: 1, apiRejections: 40, apiRequests: 90 })
  })

  it('on an expired token: one refresh, 50 successes, no 401 at all', async () => {
    const { manager } = login({ token: 'expired' })
    const send = client.with(manager, AT)
    const answers = await Promise.all(range(50).map((i) => send({ url: `${API}/${i}` })))
    expect(answers.map(({ status }) => status)).toEqual(Array(50).fill(200))
    expect(server.stats).toMatchObject({ tokenRequests: 1, apiRequests: 50, apiRejections: 0 })
  })

  it('where the API always says 401: sent twice, then it is the caller’s, saying why', async () => {
    apiAnswers('/closed', closed('Bearer error="invalid_token"'))
    const { manager } = login()
    const send = client.with(manager, AT)
    const outcome = await send({ url: `${API}/closed` })
    expect(outcome).toMatchObject({ status: 401, text: '{"error":"unauthorized"}' })
    expect(outcome.reason).toBeInstanceOf(NotReplayedError)
    expect(outcome.reason).toMatchObject({ reason: 'already-replayed' })
    expect(await apiRequests()).toHaveLength(2)
    // And for a while it costs nothing further.
    expect((await send({ url: `${API}/closed` })).reason).toMatchObject({ reason: 'cool-down' })
    expect(await apiRequests()).toHaveLength(3)
    expect(server.stats.tokenRequests).toBe(1)
  })

  it.each(['denied', 'expired'] as const)(
    'if the refresh fails, all who wait learn the same (%s)',
    async (token) => {
      server.always({ status: 503 })
      const { manager } = login({ token, retry: { attempts: 1 } })
      const send = client.with(manager, AT)
      const ends = await Promise.all(
        range(20).map(() => send({ url: `${API}/me` }).catch((error: unknown) => error)),
      )
      if (token === 'expired') {
        expect(new Set(ends).size).toBe(1)
        expect(ends[0]).toBeInstanceOf(RefreshUnavailableError)
      } else {
        for (const end of ends) expect(end).toMatchObject({ status: 401, text: /unauthorized|/ })
        const reasons = new Set(ends.map((end) => (end as { reason: unknown }).reason))
        expect([...reasons]).toEqual([expect.any(RefreshUnavailableError)])
      }
      expect(await apiRequests()).toHaveLength(token === 'denied' ? 20 : 0)
    },
  )

  it.each<[string, object]>([
    ['Bearer error="insufficient_scope"', { code: 'ERR_STEP_UP_REQUIRED' }],
    ['Basic realm="x"', { code: 'ERR_NOT_REPLAYED', reason: 'scope' }],
    ['DPoP algs="ES256"', { code: 'ERR_NOT_REPLAYED', reason: 'scope' }],
    ['Bearer error="insufficient_user_authentication", acr_values="mfa", max_age=60', { code: 'ERR_STEP_UP_REQUIRED', acrValues: ['mfa'], maxAgeSeconds: 60 }], // prettier-ignore
  ])('a 401 that a new token would not mend renews nothing: %s', async (challenge, expected) => {
    apiAnswers('/me', () => unauthorized(challenge))
    const { manager } = login()
    const { status, reason } = await client.with(manager, AT)({ url: `${API}/me` })
    expect(status).toBe(401)
    expect(reason).toMatchObject(expected)
    expect(await apiRequests()).toHaveLength(1)
    expect(server.stats.tokenRequests).toBe(0)
    if (challenge.includes('authentication')) expect(reason).toBeInstanceOf(StepUpRequiredError)
  })

  it('under another login a request is not replayed', async () => {
    const { manager } = login({ token: 'denied' })
    const other = server.login({ sub: 'bob' })
    const gate = server.hold({ at: 'api', when: 'after' })
    const call = client.with(manager, AT)({ url: `${API}/me` })
    await gate.arrived
    await manager.setTokens(other)
    gate.release()
    expect(await call).toMatchObject({
      status: 401,
      reason: { code: 'ERR_LOGIN_REQUIRED', reason: 'session-changed' },
    })
    expect(await apiRequests()).toHaveLength(1)
  })

  it('but inside its own refresh a request goes out without a token, and waits for nothing', async () => {
    const source = new FakeSource('T1')
    source.inside = true
    apiAnswers('/refresh', () => Response.json({}))
    expect(await client.with(source, AT)({ url: `${API}/refresh` })).toMatchObject({ status: 200 })
    expect((await apiRequests()).map(({ authorization }) => authorization)).toEqual([null])
  })
})

describe.each(CLIENTS)('a caller owns only its wait: by $name', (client) => {
  const { server, login } = useWorld()

  it('its abort rejects it at once, and the others are served', async () => {
    const { manager } = login({ token: 'expired' })
    const send = client.with(manager, AT)
    const gate = server.hold()
    const abort = new AbortController()
    const first = send({ url: `${API}/me`, signal: abort.signal })
    const others = range(3).map(() => send({ url: `${API}/me` }))
    await gate.arrived
    const reason = new Error('the user went away')
    abort.abort(reason)
    expect(await failureOf(first)).toBe(reason)
    gate.release()
    for (const { status } of await Promise.all(others)) expect(status).toBe(200)
    expect(server.stats.tokenRequests).toBe(1)
  })

  it('also while the token that was rejected is renewed', async () => {
    const { manager } = login({ token: 'denied' })
    const send = client.with(manager, AT)
    const gate = server.hold()
    const abort = new AbortController()
    const call = send({ url: `${API}/me`, signal: abort.signal })
    await gate.arrived
    const reason = new Error('the user went away')
    abort.abort(reason)
    expect(await failureOf(call)).toBe(reason)
    gate.release()
    expect(await send({ url: `${API}/me` })).toMatchObject({ status: 200 })
    expect(server.stats.tokenRequests).toBe(1)
  })
})

describe.each(CLIENTS)('a token goes only where it belongs: by $name', (client) => {
  const { server, login, sent, stranger, apiAnswers } = useWorld()

  it.each([
    ['another host', `${EVIL}/x`],
    ['a subdomain', 'https://sub.api.example.com/x'],
    ['its name as user name', 'https://api.example.com.evil.example/x'],
    ['plain http', 'http://api.example.com/x'],
    ['another port', 'https://api.example.com:8443/x'],
    ['its name after a backslash', 'https://evil.example\\@api.example.com/x'],
  ])('not to %s, whose 401 renews nothing', async (_, url) => {
    stranger(new URL(url).origin, () => unauthorized())
    const { manager } = login()
    const outcome = await client.with(manager, AT)({ url })
    expect(outcome).toMatchObject({ status: 401, reason: { reason: 'origin' } })
    expect((await sent()).map(({ content }) => content)).toEqual([
      expect.not.stringContaining('authorization'),
    ])
    expect(server.stats.tokenRequests).toBe(0)
  })

  it.each([301, 302, 303, 307, 308])(
    'a redirect (%i) elsewhere is followed without it, and back too; its 401 renews nothing',
    async (status) => {
      apiAnswers('/moved', () => redirect(`${EVIL}/x`, status))
      if (client.seesNoDetour) stranger(EVIL, () => unauthorized())
      else stranger(EVIL, () => redirect(`${API}/back`))
      apiAnswers('/back', () => unauthorized('Bearer error="invalid_token"'))
      const { manager, tokens } = login()
      const outcome = await client.with(manager, AT)({ url: `${API}/moved` })
      const reason = client.seesNoEnd ? 'already-replayed' : 'origin'
      expect(outcome).toMatchObject({ status: 401, reason: { reason } })
      const [first, ...others] = (await sent()).slice(client.seesNoEnd ? -2 : 0)
      if (client.seesNoEnd) {
        expect(server.stats.tokenRequests).toBe(1)
        expect(others[0]?.authorization).toBeNull()
        return
      }
      expect(first?.content).toContain(tokens.access_token)
      const back = client.seesNoDetour ? [] : [`${API}/back`]
      expect(others.map(({ url }) => url)).toEqual([`${EVIL}/x`, ...back])
      expect(JSON.stringify(others)).not.toContain(tokens.access_token)
      expect(server.stats.tokenRequests).toBe(0)
    },
  )

  it('a 401 where a redirect led from one of its origins to another costs a refresh only if it was sent there', async () => {
    const files = 'https://files.example.com'
    apiAnswers('/moved', () => redirect(`${files}/x`))
    stranger(files, ({ headers }) =>
      headers.get('authorization')?.includes(tokens.access_token) === false
        ? Response.json({})
        : unauthorized(),
    )
    const { manager, tokens } = login()
    const outcome = await client.with(manager, { origins: [API, files] })({ url: `${API}/moved` })
    const wasSent = (await sent()).find(({ origin }) => origin === files)?.authorization !== null
    expect(outcome.status).toBe(wasSent ? 200 : 401)
    expect(server.stats.tokenRequests).toBe(wasSent || client.seesNoEnd ? 1 : 0)
  })

  it('a redirect within its origin keeps it, and the 401 there renews it', async () => {
    apiAnswers('/moved', () => redirect('/me'))
    const { manager } = login({ token: 'denied' })
    const { status, text } = await client.with(manager, AT)({ url: `${API}/moved` })
    expect([status, JSON.parse(text).path]).toEqual([200, '/me'])
    expect(server.stats).toMatchObject({ tokenRequests: 1, reuse: 0 })
  })

  it.each(['Authorization', 'authorization', 'AUTHORIZATION'])(
    'not in the place of the caller’s own %s, whose 401 renews nothing',
    async (name) => {
      const { manager } = login()
      const send = client.with(manager, AT)
      const outcome = await send({ url: `${API}/me`, headers: { [name]: 'Mine' } })
      expect(outcome).toMatchObject({ status: 401, reason: undefined })
      expect((await sent()).map(({ authorization }) => authorization)).toEqual(['Mine'])
      expect(server.stats.tokenRequests).toBe(0)
    },
  )

  it('with tokens: false not at all', async () => {
    const { manager } = login()
    const outcome = await client.with(manager, AT)({ url: `${API}/login`, tokens: false })
    expect(outcome).toMatchObject({ status: 401, reason: undefined })
    expect((await sent()).map(({ authorization }) => authorization)).toEqual([null])
  })

  it('in another header if it is told so, which no redirect takes along either', async () => {
    apiAnswers('/moved', () => redirect(`${EVIL}/x`))
    stranger(EVIL)
    const { manager, tokens } = login()
    const send = client.with(manager, { ...AT, header: 'X-Token', format: (token) => token })
    await send({ url: `${API}/moved` }).catch(() => undefined)
    const [first, ...others] = await sent()
    expect(first?.content).toContain(`x-token: ${tokens.access_token}`)
    expect(JSON.stringify(others)).not.toContain(tokens.access_token)
  })
})

describe.each(CLIENTS)('sessions never mix: by $name', (client) => {
  const { server, login, sent } = useWorld()

  it('many users through one: each with their own token, one refresh each', async () => {
    const send = client.with(undefined, AT)
    const users = range(10).map((i) => `user-${i}`)
    const managers = new Map(users.map((sub) => [sub, login({ sub, token: 'denied' }).manager]))
    const asked = range(5).flatMap(() => users)
    const answers = await Promise.all(
      asked.map((sub) => send({ url: `${API}/me`, tokens: managers.get(sub)! })),
    )
    expect(answers.map(({ text }) => JSON.parse(text).sub)).toEqual(asked)
    expect(server.stats).toMatchObject({ tokenRequests: 10, reuse: 0 })
  })

  it('without a source a request fails before it is sent', async () => {
    const error = await failureOf(client.with(undefined, AT)({ url: `${API}/me` }))
    expect(error).toBeInstanceOf(TokenOptionsError)
    const nobody = new TokenManager({ refresh: () => expect.fail('no session') })
    const other = await failureOf(client.with(nobody, AT)({ url: `${API}/me` }))
    expect(other).toBeInstanceOf(LoginRequiredError)
    expect(await sent()).toEqual([])
  })
})

function range(count: number, from = 0): number[] {
  return Array.from({ length: count }, (_, i) => from + i)
}

function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => expect.fail('it did not fail'),
    (error: unknown) => error,
  )
}
