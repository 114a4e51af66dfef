import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { RefreshRejectedError, RefreshUnavailableError, TokenManager, TokenOptionsError } from 'tokenward' // prettier-ignore
import { oauthClient } from 'tokenward/oauth'
import { toTokenSet } from '../../../src/tokens/to-token-set.js'
import { failureOf, FULL_METADATA, ISSUER, json, shownBy, stubFetch } from './support.js'

const BOTH = toTokenSet({ access_token: 'AT1', refresh_token: 'refresh me' })
const ACCESS_ONLY = toTokenSet({ access_token: 'AT1' })

function clientAnswering(...answers: (() => Response | Promise<Response>)[]) {
  const left = [...answers]
  const { fetch, sent, form } = stubFetch(() => (left.shift() ?? (() => new Response()))())
  const options = { metadata: FULL_METADATA, clientId: 'app', clientSecret: 's3cret', fetch }
  const oauth = oauthClient(options)
  const revoke = (tokens = BOTH, signal = new AbortController().signal) =>
    oauth.revoke()({ tokens, signal })
  return { oauth, sent, form, revoke }
}

const tokenOf = ({ body }: { body?: string }) => new URLSearchParams(body).get('token')

beforeEach(() => void vi.useFakeTimers())
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

describe('revoking', () => {
  it('tells the server of the refresh token, then of the access token, as the client', async () => {
    const { sent, form, revoke } = clientAnswering()
    await revoke()
    expect(sent).toHaveLength(2)
    expect(sent[0]).toMatchObject({ url: `${ISSUER}/revoke`, redirect: 'manual' })
    expect(sent[0]!.headers.authorization).toMatch(/^Basic /)
    expect(Object.fromEntries(form())).toEqual({
      token: 'refresh me',
      token_type_hint: 'refresh_token',
    })
    expect(sent[1]!.headers.authorization).toMatch(/^Basic /)
    expect(Object.fromEntries(form(1))).toEqual({ token: 'AT1', token_type_hint: 'access_token' })
  })

  it.each<[string, () => Response | Promise<Response>]>([
    ['refused', () => json({ error: 'unsupported_token_type' }, { status: 400 })],
    ['in trouble', () => new Response(null, { status: 503 })],
    ['out of reach', () => Promise.reject(new Error('reset'))],
  ])('is done with the refresh token: about the access token it may be %s', async (_, answer) => {
    const { sent, revoke } = clientAnswering(() => new Response(), answer)
    await revoke()
    expect(sent).toHaveLength(2)
  })

  it('leaves the access token where the refresh token could not be revoked', async () => {
    const { sent, revoke } = clientAnswering(() =>
      json({ error: 'invalid_client' }, { status: 401 }),
    )
    expect(await failureOf(revoke())).toBeInstanceOf(RefreshRejectedError)
    expect(sent).toHaveLength(1)
  })

  it('tells of the access token where there is no other', async () => {
    const { sent, form, revoke } = clientAnswering()
    await revoke(ACCESS_ONLY)
    expect(sent).toHaveLength(1)
    expect(Object.fromEntries(form())).toEqual({ token: 'AT1', token_type_hint: 'access_token' })
  })

  it('asks nothing of an access token that is not known', async () => {
    const { form, sent, revoke } = clientAnswering()
    await revoke(toTokenSet({ accessToken: '', refreshToken: 'refresh me' }))
    expect(sent).toHaveLength(1)
    expect(form().get('token')).toBe('refresh me')
  })

  it('tells of the access token where the server revokes no refresh tokens', async () => {
    const unsupported = () => json({ error: 'unsupported_token_type' }, { status: 400 })
    const { form, revoke } = clientAnswering(unsupported)
    await revoke()
    expect(form(1).get('token')).toBe('AT1')
  })

  it('asks a server in trouble again, when it says', async () => {
    const busy = () => new Response(null, { status: 503, headers: { 'retry-after': '2' } })
    const { sent, revoke } = clientAnswering(busy, () => Promise.reject(new Error('reset')))
    const done = revoke()
    await vi.advanceTimersByTimeAsync(1_999)
    expect(sent).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(1)
    expect(sent).toHaveLength(2)
    await vi.advanceTimersByTimeAsync(400)
    await done
    expect(sent.map(tokenOf)).toEqual(['refresh me', 'refresh me', 'refresh me', 'AT1'])
  })

  it('gives up after three, or where it would wait too long', async () => {
    const busy = () => new Response(null, { status: 503 })
    const thrice = clientAnswering(busy, busy, busy, busy)
    const failed = failureOf(thrice.revoke())
    await vi.advanceTimersByTimeAsync(10_000)
    expect(await failed).toBeInstanceOf(RefreshUnavailableError)
    expect(thrice.sent).toHaveLength(3)
    const later = () => new Response(null, { status: 503, headers: { 'retry-after': '60' } })
    const once = clientAnswering(later)
    expect(await failureOf(once.revoke())).toMatchObject({ retryAfterMs: 60_000 })
    expect(once.sent).toHaveLength(1)
  })

  it('stops when it is told to', async () => {
    const busy = () => new Response(null, { status: 503, headers: { 'retry-after': '2' } })
    const { sent, revoke } = clientAnswering(busy)
    const controller = new AbortController()
    const failed = failureOf(revoke(BOTH, controller.signal))
    await vi.advanceTimersByTimeAsync(1_000)
    controller.abort()
    expect(await failed).toBeInstanceOf(RefreshUnavailableError)
    expect(sent).toHaveLength(1)
    const over = clientAnswering()
    const aborted = failureOf(over.revoke(BOTH, AbortSignal.abort()))
    expect(await aborted).toMatchObject({ outcome: 'not-sent' })
    expect(over.sent).toEqual([])
  })

  it.each<[string, () => Response, object]>([
    [
      'refuses',
      () => json({ error: 'invalid_client', error_description: 'no refresh me' }, { status: 401 }),
      { error: 'invalid_client', errorDescription: 'no [redacted]', status: 401 },
    ],
    [
      'redirects',
      () => new Response(null, { status: 307, headers: { location: 'https://evil.test' } }),
      { status: 307 },
    ],
  ])('fails where the server %s', async (_, answer, expected) => {
    const { sent, revoke } = clientAnswering(answer)
    const error = await failureOf(revoke())
    expect(error).toBeInstanceOf(RefreshRejectedError)
    expect(error).toMatchObject(expected)
    expect(shownBy(error)).not.toContain('refresh me')
    expect(sent).toHaveLength(1)
  })

  it('fails where the server has no such endpoint, or a bad one', async () => {
    for (const revocation_endpoint of [undefined, 'http://auth.test/revoke']) {
      const metadata = { ...FULL_METADATA, revocation_endpoint }
      const revoke = oauthClient({ metadata, clientId: 'app' }).revoke()
      const error = await failureOf(revoke({ tokens: BOTH, signal: new AbortController().signal }))
      expect(error).toBeInstanceOf(RefreshRejectedError)
    }
  })

  it('is what a manager does at sign-out, which ends whatever the server answers', async () => {
    const refused = () => json({ error: 'invalid_client' }, { status: 401 })
    const { oauth, sent } = clientAnswering(refused)
    const manager = new TokenManager({
      refresh: oauth.refreshToken(),
      revoke: oauth.revoke(),
      initialTokens: BOTH,
    })
    await manager.signOut({ revoke: true })
    await manager.close()
    expect(sent).toHaveLength(1)
    expect(await failureOf(manager.getAccessToken())).toBeDefined()
  })
})

