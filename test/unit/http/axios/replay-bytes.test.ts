import { Readable } from 'node:stream'
import axios, { type AxiosError, type AxiosRequestConfig } from 'axios'
import { attachTokens } from 'tokenward/axios'
import { describe, expect, it } from 'vitest'
import { FakeSource } from '../support/sources.js'
import { protectedApi, type Seen } from '../support/server.js'

const form = () => {
  const made = new FormData()
  made.append('text', 'a\nb "c" ü')
  made.append('file', new Blob(['bytes'], { type: 'text/plain' }), 'na"me.txt')
  return made
}

/** All that went over the wire, but for the token. */
const wire = ({ method, url, rawHeaders, body }: Seen) => ({
  method,
  url,
  headers: rawHeaders.map((value, i) => (rawHeaders[i - 1] === 'Authorization' ? '' : value)),
  body: body.toString('latin1'),
})

const kinds: [string, AxiosRequestConfig][] = [
  ['no body', { method: 'get' }],
  ['params', { method: 'get', params: { a: [1, 2], b: 'x y', c: new Date(0) } }],
  ['params in the URL and beside it', { method: 'get', url: '/me?x=1#y', params: { a: 1 } }],
  ['an absolute baseURL with a path', { method: 'get', url: 'me', params: { a: 1 } }],
  ['JSON', { data: { a: 1, b: ['x'] } }],
  [
    'JSON made by the caller',
    { data: '{"a": 1}', headers: { 'Content-Type': 'application/json' } },
  ],
  [
    'a JSON string that looks like JSON',
    { data: '"x"', headers: { 'Content-Type': 'application/json' } },
  ],
  ['a string', { data: 'a=1' }],
  ['URLSearchParams', { data: new URLSearchParams({ a: '1', b: 'x y' }) }],
  [
    'an object as a form',
    { data: { a: 1 }, headers: { 'Content-Type': 'application/x-www-form-urlencoded' } },
  ],
  [
    'an object as multipart',
    { data: { a: 1, b: 'x' }, headers: { 'Content-Type': 'multipart/form-data' } },
  ],
  ['FormData', { data: form() }],
  [
    'FormData, with a boundary of the caller',
    { data: form(), headers: { 'Content-Type': 'multipart/form-data; boundary=abcdefghijkl' } },
  ],
  ['a Buffer', { data: Buffer.from([0, 1, 2, 255]) }],
  ['an ArrayBuffer', { data: new Uint8Array([1, 2, 3]).buffer }],
  ['a Blob', { data: new Blob(['blob'], { type: 'text/plain' }) }],
  [
    'a transform of the caller',
    { data: { a: 1 }, transformRequest: [(data: object) => `<${JSON.stringify(data)}>`] },
  ],
  [
    'a serializer that puts in a nonce',
    {
      method: 'get',
      params: { a: 1 },
      paramsSerializer: { serialize: () => `nonce=${Math.random()}` },
    },
  ],
  [
    'a serializer function that puts in a nonce',
    {
      method: 'get',
      params: { a: 1 },
      paramsSerializer: (() => `nonce=${Math.random()}`) as never,
    },
  ],
  [
    'an encoder',
    {
      method: 'get',
      params: { a: 'x y' },
      paramsSerializer: { encode: (value: string) => encodeURIComponent(value).toLowerCase() },
    },
  ],
  ['progress events', { data: { a: 1 }, onUploadProgress: () => {} }],
  ['odd header names', { data: {}, headers: { 'x-LOWER': '1', 'X-Many': ['a', 'b'] as never } }],
  ['PUT', { method: 'put', data: { a: 1 } }],
  ['DELETE with a body', { method: 'delete', data: { a: 1 } }],
]

describe.each(['http', 'fetch'])('over axios’ %s adapter, a replay', (adapter) => {
  it.each(kinds)('is the same bytes, URL and headers: %s', async (_, config) => {
    const api = await protectedApi('T2')
    const source = new FakeSource('T1', 'T2')
    const instance = attachTokens(axios.create({ baseURL: `${api.origin}/v1/`, adapter }), source)
    await instance.request({ url: '/me', method: 'post', ...config })
    const [first, second, ...more] = api.seen
    expect(more).toEqual([])
    expect(first?.authorization).toBe('Bearer T1')
    expect(second?.authorization).toBe('Bearer T2')
    expect(wire(second as Seen)).toEqual(wire(first as Seen)) // axios#875, axios-auth-refresh#107, axios#1628, axios#6240
  })

  it.each(kinds)('is what axios sends without us: %s', async (name, config) => {
    const isRandom = config.paramsSerializer && name.includes('nonce')
    const isMangledByAxios =
      adapter === 'fetch' && ['FormData', 'an object as multipart'].includes(name)
    if (isRandom || isMangledByAxios) return
    const api = await protectedApi('T1')
    const options = { baseURL: `${api.origin}/v1/`, adapter }
    const plain = axios.create({ ...options, headers: { Authorization: 'Bearer T1' } })
    await plain.request({ url: '/me', method: 'post', ...config })
    const instance = attachTokens(axios.create(options), new FakeSource('T1'))
    await instance.request({ url: '/me', method: 'post', ...config })
    const [expected, ours] = api.seen.map((seen) => {
      const { headers, ...rest } = wire(seen)
      const boundary = /boundary=(\S+)/.exec(headers.join('\n'))?.[1]
      const isLonger = name === 'FormData' // by the boundary that we fix
      const same = headers.filter((_, i) => !isLonger || headers[i - 1] !== 'Content-Length')
      const text = JSON.stringify({ ...rest, headers: same.toSorted() })
      return boundary ? text.replaceAll(boundary, '*') : text
    })
    expect(ours).toBe(expected) // axios#5187, axios-retry#218
  })
})

