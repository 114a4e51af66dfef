import { Agent } from 'node:http'
import axios, { type AxiosError, type AxiosResponse } from 'axios'
import {
  NotReplayedError,
  RefreshUnavailableError,
  tokenErrorOf,
  type TokenSource,
} from 'tokenward'
import { attachTokens, type AttachTokensOptions } from 'tokenward/axios'
import { describe, expect, it } from 'vitest'
import { FakeSource, held } from '../support/sources.js'
import { ok, protectedApi, serve, unauthorized, type TestServer } from '../support/server.js'

const attach = (api: TestServer, source: TokenSource, options?: AttachTokensOptions) =>
  attachTokens(axios.create({ baseURL: api.origin }), source, options)

const failureOf = async (request: Promise<unknown>): Promise<AxiosError> => {
  const error: unknown = await request.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(Error)
  return error as AxiosError
}

const sentTokens = (api: TestServer) => api.seen.map((request) => request.authorization)

describe('a 401', () => {
  it('renews the token and sends the request once more', async () => {
    const api = await protectedApi('T2')
    const source = new FakeSource('T1', 'T2')
    const response = await attach(api, source).get('/me')
    expect(response.data).toEqual({ ok: true })
    expect(sentTokens(api)).toEqual(['Bearer T1', 'Bearer T2'])
    expect(source.refreshes).toEqual([{ rejected: 'T1', sessionId: 'session-1' }])
  })

  it('costs no renewal if the token was replaced already', async () => {
    const source = new FakeSource('T1', 'T2', 'T3')
    const api = await serve((request, response) => {
      if (request.authorization === 'Bearer T2') return ok(response)
      source.token = 'T2'
      unauthorized(response)
    })
    await attach(api, source).get('/me')
    expect(source.renewals).toBe(0) // axios-auth-refresh, AARQ, alova
  })

  it('of each of 50 requests at once ends in one renewal and 50 answers', async () => {
    const api = await protectedApi('T2')
    const source = new FakeSource('T1', 'T2')
    const instance = attach(api, source)
    const answers = await Promise.all(Array.from({ length: 50 }, () => instance.get('/me')))
    expect(answers.map((answer) => answer.status)).toEqual(Array.from({ length: 50 }, () => 200))
    expect(source.renewals).toBe(1) // Flyrell/axios-auth-refresh#307, #13, #56, #90
  })

  it('of the replay goes to the caller, who is told why, and the source hears of it', async () => {
    const api = await protectedApi('nobody')
    const source = new FakeSource('T1', 'T2')
    const error = await failureOf(attach(api, source).get('/me'))
    expect(error).toMatchObject({ isAxiosError: true, status: 401 })
    expect(error.cause).toBeInstanceOf(NotReplayedError)
    expect(error.cause).toMatchObject({ reason: 'already-replayed' })
    expect(Object.keys(error)).not.toContain('cause')
    expect(sentTokens(api)).toEqual(['Bearer T1', 'Bearer T2']) // alova 3.5: 68 refreshes in a second
    expect(source.rejectedReplays).toEqual(['T2'])
  })

  it('is not answered by sending the same token again', async () => {
    const api = await protectedApi('T2')
    const source = new FakeSource('T1')
    source.onRefresh = () => Promise.resolve('T1')
    const error = await failureOf(attach(api, source).get('/me'))
    expect(error.cause).toMatchObject({ reason: 'already-replayed' })
    expect(api.seen).toHaveLength(1)
  })

  it('with insufficient_scope is passed on, saying why', async () => {
    const api = await protectedApi('T2', 'Bearer error="insufficient_scope", scope="admin"')
    const source = new FakeSource('T1', 'T2')
    const error = await failureOf(attach(api, source).get('/me'))
    expect(error.cause).toMatchObject({ code: 'ERR_STEP_UP_REQUIRED', scope: 'admin' })
    expect(source.refreshes).toEqual([])
  })

  it('that asks for a stronger login is passed on with what to ask for', async () => {
    const api = await protectedApi(
      'T2',
      'Bearer error="insufficient_user_authentication", acr_values="mfa", max_age=60',
    )
    const source = new FakeSource('T1', 'T2')
    const error = await failureOf(attach(api, source).get('/me'))
    expect(tokenErrorOf(error)).toMatchObject({
      code: 'ERR_STEP_UP_REQUIRED',
      acrValues: ['mfa'],
      maxAgeSeconds: 60,
    })
    expect(source.refreshes).toEqual([])
  })

  it.each([
    ['is near or not known', undefined, 1],
    ['is near', Date.now() + 30_000, 1],
    ['is far', Date.now() + 3_600_000, 0],
  ])(
    'with challenges of other schemes only, where the expiry %s: %s, %i renewals',
    async (_, expiresAt, count) => {
      const api = await protectedApi('T2', 'JWT realm="api"')
      const source = new FakeSource('T1', 'T2')
      source.expiresAt = expiresAt
      const outcome = await attach(api, source).get('/me').catch(tokenErrorOf)
      expect(source.renewals).toBe(count)
      expect(outcome).toMatchObject(count > 0 ? { status: 200 } : { reason: 'scope' })
    },
  )

  it('with challenges of other schemes only, after a renewal that did not help, is not ours', async () => {
    const api = await protectedApi('T9', 'Basic realm="Bearer", Negotiate')
    const source = new FakeSource('T1', 'T2')
    await failureOf(attach(api, source).get('/me'))
    expect(source.renewals).toBe(1)
    source.refreshes = []
    const error = await failureOf(attach(api, source).get('/me'))
    expect(error.cause).toMatchObject({ reason: 'scope' })
    expect(source.refreshes).toEqual([])
  })

  it('with several header lines is read whole', async () => {
    const api = await serve((request, response) => {
      if (request.authorization === 'Bearer T2') return ok(response)
      unauthorized(response, ['Basic realm="a"', 'Bearer error="invalid_token"'])
    })
    await attach(api, new FakeSource('T1', 'T2')).get('/me')
    expect(api.seen).toHaveLength(2)
  })

  it('of the replay with insufficient_scope does not speak against the new token', async () => {
    const api = await serve((request, response) =>
      unauthorized(
        response,
        request.authorization === 'Bearer T1' ? undefined : 'Bearer error="insufficient_scope"',
      ),
    )
    const source = new FakeSource('T1', 'T2')
    const error = await failureOf(attach(api, source).get('/me'))
    expect(error.cause).toMatchObject({ code: 'ERR_STEP_UP_REQUIRED', scope: undefined })
    expect(source.rejectedReplays).toEqual([])
  })

  it('is passed on, with the reason as its cause, if the renewal fails', async () => {
    const api = await protectedApi('T2')
    const source = new FakeSource('T1')
    const reason = new RefreshUnavailableError('down')
    source.onRefresh = () => Promise.reject(reason)
    const instance = attach(api, source)
    const errors = await Promise.all(
      Array.from({ length: 10 }, () => failureOf(instance.get('/me'))),
    )
    for (const error of errors) {
      expect(error).toMatchObject({ status: 401, response: { data: { error: 'unauthorized' } } })
      expect(error.cause).toBe(reason) // axios-auth-refresh: waiters get ERR_CANCELED
      expect(axios.isCancel(error)).toBe(false)
    }
  })

  it.each<[string, () => unknown]>([
    [
      'throws at once',
      () => {
        throw new Error('sync')
      },
    ],
    ['rejects with what is no error', () => Promise.reject('x')],
    ['gives no token', () => Promise.resolve(undefined)],
    ['gives a line break', () => 'a\r\nb'],
  ])('is passed on with a TokenError as its cause if refresh %s', async (_, onRefresh) => {
    const api = await protectedApi('T2')
    const source = new FakeSource('T1')
    source.onRefresh = onRefresh as never
    const error = await failureOf(attach(api, source).get('/me'))
    expect(error.status).toBe(401)
    expect(tokenErrorOf(error)).toBeDefined()
    expect(api.seen).toHaveLength(1)
  })

  it('takes the same path where validateStatus accepts it', async () => {
    const api = await protectedApi('T2')
    const source = new FakeSource('T1', 'T2')
    const response = await attach(api, source).get('/me', { validateStatus: () => true })
    expect(response.status).toBe(200)
    expect(source.renewals).toBe(1)
  })

  it('that validateStatus accepts and nothing helps is the answer', async () => {
    const api = await protectedApi('nobody')
    const source = new FakeSource('T1', 'T2')
    const response = await attach(api, source).get('/me', { validateStatus: null })
    expect(response.status).toBe(401)
    expect(response.data).toEqual({ error: 'unauthorized' })
    expect(source.rejectedReplays).toEqual(['T2'])
  })

  it('does not matter to a request that brought its own Authorization, in any letter case', async () => {
    const api = await protectedApi('T2')
    const source = new FakeSource('T1', 'T2')
    for (const name of ['Authorization', 'authorization', 'AUTHORIZATION']) {
      const error = await failureOf(attach(api, source).get('/me', { headers: { [name]: 'Mine' } }))
      expect(error.cause).toBeUndefined()
    }
    expect(sentTokens(api)).toEqual(['Mine', 'Mine', 'Mine']) // supertokens-website#209, #210
    expect(source.refreshes).toEqual([])
    expect(source.asked).toBe(0)
  })

  it('does not matter to a request whose Authorization an interceptor set, before or after ours', async () => {
    const api = await protectedApi('T2')
    for (const order of ['before', 'after']) {
      const source = new FakeSource() // no token: nobody may wait for one
      const instance = axios.create({ baseURL: api.origin })
      if (order === 'after') attachTokens(instance, source)
      instance.interceptors.request.use((config) => {
        config.headers.set('authorization', 'Mine')
        return config
      })
      if (order === 'before') attachTokens(instance, source)
      await failureOf(instance.get('/me'))
      expect(source.asked + source.refreshes.length).toBe(0)
    }
    expect(sentTokens(api)).toEqual(['Mine', 'Mine'])
  })

  it('does not matter to a request with Basic credentials, by option or in the URL', async () => {
    const api = await protectedApi('T2')
    const source = new FakeSource('T1', 'T2')
    const instance = attach(api, source)
    await failureOf(instance.get('/me', { auth: { username: 'a', password: 'b' } }))
    await failureOf(instance.get(api.origin.replace('//', '//a:b@')))
    const basic = `Basic ${Buffer.from('a:b').toString('base64')}`
    expect(sentTokens(api)).toEqual([basic, basic])
    expect(source.refreshes).toEqual([])
  })

  it('does matter where the token goes in another header', async () => {
    const api = await serve((request, response) =>
      request.headers['x-token'] === 'Bearer T2' ? ok(response) : unauthorized(response),
    )
    const source = new FakeSource('T1', 'T2')
    await attach(api, source, { header: 'X-Token' }).get('/me', {
      auth: { username: 'a', password: 'b' },
    })
    expect(api.seen.map((request) => request.headers['x-token'])).toEqual([
      'Bearer T1',
      'Bearer T2',
    ])
  })

  it('leaves a header alone that the caller turned off', async () => {
    const api = await protectedApi('T2')
    const source = new FakeSource('T1', 'T2')
    await failureOf(attach(api, source).get('/me', { headers: { Authorization: false as never } }))
    expect(sentTokens(api)).toEqual([undefined])
  })
})

