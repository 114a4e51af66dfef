import { inspect } from 'node:util'
import axios, { type AxiosInstance, type InternalAxiosRequestConfig } from 'axios'
import { fixedToken, TokenOptionsError, tokenErrorOf, type TokenSource } from 'tokenward'
import { attachTokens, detachTokens } from 'tokenward/axios'
import { describe, expect, it } from 'vitest'
import { FakeSource } from '../support/sources.js'
import { ok, protectedApi, serve } from '../support/server.js'

const echoApi = () =>
  serve((request, response) => ok(response, { got: request.authorization ?? null }))
const gotOf = async (answer: Promise<{ data: { got: string | null } }>) => (await answer).data.got

describe('attachTokens', () => {
  it('gives back the instance, which now sends the token', async () => {
    const api = await echoApi()
    const instance = axios.create({ baseURL: api.origin })
    expect(attachTokens(instance, fixedToken('T1'))).toBe(instance)
    expect(await gotOf(instance.get('/me'))).toBe('Bearer T1')
    expect(await gotOf(instance('/me'))).toBe('Bearer T1')
    expect(await gotOf(instance.post('/me', { a: 1 }))).toBe('Bearer T1')
  })

  it('adds one interceptor, which is synchronous and returns no promise', async () => {
    const instance = attachTokens(
      axios.create({ baseURL: 'https://a.example' }),
      new FakeSource('T1'),
    )
    const [handler, ...others] = instance.interceptors.request.handlers ?? []
    expect(others).toEqual([])
    expect(handler?.synchronous).toBe(true)
    const config = { headers: new axios.AxiosHeaders() } as InternalAxiosRequestConfig
    expect(handler?.fulfilled(config)).toBe(config)
  })

  it('dispatches a request with a fresh token in the same tick', () => {
    let dispatched = false
    const instance = axios.create({
      baseURL: 'https://a.example',
      adapter: (config) => {
        dispatched = true
        return Promise.resolve({ data: '', status: 200, statusText: '', headers: {}, config })
      },
    })
    attachTokens(instance, new FakeSource('T1'))
    void instance.request({ url: '/me' })
    expect(dispatched).toBe(true)
  })

  it('waits for a token that is not at hand', async () => {
    const api = await echoApi()
    const source = new FakeSource()
    source.onGet = () => Promise.resolve('late')
    const instance = attachTokens(axios.create({ baseURL: api.origin }), source)
    expect(await gotOf(instance.get('/me'))).toBe('Bearer late')
  })

  it('takes a source that has getAccessToken and nothing else', async () => {
    const api = await protectedApi('T2')
    const instance = attachTokens(axios.create({ baseURL: api.origin }), {
      getAccessToken: () => Promise.resolve('T1'),
    })
    const error = await instance.get('/me').catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ status: 401 })
    expect(tokenErrorOf(error)).toBeUndefined()
    expect(api.seen).toHaveLength(1)
  })

  it('refuses to attach twice', () => {
    const instance = attachTokens(axios.create({ baseURL: 'https://a.example' }), fixedToken('T1'))
    expect(() => attachTokens(instance, fixedToken('T2'))).toThrow(/detachTokens/)
  })

  it('shows no token of an attached instance', () => {
    const instance = attachTokens(
      axios.create({ baseURL: 'https://a.example' }),
      fixedToken('S3CRET'),
    )
    expect(inspect(instance, { depth: Infinity, showHidden: true })).not.toContain('S3CRET')
  })

  it('serves one source on several instances', async () => {
    const api = await protectedApi('T2')
    const source = new FakeSource('T1', 'T2')
    const instances = [1, 2, 3].map(() =>
      attachTokens(axios.create({ baseURL: api.origin }), source),
    )
    await Promise.all(instances.map((instance) => instance.get('/me')))
    expect(source.renewals).toBe(1) // axios-auth-refresh#210, #286
  })
})