describe('a form over the fetch adapter', () => {
  it('arrives whole', async () => {
    const api = await protectedApi('T1')
    const instance = attachTokens(
      axios.create({ baseURL: api.origin, adapter: 'fetch' }),
      new FakeSource('T1'),
    )
    await instance.post('/upload', form())
    const [seen] = api.seen
    const received = await new Response(new Uint8Array(seen?.body ?? []), {
      headers: { 'content-type': String(seen?.headers['content-type']) },
    }).formData()
    expect(received.get('file')).toMatchObject({ name: 'na"me.txt', size: 5 })
  })
})

describe('a form of the form-data package', () => {
  const streamed = (part: unknown) => {
    const made = axios.toFormData({ a: 1 })
    made.append('part', part)
    return made
  }

  it('is replayed if its parts are in memory', async () => {
    const api = await protectedApi('T2')
    const instance = attachTokens(axios.create({ baseURL: api.origin }), new FakeSource('T1', 'T2'))
    await instance.post('/upload', streamed(Buffer.from('bytes')))
    const [first, second] = api.seen
    expect(wire(second as Seen)).toEqual(wire(first as Seen))
    expect(second?.body.toString()).toContain('bytes')
  })

  it('is not if one of them is a stream', async () => {
    const api = await protectedApi('T2')
    const instance = attachTokens(axios.create({ baseURL: api.origin }), new FakeSource('T1', 'T2'))
    await expect(
      instance.post('/upload', streamed(Readable.from([Buffer.from('bytes')]))),
    ).rejects.toMatchObject({ status: 401, cause: { reason: 'body' } })
    expect(api.seen.map((seen) => seen.body.includes('bytes'))).toEqual([true])
  })
})

describe('a body that can be sent only once', () => {
  const streams: [string, () => unknown, string][] = [
    ['a Node stream', () => Readable.from(['abc']), 'http'],
    ['a web stream', () => new Blob(['abc']).stream(), 'fetch'],
  ]

  it.each(streams)('is not replayed, and the 401 says so: %s', async (_, stream, adapter) => {
    const api = await protectedApi('T2')
    const source = new FakeSource('T1', 'T2')
    const instance = attachTokens(axios.create({ baseURL: api.origin, adapter }), source)
    const error = (await instance
      .post('/upload', stream())
      .catch((thrown: unknown) => thrown)) as AxiosError
    expect(error).toMatchObject({
      status: 401,
      cause: { code: 'ERR_NOT_REPLAYED', reason: 'body' },
    })
    expect(api.seen.map((request) => request.body.toString())).toEqual(['abc']) // axios-auth-refresh 5, axios#6454, axios-retry#277
  })

  it('still has its token reported, so that the next request has a good one', async () => {
    const api = await protectedApi('T2')
    const source = new FakeSource('T1', 'T2')
    const instance = attachTokens(axios.create({ baseURL: api.origin }), source)
    await instance.post('/upload', Readable.from(['abc'])).catch(() => {})
    expect(source.refreshes).toEqual([{ rejected: 'T1', sessionId: 'session-1' }])
    await expect.poll(() => source.token).toBe('T2')
    expect((await instance.post('/upload', Readable.from(['abc']))).status).toBe(200)
  })

  it('does not wait for that, nor mind if it fails', async () => {
    const api = await protectedApi('T2')
    const source = new FakeSource('T1')
    source.sessionId = undefined
    source.onRefresh = () => Promise.reject(new Error('down'))
    const instance = attachTokens(axios.create({ baseURL: api.origin }), source)
    await expect(instance.post('/upload', Readable.from(['abc']))).rejects.toMatchObject({
      status: 401,
    })
    expect(source.refreshes).toEqual([{ rejected: 'T1' }])
    source.onRefresh = () => new Promise(() => {})
    await expect(instance.post('/upload', Readable.from(['abc']))).rejects.toMatchObject({
      status: 401,
    })
  })
})
