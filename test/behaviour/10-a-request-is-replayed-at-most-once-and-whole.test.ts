import { Readable } from 'node:stream'
import axios, {
  type AxiosInstance,
  type AxiosRequestConfig,
  type AxiosResponse,
  type InternalAxiosRequestConfig,
} from 'axios'
import axiosRetry from 'axios-retry'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  NotReplayedError,
  RefreshUnavailableError,
  TokenManager,
  tokenErrorOf,
  type TokenSource,
} from 'tokenward'
import { attachTokens } from 'tokenward/axios'
import { anyRequest, form } from './support/http-arbitrary.js'
import { API, closed, ISSUER, useWorld } from './support/http-world.js'
import { wireWorld } from './support/http-wire.js'

describe('a request is replayed whole: the bytes on the wire', () => {
  const picture = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 255, 13, 10])
  it.each<[string, AxiosRequestConfig, string | RegExp]>([
    // axios#875, axios-auth-refresh#107, axios-retry#295: JSON stringified twice
    ['JSON', { data: { a: 1, b: ['x', null] } }, '{"a":1,"b":["x",null]}'],
    ['JSON of the caller’s making', { data: '{"a": 1}', headers: { 'Content-Type': 'application/json' } }, '{"a": 1}'], // prettier-ignore
    ['a string', { data: 'a=1&b=x%20y' }, 'a=1&b=x%20y'],
    ['URLSearchParams', { data: new URLSearchParams({ a: '1', b: 'x y' }) }, 'a=1&b=x+y'],
    // axios#6240: content type lost with FormData
    ['FormData', { data: form({ name: 'me', file: new Blob([picture]) }) }, /name="file".*\x89PNG\0\xff\r\n/s], // prettier-ignore
    ['an object sent as a form', { data: { a: 'x' }, headers: { 'Content-Type': 'multipart/form-data' } }, /name="a"\r\n\r\nx\r\n/], // prettier-ignore
    ['a Buffer', { data: picture }, picture.toString('latin1')],
    ['a transformRequest of the caller', { data: { a: 1 }, transformRequest: [(data: unknown) => `<${JSON.stringify(data)}>`] }, '<{"a":1}>'], // prettier-ignore
    ['no body', { method: 'get' }, ''],
    ['PUT', { method: 'put', data: { a: 1 } }, '{"a":1}'],
    ['DELETE with a body', { method: 'delete', data: { a: 1 } }, '{"a":1}'],
  ])('are the same twice, and what was meant: %s', async (_, config, body) => {
    const { origin, denied, arrived } = await wireWorld()
    const client = attachTokens(axios.create({ baseURL: `${origin}/v1` }), denied())
    const { status } = await client.request({ url: '/upload', method: 'post', ...config })
    expect(status).toBe(200)
    const [first, replay, ...more] = arrived()
    expect(more).toEqual([])
    expect(replay).toEqual(first)
    if (typeof body === 'string') expect(first?.body).toBe(body)
    else expect(first?.body).toMatch(body)
  })

  // axios#1628, axios-retry#280: baseURL or params doubled
  it.each<[string, (origin: string) => AxiosRequestConfig, AxiosRequestConfig]>([
    ['an absolute baseURL', (origin) => ({ baseURL: `${origin}/v1` }), { url: '/me' }],
    ['an absolute baseURL with a slash', (origin) => ({ baseURL: `${origin}/v1/` }), { url: 'me' }],
    ['a relative baseURL, made absolute by an interceptor', () => ({ baseURL: '/v1' }), { url: 'me' }], // prettier-ignore
    ['no baseURL at all', () => ({}), { url: '/v1/me' }],
  ])('are for the same URL: %s', async (_, defaults, request) => {
    const { origin, denied, arrived } = await wireWorld()
    const client = axios.create(defaults(origin))
    client.interceptors.request.use(({ baseURL = '', ...config }) => ({
      ...config,
      baseURL: baseURL.startsWith('http') ? baseURL : origin + baseURL,
    }))
    attachTokens(client, denied(), { origins: [origin] })
    const params: unknown = { a: [1, 2], b: 'x y' }
    await client.request({ ...request, params })
    const url = '/v1/me?a%5B%5D=1&a%5B%5D=2&b=x+y'
    expect(arrived().map((seen) => seen.url)).toEqual([url, url])
  })

  it('are for the same URL: an absolute one beside a relative baseURL', async () => {
    const { origin, denied, arrived } = await wireWorld()
    const client = axios.create({ baseURL: '/v1' })
    attachTokens(client, denied(), { origins: [origin] })
    await client.get(`${origin}/v2/me?x=1`, { params: { y: 2 } })
    expect(arrived().map(({ url }) => url)).toEqual(['/v2/me?x=1&y=2', '/v2/me?x=1&y=2'])
  })

  it('are the same also where the caller’s code would make others the second time', async () => {
    const { origin, denied, arrived } = await wireWorld()
    const client = attachTokens(axios.create({ baseURL: origin }), denied())
    let made = 0
    await client.post('/orders', '', {
      headers: { 'X-Attempt': '1' },
      params: {},
      paramsSerializer: { serialize: () => `nonce=${++made}` },
      transformRequest: [(_data, headers) => (headers.set('X-Nonce', ++made), `id=${++made}`)],
    })
    const [first, replay] = arrived()
    expect(replay).toEqual(first)
    expect(made).toBe(3)
  })

  it('are the same, whatever the request', { timeout: 30_000 }, async () => {
    const { origin, denied, arrived } = await wireWorld()
    await fc.assert(
      fc.asyncProperty(anyRequest, async (config) => {
        const client = attachTokens(axios.create({ baseURL: origin }), denied())
        await client.request({ ...config, validateStatus: () => true })
        const [first, replay, ...more] = arrived()
        expect(more).toEqual([])
        expect(replay).toBeDefined()
        expect(replay).toEqual(first)
      }),
      { numRuns: 150 },
    )
  })
})