describe('detachTokens', () => {
  it('gives back the instance, which sends no token any more and can be attached again', async () => {
    const api = await echoApi()
    const instance = attachTokens(axios.create({ baseURL: api.origin }), fixedToken('T1'))
    expect(detachTokens(instance)).toBe(instance)
    expect(instance.interceptors.request.handlers?.filter(Boolean)).toEqual([])
    expect(await gotOf(instance.get('/me'))).toBeNull()
    attachTokens(instance, fixedToken('T2'))
    expect(await gotOf(instance.get('/me'))).toBe('Bearer T2')
  })

  it('does nothing to an instance without tokens', () => {
    const instance = axios.create()
    expect(detachTokens(instance)).toBe(instance)
  })
})

describe('a bad option', () => {
  const create = () => axios.create({ baseURL: 'https://a.example' })
  const source = fixedToken('T1')

  it.each<[string, () => unknown, RegExp]>([
    [
      'no instance',
      () => attachTokens(undefined as never, source),
      /`instance` must be an axios instance, got undefined/,
    ],
    ['something else as instance', () => attachTokens({} as never, source), /instance/],
    [
      'a token as source',
      () => attachTokens(create(), 'S3CRET' as never),
      /`source` must be .* got another string/,
    ],
    ['null as source', () => attachTokens(create(), null as never), /`source` must be .* got null/],
    [
      'options in the place of the source',
      () => attachTokens(create(), { origins: [] } as never),
      /source/,
    ],
    ['null as options', () => attachTokens(create(), source, null as never), /options/],
    [
      'an unknown option',
      () => attachTokens(create(), source, { orgins: [] } as never),
      /unknown option `orgins`/,
    ],
    [
      'no origins in the list',
      () => attachTokens(create(), source, { origins: [] }),
      /`origins` must be a non-empty array/,
    ],
    [
      'a string as origins',
      () => attachTokens(create(), source, { origins: 'x' as never }),
      /`origins` must be a non-empty array/,
    ],
    [
      'a bad origin',
      () => attachTokens(create(), source, { origins: ['x'] }),
      /`origins` must be origins such as/,
    ],
    [
      'neither baseURL nor origins',
      () => attachTokens(axios.create(), source),
      /`origins` must be given/,
    ],
    [
      'a relative baseURL',
      () => attachTokens(axios.create({ baseURL: '/api' }), source),
      /`origins` must be given/,
    ],
    [
      'a header that is no name',
      () => attachTokens(create(), source, { header: 'X Token' }),
      /`header` must be a header name/,
    ],
    [
      'a header that is no string',
      () => attachTokens(create(), source, { header: 1 as never }),
      /`header` must be .* got 1/,
    ],
    [
      'a format that is no function',
      () => attachTokens(create(), source, { format: 'x' as never }),
      /`format` must be a function/,
    ],
    [
      'isRejected that is no function',
      () => attachTokens(create(), source, { isRejected: [] as never }),
      /`isRejected` must be .* got an/,
    ],
  ])('is told at attach: %s', (_, attach, message) => {
    expect(attach).toThrow(TokenOptionsError)
    expect(attach).toThrow(message)
    expect(attach).not.toThrow(/S3CRET/)
  })
})

describe('header and format', () => {
  it('say where the token goes and how', async () => {
    const api = await serve((request, response) =>
      ok(response, { got: request.headers['x-api-token'] }),
    )
    const instance = attachTokens(axios.create({ baseURL: api.origin }), fixedToken('T1'), {
      header: 'X-Api-Token',
      format: (token) => `token ${token}`,
    })
    expect(await gotOf(instance.get('/me'))).toBe('token T1')
    expect(api.seen[0]?.authorization).toBeUndefined()
  })

  it.each<[string, (token: string) => unknown]>([
    [
      'throws',
      (token) => {
        throw new Error(token)
      },
    ],
    ['gives nothing', () => undefined],
    ['gives a line break', (token) => `Bearer ${token}\r\nX-Evil: 1`],
    ['gives an empty string', () => ''],
  ])('fails the request, without showing the token, if format %s', async (_, format) => {
    const api = await echoApi()
    const instance = attachTokens(axios.create({ baseURL: api.origin }), fixedToken('S3CRET'), {
      format: format as never,
    })
    const error = await instance.get('/me').catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({
      code: 'ERR_TOKEN_OPTIONS',
      message: expect.stringMatching(/^`format`/) as string,
    })
    expect(inspect(error, { depth: Infinity })).not.toContain('S3CRET')
    expect(api.seen).toHaveLength(0)
  })
})

