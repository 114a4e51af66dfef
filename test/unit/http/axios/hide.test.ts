import { Agent, request as plainRequest } from 'node:http'
import { inspect } from 'node:util'
import { Readable } from 'node:stream'
import axios, { type AxiosError, type AxiosRequestConfig, type AxiosResponse } from 'axios'
import { RefreshUnavailableError } from 'tokenward'
import { attachTokens } from 'tokenward/axios'
import { describe, expect, it } from 'vitest'
import { FakeSource } from '../support/sources.js'
import { ok, protectedApi, serve, unauthorized } from '../support/server.js'

const T1 = 'S3CRET-one'
const T2 = 'S3CRET-two'

/** A source whose fields cannot be printed, as a TokenManager's. */
const source = () => {
  const fake = new FakeSource(T1, T2)
  return {
    getAccessToken: () => fake.getAccessToken(),
    current: () => fake.current(),
    renew: (...given: Parameters<FakeSource['renew']>) => fake.renew(...given),
  }
}

const everything = {
  depth: Infinity,
  showHidden: true,
  getters: true,
  maxArrayLength: null,
  maxStringLength: null,
}

const printedWays = (value: unknown): string[] =>
  [
    () => inspect(value, everything),
    () => inspect(value),
    () => JSON.stringify(value) ?? '',
    () => String(value),
  ].map((print) => {
    try {
      return print()
    } catch {
      return '' // what cannot be printed shows nothing
    }
  })

const expectNoToken = (value: unknown) => {
  for (const printed of printedWays(value)) expect(printed.includes('S3CRET')).toBe(false)
}

const expectCleanError = (error: unknown) => {
  const { config, request, response, cause, stack } = error as AxiosError
  for (const value of [
    error,
    config,
    request,
    response,
    response?.request,
    response?.config,
    response?.data,
    cause,
    stack,
    (error as AxiosError).toJSON?.(),
  ]) {
    expectNoToken(value)
  }
  for (const own of Reflect.ownKeys(error as object)) expectNoToken((error as never)[own])
}

const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.fail('did not fail'),
    (error: unknown) => error as AxiosError,
  )

describe.each(['http', 'fetch'])('over axios’ %s adapter, no token can be found in', (adapter) => {
  const attach = (baseURL: string, config: AxiosRequestConfig = {}) =>
    attachTokens(axios.create({ baseURL, adapter, ...config }), source())

  it('the error of a 401 that was replayed', async () => {
    const api = await protectedApi('nobody')
    const error = await failureOf(attach(api.origin).post('/me?a=1', { a: 1 }))
    expect(error.status).toBe(401)
    expectCleanError(error)
  })

  it('the error of a 500', async () => {
    const api = await serve((_, response) => response.writeHead(500).end('down'))
    expectCleanError(await failureOf(attach(api.origin).get('/me')))
  })

  it('the error of a 500 after a renewal', async () => {
    const api = await serve((request, response) =>
      request.authorization === `Bearer ${T1}`
        ? unauthorized(response)
        : response.writeHead(500).end(),
    )
    const error = await failureOf(attach(api.origin).get('/me'))
    expect(error.status).toBe(500)
    expectCleanError(error)
  })

  it('the error of a streamed 401', async () => {
    const api = await protectedApi('nobody')
    expectCleanError(await failureOf(attach(api.origin).get('/me', { responseType: 'stream' })))
  })

  it('the error of a broken connection', async () => {
    const api = await serve((_, response) => response.destroy())
    const error = await failureOf(attach(api.origin).get('/me'))
    expect(error.request).toBeDefined()
    expectCleanError(error)
  })

  it('the error of a connection refused', async () => {
    expectCleanError(await failureOf(attach('http://127.0.0.1:1').get('/me')))
  })

  it('the error of an answer cut short', async () => {
    const api = await serve((_, response) => {
      response.writeHead(200, { 'content-length': 100 }).write('part')
      setTimeout(() => response.destroy(), 5)
    })
    expectCleanError(await failureOf(attach(api.origin).get('/me')))
  })

  it('the error of a timeout', async () => {
    const api = await serve(() => {})
    const error = await failureOf(attach(api.origin).get('/me', { timeout: 30 }))
    expect(error.code).toMatch(/ECONNABORTED|ETIMEDOUT/)
    expectCleanError(error)
  })

  it('the error of an abort', async () => {
    const controller = new AbortController()
    const api = await serve(() => controller.abort())
    const error = await failureOf(attach(api.origin).get('/me', { signal: controller.signal }))
    expect(axios.isCancel(error)).toBe(true)
    expectCleanError(error)
  })

  it('the error of a CancelToken', async () => {
    const { token, cancel } = axios.CancelToken.source()
    const api = await serve(() => cancel('enough'))
    const error = await failureOf(attach(api.origin).get('/me', { cancelToken: token }))
    expect(error.message).toBe('enough')
    expectCleanError(error)
  })

  it('the error of an answer too long', async () => {
    const api = await serve((_, response) => ok(response, 'x'.repeat(100)))
    expectCleanError(await failureOf(attach(api.origin).get('/me', { maxContentLength: 10 })))
  })

  it('the error of a body too long, streamed or not', async () => {
    const api = await serve((_, response) => ok(response))
    const instance = attach(api.origin, { maxBodyLength: 10 })
    expectCleanError(await failureOf(instance.post('/me', 'x'.repeat(100))))
    const stream = () =>
      adapter === 'http' ? Readable.from(['x'.repeat(100)]) : new Blob(['x'.repeat(100)]).stream()
    expectCleanError(await failureOf(instance.post('/me', stream())))
    expectCleanError(await failureOf(instance.post('/me', stream(), { maxRedirects: 0 })))
  })

  it('the error of a redirect without end', async () => {
    const api = await serve((_, response) => response.writeHead(302, { location: '/me' }).end())
    expectCleanError(await failureOf(attach(api.origin).get('/me')))
  })

  it('the error of a request that follows no redirects', async () => {
    const api = await protectedApi('nobody')
    expectCleanError(await failureOf(attach(api.origin).get('/me', { maxRedirects: 0 })))
  })

  it('the error of a transform', async () => {
    const api = await serve((_, response) => response.end('no json'))
    const strict: AxiosRequestConfig = {
      responseType: 'json',
      transitional: { silentJSONParsing: false },
    }
    expectCleanError(await failureOf(attach(api.origin).get('/me', strict)))
  })

  it('an answer that is no failure', async () => {
    const api = await serve((_, response) => ok(response))
    const response = await attach(api.origin).get('/me')
    for (const value of [response, response.request, response.config, response.headers])
      expectNoToken(value)
  })

  it('a 401 that validateStatus accepts', async () => {
    const api = await protectedApi('nobody')
    expectNoToken(await attach(api.origin).get('/me', { validateStatus: () => true }))
  })

  it('an answer that streams', async () => {
    const api = await serve((_, response) => {
      response.writeHead(200).write('x')
    })
    const response = await attach(api.origin).get('/me', { responseType: 'stream' })
    expectNoToken(response)
    expectNoToken(response.data)
  })
})

