import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { TokenOptionsError } from 'tokenward'
import { createAuthorizationServer, type AuthorizationServer, type Fault } from 'tokenward/testing'
import { callApi, refresh, refreshed, refusal, tokensOf } from './requests.js'

const NOW = Date.parse('2026-03-01T12:00:00Z')

let server: AuthorizationServer
let refreshToken: string

beforeEach(() => {
  vi.useFakeTimers({ now: NOW })
  server = createAuthorizationServer({ clockOffsetMs: 60_000 })
  refreshToken = server.login({ scope: 'read' }).refresh_token
})

afterEach(() => {
  vi.useRealTimers()
})

/** Settled or not, without waiting. */
async function stateOf(promise: Promise<unknown>) {
  const settled = promise.then(
    () => 'resolved',
    () => 'rejected',
  )
  await vi.advanceTimersByTimeAsync(0)
  return Promise.race([settled, Promise.resolve('pending')])
}

describe('the script', () => {
  it('gives each request its fault, in order, then the ordinary answer', async () => {
    server.next({ status: 500 }, { pass: true }, { error: 'invalid_request' })
    expect(server.scripted).toBe(3)
    expect((await refresh(server, refreshToken)).status).toBe(500)
    const next = await refreshed(server, refreshToken)
    expect((await refresh(server, next.refresh_token)).status).toBe(400)
    expect(server.scripted).toBe(0)
    await refreshed(server, next.refresh_token)
    expect(server.stats).toMatchObject({ tokenRequests: 4, faults: 2, issued: 2, rejected: 0 })
    expect(server.requests.map(({ fault }) => fault)).toEqual([
      'status',
      'pass',
      'error',
      undefined,
    ])
  })

  it('waits for a request to the endpoint that it is for', async () => {
    server.next({ at: 'api', status: 502 }, { at: 'discovery', html: true })
    server.next({ at: 'revocation', status: 503 })
    await refreshed(server, refreshToken)
    expect(server.scripted).toBe(3)
    expect((await callApi(server)).status).toBe(502)
    const { issuer, metadata } = server
    const discovery = await server.fetch(`${issuer}/.well-known/openid-configuration`)
    expect(discovery.headers.get('content-type')).toMatch('text/html')
    expect((await server.fetch(metadata.revocation_endpoint, { method: 'POST' })).status).toBe(503)
  })

  it('of two that stand, the newer counts', async () => {
    const undoings = [server.always({ status: 503 }), server.always({ status: 504 })]
    expect((await refresh(server, refreshToken)).status).toBe(504)
    undoings[1]!()
    expect((await refresh(server, refreshToken)).status).toBe(503)
  })

  it('can stand until it is undone, and lets queued faults go first', async () => {
    const fault: Fault = { status: 503 }
    const undo = server.always(fault)
    const undoNewer = server.always(fault)
    server.next({ status: 500 })
    const statuses = []
    for (let i = 0; i < 3; i++) statuses.push((await refresh(server, refreshToken)).status)
    expect(statuses).toEqual([500, 503, 503])
    undo()
    undo()
    expect((await refresh(server, refreshToken)).status).toBe(503)
    undoNewer()
    await refreshed(server, refreshToken)
  })

  it.each([
    [undefined, /fault/],
    [{}, /got none/],
    [{ at: 'token' }, /got none/],
    [{ drop: true, status: 500 }, /got drop and status/],
    [{ at: 'somewhere', drop: true }, /`at` must be one of token, revocation/],
    [{ when: 'never', drop: true }, /`when` must be one of before, after/],
    [{ delayMs: -1 }, /`delayMs`/],
    [{ status: 101 }, /`status` must be an integer from 200 to 599/],
    [{ status: 600 }, /`status` must be an integer from 200 to 599/],
    [{ status: 200.5 }, /`status` must be an integer from 200 to 599/],
    [{ error: 'x', status: 1 }, /`status` must be an integer from 200 to 599/],
  ])('refuses %o', (fault, message) => {
    expect(() => server.next(fault as unknown as Fault)).toThrow(TokenOptionsError)
    expect(() => server.always(fault as unknown as Fault)).toThrow(message)
    expect(server.scripted).toBe(0)
  })
})

