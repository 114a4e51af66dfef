import { getEventListeners } from 'node:events'
import axios, { type AxiosError } from 'axios'
import type { TokenSource } from 'tokenward'
import { attachTokens } from 'tokenward/axios'
import { describe, expect, it, vi } from 'vitest'
import { FakeSource, held } from '../support/sources.js'
import { ok, protectedApi, serve } from '../support/server.js'

const never = <T>() => new Promise<T>(() => {})

/** Where a request waits for a token, and how many requests the API has seen by then. */
const waits: [
  string,
  (signals: AbortSignal[]) => Promise<{ origin: string; source: TokenSource; seen: unknown[] }>,
][] = [
  [
    'before it is sent',
    async (signals) => {
      const api = await serve((_, response) => ok(response))
      const getAccessToken: TokenSource['getAccessToken'] = (options) => {
        if (options?.signal) signals.push(options.signal)
        return never()
      }
      return { origin: api.origin, source: { getAccessToken }, seen: api.seen }
    },
  ],
  [
    'after a 401',
    async (signals) => {
      const api = await protectedApi('T2')
      const source = new FakeSource('T1')
      source.onRefresh = ({ signal }) => {
        if (signal) signals.push(signal)
        return never()
      }
      return { origin: api.origin, source, seen: api.seen }
    },
  ],
]

describe.each(waits)('a request that waits for a token %s', (_, arrange) => {
  const start = async (config: object) => {
    const signals: AbortSignal[] = []
    const { origin, source, seen } = await arrange(signals)
    const instance = attachTokens(axios.create({ baseURL: origin }), source)
    const failure = instance.get('/me', config).then(
      () => expect.fail('did not fail'),
      (error: unknown) => error as AxiosError,
    )
    return { failure, signals, seen }
  }

  it('ends at once with its AbortSignal, as axios does', async () => {
    const controller = new AbortController()
    const { failure, signals } = await start({ signal: controller.signal })
    await expect.poll(() => signals.length).toBe(1)
    controller.abort()
    const error = await failure
    expect(axios.isCancel(error)).toBe(true)
    expect(error).toMatchObject({ code: 'ERR_CANCELED', config: { url: '/me' } })
    expect(signals[0]?.aborted).toBe(true)
    expect(getEventListeners(controller.signal, 'abort')).toEqual([])
  })

  it('ends at once with its CancelToken, for the reason given', async () => {
    const { token, cancel } = axios.CancelToken.source()
    const { failure, signals } = await start({ cancelToken: token })
    await expect.poll(() => signals.length).toBe(1)
    cancel('enough')
    const error = await failure
    expect(axios.isCancel(error)).toBe(true)
    expect(error.message).toBe('enough')
  })

  it.each<[string, object, string, string]>([
    ['as axios does', { timeout: 300 }, 'ECONNABORTED', 'timeout of 300ms exceeded'],
    [
      'with a clearer code',
      { timeout: '300', transitional: { clarifyTimeoutError: true } },
      'ETIMEDOUT',
      'timeout of 300ms exceeded',
    ],
    [
      'in the caller’s words',
      { timeout: 300, timeoutErrorMessage: 'too slow' },
      'ECONNABORTED',
      'too slow',
    ],
  ])('ends with its timeout, %s', async (_name, config, code, message) => {
    const { failure, signals } = await start(config)
    const error = await failure
    expect(error).toMatchObject({ isAxiosError: true, code, message, config: { url: '/me' } })
    expect(error).toBeInstanceOf(axios.AxiosError)
    expect(signals[0]?.aborted).toBe(true)
  })
})