describe('the source of a request', () => {
  const serveMany = async (source?: Parameters<typeof attachTokens>[1]): Promise<AxiosInstance> => {
    const api = await echoApi()
    return attachTokens(axios.create({ baseURL: api.origin }), source)
  }

  it('may come with the request', async () => {
    const api = await serveMany()
    const answers = ['A', 'B', 'C'].map((user) =>
      gotOf(api.get('/me', { tokens: new FakeSource(user) })),
    )
    expect(await Promise.all(answers)).toEqual(['Bearer A', 'Bearer B', 'Bearer C']) // simple-oauth2#88
  })

  it('that comes with the request goes before the attached one', async () => {
    const api = await serveMany(fixedToken('attached'))
    expect(await gotOf(api.get('/me', { tokens: fixedToken('own') }))).toBe('Bearer own')
    expect(await gotOf(api.get('/me'))).toBe('Bearer attached')
  })

  it('may be found by a function of the config', async () => {
    const users: Record<string, TokenSource> = { '1': fixedToken('A'), '2': fixedToken('B') }
    const api = await serveMany((config) => users[String(config.headers.get('x-user'))])
    expect(await gotOf(api.get('/me', { headers: { 'x-user': '2' } }))).toBe('Bearer B')
    await expect(api.get('/me', { headers: { 'x-user': '3' } })).rejects.toMatchObject({
      code: 'ERR_LOGIN_REQUIRED',
      reason: 'no-session',
    })
  })

  it('is never borrowed: a request whose source is null fails', async () => {
    const api = await serveMany(fixedToken('other'))
    await expect(api.get('/me', { tokens: null as never })).rejects.toMatchObject({
      reason: 'no-session',
    })
  })

  it('fails the request with TokenOptionsError where there never was one', async () => {
    const api = await serveMany()
    await expect(api.get('/me')).rejects.toThrow(/tokens: no source was attached/)
  })

  it.each<[string, unknown, RegExp]>([
    ['a token', 'S3CRET', /tokens: expected a TokenSource, received another string/],
    ['true', true, /received true/],
    ['a promise of one', Promise.resolve(fixedToken('T')), /received a promise/],
  ])('cannot be %s', async (_, tokens, message) => {
    const api = await serveMany()
    await expect(api.get('/me', { tokens: tokens as never })).rejects.toThrow(message)
  })

  it('may not be promised by the function', async () => {
    const api = await serveMany((() => Promise.resolve(fixedToken('T'))) as never)
    await expect(api.get('/me')).rejects.toThrow(/The source function: .* received a promise/)
  })

  it('is not asked for where the request goes elsewhere', async () => {
    const elsewhere = await echoApi()
    const api = await serveMany()
    expect(await gotOf(api.get(`${elsewhere.origin}/public`))).toBeNull()
  })

  it('false opts out, of the header and of the replay', async () => {
    const server = await protectedApi('T2')
    const source = new FakeSource('T1', 'T2')
    const api = attachTokens(axios.create({ baseURL: server.origin }), source)
    await expect(api.post('/login', {}, { tokens: false })).rejects.toMatchObject({ status: 401 })
    expect(server.seen.map((request) => request.authorization)).toEqual([undefined])
    expect(source.refreshes).toEqual([])
  })

  it('is left alone inside its own refresh', async () => {
    const server = await protectedApi('T2')
    const source = new FakeSource('T1', 'T2')
    source.inside = true
    const api = attachTokens(axios.create({ baseURL: server.origin }), source)
    await expect(api.post('/auth/refresh')).rejects.toMatchObject({ status: 401 })
    expect(server.seen[0]?.authorization).toBeUndefined() // axios-auth-refresh#120, axios-jwt#4
    expect(source.refreshes).toEqual([])
  })

  it('is asked whether it is inside while the call is on the stack', async () => {
    const source = new FakeSource('T1')
    const api = await serveMany(source)
    api.interceptors.request.use((config) => Promise.resolve(config)) // all others run later
    source.inside = true
    const answer = gotOf(api.post('/auth/refresh'))
    source.inside = false
    expect(await answer).toBeNull()
  })

  it('found by a function is left alone inside its own refresh too', async () => {
    const source = new FakeSource('T1')
    source.inside = true
    const api = await serveMany(() => source)
    expect(await gotOf(api.post('/auth/refresh'))).toBeNull()
    expect(source.asked).toBe(0)
  })
})