describe('a request is not replayed: a body that cannot be sent twice', () => {
  const streamed = () => {
    const made = axios.toFormData({ a: 1 })
    made.append('file', Readable.from([Buffer.from('the only copy')]))
    return made
  }
  // axios-auth-refresh 5: a stream body replayed empty, and answered 200. axios#6454, axios-retry#277
  it.each<[string, string, () => unknown]>([
    ['a stream of Node', 'http', () => Readable.from(['the only copy'])],
    ['a stream of the web', 'fetch', () => new Blob(['the only copy']).stream()],
    ['a form with a stream in it', 'http', streamed],
  ])('is passed on as the 401 that it is, saying why: %s', async (_, adapter, body) => {
    const { server, origin, denied, arrived } = await wireWorld()
    const manager = denied()
    const client = attachTokens(axios.create({ baseURL: origin, adapter }), manager)
    const error = await failureOf(client.post('/upload', body()))
    expect(error).toMatchObject({ name: 'AxiosError', status: 401, response: { status: 401 } })
    const reason = tokenErrorOf(error)
    expect(reason).toBeInstanceOf(NotReplayedError)
    expect(reason).toMatchObject({ reason: 'body', message: /stream.*second time/ })
    expect(arrived().map((seen) => seen.body)).toEqual([expect.stringContaining('the only copy')])

    // The app tries again with a stream of its own, and finds a good token.
    const { status } = await client.post('/upload', body())
    expect(status).toBe(200)
    expect(arrived()).toHaveLength(1)
    expect(server.stats).toMatchObject({ tokenRequests: 1, reuse: 0 })
  })
})