describe('no token can be found in', () => {
  it('an agent in the config, while other users’ requests are in flight', async () => {
    const api = await serve((request, response) => {
      if (request.url === '/slow') return
      response.writeHead(500).end()
    })
    for (const option of ['httpAgent', 'httpsAgent']) {
      const agent = new Agent({ keepAlive: true })
      const others = attachTokens(axios.create({ baseURL: api.origin, httpAgent: agent }), source())
      const count = api.seen.length
      void others.get('/slow').catch(() => {})
      await expect.poll(() => api.seen.length).toBeGreaterThan(count)
      const config = { baseURL: api.origin, [option]: agent }
      const error = await failureOf(attachTokens(axios.create(config), source()).get('/me'))
      expect(inspect(agent, { depth: Infinity, customInspect: false })).toContain('S3CRET') // the danger is real
      delete (agent as { [inspect.custom]?: unknown })[inspect.custom]
      expect(inspect(agent, { depth: Infinity })).not.toContain('S3CRET') // its sockets are hidden
      await failureOf(attachTokens(axios.create(config), source()).get('/me'))
      expectCleanError(error)
      agent.destroy()
    }
  })

  it('an agent, of which nothing else is changed: what its owner lists and copies is as it was', async () => {
    const api = await serve((_, response) => response.writeHead(200).end())
    const agent = Object.assign(new Agent(), { mine: 1 })
    const [keys, copied] = [Object.keys(agent), Reflect.ownKeys({ ...agent })]
    await attachTokens(axios.create({ baseURL: api.origin, httpAgent: agent }), source()).get('/me')
    expect(Object.keys(agent)).toEqual(keys)
    expect(Reflect.ownKeys({ ...agent })).toEqual(copied)
    expect(inspect(agent, { depth: Infinity })).toContain('[hidden: it holds a token]')
    expect(JSON.stringify({ agent })).toBe('{}')
    agent.destroy()
  })

  it('the error of a late failure of a stream', async () => {
    const api = await serve((_, response) => response.writeHead(200).end('x'.repeat(100)))
    const instance = attachTokens(axios.create({ baseURL: api.origin }), source())
    const response = await instance.get<NodeJS.ReadableStream>('/me', {
      responseType: 'stream',
      maxContentLength: 10,
    })
    const error = await failureOf(
      (async () => {
        for await (const chunk of response.data) void chunk
      })(),
    )
    expect(error.isAxiosError).toBe(true)
    expectNoToken(error)
    expectNoToken(error.config)
    expectNoToken(error.request)
  })

  it('the cause that a renewal failed with', async () => {
    const api = await protectedApi('nobody')
    const fake = new FakeSource(T1)
    const instance = attachTokens(axios.create({ baseURL: api.origin }), {
      getAccessToken: () => fake.getAccessToken(),
      renew: (rejected) =>
        rejected
          ? Promise.reject(new Error(`Bearer ${T2}`))
          : fake.getAccessToken().then((token) => ({ token })),
    })
    expectCleanError(await failureOf(instance.get('/me')))
  })

  it('an error that wraps another, with the same request', async () => {
    const inner = new axios.AxiosError('inner')
    const instance = attachTokens(
      axios.create({
        baseURL: 'https://a.example',
        adapter: (config) => {
          inner.config = { ...config, headers: new axios.AxiosHeaders(config.headers) }
          inner.request = plainRequest({
            headers: config.headers as never,
            host: '127.0.0.1',
            port: 1,
          }).on('error', () => {})
          const outer = axios.AxiosError.from(inner, 'X', config, inner.request)
          return Promise.reject(outer)
        },
      }),
      source(),
    )
    expectCleanError(await failureOf(instance.get('/me')))
  })

  it('a request that cannot be marked: it is replaced in errors all the same', async () => {
    const request = Object.freeze({ method: 'GET', headers: { Authorization: T1 } })
    const answer = (config: AxiosResponse['config']) => ({
      data: '',
      status: 500,
      statusText: '',
      headers: {},
      config,
      request,
    })
    const instance = attachTokens(
      axios.create({
        baseURL: 'https://a.example',
        adapter: (config) =>
          Promise.reject(new axios.AxiosError('x', 'X', config, null, answer(config))),
      }),
      source(),
    )
    expectCleanError(await failureOf(instance.get('/me')))
  })
})

