import { afterEach, describe, expect, it, vi } from 'vitest'
import { fixedToken, LoginRequiredError, tokenErrorOf, TokenOptionsError } from 'tokenward'
import { createFetch, type CreateFetchOptions } from 'tokenward/fetch'
import { FakeSource, held } from '../support/sources.js'

const API = 'https://api.example.com'
const AT = { origins: [API] }

afterEach(() => vi.unstubAllGlobals())

/** A platform that answers by the script, and keeps what it was called with. */
function platform(...answers: (() => unknown)[]) {
  return vi.fn<typeof fetch>(async () => (answers.shift() ?? (() => new Response('ok')))() as never)
}
const refusal = () => new Response('no', { status: 401 })
const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.fail('it did not fail'),
    (error: unknown) => error,
  )
const sentHeaders = (sent: ReturnType<typeof platform>) =>
  sent.mock.calls.map(([, init]) => Object.fromEntries(new Headers(init?.headers)))

describe('createFetch', () => {
  it.each<[string, unknown, unknown, RegExp]>([
    ['no options', undefined, undefined, /`options` must be an object/],
    ['no origins', undefined, {}, /`origins` must be a non-empty array of origins.*got undefined/],
    ['an empty list', undefined, { origins: [] }, /origins/],
    ['a wildcard', undefined, { origins: ['https://*.example.com'] }, /origins/],
    ['a path', undefined, { origins: [`${API}/v1`] }, /origins/],
    ['a source that is none', 'a-token', AT, /`source` must be a TokenSource.*got another string/],
    ['an unknown option', undefined, { ...AT, baseUrl: API }, /unknown option `baseUrl`/],
    ['a bad header', undefined, { ...AT, header: 'a b' }, /header/],
    ['a bad format', undefined, { ...AT, format: 'Bearer' }, /format/],
    ['a bad isRejected', undefined, { ...AT, isRejected: true }, /isRejected/],
    ['a bad fetch', undefined, { ...AT, fetch: {} }, /`fetch` must be a function/],
  ])('refuses %s', (_, source, options, message) => {
    const create = () => createFetch(source as never, options as never)
    expect(create).toThrow(TokenOptionsError)
    expect(create).toThrow(message)
  })

  it('looks the platform’s fetch up when it is called', async () => {
    const send = createFetch(fixedToken('T1'), AT)
    const mock = platform()
    vi.stubGlobal('fetch', mock)
    expect(await (await send(`${API}/me`)).text()).toBe('ok')
    expect(mock).toHaveBeenCalledTimes(1)
  })

  it('may take the place of the global one', async () => {
    const mock = platform()
    vi.stubGlobal('fetch', mock)
    vi.stubGlobal('fetch', createFetch(fixedToken('T1'), AT))
    await fetch(`${API}/me`)
    await fetch('https://elsewhere.example/')
    expect(sentHeaders(mock)).toEqual([{ authorization: 'Bearer T1' }, {}])
  })

  it('sends with the fetch that it is given', async () => {
    const own = platform()
    const send = createFetch(fixedToken('T1'), { ...AT, fetch: own })
    await send(new URL('/me', API), { method: 'patch', keepalive: true, priority: 'low' })
    expect(own.mock.calls).toEqual([
      [`${API}/me`, expect.objectContaining({ method: 'patch', keepalive: true, priority: 'low' })],
    ])
  })

  it('calls the platform at once while the token is fresh', () => {
    const own = platform()
    void createFetch(new FakeSource('T1'), { ...AT, fetch: own })(`${API}/me`)
    expect(own).toHaveBeenCalledTimes(1)
  })
})