describe('a request is replayed at most once', () => {
  const { server, apiAnswers, login, sent } = useWorld()
  const apiRequests = async () => (await sent()).filter(({ origin }) => origin === API)

  // alova 3.5: one always-401 endpoint made 68 refreshes in a second
  it('where the API always says 401: the second one is the caller’s', async () => {
    apiAnswers('/closed', closed('Bearer error="invalid_token"'))
    const { manager } = login()
    const client = attachTokens(axios.create({ baseURL: API }), manager)
    const error = await failureOf(client.get('/closed'))
    expect(error).toMatchObject({ name: 'AxiosError', status: 401 })
    expect(tokenErrorOf(error)).toMatchObject({
      code: 'ERR_NOT_REPLAYED',
      reason: 'already-replayed',
    })
    expect(await apiRequests()).toHaveLength(2)
    expect(server.stats.tokenRequests).toBe(1)
  })

  // supertokens-website#113, mcp-remote#338
  it('where it always says 401 to many: two sendings each at most, one refresh', async () => {
    apiAnswers('/closed', closed())
    const { manager } = login()
    const client = attachTokens(axios.create({ baseURL: API }), manager)
    const errors = await Promise.all(range(50).map(() => failureOf(client.get('/closed'))))
    for (const error of errors) expect(error).toMatchObject({ status: 401 })
    expect((await apiRequests()).length).toBeLessThanOrEqual(100)
    expect(server.stats.tokenRequests).toBe(1)
    expect((await client.get('/open')).status).toBe(200)
  })

  it('where validateStatus accepts a 401: renewed all the same, and given back if it stays', async () => {
    const { manager } = login({ token: 'denied' })
    const client = attachTokens(axios.create({ baseURL: API, validateStatus: null }), manager)
    expect(await client.get('/me')).toMatchObject({ status: 200, data: { sub: 'ann' } })
    apiAnswers('/closed', closed())
    expect(await client.get('/closed')).toMatchObject({ status: 401 })
    expect(await apiRequests()).toHaveLength(4)
  })

  // axios-auth-refresh: waiters get ERR_CANCELED for a failed refresh
  it.each(['denied', 'expired'] as const)(
    'and not at all if the refresh fails: all who wait learn the same, a cancel never (%s)',
    async (token) => {
      server.always({ status: 503 })
      const { manager } = login({ token, retry: { attempts: 1 } })
      const client = attachTokens(axios.create({ baseURL: API }), manager)
      const errors = await Promise.all(range(20).map(() => failureOf(client.get('/me'))))
      const [reason, ...others] = new Set(errors.map(tokenErrorOf))
      expect(others).toEqual([])
      expect(reason).toBeInstanceOf(RefreshUnavailableError)
      expect(errors.some((error) => axios.isCancel(error))).toBe(false)
      expect(await apiRequests()).toHaveLength(token === 'denied' ? 20 : 0)
    },
  )
})

describe('a request is replayed, and nobody notices: interceptors', () => {
  const { login, apiAnswers } = useWorld()

  /** Users' interceptors and transforms, and the order in which they ran. */
  function watchOver(instance: AxiosInstance): string[] {
    const ran: string[] = []
    instance.defaults.transformRequest = (data) => (ran.push('transform'), JSON.stringify(data))
    instance.defaults.transformResponse = (text) => (ran.push('parse'), JSON.parse(String(text)))
    instance.interceptors.request.use((config) => (ran.push('request'), config))
    instance.interceptors.response.use(
      (answer: AxiosResponse) => {
        ran.push(`answer ${answer.status}`)
        return answer.data
      },
      (error: { status?: number }) => {
        ran.push(`error ${error.status}`)
        return Promise.reject(error)
      },
    )
    return ran
  }

  it.each(['before', 'after'])(
    'attached %s ours run once and see the final answer once',
    async (order) => {
      const { manager } = login({ token: 'denied' })
      const instance = axios.create({ baseURL: API })
      if (order === 'after') attachTokens(instance, manager)
      const ran = watchOver(instance)
      if (order === 'before') attachTokens(instance, manager)
      expect(await instance.post('/me', { a: 1 })).toMatchObject({ sub: 'ann', method: 'POST' })
      expect(ran).toEqual(['request', 'transform', 'parse', 'answer 200'])
    },
  )

  it.each(['before', 'after'])('attached %s ours see a 401 that stays once too', async (order) => {
    apiAnswers('/closed', closed())
    const { manager } = login()
    const instance = axios.create({ baseURL: API })
    if (order === 'after') attachTokens(instance, manager)
    const ran = watchOver(instance)
    if (order === 'before') attachTokens(instance, manager)
    await failureOf(instance.post('/closed', { a: 1 }))
    expect(ran).toEqual(['request', 'transform', 'parse', 'error 401'])
  })
})