describe('a wait', () => {
  it('that is not bounded gives the source no signal', async () => {
    const api = await protectedApi('T2')
    const source = new FakeSource('T1', 'T2')
    await attachTokens(axios.create({ baseURL: api.origin }), source).get('/me')
    expect(source.refreshes).toEqual([{ rejected: 'T1', sessionId: 'session-1' }])
  })

  it('that ended well leaves no listener and no timer behind', async () => {
    const api = await protectedApi('T2')
    const timers = vi.spyOn(globalThis, 'setTimeout')
    const controller = new AbortController()
    const { token } = axios.CancelToken.source()
    const source = new FakeSource('T1', 'T2')
    const instance = attachTokens(axios.create({ baseURL: api.origin }), source)
    await instance.get('/me', { signal: controller.signal, cancelToken: token, timeout: 60_000 })
    expect(getEventListeners(controller.signal, 'abort')).toEqual([])
    const ours = timers.mock.results.filter((_, i) => timers.mock.calls[i]?.[1] === 60_000)
    expect(ours.length).toBeGreaterThan(0)
    for (const { value } of ours) expect(value).toMatchObject({ _destroyed: true })
  })

  it('does not begin for a request that was aborted before', async () => {
    const source = new FakeSource()
    const instance = attachTokens(axios.create({ baseURL: 'https://a.example' }), source)
    const signal = AbortSignal.abort()
    await expect(instance.get('/me', { signal })).rejects.toSatisfy(axios.isCancel)
    expect(source.asked).toBe(0)
  })

  it('does not begin for a request that was aborted while its 401 came', async () => {
    const controller = new AbortController()
    const source = new FakeSource('T1')
    const instance = axios.create({
      baseURL: 'https://a.example',
      adapter: (config) => {
        controller.abort()
        return Promise.resolve({ data: '', status: 401, statusText: '', headers: {}, config })
      },
    })
    attachTokens(instance, source)
    await expect(instance.get('/me', { signal: controller.signal })).rejects.toSatisfy(
      axios.isCancel,
    )
    expect(source.refreshes).toEqual([])
  })

  it('of one caller that gives up leaves the others theirs', async () => {
    const api = await protectedApi('T2')
    const source = new FakeSource('T1', 'T2')
    const renewal = held<string>()
    source.onRefresh = () => renewal.promise
    const instance = attachTokens(axios.create({ baseURL: api.origin }), source)
    const controller = new AbortController()
    const impatient = instance.get('/me', { signal: controller.signal })
    const patient = instance.get('/me')
    await expect.poll(() => source.refreshes.length).toBe(2)
    controller.abort() // Azure tokenCycler: the first caller’s abort kills everyone
    await expect(impatient).rejects.toSatisfy(axios.isCancel)
    source.token = 'T2'
    renewal.resolve('T2')
    expect((await patient).status).toBe(200)
  })

  it('with a streamed 401 lets go of its connection when it is given up', async () => {
    const api = await protectedApi('T2')
    const source = new FakeSource('T1')
    source.onRefresh = () => never()
    const instance = attachTokens(axios.create({ baseURL: api.origin }), source)
    const failure = instance.get('/me', { responseType: 'stream', timeout: 50 })
    await expect(failure).rejects.toMatchObject({ code: 'ECONNABORTED' })
  })

  it('understands a signal that is no AbortSignal of the platform', async () => {
    const listeners = new Set<() => void>()
    class ForeignSignal {
      aborted = false
      addEventListener = (_: string, listener: () => void) => listeners.add(listener)
      removeEventListener = (_: string, listener: () => void) => listeners.delete(listener)
    }
    const signal = new ForeignSignal()
    const source = new FakeSource()
    source.onGet = () => never()
    const instance = attachTokens(axios.create({ baseURL: 'https://a.example' }), source)
    const failure = instance.get('/me', { signal })
    await expect.poll(() => source.asked).toBe(1)
    signal.aborted = true
    for (const listener of listeners) listener()
    await expect(failure).rejects.toSatisfy(axios.isCancel)
    expect(listeners.size).toBe(0)
  })

  it('understands a signal without listeners', async () => {
    const api = await serve((_, response) => ok(response))
    const source = new FakeSource()
    source.onGet = () => Promise.resolve('T1')
    const instance = axios.create({
      baseURL: api.origin,
      adapter: (config) =>
        Promise.resolve({ data: '', status: 200, statusText: '', headers: {}, config }),
    })
    attachTokens(instance, source)
    expect((await instance.get('/me', { signal: { aborted: false } })).status).toBe(200)
  })
})