describe('a plain object as the source of a request, which axios copies', () => {
  it('serves if it is methods alone', async () => {
    const api = await echoApi()
    const instance = attachTokens(axios.create({ baseURL: api.origin }))
    const tokens = { getAccessToken: () => Promise.resolve('T1') }
    expect(await gotOf(instance.get('/me', { tokens }))).toBe('Bearer T1')
    expect(await gotOf(instance.get('/me', { tokens: fixedToken('T2') }))).toBe('Bearer T2')
  })

  it.each<[string, TokenSource]>([
    [
      'a getter',
      {
        getAccessToken: () => Promise.resolve('T1'),
        get current() {
          return undefined
        },
      },
    ],
    ['state', { getAccessToken: () => Promise.resolve('T1'), token: 'T1' } as TokenSource],
  ])('is refused if the copy would freeze %s', async (_, tokens) => {
    const api = await echoApi()
    const instance = attachTokens(axios.create({ baseURL: api.origin }))
    await expect(instance.get('/me', { tokens })).rejects.toThrow(/would be frozen in the copy/)
    expect(api.seen).toHaveLength(0)
  })

  it('is refused if it was merged with another user’s', async () => {
    const api = await echoApi()
    const mine = { getAccessToken: () => Promise.resolve('mine') }
    const theirs = {
      getAccessToken: () => Promise.resolve('theirs'),
      current: () => ({ token: 'theirs' }),
    }
    const instance = attachTokens(axios.create({ baseURL: api.origin, tokens: theirs }))
    await expect(instance.get('/me', { tokens: mine })).rejects.toThrow(/would be merged/)
    expect(await gotOf(instance.get('/me', { tokens: new FakeSource('own') }))).toBe('Bearer own')
  })

  it('serves as it is where it is attached', async () => {
    const api = await echoApi()
    const source = {
      token: 'T1',
      getAccessToken() {
        return Promise.resolve(this.token)
      },
    }
    const instance = attachTokens(axios.create({ baseURL: api.origin }), source)
    source.token = 'T2'
    expect(await gotOf(instance.get('/me'))).toBe('Bearer T2')
  })
})