describe('a 401 after the session changed', () => {
  it('does not spend the new session’s token', async () => {
    const source = new FakeSource('T1', 'T2')
    const api = await serve((_, response) => {
      source.sessionId = 'session-2'
      source.token = 'theirs'
      unauthorized(response)
    })
    const error = await failureOf(attach(api, source).get('/me'))
    expect(error.cause).toMatchObject({ reason: 'session-changed' })
    expect(source.refreshes).toEqual([])
    expect(api.seen).toHaveLength(1)
  })

  it('or changes during the renewal, is not replayed with the new session’s token', async () => {
    const api = await protectedApi('T2')
    const source = new FakeSource('T1')
    source.onRefresh = () => {
      source.sessionId = 'session-2'
      return Promise.resolve('theirs')
    }
    const error = await failureOf(attach(api, source).get('/me'))
    expect(error.cause).toMatchObject({ reason: 'session-changed' })
    expect(sentTokens(api)).toEqual(['Bearer T1'])
  })

  it('or ended, is the source’s to judge', async () => {
    const source = new FakeSource('T1')
    const api = await serve((_, response) => {
      source.sessionId = undefined
      unauthorized(response)
    })
    const reason = new RefreshUnavailableError('signed out')
    source.onRefresh = () => Promise.reject(reason)
    expect((await failureOf(attach(api, source).get('/me'))).cause).toBe(reason)
  })
})

