import axios, { type AxiosResponse } from 'axios'
import axiosRetry from 'axios-retry'
import { attachTokens } from 'tokenward/axios'
import { describe, expect, it } from 'vitest'
import { FakeSource } from '../support/sources.js'
import { ok, serve, unauthorized, type Seen } from '../support/server.js'

/** Answers with these statuses in turn, then by the token. */
const scripted = (statuses: number[], accepted: string) =>
  serve((request, response) => {
    const status = statuses.shift()
    if (status !== undefined) return response.writeHead(status).end()
    return request.authorization === `Bearer ${accepted}` ? ok(response) : unauthorized(response)
  })

const retry = (instance: ReturnType<typeof axios.create>) =>
  axiosRetry(instance, { retries: 3, retryCondition: (error) => error.status === 503 })

describe.each(['before', 'after'])('axios-retry attached %s us', (order) => {
  const create = (baseURL: string, source: FakeSource) => {
    const instance = axios.create({ baseURL })
    if (order === 'before') retry(instance)
    attachTokens(instance, source)
    if (order === 'after') retry(instance)
    return instance
  }

  const same = ({ method, url, headers, body }: Seen) => ({
    method,
    url,
    headers: { ...headers, authorization: '' },
    body: body.toString(),
  })

  it.each([
    ['503, then 401', [503], ['T1', 'T1', 'T2']],
    ['401, then 503', [401, 503], ['T1', 'T2', 'T2']],
    ['503, 401, 503', [503, 401, 503], ['T1', 'T1', 'T2', 'T2']],
    ['401, 503, 401', [401, 503, 401], ['T1', 'T2', 'T2', 'T3']],
  ])('%s: gets there, with the same bytes each time', async (_, statuses, tokens) => {
    const last = tokens.at(-1) as string
    const api = await scripted([...statuses], last)
    const source = new FakeSource('T1', 'T2', 'T3')
    const response = await create(`${api.origin}/v1`, source).post(
      '/me',
      { a: 1 },
      { params: { b: 'x' }, headers: { 'X-Odd-CASE': '1' } },
    )
    expect(response.status).toBe(200)
    expect(api.seen.map((seen) => seen.authorization)).toEqual(
      tokens.map((token) => `Bearer ${token}`),
    )
    for (const seen of api.seen) expect(same(seen)).toEqual(same(api.seen[0] as Seen))
    expect(api.seen[0]?.url).toBe('/v1/me?b=x') // axios#1628, axios-retry#280
    expect(api.seen[0]?.body.toString()).toBe('{"a":1}') // axios#875, axios-retry#295
    // headers mangled: axios#5187, axios-retry#218, #309
  })

  it('sends a retry with the token of that moment', async () => {
    const api = await scripted([503], 'T2')
    const source = new FakeSource('T1', 'T2')
    const instance = create(api.origin, source)
    instance.interceptors.response.use(undefined, (error: Error) => {
      source.token = 'T2'
      return Promise.reject(error)
    })
    if (order === 'after') return // the plugin retries first, then
    instance.interceptors.response.handlers?.reverse()
    await instance.get('/me')
    expect(api.seen.map((seen) => seen.authorization)).toEqual(['Bearer T1', 'Bearer T2'])
  })

  it('does not retry for ever what cannot be renewed', async () => {
    const api = await scripted([], 'nobody')
    await expect(create(api.origin, new FakeSource('T1', 'T2')).get('/me')).rejects.toMatchObject({
      status: 401,
      cause: { reason: 'already-replayed' },
    })
    expect(api.seen).toHaveLength(2)
  })

  it('does not retry a token that was not to be had', async () => {
    const api = await scripted([], 'T1')
    const source = new FakeSource()
    source.onGet = () => Promise.reject(new Error('down'))
    await expect(create(api.origin, source).get('/me')).rejects.toMatchObject({
      code: 'ERR_REFRESH_UNAVAILABLE',
    })
    expect(source.asked).toBe(1)
  })
})

describe('a user’s interceptors', () => {
  it.each(['before', 'after'])(
    'attached %s ours run once, and see the final answer once',
    async (order) => {
      const api = await scripted([], 'T2')
      const source = new FakeSource('T1', 'T2')
      const instance = axios.create({ baseURL: api.origin })
      const ran: string[] = []
      const theirs = () => {
        instance.interceptors.request.use((config) => {
          ran.push('request')
          return config
        })
        instance.interceptors.response.use(
          (response: AxiosResponse<unknown>) => {
            ran.push(`response ${response.status}`)
            return response.data as never
          },
          (error: Error) => {
            ran.push('error')
            return Promise.reject(error)
          },
        )
      }
      instance.defaults.transformRequest = [
        (data: unknown) => {
          ran.push('transform')
          return JSON.stringify(data)
        },
      ]
      instance.defaults.transformResponse = [
        (data: string) => {
          ran.push('untransform')
          return JSON.parse(data) as unknown
        },
      ]
      if (order === 'before') theirs()
      attachTokens(instance, source)
      if (order === 'after') theirs()
      expect(await instance.post('/me', { a: 1 })).toEqual({ ok: true })
      expect(ran).toEqual(['request', 'transform', 'untransform', 'response 200'])
    },
  )
})
