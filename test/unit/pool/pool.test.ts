import { inspect } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import {
  memoryStore,
  TokenManager,
  type TokenInput,
  type TokenManagerOptions,
  type TokenStore,
} from 'tokenward'
import { TokenManagerPool, type TokenManagerPoolOptions } from 'tokenward/pool'
import { redisStore } from 'tokenward/redis'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

const LIFETIME_MS = 300_000

beforeEach(() => {
  vi.useFakeTimers()
  vi.advanceTimersByTime(1_000) // at 0, the cache takes the monotonic clock to be none
})
afterEach(() => void vi.useRealTimers())

describe('a session of a pool', () => {
  it('has one manager, however many ask', () => {
    const { pool, made } = scene()
    const managers = Array.from({ length: 50 }, () => pool.get('ada'))
    expect(new Set(managers).size).toBe(1)
    expect(managers[0]).toBeInstanceOf(TokenManager)
    expect(made).toEqual(['ada'])
  })

  it('has a manager of its own', async () => {
    const { pool } = scene()
    expect(await pool.get('ada').getAccessToken()).toBe('ada-1')
    expect(await pool.get('bob').getAccessToken()).toBe('bob-1')
  })

  it('is loaded when it is used, not before', async () => {
    const { pool, storeOf } = scene()
    const load = vi.spyOn(storeOf('ada'), 'load')
    const manager = pool.get('ada')
    expect(load).not.toHaveBeenCalled()
    await Promise.all([manager.getAccessToken(), manager.getAccessToken()])
    expect(load).toHaveBeenCalledOnce()
  })

  it('hears within recheckMs of a logout elsewhere, by default 5 s', async () => {
    const { pool, optionsOf } = scene()
    await pool.get('ada').getAccessToken()
    await new TokenManager(optionsOf('ada')).signOut()
    await vi.advanceTimersByTimeAsync(4_999)
    expect(pool.get('ada').peek()).toBe('ada-1')
    await vi.advanceTimersByTimeAsync(1)
    pool.get('ada').peek() // a use: it looks behind it
    await vi.advanceTimersByTimeAsync(0)
    await expect(pool.get('ada').getAccessToken()).rejects.toMatchObject({ reason: 'signed-out' })
  })

  it('may name a recheckMs of its own', async () => {
    const { pool, optionsOf } = scene({ session: { recheckMs: 1_000 } })
    await pool.get('ada').getAccessToken()
    await new TokenManager(optionsOf('ada')).signOut()
    await vi.advanceTimersByTimeAsync(1_000)
    pool.get('ada').peek()
    await vi.advanceTimersByTimeAsync(0)
    expect(pool.get('ada').peek()).toBeUndefined()
  })

  it('that was closed by mistake is begun anew', async () => {
    const { pool } = scene()
    await pool.get('ada').close()
    expect(await pool.get('ada').getAccessToken()).toBe('ada-1')
  })

  it('whose options cannot be had is not in the pool, and may be had later', async () => {
    const { pool, fails } = scene()
    fails.add('ada')
    expect(() => pool.get('ada')).toThrow('no options for ada')
    fails.delete('ada')
    expect(await pool.get('ada').getAccessToken()).toBe('ada-1')
  })
})