describe('isRejected', () => {
  const tokenExpired = (response: AxiosResponse<{ error?: string }>) =>
    response.data.error === 'token_expired'

  it.each([200, 203, 400, 403, 404, 500])(
    'finds a rejection in an answer of %i',
    async (status) => {
      const api = await serve((request, response) => {
        if (request.authorization === 'Bearer T2') return ok(response)
        response.writeHead(status).end('{"error":"token_expired"}')
      })
      const source = new FakeSource('T1', 'T2')
      const response = await attach(api, source, { isRejected: tokenExpired }).get('/me')
      expect(response.data).toEqual({ ok: true })
      expect(source.refreshes).toHaveLength(1)
    },
  )

  it('sees text where the body is no JSON, and bytes where bytes were asked for', async () => {
    const api = await serve((_, response) => response.end('plain'))
    const seen: unknown[] = []
    const isRejected = (response: AxiosResponse) => {
      seen.push(response.data)
      return false
    }
    const instance = attach(api, new FakeSource('T1'), { isRejected })
    await instance.get('/me')
    await instance.get('/me', { responseType: 'arraybuffer' })
    expect(seen).toEqual(['plain', Buffer.from('plain')])
  })

  it('replays at most once too', async () => {
    const api = await serve((_, response) => ok(response, { error: 'token_expired' }))
    const source = new FakeSource('T1', 'T2')
    const response = await attach(api, source, { isRejected: tokenExpired }).get('/me')
    expect(response.data).toEqual({ error: 'token_expired' })
    expect(source.rejectedReplays).toEqual(['T2'])
    expect(api.seen).toHaveLength(2)
  })

  it('does not take a 401 out of our hands', async () => {
    const api = await protectedApi('T2')
    await attach(api, new FakeSource('T1', 'T2'), { isRejected: () => false }).get('/me')
    expect(api.seen).toHaveLength(2)
  })

  it('that throws fails the request with TokenOptionsError', async () => {
    const api = await protectedApi('T1')
    const isRejected = () => {
      throw new Error('bug')
    }
    const error = await failureOf(attach(api, new FakeSource('T1'), { isRejected }).get('/me'))
    expect(error).toMatchObject({ code: 'ERR_TOKEN_OPTIONS' })
  })
})