describe('ending the session at the server', () => {
  const { oauth } = clientAnswering()

  it('is a URL to send the browser to', async () => {
    const url = new URL(
      await oauth.endSessionUrl({
        idToken: 'a.b.c',
        postLogoutRedirectUri: 'https://app.test/bye?x=1',
        state: 'after',
      }),
    )
    expect(url.origin + url.pathname).toBe(`${ISSUER}/logout`)
    expect(Object.fromEntries(url.searchParams)).toEqual({
      tenant: '1',
      id_token_hint: 'a.b.c',
      client_id: 'app',
      post_logout_redirect_uri: 'https://app.test/bye?x=1',
      state: 'after',
    })
    expect(await oauth.endSessionUrl()).toBe(`${ISSUER}/logout?tenant=1&client_id=app`)
  })

  it.each([{ idToken: '' }, { state: 1 }, { postLogoutRedirectUri: 'bye' }, { foo: 1 }])(
    'wants good options, not %j',
    async (options) => {
      const error = await failureOf(oauth.endSessionUrl(options as object))
      expect(error).toBeInstanceOf(TokenOptionsError)
    },
  )

  it('wants a good endpoint of the server', async () => {
    for (const end_session_endpoint of [undefined, 'http://auth.test/logout']) {
      const metadata = { ...FULL_METADATA, end_session_endpoint }
      const error = await failureOf(oauthClient({ metadata, clientId: 'app' }).endSessionUrl())
      expect(error).toBeInstanceOf(RefreshRejectedError)
    }
  })
})