describe('of more sessions than `max`', () => {
  it('the one goes that was not used for the longest time', () => {
    const { pool, made } = scene({ pool: { max: 2 } })
    use(pool, 'ada', 'bob', 'ada', 'eve')
    expect(inspect(pool)).toBe('TokenManagerPool { 2 in memory }')
    vi.spyOn(WeakRef.prototype, 'deref').mockReturnValue(undefined) // nobody holds it
    use(pool, 'ada', 'eve', 'bob')
    expect(made).toEqual(['ada', 'bob', 'eve', 'bob'])
  })

  it('one that somebody still holds has no second manager', () => {
    const { pool, made } = scene({ pool: { max: 1 } })
    const held = pool.get('ada')
    use(pool, 'bob')
    expect(pool.get('ada')).toBe(held)
    expect(made).toEqual(['ada', 'bob'])
  })

  describe('nobody holds but a part', () => {
    it.each<[string, (manager: TokenManager) => unknown]>([
      ['a source for a resource', (manager) => manager.for({ resource: 'https://api.test' })],
      ['a call that it waits for', (manager) => manager.refresh()],
    ])('(%s), one has no second manager', async (_what, partOf) => {
      vi.useRealTimers()
      const { pool, made, release } = scene({ pool: { max: 1 }, isHeld: true })
      const part = await partOfLeaver(pool, partOf)
      await collectGarbage()
      pool.get('ada')
      expect(made).toEqual(['ada', 'bob'])
      release()
      await part.whole
    })

    /** Promises are wrapped, so that they are not waited for here. */
    async function partOfLeaver(
      pool: TokenManagerPool,
      partOf: (manager: TokenManager) => unknown,
    ) {
      const manager = pool.get('ada')
      await manager.getAccessToken()
      pool.get('bob') // `ada` leaves, with nothing under way
      return { whole: partOf(manager) }
    }
  })

  it('one comes back with what its store holds', async () => {
    const { pool } = scene({ pool: { max: 1 } })
    expect(await pool.get('ada').refresh()).toBe('ada-2')
    use(pool, 'bob')
    vi.spyOn(WeakRef.prototype, 'deref').mockReturnValue(undefined)
    expect(await pool.get('ada').getAccessToken()).toBe('ada-2')
  })

  it('none goes while its refresh is in flight', async () => {
    const { pool, made, requests, release } = scene({ pool: { max: 1 }, isHeld: true })
    vi.spyOn(WeakRef.prototype, 'deref').mockReturnValue(undefined)
    const renewed = pool.get('ada').refresh()
    await vi.advanceTimersByTimeAsync(0)
    use(pool, 'bob', 'eve')
    const shared = pool.get('ada').refresh()
    release()
    expect(await Promise.all([renewed, shared])).toEqual(['ada-2', 'ada-2'])
    expect(requests).toEqual(['ada-1'])
    expect(made).toEqual(['ada', 'bob', 'eve'])
  })

  it('it goes when its refresh has landed', async () => {
    const { pool, made, release } = scene({ pool: { max: 1 }, isHeld: true })
    vi.spyOn(WeakRef.prototype, 'deref').mockReturnValue(undefined)
    void pool.get('ada').refresh()
    await vi.advanceTimersByTimeAsync(0)
    use(pool, 'bob')
    expect(inspect(pool)).toBe('TokenManagerPool { 2 in memory }')
    release()
    await vi.advanceTimersByTimeAsync(0)
    expect(inspect(pool)).toBe('TokenManagerPool { 1 in memory }')
    use(pool, 'ada')
    expect(made).toEqual(['ada', 'bob', 'ada'])
  })

  it('none goes whose tokens are not saved, until they are', async () => {
    const { pool, storeOf } = scene({ pool: { max: 1 } })
    vi.spyOn(WeakRef.prototype, 'deref').mockReturnValue(undefined)
    const save = vi.spyOn(storeOf('ada'), 'save').mockRejectedValue(new Error('full'))
    await expect(pool.get('ada').setTokens(tokensOf('ada', 7))).rejects.toThrow()
    use(pool, 'bob')
    await vi.advanceTimersByTimeAsync(0)
    expect(await pool.get('ada').getAccessToken()).toBe('ada-7')
    use(pool, 'bob')
    save.mockRestore()
    await vi.advanceTimersByTimeAsync(5_000)
    use(pool, 'bob') // tried again at a use of the pool
    await vi.advanceTimersByTimeAsync(0)
    expect((await storeOf('ada').load())?.tokens?.accessToken).toBe('ada-7')
    expect(inspect(pool)).toBe('TokenManagerPool { 1 in memory }')
  })
})