describe('what is left of a request in an error', () => {
  it('says what was sent where, and where the answer came from', async () => {
    const api = await serve((request, response) =>
      request.url === '/a'
        ? response.writeHead(302, { location: '/b' }).end()
        : response.writeHead(500).end(),
    )
    const instance = attachTokens(axios.create({ baseURL: api.origin }), source())
    const error = await failureOf(instance.get('/a'))
    expect(error.request).toMatchObject({
      method: 'GET',
      protocol: 'http:',
      host: '127.0.0.1',
      path: '/b',
      res: { statusCode: 500, responseUrl: `${api.origin}/b` },
    })
    expect(error.response?.request).toBe(error.request)
  })

  it('is the platform’s own where the request did not fail', async () => {
    const api = await serve((_, response) => ok(response))
    const instance = attachTokens(axios.create({ baseURL: api.origin }), source())
    const { request } = await instance.get<unknown, AxiosResponse>('/me')
    expect((request as { res: { responseUrl: string } }).res.responseUrl).toBe(`${api.origin}/me`)
    expect(JSON.stringify({ request: request as unknown })).toBe('{}')
  })
})

describe('the caller’s config', () => {
  it('never holds the token, whoever looks at it', async () => {
    const api = await protectedApi(T2)
    const seen: unknown[] = []
    const look = <T>(value: T): T => {
      seen.push(JSON.stringify(value), inspect(value, { depth: Infinity }))
      return value
    }
    const instance = axios.create({ baseURL: api.origin })
    instance.interceptors.request.use(look)
    attachTokens(instance, source())
    instance.interceptors.request.use(look)
    instance.interceptors.response.use((response) => {
      look(response.config)
      return response
    })
    instance.defaults.transformRequest = function (data: unknown, headers) {
      look([headers, this.headers])
      return data
    }
    await instance.get('/me')
    expect(seen.length).toBeGreaterThan(6)
    expect(seen.join('\n')).not.toContain('S3CRET')
  })

  it('ends with the headers that axios adds, as without us', async () => {
    const api = await serve((_, response) => ok(response))
    const without = await axios.create({ baseURL: api.origin }).post('/me', { a: 1 })
    const withUs = await attachTokens(axios.create({ baseURL: api.origin }), source()).post('/me', {
      a: 1,
    })
    const { Authorization: standIn, ...headers } = withUs.config.headers.toJSON()
    expect(standIn).toMatch(/^tokenward-session [\w-]+$/)
    expect(headers).toEqual(without.config.headers.toJSON())
    expect(Object.keys(withUs.config).toSorted()).toEqual(Object.keys(without.config).toSorted())
  })

  it('is told of the failure of a source that is out of reach', async () => {
    const instance = attachTokens(axios.create({ baseURL: 'https://a.example' }), {
      getAccessToken: () => Promise.reject(new RefreshUnavailableError('down')),
    })
    await expect(instance.get('/me')).rejects.toMatchObject({ message: 'down' })
  })
})
