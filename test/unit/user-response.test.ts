import { describe, expect, it } from 'vitest'
import { isTokenError } from '../../src/errors.js'
import { TokenManager, type TokenManagerOptions, type TokenSet } from '../../src/index.js'
import { memoryStore } from '../../src/stores/memory.js'

const OLD = { accessToken: 'at-1', refreshToken: 'rt-1', expiresAt: 1 }
const NEW = { access_token: 'at-2', refresh_token: 'rt-2', expires_in: 300 }

function managerWith(refresh: () => unknown) {
  const store = memoryStore()
  const options = { refresh, store, initialTokens: OLD, retry: { attempts: 1 } }
  return { store, tokens: new TokenManager(options as unknown as TokenManagerOptions) }
}

async function brought(refresh: () => unknown): Promise<TokenSet | undefined> {
  const { tokens } = managerWith(refresh)
  await tokens.getAccessToken()
  return tokens.getTokens()
}

async function failure(refresh: () => unknown): Promise<unknown> {
  const { tokens } = managerWith(refresh)
  return tokens.getAccessToken().catch((error: unknown) => error)
}

const json = (status: number, body: object, headers = {}) =>
  Response.json(body, { status, headers })

/** A body that breaks off in the middle. */
function broken(status: number): Response {
  const body = new ReadableStream({ pull: (controller) => controller.error(new Error('cut')) })
  return new Response(body, { status })
}

describe('what a `refresh` may return beside an object with the tokens', () => {
  it.each<[string, () => unknown]>([
    ['the response of fetch, with its body unread', () => Promise.resolve(json(200, NEW))],
    ['the body as text', () => Promise.resolve(JSON.stringify(NEW))],
    ['a form, as GitHub sends it', () => Promise.resolve(new Response('access_token=at-2&refresh_token=rt-2'))], // prettier-ignore
    ['a body whose tokens are in `data`', () => Promise.resolve(json(200, { data: NEW }))],
  ])('%s', async (_what, refresh) => {
    expect(await brought(refresh)).toMatchObject({ accessToken: 'at-2', refreshToken: 'rt-2' })
  })

  it('keeps the rotated refresh token of a response that has no access token', async () => {
    const { tokens, store } = managerWith(() => json(200, { refresh_token: 'rt-2' }))
    await expect(tokens.getAccessToken()).rejects.toMatchObject({
      code: 'ERR_INVALID_TOKEN_RESPONSE',
    })
    expect((await store.load())?.tokens?.refreshToken).toBe('rt-2')
  })

  it.each<[string, () => unknown, object]>([
    [
      'a dead refresh token',
      () => json(400, { error: 'invalid_grant' }),
      { code: 'ERR_LOGIN_REQUIRED' },
    ],
    [
      'a dead refresh token with 200',
      () => json(200, { ok: false, error: 'token_revoked' }),
      { code: 'ERR_LOGIN_REQUIRED' },
    ],
    [
      'a time to wait',
      () => json(429, {}, { 'retry-after': '7' }),
      { code: 'ERR_REFRESH_UNAVAILABLE', status: 429, retryAfterMs: 7_000 },
    ],
    [
      'a page',
      () => new Response('<html>', { status: 502 }),
      { code: 'ERR_REFRESH_UNAVAILABLE', outcome: 'failed' },
    ],
    ['a page with 200', () => new Response('<html>'), { code: 'ERR_INVALID_TOKEN_RESPONSE' }],
    [
      'a refusal whose body is cut',
      () => broken(401),
      { code: 'ERR_REFRESH_REJECTED', status: 401 },
    ],
    [
      'a success whose body is cut',
      () => broken(200),
      { code: 'ERR_REFRESH_UNAVAILABLE', outcome: 'unknown' },
    ],
    [
      'more than a megabyte',
      () => new Response('x'.repeat(2_000_000)),
      { code: 'ERR_REFRESH_UNAVAILABLE', outcome: 'unknown' },
    ],
    ['text that is no response', () => 'at-2', { code: 'ERR_INVALID_TOKEN_RESPONSE' }],
  ])('judges %s', async (_what, refresh, expected) => {
    // prettier-ignore
    expect(await failure(refresh)).toMatchObject(expected)
  })

  it('judges a response that was read before by its status', async () => {
    const response = json(400, { error: 'invalid_grant' })
    await response.text()
    expect(await failure(() => response)).toMatchObject({ code: 'ERR_REFRESH_REJECTED' })
  })
})

describe('what a `refresh` may throw, with a body that nobody has read', () => {
  it.each<[string, () => unknown]>([
    ['the response of fetch', () => Promise.reject(json(400, { error: 'invalid_grant' }))],
    ['an error that has it (ky)', () => Promise.reject(Object.assign(new Error('HTTP 400'), { response: json(400, { error: 'invalid_grant' }) }))], // prettier-ignore
  ])('%s', async (_what, refresh) => {
    expect(await failure(refresh)).toMatchObject({ code: 'ERR_LOGIN_REQUIRED' })
  })

  it('an error whose status only it can say itself', async () => {
    class HttpError extends Error {
      readonly #status = 429
      readonly response = json(429, {}, { 'retry-after': '7' })
      get status() {
        return this.#status
      }
    }
    const error = await failure(() => Promise.reject(new HttpError('HTTP 429')))
    expect(error).toMatchObject({ status: 429, retryAfterMs: 7_000 })
  })

  it('an error of whose response nothing can be read is still one of ours', async () => {
    const hostile = {
      get response(): never {
        throw new Error('no')
      },
    }
    const error = await failure(() => Promise.reject(hostile))
    expect(isTokenError(error)).toBe(true)
  })

  it('shows no token that a refusal quotes', async () => {
    const error = await failure(() => json(400, { error: 'invalid_request', error_description: 'rt-1 is no token' })) // prettier-ignore
    expect(JSON.stringify(error)).not.toContain('rt-1')
    expect(String(error)).not.toContain('rt-1')
  })
})