describe('a session that nobody uses', () => {
  it('goes after idleMs, at a use of another', async () => {
    const { pool, made } = scene({ pool: { idleMs: 60_000 } })
    vi.spyOn(WeakRef.prototype, 'deref').mockReturnValue(undefined)
    use(pool, 'ada', 'bob')
    await vi.advanceTimersByTimeAsync(40_000)
    use(pool, 'bob')
    await vi.advanceTimersByTimeAsync(30_000)
    use(pool, 'bob')
    expect(inspect(pool)).toBe('TokenManagerPool { 1 in memory }')
    use(pool, 'ada')
    expect(made).toEqual(['ada', 'bob', 'ada'])
  })

  it('has no timer', async () => {
    const { pool } = scene()
    for (let index = 0; index < 1_000; index++) await pool.get(`user-${index}`).getAccessToken()
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('a logout', () => {
  it('of a session in memory refuses its calls at once', async () => {
    const { pool, storeOf, revoked } = scene()
    await pool.get('ada').getAccessToken()
    const signedOut = pool.signOut('ada')
    expect(pool.get('ada').peek()).toBeUndefined()
    await signedOut
    await expect(pool.get('ada').getAccessToken()).rejects.toMatchObject({ reason: 'signed-out' })
    expect((await storeOf('ada').load())?.tokens).toBeNull()
    expect(revoked).toEqual(['ada-1'])
  })

  it('of a session that is not in memory is stored, and the server told', async () => {
    const { pool, storeOf, revoked } = scene()
    await pool.get('ada').getTokens()
    const elsewhere = scene({ storeOf, revoked })
    await elsewhere.pool.signOut('ada')
    expect((await storeOf('ada').load())?.tokens).toBeNull()
    expect(revoked).toEqual(['ada-1'])
    expect(pool.get('bob')).toBeDefined()
  })

  it('may leave the server out', async () => {
    const { pool, revoked } = scene()
    await pool.get('ada').getAccessToken()
    await pool.signOut('ada', { revoke: false })
    expect(revoked).toEqual([])
  })

  it('that cannot be stored is told, in force here, and stored later', async () => {
    const { pool, storeOf } = scene()
    await pool.get('ada').getAccessToken()
    const save = vi.spyOn(storeOf('ada'), 'save').mockRejectedValue(new Error('full'))
    await expect(pool.signOut('ada')).rejects.toMatchObject({ code: 'ERR_TOKEN_STORE' })
    await expect(pool.get('ada').getAccessToken()).rejects.toMatchObject({ reason: 'signed-out' })
    save.mockRestore()
    await pool.close()
    expect((await storeOf('ada').load())?.tokens).toBeNull()
  })
})

describe('closing', () => {
  it('waits for the refreshes in flight to be saved', async () => {
    const { pool, storeOf, release } = scene({ isHeld: true, pool: { max: 1 } })
    const renewed = pool.get('ada').refresh()
    const other = pool.get('bob').refresh()
    await vi.advanceTimersByTimeAsync(0)
    let isClosed = false
    const closed = pool.close().then(() => (isClosed = true))
    await vi.advanceTimersByTimeAsync(1_000)
    expect(isClosed).toBe(false)
    release()
    await closed
    expect(await Promise.all([renewed, other])).toEqual(['ada-2', 'bob-2'])
    expect((await storeOf('ada').load())?.tokens?.accessToken).toBe('ada-2')
  })

  it('refuses every call afterwards, also of managers in hand', async () => {
    const { pool } = scene({ pool: { max: 1 } })
    const gone = pool.get('ada')
    const there = pool.get('bob')
    await Promise.all([pool.close(), pool.close()])
    const closed = { code: 'ERR_MANAGER_CLOSED' }
    expect(() => pool.get('ada')).toThrow(expect.objectContaining(closed))
    await expect(pool.signOut('ada')).rejects.toMatchObject(closed)
    for (const manager of [gone, there]) {
      await expect(manager.getAccessToken()).rejects.toMatchObject(closed)
    }
  })

  it('by a `refresh` is told, and changes nothing', async () => {
    const told: unknown[] = []
    const close = () => pool.close().catch((error: unknown) => told.push(error))
    const refresh = async () => (await close(), tokensOf('ada', 2))
    const { pool, storeOf } = scene({ session: { refresh } })
    expect(await pool.get('ada').refresh()).toBe('ada-2')
    expect(told).toMatchObject([{ code: 'ERR_TOKEN_OPTIONS' }])
    const renewed = pool.get('ada').refresh()
    await Promise.all([pool.close(), renewed])
    expect((await storeOf('ada').load())?.tokens?.accessToken).toBe('ada-2')
  })

  it('is done at the end of a block', async () => {
    const { pool } = scene()
    await pool[Symbol.asyncDispose]()
    expect(() => pool.get('ada')).toThrow('This TokenManagerPool is closed')
  })
})

describe('events', () => {
  it('carry the id of the session, of those before and after', async () => {
    const { pool } = scene()
    const seen: unknown[] = []
    pool.get('ada')
    pool.on('refreshed', ({ sessionId, reason }) => seen.push([sessionId, reason]))
    pool.on('sessionEnded', ({ sessionId, reason }) => seen.push([sessionId, reason]))
    await pool.get('ada').refresh()
    await pool.get('bob').refresh()
    await pool.signOut('bob')
    await vi.advanceTimersByTimeAsync(0)
    expect(seen).toEqual([
      ['ada', 'forced'],
      ['bob', 'forced'],
      ['bob', 'signed-out'],
    ])
  })

  it('are told once to each listener, until it is gone; one that throws disturbs nobody', async () => {
    const { pool } = scene()
    const [one, other] = [vi.fn(), vi.fn()]
    pool.on('refreshed', () => {
      throw new Error('mine')
    })
    const undo = pool.on('refreshed', one)
    pool.on('refreshed', other)
    await pool.get('ada').refresh()
    await vi.advanceTimersByTimeAsync(0)
    undo()
    await pool.get('ada').refresh()
    await vi.advanceTimersByTimeAsync(0)
    expect([one.mock.calls.length, other.mock.calls.length]).toEqual([1, 2])
  })

  it('that nobody knows are refused', () => {
    const { pool } = scene()
    expect(() => pool.on('refresht' as never, () => undefined)).toThrow('refresht')
    expect(() => pool.on('refreshed', 7 as never)).toThrow(
      "on('refreshed'): `listener` must be a function",
    )
  })
})

describe('a manager that leaves the pool again and again', () => {
  it('is watched once, not once more each time', () => {
    const register = vi.spyOn(FinalizationRegistry.prototype, 'register')
    const unregister = vi.spyOn(FinalizationRegistry.prototype, 'unregister')
    const { pool } = scene({ pool: { max: 1 } })
    const ada = pool.get('ada')
    for (let turn = 0; turn < 20; turn++) {
      pool.get('ben')
      expect(pool.get('ada')).toBe(ada)
    }
    const watched = register.mock.calls.filter(([manager]) => manager === ada).length
    const forgotten = unregister.mock.results.filter(({ value }) => value === true).length
    expect(watched - forgotten).toBeLessThanOrEqual(2) // ada and ben
  })

  it('keeps the cool-down of its failed refresh, though nobody has it any more', async () => {
    vi.useRealTimers()
    let requests = 0
    const refresh = () => {
      requests += 1
      const response = new Response(null, { status: 503, headers: { 'Retry-After': '600' } })
      return Promise.reject(Object.assign(new Error('busy'), { status: 503, response }))
    }
    const { pool } = scene({
      pool: { max: 1 },
      session: { refresh, retry: { attempts: 1 } },
    })
    await expect(pool.get('ada').refresh()).rejects.toMatchObject({ status: 503 })
    pool.get('ben')
    await collectGarbage()
    await expect(pool.get('ada').refresh()).rejects.toMatchObject({ outcome: 'not-sent' })
    expect(requests).toBe(1)
  })
})

describe('an id, which comes from outside,', () => {
  const LONGEST = 'x'.repeat(1_024)
  const empty = () => Promise.resolve([null, null])

  it.each([[''], [undefined], [null], [7], [{}], [['ada']], [`${LONGEST}x`]])(
    'that names no session is an error that an app answers with 400: %j',
    (id) => {
      const { pool } = scene()
      const thrown = () => pool.get(id as never)
      expect(thrown).toThrow(expect.objectContaining({ code: 'ERR_INVALID_SESSION_ID' }) as Error)
      expect(thrown).not.toThrow(/x{9}/)
    },
  )

  it.each([
    ['../../etc/passwd'],
    ['x:lease'],
    ['{x}'],
    ['x}'],
    ['__proto__'],
    ['\ud800'],
    [LONGEST],
  ])('is a name like any other: %j', async (id) => {
    const client = { status: 'ready', eval: empty, evalsha: empty } // as ioredis: an empty server
    const pool = new TokenManagerPool({
      options: (sessionId) => ({
        refresh: () => Promise.reject(new Error('not here')),
        store: redisStore({ client, key: `session:${sessionId}` }),
      }),
    })
    await expect(pool.get(id).getAccessToken()).rejects.toMatchObject({
      code: 'ERR_LOGIN_REQUIRED',
    })
  })
})

describe('a mistake', () => {
  const acquire = () => Promise.resolve('at')

  it.each<[object | null, string]>([
    [null, '`options` must be an object, got null'],
    [{}, '`options` must be a function, got undefined'],
    [{ max: 0 }, '`max`'],
    [{ max: 1.5 }, '`max`'],
    [{ max: 1e9 }, '`max`'],
    [{ max: '7' }, '`max`'],
    [{ idleMs: 0 }, '`idleMs`'],
    [{ idleMs: Infinity }, '`idleMs`'],
    [{ recheckMs: -1 }, '`recheckMs`'],
    [{ maximum: 7 }, 'unknown option `maximum`. The options are: options, max, idleMs, recheckMs'],
  ])('in the options is told: %j', (options, message) => {
    const given =
      options && Object.keys(options).length > 0 ? { options: () => ({}), ...options } : options
    expect(() => new TokenManagerPool(given as never)).toThrow(message)
  })

  it.each([
    [undefined, '`options(sessionId)` must be an object, got undefined'],
    [{ acquire }, 'must include a `store`'],
    [{ acquire, store: memoryStore(), keepFresh: true }, 'must not include `keepFresh`'],
    [{ store: memoryStore() }, 'either `refresh` or `acquire`'],
  ])('in the options of a session is told: %j', (given, message) => {
    const pool = new TokenManagerPool({ options: () => given as never })
    expect(() => pool.get('ada')).toThrow(message)
  })
})

it('shows no session and no token when it is inspected', async () => {
  const { pool } = scene()
  await pool.get('ada').getAccessToken()
  const shown = inspect(pool, { depth: 9, showHidden: true }) + JSON.stringify(pool)
  expect(shown).not.toContain('ada')
})

async function collectGarbage(): Promise<void> {
  setFlagsFromString('--expose-gc')
  const gc = runInNewContext('gc') as () => void
  for (let turn = 0; turn < 3; turn++) {
    await new Promise((resolve) => setImmediate(resolve)) // a WeakRef holds to the end of its turn
    gc()
  }
}

interface Scene {
  pool?: Partial<TokenManagerPoolOptions>
  session?: Partial<TokenManagerOptions>
  isHeld?: boolean
  storeOf?: (id: string) => TokenStore
  revoked?: string[]
}

/** A pool over memory stores that outlive its managers; the first tokens of `ada` are `ada-1`. */
function scene(given: Scene = {}) {
  const stores = new Map<string, TokenStore>()
  const storeOf =
    given.storeOf ?? ((id: string) => stores.get(id) ?? stores.set(id, memoryStore()).get(id)!)
  const made: string[] = []
  const requests: string[] = []
  const revoked = given.revoked ?? []
  const fails = new Set<string>()
  let release = () => {}
  const released = given.isHeld ? new Promise<void>((resolve) => (release = resolve)) : undefined
  const optionsOf = (id: string) =>
    ({
      store: storeOf(id),
      initialTokens: tokensOf(id, 1),
      refresh: async ({ refreshToken }: { refreshToken: string }) => {
        requests.push(refreshToken)
        await released
        return tokensOf(id, Number(refreshToken.split('-')[1]) + 1)
      },
      revoke: ({ tokens }: { tokens: { accessToken: string } }) => revoked.push(tokens.accessToken),
      ...given.session,
    }) as TokenManagerOptions
  const pool = new TokenManagerPool({
    options: (id) => {
      if (fails.has(id)) throw new Error(`no options for ${id}`)
      made.push(id)
      return optionsOf(id)
    },
    ...given.pool,
  })
  return { pool, made, requests, revoked, fails, storeOf, optionsOf, release: () => release() }
}

function tokensOf(id: string, count: number): TokenInput {
  return {
    accessToken: `${id}-${count}`,
    refreshToken: `${id}-${count}`,
    expiresIn: LIFETIME_MS / 1000,
  }
}

function use(pool: TokenManagerPool, ...ids: string[]): void {
  for (const id of ids) pool.get(id)
}
