import { createServer } from 'node:http'
import { rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import axios, { type AxiosRequestConfig } from 'axios'
import { attachTokens } from 'tokenward/axios'
import { describe, expect, it, onTestFinished } from 'vitest'
import { FakeSource } from '../support/sources.js'
import { ok, protectedApi, serve } from '../support/server.js'

/** What an adapter would have sent for this request. */
const tokenFor = async (config: AxiosRequestConfig, origins?: string[]) => {
  let sent: unknown
  const instance = axios.create({
    baseURL: 'https://api.example.com/v1',
    adapter: (request) => {
      sent = request.headers.get('authorization') ?? undefined
      return Promise.resolve({
        data: '',
        status: 200,
        statusText: '',
        headers: {},
        config: request,
      })
    },
  })
  attachTokens(instance, new FakeSource('T1'), origins && { origins })
  await instance.request(config)
  return sent
}

describe('a token bound to the baseURL’s origin', () => {
  it.each<AxiosRequestConfig>([
    {},
    { url: '' },
    { url: '/me' },
    { url: 'me' },
    { url: '/me?next=https://evil.example' },
    { url: '@evil.example' },
    { url: '.evil.example' },
    { url: '\\\\evil.example/x' },
    { url: ' //evil.example/x' },
    { url: 'https://api.example.com/other' },
    { url: 'HTTPS://API.example.com:443/other' },
    { url: '/me', baseURL: 'https://api.example.com/v2' },
    { url: 'https://api.example.com/me', baseURL: '' },
  ])('is sent to %j', async (config) => {
    expect(await tokenFor(config)).toBe('Bearer T1')
  })

  it.each<AxiosRequestConfig>([
    { url: 'https://evil.example/x' }, // axios and OAuth2Fetch send the bearer to any absolute URL
    { url: '//evil.example/x' },
    { url: '//api.example.com/x' },
    { url: 'https://api.example.com@evil.example/x' },
    { url: 'https://evil.example\\@api.example.com/x' },
    { url: 'https://api.example.com.evil.example/x' },
    { url: 'https://api.example.com:4433/x' },
    { url: 'http://api.example.com/x' },
    { url: 'https://sub.api.example.com/x' },
    { url: '/x', baseURL: 'https://evil.example' },
    { url: 'x', baseURL: 'https://api.example.com@evil.example' },
    { url: 'https://evil.example/x', baseURL: '' },
    { url: '/x', baseURL: '' },
    { url: 'https:evil.example/x', baseURL: '' },
    { url: 'data:text/plain,x', baseURL: '' },
    { url: '/me', socketPath: '/var/run/evil.sock' },
  ])('is not sent to %j', async (config) => {
    expect(await tokenFor(config)).toBeUndefined()
  })

  it('follows what an interceptor makes of the URL, whatever its order', async () => {
    const elsewhere = await serve((request, response) =>
      ok(response, request.authorization ?? null),
    )
    for (const order of ['before', 'after']) {
      const instance = axios.create({ baseURL: 'https://api.example.com' })
      if (order === 'after') attachTokens(instance, new FakeSource('T1'))
      instance.interceptors.request.use((config) => ({ ...config, baseURL: elsewhere.origin }))
      if (order === 'before') attachTokens(instance, new FakeSource('T1'))
      expect((await instance.get('/x')).data).toBeNull()
    }
  })

  it('is read at attach: a baseURL changed later does not take the token along', async () => {
    const elsewhere = await serve((request, response) =>
      ok(response, request.authorization ?? null),
    )
    const instance = attachTokens(
      axios.create({ baseURL: 'https://api.example.com' }),
      new FakeSource('T1'),
    )
    instance.defaults.baseURL = elsewhere.origin
    expect((await instance.get('/x')).data).toBeNull()
  })

  // Before 1.8.3 the adapters of axios go to the absolute URL all the same.
  it.each(['https://evil.example/x', '//evil.example/x'])(
    'is sent to %s without allowAbsoluteUrls, where axios heeds it',
    async (url) => {
      const isHeeded = !/^1\.([0-7]\.|8\.[0-2]$)/.test(axios.VERSION)
      expect(await tokenFor({ url, allowAbsoluteUrls: false })).toBe(
        isHeeded ? 'Bearer T1' : undefined,
      )
    },
  )

  it('does not renew for a 401 from elsewhere', async () => {
    const elsewhere = await protectedApi('T2')
    const source = new FakeSource('T1', 'T2')
    const instance = attachTokens(axios.create({ baseURL: 'https://api.example.com' }), source)
    await expect(instance.get(elsewhere.origin)).rejects.toMatchObject({
      response: { status: 401 },
    })
    expect(source.asked + source.refreshes.length).toBe(0)
  })

  it('leaves it to axios to fail where a URL is none', async () => {
    const instance = attachTokens(
      axios.create({ baseURL: 'https://a.example' }),
      new FakeSource('T1'),
    )
    for (const url of ['http:///', 'https:/x', 'not a url']) {
      await expect(instance.get(url, { baseURL: '' })).rejects.toThrow(/URL|ENOTFOUND|ECONNREFUSED/)
    }
  })
})

describe('a list of origins', () => {
  it('goes in the place of the baseURL', async () => {
    const origins = ['https://a.example', 'https://b.example:8443']
    expect(await tokenFor({ url: 'https://a.example/x' }, origins)).toBe('Bearer T1')
    expect(await tokenFor({ url: 'https://b.example:8443/x' }, origins)).toBe('Bearer T1')
    expect(await tokenFor({ url: '/me' }, origins)).toBeUndefined()
    expect(await tokenFor({ url: 'https://b.example/x' }, origins)).toBeUndefined()
  })
})

describe('a Unix socket', () => {
  it('gets the token if the instance was made for it', async () => {
    const socketPath = join(tmpdir(), `tokenward-${process.pid}.sock`)
    rmSync(socketPath, { force: true })
    const server = createServer((request, response) => response.end(request.headers.authorization))
    await new Promise<void>((resolve) => server.listen(socketPath, resolve))
    onTestFinished(() => void server.close())
    const instance = axios.create({ baseURL: 'http://localhost', socketPath })
    attachTokens(instance, new FakeSource('T1'))
    expect((await instance.get('/me')).data).toBe('Bearer T1')
  })
})
