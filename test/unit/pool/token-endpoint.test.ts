import {
  memoryStore,
  type RefreshContext,
  type TokenManagerOptions,
  type TokenStore,
} from 'tokenward'
import { oauthClient } from 'tokenward/oauth'
import { TokenManagerPool, type TokenManagerPoolOptions } from 'tokenward/pool'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { RefreshUnavailableError } from '../../../src/errors.js'
import { held, watch, type Held } from '../../support/session/promises.js'
import { pass } from '../../support/session/time.js'

/** Lets everything happen that waits for no more than a turn of the event loop. */
const settled = () => pass(5)

const LIFETIME_MS = 300_000
const DUE_MS = 250_000

beforeEach(() => {
  vi.useFakeTimers()
  vi.advanceTimersByTime(1_000)
  vi.spyOn(Math, 'random').mockReturnValue(0.5)
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

describe('over all sessions of a client', () => {
  it('no more token requests are under way than `maxTokenRequests`', async () => {
    const { renew, requests, answer } = scene({ maxTokenRequests: 2 })
    renew('ada', 'bob', 'cyd', 'dan')
    await settled()
    expect(requests).toEqual(['ada', 'bob'])
    answer('ada')
    await settled()
    expect(requests).toEqual(['ada', 'bob', 'cyd'])
  })

  it('whom a caller waits for goes before a renewal in the background', async () => {
    const { pool, renew, requests, answer, pastDue } = scene({ maxTokenRequests: 1 })
    await pastDue('bob', 'cyd')
    renew('ada')
    await settled()
    pool.get('bob').peek()
    pool.get('cyd').peek()
    await settled()
    renew('dan')
    await settled()
    const cyd = watch(pool.get('cyd').getAccessToken({ minValidityMs: LIFETIME_MS / 2 }))
    await settled()
    for (const id of ['ada', 'dan', 'cyd', 'bob']) {
      answer(id)
      await settled()
    }
    expect(requests).toEqual(['ada', 'dan', 'cyd', 'bob'])
    expect(cyd.value).toBe('cyd-2')
  })

  it('`Retry-After` that one was told holds for all, and one asks first', async () => {
    const { renew, requests, fail, answer } = scene()
    const ada = renew('ada')
    await settled()
    fail('ada', unavailable(429, 2_000))
    await settled()
    const others = renew('bob', 'cyd')
    await pass(1_900)
    expect(requests).toEqual(['ada'])
    await pass(200)
    expect(requests).toHaveLength(2)
    answer(requests[1]!)
    await settled()
    expect(requests).toHaveLength(4)
    for (const id of requests.slice(2)) answer(id)
    await settled()
    expect([...ada, ...others].map(({ value }) => value)).toEqual(['ada-2', 'bob-2', 'cyd-2'])
  })

  it('who would have to wait long is refused at once, and nothing of theirs is spent', async () => {
    const { pool, renew, requests, saves, fail, storeOf } = scene()
    renew('ada')
    await settled()
    fail('ada', unavailable(503, 60_000))
    await settled()
    const [bob] = renew('bob')
    await settled()
    expect(bob!.error).toMatchObject({
      code: 'ERR_REFRESH_UNAVAILABLE',
      isTransient: true,
      outcome: 'not-sent',
      retryAfterMs: 10_000 - 5, // one session alone binds the others no longer
    })
    expect(requests).toEqual(['ada'])
    expect(saves('bob')).toBe(0)
    expect((await storeOf('bob').load())?.spending).toBeUndefined()
    await pass(10_000)
    expect(pool.get('bob').peek()).toBe('bob-1') // no cool-down of its own was begun
    renew('bob')
    await settled()
    expect(requests).toEqual(['ada', 'bob'])
  })

  it('three that fail stop it, and one probe after the other asks whether it is well', async () => {
    const { renew, requests, fail } = scene()
    renew('ada', 'bob', 'cyd')
    await settled()
    for (const id of ['ada', 'bob', 'cyd']) fail(id, unavailable(500))
    await settled()
    renew('dan', 'eve')
    await settled()
    expect(requests).toHaveLength(3)
    await pass(1_000)
    expect(requests).toHaveLength(4)
    fail('dan', unavailable(500))
    await pass(1_990)
    expect(requests).toHaveLength(4)
    await pass(20)
    expect(requests).toEqual(['ada', 'bob', 'cyd', 'dan', 'eve'])
  })

  it('one that fails alone, however often, stops nobody else', async () => {
    const { renew, requests, fail } = scene()
    for (let count = 1; count <= 4; count++) {
      renew('ada')
      await settled()
      fail('ada', unavailable(500))
      await pass(60_000)
    }
    renew('bob')
    await settled()
    expect(requests).toEqual(['ada', 'ada', 'ada', 'ada', 'bob'])
  })

  it('who was about to try again is refused, and its refresh token counts as not spent', async () => {
    const { renew, requests, fail, storeOf } = scene()
    const [ada] = renew('ada', 'bob')
    await settled()
    fail('ada', unavailable(503)) // tries again in 100 ms
    fail('bob', unavailable(429, 60_000))
    await pass(200)
    expect(requests).toEqual(['ada', 'bob'])
    expect(ada!.error).toMatchObject({ status: 503 })
    const stored = await storeOf('ada').load()
    expect(stored?.tokens?.refreshToken).toBe('ada-1')
    expect(stored?.spending).toBeUndefined()
  })

  it('who would have to wait for a probe that hangs is refused in bounded time', async () => {
    const { renew, requests, fail } = scene()
    const [ada] = renew('ada', 'bob')
    await settled()
    fail('bob', unavailable(503)) // tries again in 100 ms, and waits
    fail('ada', unavailable(429, 1_000)) // after which bob asks, and gets no response
    await pass(12_000)
    expect(requests).toEqual(['ada', 'bob', 'bob'])
    expect(ada!.error).toMatchObject({ status: 429 })
  })

  describe('where each turn takes four seconds, and callers wait for 20 s', () => {
    const TURN_MS = 4_000
    const crowd = ['cyd', 'dan', 'eve'] // the last is served after 16 s

    /** One request is under way, and it is known how long the one before took. */
    async function slow() {
      const known = scene({ maxTokenRequests: 1 })
      await known.pastDue('kim')
      known.renew('ada', 'bob')
      await pass(TURN_MS)
      known.answer('ada')
      await settled()
      return known
    }

    it('who would wait in vain is told at once when to try again, and keeps all', async () => {
      const { pool, renew, requests, saves, storeOf, answer } = await slow()
      const failures: string[] = []
      pool.on('refreshFailed', ({ sessionId }) => failures.push(sessionId))
      const served = renew(...crowd)
      await settled()
      const [hal] = renew('hal')
      await settled()
      expect(hal!.error).toMatchObject({
        code: 'ERR_REFRESH_UNAVAILABLE',
        isTransient: true,
        outcome: 'not-sent',
        retryAfterMs: TURN_MS, // then one fewer is ahead
      })
      expect(failures).toEqual([])
      expect(saves('hal')).toBe(0)
      expect((await storeOf('hal').load())?.spending).toBeUndefined()
      for (const id of ['bob', ...crowd]) {
        await pass(TURN_MS - 20)
        answer(id)
        await settled()
      }
      expect(served.map(({ value }) => value)).toEqual(crowd.map((id) => `${id}-2`))
      const [again] = renew('hal')
      await settled()
      answer('hal')
      await settled()
      expect(again!.value).toBe('hal-2')
      expect(requests).toEqual(['ada', 'bob', ...crowd, 'hal'])
    })

    it('those who come in the same moment count each other', async () => {
      const { renew } = await slow()
      const all = renew(...crowd, 'hal', 'ian')
      await settled()
      expect(all.map(({ status }) => status)).toEqual([
        ...crowd.map(() => 'pending'),
        'rejected',
        'rejected',
      ])
      expect(all.at(-1)!.error).toMatchObject({ outcome: 'not-sent', retryAfterMs: TURN_MS })
    })

    it('a caller who joins a renewal in the background is refused as others are', async () => {
      const { pool, renew, requests } = await slow()
      expect(pool.get('kim').peek()).toBe('kim-1') // and waits in the background
      renew(...crowd)
      await settled()
      const kim = watch(pool.get('kim').refresh())
      await settled()
      expect(kim.error).toMatchObject({ outcome: 'not-sent', retryAfterMs: TURN_MS })
      expect(pool.get('kim').peek()).toBe('kim-1')
      expect(requests).toEqual(['ada', 'bob'])
    })

    it('nobody is refused where nobody waits, however slow it was', async () => {
      const { renew, answer } = await slow()
      await pass(60_000) // bob's request takes a minute
      answer('bob')
      const [cyd] = renew('cyd')
      await settled()
      answer('cyd')
      await settled()
      expect(cyd!.value).toBe('cyd-2')
    })
  })

  it('nothing is begun in the background while it fails', async () => {
    const { pool, renew, requests, fail, pastDue } = scene()
    await pastDue('bob')
    renew('ada')
    await settled()
    fail('ada', unavailable(429, 5_000))
    await settled()
    expect(pool.get('bob').peek()).toBe('bob-1')
    await settled()
    expect(requests).toEqual(['ada'])
  })

  it('a pool that closes does not wait for those who wait for their turn', async () => {
    const { pool, renew, requests, answer } = scene({ maxTokenRequests: 1 })
    const [ada, bob] = renew('ada', 'bob')
    await settled()
    const closed = watch(pool.close())
    answer('ada')
    await settled()
    expect(closed.status).toBe('resolved')
    expect(requests).toEqual(['ada'])
    expect(ada!.value).toBe('ada-2')
    expect(bob!.error).toMatchObject({ outcome: 'not-sent' })
  })
})

describe('a client is told', () => {
  const oauth = (clientId: string) =>
    oauthClient({ issuer: 'https://as.test', clientId, clientSecret: 'secret' })

  it('by the client of `tokenward/oauth`, however many functions it gave', () => {
    const one = oauth('one')
    expect(one.refreshToken().client).toBe(one.refreshToken({ scope: 'read' }).client)
    expect(one.refreshToken().client).toBe(one.clientCredentials().client)
    expect(one.refreshToken().client).not.toBe(oauth('one').refreshToken().client)
  })

  it('by what a function says, else by the function, and others have their own turns', async () => {
    const { renew, requests, fail } = scene({ clientOf: (id) => ({ name: id.slice(0, 1) }) })
    renew('a1')
    await settled()
    fail('a1', unavailable(429, 60_000))
    await settled()
    renew('b1', 'a2')
    await settled()
    expect(requests).toEqual(['a1', 'b1'])
  })
})

interface Scene extends Partial<TokenManagerPoolOptions> {
  clientOf?: (id: string) => { name: string }
}

/** A pool of sessions whose token requests are held until the test answers them. */
function scene({ clientOf = () => ({ name: 'one' }), ...given }: Scene = {}) {
  const stores = new Map<string, TokenStore & { saves: number }>()
  const storeOf = (id: string) => stores.get(id) ?? stores.set(id, countingStore()).get(id)!
  const clients = new Map<string, object>()
  const requests: string[] = []
  const open = new Map<string, Held<ReturnType<typeof tokensOf>>>()
  const optionsOf = (id: string): TokenManagerOptions => {
    const { name } = clientOf(id)
    const client = clients.get(name) ?? clients.set(name, {}).get(name)!
    const refresh = async (_context: RefreshContext) => {
      requests.push(id)
      open.set(id, held())
      return open.get(id)!.promise
    }
    return {
      store: storeOf(id),
      initialTokens: tokensOf(id, 1),
      refresh: Object.assign(refresh, { client }),
    }
  }
  const pool = new TokenManagerPool({ options: optionsOf, ...given })
  return {
    pool,
    requests,
    storeOf,
    saves: (id: string) => storeOf(id).saves,
    renew: (...ids: string[]) => ids.map((id) => watch(pool.get(id).refresh())),
    answer: (id: string) => open.get(id)!.resolve(tokensOf(id, 2)),
    fail: (id: string, error: Error) => open.get(id)!.reject(error),
    /** In their refresh window: usable, and to be renewed behind the next use. */
    async pastDue(...ids: string[]) {
      for (const id of ids) await pool.get(id).getAccessToken()
      await pass(DUE_MS)
    },
  }
}

/** One that outlives its process, so that tokens are marked before they are sent. */
function countingStore(): TokenStore & { saves: number } {
  const { load, save } = memoryStore()
  const store = {
    saves: -1, // the first is that of the login
    singleProcess: true as const,
    load,
    save(...args: Parameters<TokenStore['save']>) {
      store.saves += 1
      return save(...args)
    },
  }
  return store
}

function unavailable(status: number, retryAfterMs?: number): RefreshUnavailableError {
  return new RefreshUnavailableError(`HTTP ${status}`, {
    outcome: 'failed',
    status,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  })
}

function tokensOf(id: string, count: number) {
  const token = `${id}-${count}`
  return { accessToken: token, refreshToken: token, expiresIn: LIFETIME_MS / 1_000 }
}