describe('a delay', () => {
  it('answers late', async () => {
    server.next({ delayMs: 3_000 })
    const answer = refresh(server, refreshToken)
    await vi.advanceTimersByTimeAsync(2_999)
    expect(await stateOf(answer)).toBe('pending')
    expect(server.stats.issued).toBe(0)
    await vi.advanceTimersByTimeAsync(1)
    expect((await answer).status).toBe(200)
  })

  it('after processing has issued the tokens already', async () => {
    server.next({ delayMs: 3_000, when: 'after' })
    const answer = refresh(server, refreshToken)
    await vi.advanceTimersByTimeAsync(0)
    expect(server.stats.issued).toBe(1)
    await vi.advanceTimersByTimeAsync(3_000)
    expect((await answer).status).toBe(200)
  })

  it('comes before whatever else the fault does', async () => {
    server.next({ delayMs: 3_000, status: 503 })
    const answer = refresh(server, refreshToken)
    expect(await stateOf(answer)).toBe('pending')
    await vi.advanceTimersByTimeAsync(3_000)
    expect((await answer).status).toBe(503)
  })

  it('ends, timer and all, when the caller gives up', async () => {
    const caller = new AbortController()
    server.next({ delayMs: 3_000 })
    const answer = refresh(server, refreshToken, { signal: caller.signal })
    await vi.advanceTimersByTimeAsync(0)
    expect(vi.getTimerCount()).toBe(1)
    caller.abort(new Error('enough'))
    await expect(answer).rejects.toThrow('enough')
    expect(vi.getTimerCount()).toBe(0)
    expect(server.requests.at(-1)).toMatchObject({ outcome: 'aborted', fault: 'delay' })
    expect(server.stats.issued).toBe(0)
  })
})

describe('a hang', () => {
  it('lasts until the caller gives up', async () => {
    const caller = new AbortController()
    server.next({ hang: true })
    const answer = refresh(server, refreshToken, { signal: caller.signal })
    await vi.advanceTimersByTimeAsync(3_600_000)
    expect(await stateOf(answer)).toBe('pending')
    expect(server.requests.at(-1)).toMatchObject({ outcome: 'pending' })
    caller.abort()
    await expect(answer).rejects.toMatchObject({ name: 'AbortError' })
    await refreshed(server, refreshToken)
  })

  it('lasts until the server is reset', async () => {
    server.next({ hang: true })
    const answer = refresh(server, refreshToken)
    expect(await stateOf(answer)).toBe('pending')
    server.reset()
    await expect(answer).rejects.toMatchObject({ cause: { code: 'ECONNRESET' } })
  })

  it('after processing has spent the refresh token', async () => {
    const caller = new AbortController()
    server.next({ hang: true, when: 'after' })
    const answer = refresh(server, refreshToken, { signal: caller.signal })
    await vi.advanceTimersByTimeAsync(0)
    caller.abort()
    await expect(answer).rejects.toThrow()
    expect(await refusal(refresh(server, refreshToken))).toMatchObject({ error: 'invalid_grant' })
    expect(server.stats.reuse).toBe(1)
  })

  it('is not entered by a caller who gave up before: such a request is never sent', async () => {
    server.next({ hang: true })
    const signal = AbortSignal.abort()
    await expect(refresh(server, refreshToken, { signal })).rejects.toThrow()
    expect(server.stats.tokenRequests).toBe(0)
    expect(server.scripted).toBe(1)
  })

  it('after processing is not entered by a caller who gave up meanwhile', async () => {
    const caller = new AbortController()
    server.next({ hang: true, when: 'after' })
    const answer = refresh(server, refreshToken, { signal: caller.signal })
    caller.abort()
    await expect(answer).rejects.toMatchObject({ name: 'AbortError' })
  })
})

describe('a dropped connection', () => {
  it('rejects as fetch does', async () => {
    server.next({ drop: true })
    const failure = await refresh(server, refreshToken).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(TypeError)
    expect(failure).toMatchObject({ message: 'fetch failed', cause: { code: 'ECONNRESET' } })
    expect(server.requests.at(-1)).toMatchObject({ outcome: 'dropped' })
  })

  it('before processing spends nothing', async () => {
    server.next({ drop: true })
    await expect(refresh(server, refreshToken)).rejects.toThrow()
    await refreshed(server, refreshToken)
    expect(server.stats).toMatchObject({ tokenRequests: 2, issued: 1, reuse: 0 })
  })

  it('after processing has spent the refresh token', async () => {
    server.next({ drop: true, when: 'after' })
    await expect(refresh(server, refreshToken)).rejects.toThrow()
    expect(await refusal(refresh(server, refreshToken))).toMatchObject({ error: 'invalid_grant' })
    expect(server.stats).toMatchObject({ issued: 1, reuse: 1 })
  })
})

