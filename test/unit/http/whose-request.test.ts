import axios, { type AxiosInstance } from 'axios'
import { setupCache } from 'axios-cache-interceptor'
import { fixedToken, type TokenSource } from 'tokenward'
import { attachTokens } from 'tokenward/axios'
import { createFetch, sessionStandIn } from 'tokenward/fetch'
import { describe, expect, it } from 'vitest'
import { serve } from './support/server.js'
import { FakeSource } from './support/sources.js'

/** An API that may be cached, for each user by itself: it says so. */
function cacheableApi() {
  return serve((request, response) => {
    response.setHeader('cache-control', 'max-age=60')
    response.setHeader('vary', 'Authorization')
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ seen: request.authorization }))
  })
}

function userOf(name: string): FakeSource {
  const source = new FakeSource(`token-of-${name}`)
  source.sessionId = `session-of-${name}`
  return source
}

describe('one axios instance behind a response cache, for all users', () => {
  const orders: [string, (baseURL: string) => AxiosInstance][] = [
    ['first', (baseURL) => setupCache(attachTokens(axios.create({ baseURL })))],
    ['last', (baseURL) => attachTokens(setupCache(axios.create({ baseURL })))],
  ]
  const seenBy = async (api: AxiosInstance, tokens: TokenSource) =>
    (await api.get<{ seen: string }>('/me', { tokens })).data.seen

  describe.each(orders)('with tokens attached %s', (_, create) => {
    it('gives nobody another’s data, and everybody their own from the cache', async () => {
      const api = await cacheableApi()
      const instance = create(api.origin)
      const [alice, bob] = [userOf('alice'), userOf('bob')]
      expect(await seenBy(instance, alice)).toBe('Bearer token-of-alice')
      expect(await seenBy(instance, bob)).toBe('Bearer token-of-bob')
      expect(await seenBy(instance, alice)).toBe('Bearer token-of-alice')
      expect(api.seen).toHaveLength(2)
    })

    it('keeps users apart who ask at once', async () => {
      const api = await cacheableApi()
      const instance = create(api.origin)
      const names = ['alice', 'bob', 'alice', 'carol']
      const answers = names.map((name) => seenBy(instance, userOf(name)))
      expect(await Promise.all(answers)).toEqual(names.map((name) => `Bearer token-of-${name}`))
    })

    it('never serves a login with what was cached for the one before', async () => {
      const api = await cacheableApi()
      const instance = create(api.origin)
      const source = userOf('alice')
      await seenBy(instance, source)
      Object.assign(source, { token: 'token-of-bob', sessionId: 'session-of-bob' })
      expect(await seenBy(instance, source)).toBe('Bearer token-of-bob')
    })

    it('keeps tokens out of what is cached', async () => {
      const api = await cacheableApi()
      const { config } = await create(api.origin).get('/me', { tokens: userOf('alice') })
      expect(config.headers.get('Authorization')).toBe('tokenward-session session-of-alice')
    })
  })
})

describe('what stands in for the token above the adapter', () => {
  it('is the same for a session, another for another, and like no other for nobody', () => {
    const none = new FakeSource()
    expect(sessionStandIn(userOf('alice'))).toBe(sessionStandIn(userOf('alice')))
    expect(sessionStandIn(userOf('alice'))).not.toBe(sessionStandIn(userOf('bob')))
    expect(sessionStandIn(none)).not.toBe(sessionStandIn(none))
    expect(sessionStandIn(fixedToken('S3CRET'))).not.toContain('S3CRET')
  })

  it('does not go where the token does not', async () => {
    const api = await serve((_, response) => response.end())
    const instance = attachTokens(axios.create(), userOf('alice'), {
      origins: ['https://a.example'],
    })
    await instance.get(api.origin)
    expect(api.seen[0]?.authorization).toBeUndefined()
  })

  it('is replaced by the token of whichever instance sends it, never passed on', async () => {
    const api = await cacheableApi()
    const instance = attachTokens(axios.create({ baseURL: api.origin }), userOf('alice'))
    const { config } = await instance.get('/me')
    const other = attachTokens(axios.create({ baseURL: api.origin }), userOf('bob'))
    await other.request({ ...config, adapter: 'http' })
    expect(api.seen.map(({ authorization }) => authorization)).toEqual([
      'Bearer token-of-alice',
      'Bearer token-of-bob',
    ])
  })

  it('is seen by a cache around createFetch, and replaced by the token below it', async () => {
    const api = await cacheableApi()
    const cached = new Map<string, Promise<Response>>()
    const send = createFetch(undefined, { origins: [api.origin] })
    const get = async (tokens: TokenSource) => {
      const headers = { authorization: sessionStandIn(tokens) }
      const key = JSON.stringify(headers)
      if (!cached.has(key)) cached.set(key, send(`${api.origin}/me`, { headers, tokens }))
      return ((await (await cached.get(key)!).clone().json()) as { seen: string }).seen
    }
    expect(await get(userOf('alice'))).toBe('Bearer token-of-alice')
    expect(await get(userOf('bob'))).toBe('Bearer token-of-bob')
    expect(await get(userOf('alice'))).toBe('Bearer token-of-alice')
    expect(api.seen).toHaveLength(2)
  })
})