describe('a failure before the request is sent', () => {
  const failing = async (source: TokenSource) => {
    const api = await echoApi()
    const instance = attachTokens(axios.create({ baseURL: api.origin }), source)
    const error: unknown = await instance.get('/me').catch((thrown: unknown) => thrown)
    expect(api.seen).toHaveLength(0)
    return error
  }

  it('is the source’s own error', async () => {
    const reason = new TokenOptionsError('mine')
    expect(await failing({ getAccessToken: () => Promise.reject(reason) })).toBe(reason)
  })

  it('is told the same way to all who wait, and never as a cancel', async () => {
    const api = await echoApi()
    const reason = new TokenOptionsError('mine')
    const instance = attachTokens(axios.create({ baseURL: api.origin }), {
      getAccessToken: () => Promise.reject(reason),
    })
    const answers = Array.from({ length: 50 }, () =>
      instance.get('/me').catch((error: unknown) => error),
    )
    for (const error of await Promise.all(answers)) {
      expect(error).toBe(reason)
      expect(axios.isCancel(error)).toBe(false)
    }
  })

  it.each<[string, () => unknown]>([
    ['rejects with a foreign error', () => Promise.reject(new Error('Bearer S3CRET'))],
    [
      'throws at once',
      () => {
        throw new Error('Bearer S3CRET')
      },
    ],
    [
      'rejects with an HTTP client’s error',
      () => Promise.reject(new axios.AxiosError('x', 'Y', { headers: { a: 'S3CRET' } } as never)),
    ],
  ])('is RefreshUnavailableError, without secrets, if the source %s', async (_, getAccessToken) => {
    const error = await failing({ getAccessToken: getAccessToken as never })
    expect(error).toMatchObject({ code: 'ERR_REFRESH_UNAVAILABLE' })
    expect(error).not.toHaveProperty('config')
    expect(inspect(error, { depth: Infinity, showHidden: true })).not.toContain('S3CRET')
  })

  it.each<[string, unknown]>([
    ['undefined', undefined],
    ['an empty string', ''],
    ['a line break', 'a\r\nb'],
    ['a number', 7],
  ])('is TokenOptionsError if the source gives %s: never `Bearer undefined`', async (_, token) => {
    expect(await failing({ getAccessToken: () => token as never })).toMatchObject({
      code: 'ERR_TOKEN_OPTIONS',
    })
  })

  it('is what a throwing `current` is turned into', async () => {
    const error = await failing({
      getAccessToken: () => Promise.resolve('T1'),
      current: () => {
        throw new Error('broken')
      },
    })
    expect(error).toMatchObject({ code: 'ERR_REFRESH_UNAVAILABLE' })
  })

  it('does not make one error grow with every call', async () => {
    const reason = new TokenOptionsError('ended')
    const instance = attachTokens(axios.create({ baseURL: 'https://a.example' }), {
      getAccessToken: () => Promise.reject(reason),
    })
    const one = () => instance.get('/me').catch(() => {})
    const two = () => instance.get('/me').catch(() => {})
    await one()
    const { length } = reason.stack ?? ''
    for (let i = 0; i < 10; i++) await (i % 2 ? one() : two())
    expect(reason.stack?.length).toBe(length)
  })
})

describe('a request begun under one session', () => {
  const apiWith = (source: TokenSource) => async () => {
    const api = await echoApi()
    return { api, instance: attachTokens(axios.create({ baseURL: api.origin }), source) }
  }

  it('is not served with the token of the login that took its place while it waited', async () => {
    const source = new FakeSource()
    source.onGet = async () => {
      await Promise.resolve()
      source.sessionId = 'session-2'
      return 'theirs'
    }
    const { api, instance } = await apiWith(source)()
    await expect(instance.get('/me')).rejects.toMatchObject({ reason: 'session-changed' })
    expect(api.seen).toHaveLength(0)
  })

  it('is not served with it either if an interceptor held it back', async () => {
    const source = new FakeSource('mine')
    const { api, instance } = await apiWith(source)()
    instance.defaults.transformRequest = () => {
      source.sessionId = 'session-2'
      source.token = 'theirs'
    }
    await expect(instance.get('/me')).rejects.toMatchObject({ reason: 'session-changed' })
    expect(api.seen).toHaveLength(0)
  })

  it('but one begun with no session is served by the login', async () => {
    const source = new FakeSource()
    source.sessionId = undefined
    source.onGet = () => {
      source.sessionId = 'session-1'
      return Promise.resolve('T1')
    }
    const { instance } = await apiWith(source)()
    expect(await gotOf(instance.get('/me'))).toBe('Bearer T1')
  })
})