describe('a request is replayed, and nobody notices: axios-retry', () => {
  const { server, login, sent } = useWorld()

  // axios#5187, axios-retry#218, #309: headers mangled where a plugin sends the request again
  describe.each(['before', 'after'])('attached %s ours', (order) => {
    const retrying = (manager: TokenManager) => {
      const instance = axios.create({ baseURL: `${API}/v1` })
      const retry = () =>
        axiosRetry(instance, { retries: 2, retryCondition: ({ status }) => status === 503 })
      if (order === 'before') retry()
      attachTokens(instance, manager)
      if (order === 'after') retry()
      return instance
    }

    it.each([
      ['503, then 401', [{ at: 'api', status: 503 }]],
      [
        '401, then 503',
        [
          { at: 'api', pass: true },
          { at: 'api', status: 503 },
        ],
      ],
    ] as const)('%s: succeeds, the same request each time', async (_, faults) => {
      const { manager } = login({ token: 'denied' })
      server.next(...faults)
      const answer = await retrying(manager).post('/me', { a: 1 }, { params: { b: 'x y' }, headers: { 'X-Mine': '1' } }) // prettier-ignore
      expect(answer).toMatchObject({ status: 200, data: { sub: 'ann' } })
      const calls = (await sent()).filter(({ origin }) => origin === API)
      const contents = calls.map(({ url, content }) => [url, content.replace(/Bearer \S+/, '')])
      expect(contents).toEqual(Array(3).fill(contents[0]))
      expect(contents[0]).toEqual([`${API}/v1/me?b=x+y`, expect.stringMatching(/\{"a":1\}$/)])
      expect(server.stats).toMatchObject({ tokenRequests: 1, reuse: 0 })
    })
  })
})