describe('a status', () => {
  it('comes bare, with a Date by the clock of the server', async () => {
    server.next({ status: 503 })
    const response = await refresh(server, refreshToken)
    expect([response.status, await response.text()]).toEqual([503, ''])
    expect(response.headers.get('date')).toBe(new Date(NOW + 60_000).toUTCString())
    expect(response.headers.has('retry-after')).toBe(false)
  })

  it('comes with Retry-After in seconds or as a date', async () => {
    const until = new Date(NOW + 120_000)
    server.next({ status: 429, retryAfter: 7 }, { status: 503, retryAfter: until })
    const waits = [await refresh(server, refreshToken), await refresh(server, refreshToken)]
    expect(waits.map((response) => response.headers.get('retry-after'))).toEqual([
      '7',
      'Sun, 01 Mar 2026 12:02:00 GMT',
    ])
  })

  it('comes with a body and headers', async () => {
    server.next(
      { status: 502, body: '<h1>Bad Gateway</h1>', headers: { 'content-type': 'text/html' } },
      { status: 403, body: { message: 'no' } },
      { status: 204 },
    )
    const page = await refresh(server, refreshToken)
    expect(page.headers.get('content-type')).toBe('text/html')
    expect(await page.text()).toBe('<h1>Bad Gateway</h1>')
    const json = await refresh(server, refreshToken)
    expect(json.headers.get('content-type')).toBe('application/json')
    expect(await json.json()).toEqual({ message: 'no' })
    expect((await refresh(server, refreshToken)).status).toBe(204)
  })

  it('after processing is an answer lost on its way', async () => {
    server.next({ status: 504, when: 'after' })
    expect((await refresh(server, refreshToken)).status).toBe(504)
    expect(server.stats).toMatchObject({ issued: 1, rejected: 0 })
  })
})

describe('an OAuth error', () => {
  it.each([
    ['invalid_request', 400],
    ['invalid_client', 401],
    ['invalid_grant', 400],
    ['unauthorized_client', 400],
    ['unsupported_grant_type', 400],
    ['invalid_scope', 400],
    ['server_error', 500],
    ['temporarily_unavailable', 503],
    ['something_of_its_own', 400],
  ])('%s comes with status %d', async (error, status) => {
    server.next({ error })
    expect(await refusal(refresh(server, refreshToken))).toEqual({ status, error })
    await refreshed(server, refreshToken)
  })

  it('comes with a description, a status and Retry-After of its own', async () => {
    server.next({ error: 'slow_down', description: 'Later', status: 429, retryAfter: 5 })
    const response = await refresh(server, refreshToken)
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '5'])
    expect(await response.json()).toEqual({ error: 'slow_down', error_description: 'Later' })
  })
})

describe('an answer that is no token response', () => {
  it('is the page of a captive portal', async () => {
    server.next({ html: true }, { html: '<p>Hello' })
    const portal = await refresh(server, refreshToken)
    expect(portal.status).toBe(200)
    expect(portal.headers.get('content-type')).toMatch('text/html')
    expect(await portal.text()).toMatch('<!doctype html>')
    expect(await (await refresh(server, refreshToken)).text()).toBe('<p>Hello')
    expect(server.stats.issued).toBe(0)
  })

  it('lacks fields', async () => {
    server.next({ omit: ['access_token', 'expires_in'] })
    const tokens = await tokensOf(await refresh(server, refreshToken))
    expect(Object.keys(tokens).sort()).toEqual(['refresh_token', 'scope', 'token_type'])
    expect(server.stats.issued).toBe(1)
  })

  it.each([['3600'], [-1], [0], [1e12], [null]])('has expires_in %j', async (expires_in) => {
    server.next({ override: { expires_in, token_type: 'mac' } })
    expect(await refreshed(server, refreshToken)).toMatchObject({ expires_in, token_type: 'mac' })
  })

  it.each([NaN, Infinity])('has %d, which is not JSON', async (expires_in) => {
    server.next({ override: { expires_in } })
    const text = await (await refresh(server, refreshToken)).text()
    expect(text).toContain(`"expires_in":${expires_in}`)
    expect(() => void JSON.parse(text)).toThrow(SyntaxError)
  })

  it('is a refusal as it stands, where there are no fields to change', async () => {
    server.next({ override: { expires_in: 1 } })
    expect(await refusal(refresh(server, 'nobody'))).toEqual({
      status: 400,
      error: 'invalid_grant',
    })
  })

  it('is discovered under another issuer', async () => {
    server.next({ at: 'discovery', override: { issuer: 'https://evil.example' } })
    const response = await server.fetch(`${server.issuer}/.well-known/openid-configuration`)
    expect(await response.json()).toMatchObject({ issuer: 'https://evil.example' })
  })
})