describe('a retry of the same config by a user’s interceptor', () => {
  it('is a request of its own, wrapped once', async () => {
    let failures = 1
    const api = await serve((request, response) => {
      if (failures-- > 0) return response.writeHead(503).end()
      if (request.authorization === 'Bearer T2') return ok(response)
      unauthorized(response)
    })
    const source = new FakeSource('T1', 'T2')
    const instance = attach(api, source)
    instance.interceptors.response.use(undefined, (error: AxiosError) =>
      error.status === 503 ? instance.request(error.config as never) : Promise.reject(error),
    )
    expect((await instance.get('/me')).status).toBe(200)
    expect(sentTokens(api)).toEqual(['Bearer T1', 'Bearer T1', 'Bearer T2'])
  })

  it('kept from before it was sent, is not wrapped twice', async () => {
    const api = await protectedApi('nobody')
    const source = new FakeSource('T1', 'T2', 'T3', 'T4')
    const instance = axios.create({ baseURL: api.origin })
    let kept: object = {}
    instance.interceptors.request.use((config) => {
      kept = { ...config } // runs after ours: our wrapper is in it
      return config
    })
    attachTokens(instance, source)
    await failureOf(instance.get('/me'))
    expect(api.seen).toHaveLength(2)
    await failureOf(instance.request(kept))
    expect(api.seen).toHaveLength(4)
    await failureOf(instance.request({ ...kept, tokens: false }))
    expect(api.seen[4]?.authorization).toBeUndefined()
  })

  it('leaves the adapter of the config as the caller chose it', async () => {
    const api = await protectedApi('T1')
    const instance = attach(api, new FakeSource('T1'))
    expect((await instance.get('/me', { adapter: 'http' })).config.adapter).toBe('http')
    expect((await instance.get('/me')).config.adapter).toEqual(['xhr', 'http', 'fetch'])
  })
})