describe('a request', () => {
  const sending = (source = new FakeSource('T1', 'T2'), options?: Partial<CreateFetchOptions>) => {
    const own = platform()
    return { own, source, send: createFetch(source, { ...AT, fetch: own, ...options }) }
  }

  it('elsewhere goes out as it came, also where nothing can be made of it', async () => {
    const { own, send } = sending()
    const init = { method: 'POST', body: 'x' }
    await send('https://elsewhere.example/', init)
    await send('/relative')
    await send('https://elsewhere.example/', { tokens: false, cache: 'no-store' })
    expect(own.mock.calls).toEqual([
      ['https://elsewhere.example/', init],
      ['/relative', undefined],
      ['https://elsewhere.example/', { cache: 'no-store' }],
    ])
    expect(own.mock.calls[0]?.[1]).toBe(init)
  })

  it('with headers that cannot be is the platform’s to refuse', async () => {
    const send = createFetch(fixedToken('T1'), AT)
    await expect(send(`${API}/me`, { headers: { 'a b': 'c' } })).rejects.toBeInstanceOf(TypeError)
  })

  it('keeps the caller’s init as it was', async () => {
    const { send } = sending()
    const headers = new Headers({ 'X-Mine': '1' })
    const init = Object.freeze({ method: 'POST', headers, body: 'x', tokens: new FakeSource('T9') })
    await send(`${API}/me`, init)
    expect([...headers]).toEqual([['x-mine', '1']])
  })

  it('takes its method, headers and body from an init that is a Request', async () => {
    const { own, send } = sending()
    const like = new Request('https://old.example/', {
      method: 'PUT',
      headers: { 'X-Mine': '1', 'Content-Type': 'text/x' },
      body: 'bytes',
    })
    await send(`${API}/new`, like)
    const [url, init] = own.mock.calls[0]!
    const sent = new Request(url, { ...init, duplex: 'half' } as RequestInit)
    expect([sent.method, sent.headers.get('x-mine'), await sent.text()]).toEqual([
      'PUT',
      '1',
      'bytes',
    ])
  })

  it('lets the init outdo the Request', async () => {
    const { own, send } = sending(new FakeSource('T1'), { fetch: undefined })
    vi.stubGlobal('fetch', own)
    const request = new Request(`${API}/me`, { headers: { a: '1' }, method: 'PUT', body: 'old' })
    await send(request, { headers: { b: '2' }, body: 'new' })
    const [url, init] = own.mock.calls[0]!
    expect([url, init?.method, init?.body]).toEqual([`${API}/me`, 'PUT', 'new'])
    expect(sentHeaders(own)).toEqual([{ authorization: 'Bearer T1', b: '2' }])
    expect(request.bodyUsed).toBe(false)
  })

  it('is found a source for by what it says, once, and without its own headers at risk', async () => {
    const { own, source } = sending()
    const find = vi.fn((request) => {
      request.headers.set('x-injected', '1')
      return request.headers.get('x-user') === 'ann' ? source : undefined
    })
    const send = createFetch(find, { ...AT, fetch: own })
    await send(`${API}/me`, { method: 'post', headers: { 'X-User': 'ann' } })
    expect(find.mock.calls).toEqual([
      [expect.objectContaining({ url: `${API}/me`, method: 'POST' })],
    ])
    expect(sentHeaders(own)).toEqual([{ authorization: 'Bearer T1', 'x-user': 'ann' }])
    expect(await failureOf(send(`${API}/me`))).toBeInstanceOf(LoginRequiredError)
    await send('https://elsewhere.example/')
    expect(find).toHaveBeenCalledTimes(2)
  })

  it.each<[string, unknown]>([
    ['null', null],
    ['a string', 'a-token'],
    ['a promise', Promise.resolve(fixedToken('T'))],
  ])('whose `tokens` is %s fails, and says so', async (_, tokens) => {
    const { own, send } = sending()
    const error = await failureOf(send(`${API}/me`, { tokens: tokens as never }))
    expect(tokenErrorOf(error)).toBe(error)
    expect(String(error)).not.toContain('a-token')
    expect(own).not.toHaveBeenCalled()
  })

  it('sends the body that it had when it was called, also the second time', async () => {
    const source = new FakeSource(undefined as never)
    const token = held<string>()
    source.onGet = () => token.promise
    source.onRefresh = () => Promise.resolve('T2')
    const own = platform(refusal)
    const bytes = new Uint8Array([1, 2, 3])
    const params = new URLSearchParams({ a: '1' })
    const send = createFetch(source, { ...AT, fetch: own })
    const calls = [
      send(`${API}/1`, { method: 'POST', body: bytes }),
      send(`${API}/2`, { method: 'POST', body: params }),
      send(`${API}/3`, { method: 'POST', body: bytes.buffer }),
      send(`${API}/4`, { method: 'POST', body: new DataView(bytes.buffer, 1, 1) }),
      send(`${API}/5`, { method: 'POST', body: Buffer.from(bytes.buffer) }),
    ]
    bytes.fill(9)
    params.set('a', '9')
    token.resolve('T1')
    await Promise.all(calls)
    const bodies = await Promise.all(
      own.mock.calls.map(async ([url, init]) => [
        (url as string).at(-1),
        [...new Uint8Array(await new Response(init?.body).arrayBuffer())].join(),
      ]),
    )
    const a1 = [97, 61, 49].join()
    expect(bodies.sort()).toEqual([
      ['1', '1,2,3'],
      ['1', '1,2,3'],
      ['2', a1],
      ['3', '1,2,3'],
      ['4', '2'],
      ['5', '1,2,3'],
    ])
  })

  it('that is aborted already asks nobody', async () => {
    const { own, source, send } = sending(new FakeSource())
    const reason = new Error('gone')
    expect(await failureOf(send(`${API}/me`, { signal: AbortSignal.abort(reason) }))).toBe(reason)
    expect([source.asked, own.mock.calls.length]).toEqual([0, 0])
  })

  it.each(['init', 'Request'])('waits no longer than the signal of its %s says', async (where) => {
    const { source, send } = sending(new FakeSource())
    source.onGet = () => held<string>().promise
    const signal = AbortSignal.timeout(5)
    const call = where === 'init' ? send(`${API}/`, { signal }) : send(new Request(API, { signal }))
    expect(await failureOf(call)).toMatchObject({ name: 'TimeoutError' })
  })

  it('with `signal: null` is not bound by its Request', async () => {
    const { own, source, send } = sending(new FakeSource())
    const request = new Request(`${API}/me`, { signal: AbortSignal.abort() })
    await send(request, { signal: null })
    expect([source.asked, own.mock.calls.length]).toEqual([1, 1])
  })
})