describe('an answer of the test', () => {
  it('stands for that of the server', async () => {
    server.next({
      respond: async (request) => Response.json({ sent: await request.text() }, { status: 418 }),
    })
    const response = await refresh(server, refreshToken)
    expect(response.status).toBe(418)
    expect(await response.json()).toEqual({
      sent: `grant_type=refresh_token&refresh_token=${refreshToken}`,
    })
    expect(server.stats.issued).toBe(0)
  })

  it('may look at that of the server, which is made once', async () => {
    server.next({
      respond: async (_, answer) => {
        await answer()
        return new Response((await answer()).body, { status: 201 })
      },
    })
    const response = await refresh(server, refreshToken)
    expect(response.status).toBe(201)
    expect(await tokensOf(response)).toHaveProperty('access_token')
    expect(server.stats.issued).toBe(1)
  })
})

describe('an answer of the test for an API', () => {
  it('after processing may still read the request', async () => {
    const api = server.protect(async (request) => new Response(await request.text()))
    const { access_token } = server.login()
    server.next({
      at: 'api',
      when: 'after',
      respond: async (request) => new Response(`lost: ${await request.text()}`),
    })
    const response = await api(
      new Request('https://api.example.com/orders', {
        method: 'POST',
        body: 'two apples',
        headers: { authorization: `Bearer ${access_token}` },
      }),
    )
    expect(await response.text()).toBe('lost: two apples')
  })
})

describe('a gate', () => {
  it('holds the next request before it is processed', async () => {
    const gate = server.hold()
    const answer = refresh(server, refreshToken)
    await gate.arrived
    expect(await stateOf(answer)).toBe('pending')
    expect(server.stats).toMatchObject({ tokenRequests: 1, issued: 0 })
    gate.release()
    expect((await answer).status).toBe(200)
    expect(server.requests.at(-1)).toMatchObject({ fault: 'hold', outcome: 'answered' })
  })

  it('holds it after it is processed', async () => {
    const gate = server.hold({ when: 'after' })
    const answer = refresh(server, refreshToken)
    await gate.arrived
    expect(server.stats.issued).toBe(1)
    server.revokeSession('user')
    gate.release()
    expect((await answer).status).toBe(200)
  })

  it('holds one request, the next goes by', async () => {
    const gate = server.hold()
    const held = refresh(server, refreshToken)
    await gate.arrived
    await refreshed(server, refreshToken)
    gate.release()
    expect((await held).status).toBe(400)
    expect(server.stats.reuse).toBe(1)
  })

  it('holds several in the order of the script', async () => {
    const gates = [server.hold(), server.hold()]
    const answers = [refresh(server, refreshToken), refresh(server, refreshToken)]
    await Promise.all(gates.map((gate) => gate.arrived))
    gates[1]!.release()
    expect((await answers[1]!).status).toBe(200)
    gates[0]!.release({ status: 503 })
    expect((await answers[0]!).status).toBe(503)
  })

  it('holds a request of an API', async () => {
    const gate = server.hold({ at: 'api' })
    const answer = callApi(server)
    await gate.arrived
    gate.release()
    expect((await answer).status).toBe(401)
  })

  it.each(['before', 'after'] as const)('held %s, it releases into a fault', async (when) => {
    const gate = server.hold({ when })
    const answer = refresh(server, refreshToken)
    await gate.arrived
    gate.release({ drop: true })
    gate.release()
    await expect(answer).rejects.toThrow('fetch failed')
    expect(server.stats.issued).toBe(when === 'after' ? 1 : 0)
  })

  it('refuses to release into what is no fault', () => {
    const gate = server.hold()
    expect(() => gate.release({} as Fault)).toThrow(TokenOptionsError)
    expect(() => server.hold({ delayMs: NaN })).toThrow(TokenOptionsError)
  })

  it('may be opened before anybody comes', async () => {
    server.hold().release()
    await refreshed(server, refreshToken)
  })

  it('lets go of a caller who gives up', async () => {
    const caller = new AbortController()
    const gate = server.hold()
    const answer = refresh(server, refreshToken, { signal: caller.signal })
    await gate.arrived
    caller.abort()
    await expect(answer).rejects.toMatchObject({ name: 'AbortError' })
    gate.release()
    await refreshed(server, refreshToken)
    expect(server.stats.reuse).toBe(0)
  })

  it('lets go of everybody when the server is reset', async () => {
    const gate = server.hold()
    const answer = refresh(server, refreshToken)
    await gate.arrived
    server.reset()
    await expect(answer).rejects.toThrow('fetch failed')
  })
})