describe('an adapter of the user’s own', () => {
  it('is the one that sends, and its answer with plain headers is understood', async () => {
    const sent: unknown[] = []
    const instance = axios.create({
      baseURL: 'https://a.example',
      adapter: (config) => {
        sent.push(config.headers.get('Authorization'))
        const headers = { 'WWW-Authenticate': 'Bearer error="insufficient_scope"' }
        return Promise.resolve({ data: '', status: 401, statusText: '', headers, config })
      },
    })
    attachTokens(instance, new FakeSource('T1', 'T2'))
    expect((await instance.get('/me')).status).toBe(401)
    expect(sent).toEqual(['Bearer T1'])
  })

  it('that answers without headers is understood too', async () => {
    const instance = axios.create({
      baseURL: 'https://a.example',
      adapter: (config) =>
        Promise.resolve({ data: '', status: 401, statusText: '', config } as AxiosResponse),
    })
    const source = new FakeSource('T1', 'T2')
    attachTokens(instance, source)
    await instance.get('/me')
    expect(source.refreshes).toHaveLength(1)
  })

  it.each<[string, unknown]>([
    ['an error', new Error('mine')],
    ['what is no error', 'mine'],
    ['nothing', undefined],
  ])('that fails with %s fails the request with it', async (_, reason) => {
    const fail = (adapter: () => Promise<never>) =>
      attachTokens(axios.create({ baseURL: 'https://a.example', adapter }), new FakeSource('T1'))
        .get('/me')
        .catch((thrown: unknown) => thrown)
    expect(await fail(() => Promise.reject(reason as Error))).toBe(reason)
    expect(
      await fail(() => {
        throw reason as Error
      }),
    ).toBe(reason)
  })

  it('that nobody named is axios’ own', async () => {
    const api = await protectedApi('T1')
    const instance = attach(api, new FakeSource('T1'))
    delete instance.defaults.adapter
    expect((await instance.get('/me')).status).toBe(200)
  })
})

describe('the body of an abandoned 401', () => {
  it('is read away, so that its connection serves again', async () => {
    const api = await protectedApi('T2')
    const httpAgent = new Agent({ keepAlive: true, maxSockets: 1 })
    const instance = axios.create({ baseURL: api.origin, httpAgent })
    attachTokens(instance, new FakeSource('T1', 'T2'))
    const response = await instance.get<NodeJS.ReadableStream>('/me', { responseType: 'stream' })
    const chunks: Buffer[] = []
    for await (const chunk of response.data) chunks.push(chunk as Buffer)
    expect(Buffer.concat(chunks).toString()).toBe('{"ok":true}')
    httpAgent.destroy()
  })

  it('of the fetch adapter is let go of too', async () => {
    const api = await protectedApi('T2')
    const instance = attach(api, new FakeSource('T1', 'T2'))
    const response = await instance.get('/me', { responseType: 'stream', adapter: 'fetch' })
    expect(response.status).toBe(200)
  })

  it('is untouched where the 401 is passed on', async () => {
    const api = await protectedApi('T2')
    const source = new FakeSource('T1')
    source.onRefresh = () => Promise.reject(new RefreshUnavailableError())
    const error = await failureOf(attach(api, source).get('/me', { responseType: 'stream' }))
    const chunks: Buffer[] = []
    for await (const chunk of error.response?.data as NodeJS.ReadableStream) {
      chunks.push(chunk as Buffer)
    }
    expect(Buffer.concat(chunks).toString()).toBe('{"error":"unauthorized"}')
  })
})

describe('401s that arrive before, during and just after a renewal', () => {
  it('make one renewal and all succeed', async () => {
    const gates = new Map<string, ReturnType<typeof held<void>>>()
    for (const path of ['/before', '/during', '/after']) gates.set(path, held())
    const api = await serve(async (request, response) => {
      if (request.authorization === 'Bearer T2') return ok(response)
      await gates.get(request.url)?.promise
      unauthorized(response)
    })
    const source = new FakeSource('T1', 'T2')
    const renewal = held<void>()
    const { onRefresh } = source
    source.onRefresh = async (options) => {
      await renewal.promise
      return onRefresh(options)
    }
    const instance = attach(api, source)
    const answers = ['/before', '/during', '/after'].map((path) => instance.get(path))
    gates.get('/before')?.resolve()
    await expect.poll(() => source.refreshes.length).toBe(1)
    gates.get('/during')?.resolve()
    await expect.poll(() => source.refreshes.length).toBe(2)
    renewal.resolve()
    await answers[0]
    gates.get('/after')?.resolve()
    expect((await Promise.all(answers)).map((answer) => answer.status)).toEqual([200, 200, 200])
    expect(source.renewals).toBe(1)
  })
})