describe('isRejected', () => {
  const expired = () => Response.json({ code: 'TOKEN_EXPIRED' }, { status: 403 })
  const asking = (isRejected: CreateFetchOptions['isRejected'], ...answers: (() => unknown)[]) => {
    const own = platform(...answers)
    const source = new FakeSource('T1', 'T2')
    return { own, source, send: createFetch(source, { ...AT, fetch: own, isRejected }) }
  }

  it('may read a clone, and renews by it', async () => {
    const { send, own } = asking(
      async (response) => (await response.clone().json()).code === 'TOKEN_EXPIRED',
      expired,
      () => Response.json({ ok: true }),
    )
    expect(await (await send(`${API}/me`)).json()).toEqual({ ok: true })
    expect(sentHeaders(own).map(({ authorization }) => authorization)).toEqual([
      'Bearer T1',
      'Bearer T2',
    ])
  })

  it('adds to the 401, and sees a redirect before it is followed', async () => {
    const isRejected = vi.fn(() => false)
    const moved = () => new Response(null, { status: 302, headers: { location: '/to' } })
    const { send, source } = asking(isRejected, moved, refusal)
    expect((await send(`${API}/me`)).status).toBe(200)
    expect(isRejected.mock.calls).toHaveLength(3)
    expect(source.renewals).toBe(1)
  })

  it.each<[string, CreateFetchOptions['isRejected'], RegExp]>([
    ['throws', () => { throw new Error('x') }, /threw an error/], // prettier-ignore
    ['rejects', () => Promise.reject(new Error('x')), /threw an error/],
    ['reads the body', async (response) => !(await response.text()), /response\.clone\(\)/],
  ])('that %s fails the request, saying so', async (_, isRejected, message) => {
    const { send } = asking(isRejected)
    const error = await failureOf(send(`${API}/me`))
    expect(error).toBeInstanceOf(TokenOptionsError)
    expect(error).toHaveProperty('message', expect.stringMatching(message))
  })
})

describe('why a 401 was passed on', () => {
  const refused = async () => {
    const own = platform(refusal, refusal)
    return createFetch(new FakeSource('T1', 'T2'), { ...AT, fetch: own })(`${API}/me`)
  }

  it('is told by tokenErrorOf, and does not show', async () => {
    const response = await refused()
    expect(tokenErrorOf(response)).toMatchObject({ reason: 'already-replayed' })
    expect([Object.keys(response), await response.text()]).toEqual([[], 'no'])
  })

  it('is found in what a wrapper throws', async () => {
    const response = await refused()
    const wrapped = Object.assign(new Error('HTTP 401'), { response })
    expect(tokenErrorOf(wrapped)).toBe(tokenErrorOf(response))
    expect(tokenErrorOf(new Error('outer', { cause: wrapped }))).toBe(tokenErrorOf(response))
  })

  it('is nothing for any other answer', async () => {
    const send = createFetch(fixedToken('T'), { ...AT, fetch: platform() })
    expect(tokenErrorOf(await send(`${API}/me`))).toBeUndefined()
    expect(tokenErrorOf({ response: null })).toBeUndefined()
    expect(tokenErrorOf(undefined)).toBeUndefined()
  })
})

describe('a mock that answers with less than a Response', () => {
  it('will do', async () => {
    const own = platform(
      () => ({ status: 401 }),
      () => ({ ok: true, status: 200, json: async () => 'yes' }),
    )
    const send = createFetch(new FakeSource('T1', 'T2'), { ...AT, fetch: own })
    expect(await (await send(`${API}/me`)).json()).toBe('yes')
  })
})