describe('every request is replayed once: many at the same time', () => {
  const { server, login, sent } = useWorld()

  // Flyrell/axios-auth-refresh#307, #13, #56, #90: of N concurrent 401s only the first is replayed
  it('401s before, during and just after a refresh: one refresh, 50 successes', async () => {
    const { manager } = login({ token: 'denied' })
    const client = attachTokens(axios.create({ baseURL: API }), manager)
    const late = range(30).map(() => server.hold({ at: 'api', when: 'after' }))
    const calls = range(30).map((i) => client.post(`/orders/${i}`, { i }))
    await Promise.all(late.map(({ arrived }) => arrived))

    const refresh = server.hold()
    calls.push(...range(10, 30).map((i) => client.post(`/orders/${i}`, { i }))) // before
    await refresh.arrived
    calls.push(...range(10, 40).map((i) => client.post(`/orders/${i}`, { i }))) // begun during
    late.splice(0, 15).forEach((gate) => gate.release()) // during
    refresh.release()
    await Promise.all(calls.slice(30))
    late.forEach((gate) => gate.release()) // just after

    const answers = await Promise.all(calls)
    expect(answers.map(({ data }) => data.path)).toEqual(range(50).map((i) => `/orders/${i}`))
    expect(server.stats).toMatchObject({ tokenRequests: 1, apiRejections: 40, apiRequests: 90 })
  })

  it('on an expired token: one refresh, 50 successes, no 401 at all', async () => {
    const { manager } = login({ token: 'expired' })
    const client = attachTokens(axios.create({ baseURL: API }), manager)
    const answers = await Promise.all(range(50).map((i) => client.get(`/orders/${i}`)))
    expect(answers.map(({ status }) => status)).toEqual(Array(50).fill(200))
    expect(server.stats).toMatchObject({ tokenRequests: 1, apiRequests: 50, apiRejections: 0 })
  })

  // axios-auth-refresh#210, #286: two axios instances, one session, two refreshes
  it('by several instances that share a manager: one refresh', async () => {
    const { manager } = login({ token: 'denied' })
    const clients = ['/orders', '/invoices', '/mail'].map((path) =>
      attachTokens(axios.create({ baseURL: API + path }), manager),
    )
    const calls = range(10).flatMap(() => clients.map((client) => client.get('/1')))
    for (const { status } of await Promise.all(calls)) expect(status).toBe(200)
    expect(server.stats).toMatchObject({ tokenRequests: 1, reuse: 0 })
  })

  it('of many users through one instance: each with their own token, one refresh each', async () => {
    const client = attachTokens(axios.create({ baseURL: API }))
    const users = range(10).map((i) => `user-${i}`)
    const tokens = new Map<string, TokenSource>(
      users.map((sub) => [sub, login({ sub, token: 'denied' }).manager]),
    )
    const asked = range(5).flatMap(() => users)
    const calls = asked.map((sub) => client.get('/me', { tokens: tokens.get(sub)! }))
    expect((await Promise.all(calls)).map(({ data }) => data.sub)).toEqual(asked)
    expect(server.stats).toMatchObject({ tokenRequests: 10, reuse: 0 })
  })

  it('of many users, found by what the request says: each with their own token', async () => {
    const managers = new Map([
      ['ann', login({ sub: 'ann', token: 'denied' }).manager],
      ['bob', login({ sub: 'bob', token: 'denied' }).manager],
    ])
    const byHeader = ({ headers }: InternalAxiosRequestConfig) =>
      managers.get(String(headers.get('X-User')))
    const client = attachTokens(axios.create({ baseURL: API }), byHeader)
    const subOf = async (user: string) =>
      (await client.get('/me', { headers: { 'X-User': user } })).data.sub
    expect(await Promise.all(['ann', 'bob', 'ann', 'bob'].map(subOf))).toEqual([
      'ann',
      'bob',
      'ann',
      'bob',
    ])
    expect(await failureOf(subOf('eve'))).toMatchObject({ code: 'ERR_LOGIN_REQUIRED' })
    expect(server.stats.tokenRequests).toBe(2)
  })

  it('but with tokens: false a request is none of ours: no token, no replay', async () => {
    const { manager } = login({ token: 'denied' })
    const client = attachTokens(axios.create({ baseURL: API }), manager)
    const [opted, ...others] = await Promise.all([
      failureOf(client.post('/login', 'form', { tokens: false })),
      client.get('/me'),
      client.get('/me'),
    ])
    expect(opted).toMatchObject({ name: 'AxiosError', status: 401 })
    expect(tokenErrorOf(opted)).toBeUndefined()
    expect(others.map(({ data }) => data.sub)).toEqual(['ann', 'ann'])
    const logins = (await sent()).filter(({ url }) => url.endsWith('/login'))
    expect(logins.map(({ authorization }) => authorization)).toEqual([null])
    expect(server.stats.tokenRequests).toBe(1)
  })

  it('with a refresh function of the app: the same', async () => {
    const tokens = server.login({ sub: 'ann' })
    server.denyAccessToken(tokens.access_token)
    const manager = new TokenManager({
      initialTokens: tokens,
      refresh: async ({ refreshToken, signal }) => {
        const grant = { grant_type: 'refresh_token', refresh_token: refreshToken }
        const auth = { username: 'web', password: 'secret-of-the-client' }
        const body = new URLSearchParams(grant)
        return (await axios.post(`${ISSUER}/token`, body, { auth, signal })).data
      },
    })
    const client = attachTokens(axios.create({ baseURL: API }), manager)
    const answers = await Promise.all(range(20).map(() => client.get('/me')))
    expect(answers.map(({ data }) => data.sub)).toEqual(Array(20).fill('ann'))
    expect(server.stats).toMatchObject({ tokenRequests: 1, reuse: 0 })
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
