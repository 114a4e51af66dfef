import { inspect } from 'node:util'
import { TokenStoreError, type Lease, type TokenStore } from 'tokenward'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { StoreAccess } from '../../../src/stores/store-access.js'

const record = {
  sessionId: 'session',
  version: 3,
  tokens: { accessToken: 'a', tokenType: 'Bearer', issuedAt: 1 },
}
const hangs = () => new Promise<never>(() => undefined)

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('loading', () => {
  it('gives what is stored', async () => {
    expect(await access({ load: () => Promise.resolve(record) }).load()).toEqual(record)
  })

  it.each([
    ['rejects', () => Promise.reject(new Error('no route'))],
    [
      'throws at once',
      () => {
        throw new Error('no route')
      },
    ],
    ['throws no error', () => Promise.reject('no route')],
  ])('is a TokenStoreError where load %s', async (_how, load) => {
    await expect(access({ load }).load()).rejects.toMatchObject({
      code: 'ERR_TOKEN_STORE',
      operation: 'load',
      reason: 'failed',
      isTransient: true,
    })
  })

  it('takes a value that is no promise', async () => {
    expect(await access({ load: (() => record) as never }).load()).toEqual(record)
  })

  it('ends after 5 s where load hangs', async () => {
    const load = expect(access({ load: hangs }).load()).rejects.toMatchObject({ operation: 'load' })
    await vi.advanceTimersByTimeAsync(5_000)
    await load
  })

  it('passes a TokenStoreError of the store on as it is', async () => {
    const error = new TokenStoreError('locked up', { operation: 'load', reason: 'locked' })
    await expect(access({ load: () => Promise.reject(error) }).load()).rejects.toBe(error)
  })

  it('rejects with damage, which inspect only tells', async () => {
    const store = access({ load: () => Promise.resolve({ ...record, tokens: 7 }) as never })
    await expect(store.load()).rejects.toMatchObject({ reason: 'damaged' })
    expect(await store.inspect()).toMatchObject({ version: 3, damage: { reason: 'damaged' } })
  })

  it.each(['damaged', 'undecryptable'] as const)(
    'takes what the store itself found to be %s as nothing that a save could name',
    async (reason) => {
      const error = new TokenStoreError('torn', { operation: 'load', reason })
      const store = access({ load: () => Promise.reject(error) })
      expect(await store.inspect()).toEqual({ version: undefined, damage: error })
      await expect(store.load()).rejects.toBe(error)
    },
  )

  it('tells no failure as damage', async () => {
    await expect(access({ load: () => Promise.reject(new Error()) }).inspect()).rejects.toThrow()
  })
})

describe('saving', () => {
  it('names the version that it replaces', async () => {
    const save = vi.fn(() => Promise.resolve(true))
    expect(await access({ save }).save(record, 2)).toBe(true)
    expect(save).toHaveBeenCalledWith(record, { ifVersion: 2 })
  })

  it.each([[undefined], [null], [1], ['true']])(
    'is an error where save resolves to %s',
    async (v) => {
      const save = () => Promise.resolve(v) as never
      await expect(access({ save }).save(record, 2)).rejects.toMatchObject({ operation: 'save' })
    },
  )

  it('ends after 5 s where save hangs', async () => {
    const save = expect(access({ save: hangs }).save(record, 2)).rejects.toMatchObject({
      operation: 'save',
    })
    await vi.advanceTimersByTimeAsync(5_000)
    await save
  })
})

describe('the lease', () => {
  it('is the store’s own', async () => {
    const lease: Lease = { isHeld: () => false }
    const store = access({ exclusive: (task) => task(lease) })
    expect(await store.exclusive((given) => Promise.resolve(given === lease), 1_000)).toBe(true)
  })

  it('is one at a time, within one manager, where the store has none', async () => {
    const store = access({ exclusive: undefined, singleProcess: true })
    let inside = 0
    const task = async (lease: Lease) => {
      inside += 1
      await Promise.resolve()
      return [inside--, lease.isHeld()]
    }
    const both = await Promise.all([store.exclusive(task, 1_000), store.exclusive(task, 1_000)])
    expect(both).toEqual([
      [1, true],
      [1, true],
    ])
  })

  it('passes the task’s failure on as it is', async () => {
    const error = new Error('mine')
    const store = access({})
    await expect(store.exclusive(() => Promise.reject(error), 1_000)).rejects.toBe(error)
  })

  it.each([
    ['rejects', () => Promise.reject(new Error('busy'))],
    [
      'throws at once',
      () => {
        throw new Error('busy')
      },
    ],
    ['settles without running its task', () => Promise.resolve(undefined as never)],
  ])('is a TokenStoreError where exclusive %s', async (_how, exclusive) => {
    const task = vi.fn(() => Promise.resolve(1))
    await expect(access({ exclusive }).exclusive(task, 1_000)).rejects.toMatchObject({
      code: 'ERR_TOKEN_STORE',
      operation: 'exclusive',
    })
    expect(task).not.toHaveBeenCalled()
  })

  it('tells the store when nobody waits any more, and only then', async () => {
    const signals: AbortSignal[] = []
    const store = access({
      exclusive: (task, { signal } = {}) => {
        signals.push(signal!)
        return signals.length === 1 ? task({ isHeld: () => true }) : hangs()
      },
    })
    await store.exclusive(() => Promise.resolve(1), 1_000)
    const refused = expect(store.exclusive(() => Promise.resolve(1), 1_000)).rejects.toThrow()
    await vi.advanceTimersByTimeAsync(999)
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, false])
    await vi.advanceTimersByTimeAsync(1)
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, true])
    await refused
  })

  it('is locked where it is not to be had in time, and its task is never run then', async () => {
    let enter!: () => void
    const store = access({
      exclusive: async (task) => {
        await new Promise<void>((resolve) => (enter = resolve))
        return task({ isHeld: () => true })
      },
    })
    const task = vi.fn(() => Promise.resolve(1))
    const refused = expect(store.exclusive(task, 1_000)).rejects.toMatchObject({ reason: 'locked' })
    await vi.advanceTimersByTimeAsync(1_000)
    await refused
    enter()
    await vi.advanceTimersByTimeAsync(0)
    expect(task).not.toHaveBeenCalled()
  })

  it.each([
    ['hangs', hangs],
    ['fails', () => Promise.reject(new Error('gone'))],
  ])('gives what the task gave although the release %s', async (_how, release) => {
    const store = access({
      exclusive: async (task) => {
        await task({ isHeld: () => true })
        return release()
      },
    })
    expect(await store.exclusive(() => Promise.resolve('done'), 1_000)).toBe('done')
  })

  it('gives what the task gave although exclusive failed before the task had ended', async () => {
    const store = access({
      exclusive: (task) => {
        void task({ isHeld: () => true })
        return Promise.reject(new Error('the connection of the lease broke'))
      },
    })
    expect(await store.exclusive(() => Promise.resolve('done'), 1_000)).toBe('done')
  })

  it.each(Array.from({ length: 12 }, (_, moments) => moments))(
    'either fails or runs its task where exclusive runs it %i moments after it had failed',
    async (moments) => {
      const task = vi.fn(() => Promise.resolve('done'))
      const store = access({
        exclusive: (run) => {
          const late = async () => {
            for (let moment = 0; moment < moments; moment++) await Promise.resolve()
            return run({ isHeld: () => true })
          }
          void late()
          return Promise.reject(new Error('the connection of the lease broke'))
        },
      })
      const outcome = await store.exclusive(task, 1_000).catch(() => 'failed')
      await vi.advanceTimersByTimeAsync(0)
      expect(task).toHaveBeenCalledTimes(outcome === 'done' ? 1 : 0)
    },
  )

  it('runs its task once, though exclusive runs it twice', async () => {
    const task = vi.fn(() => Promise.resolve('done'))
    const store = access({
      exclusive: async (run) => {
        await run({ isHeld: () => true })
        return run({ isHeld: () => true })
      },
    })
    expect(await store.exclusive(task, 1_000)).toBe('done')
    await store.allReleased()
    expect(task).toHaveBeenCalledOnce()
  })

  it.each([undefined, {}])('is an error where the task is given %j for a lease', async (lease) => {
    const task = vi.fn(() => Promise.resolve('done'))
    const store = access({ exclusive: (run) => run(lease as never) })
    await expect(store.exclusive(task, 1_000)).rejects.toMatchObject({ operation: 'exclusive' })
    expect(task).not.toHaveBeenCalled()
  })

  it('waits for releases no longer than 5 s', async () => {
    const store = access({ exclusive: (task) => task({ isHeld: () => true }).then(hangs) })
    await store.exclusive(() => Promise.resolve(1), 1_000)
    const all = store.allReleased()
    await vi.advanceTimersByTimeAsync(5_000)
    await expect(all).resolves.toBeUndefined()
  })

  it('waits no longer than the last release takes', async () => {
    const store = access({})
    await store.exclusive(() => Promise.resolve(1), 1_000)
    await expect(store.allReleased()).resolves.toBeUndefined()
  })
})

function access(store: Partial<TokenStore>): StoreAccess {
  return new StoreAccess({
    load: () => Promise.resolve(undefined),
    save: () => Promise.resolve(true),
    exclusive: (task) => task({ isHeld: () => true }),
    ...store,
  })
}

describe('a store', () => {
  it.each([
    [true, 'it says so', { inMemory: true }],
    [false, 'it does not say so', {}],
    [false, 'only one process uses it', { exclusive: undefined, singleProcess: true }],
  ])('is in memory: %s, where %s', (isInMemory, _why, store) => {
    expect(access(store).isInMemory).toBe(isInMemory)
  })
})

describe('what a store throws', () => {
  const dpopKey = { kty: 'EC', crv: 'P-256', x: 'x-part', y: 'y-part', d: 'privatepartofthekey' }
  const mcp = { issuer: 'https://auth.example.com', clientSecret: 'a-secret-of-the-client', scope: 'tools read' } // prettier-ignore
  const full = {
    ...record,
    tokens: { ...record.tokens, tokenType: 'DPoP', dpopKey, extra: { mcp } },
  }
  /** As a database driver quotes what it could not store. */
  const quoting = (...texts: string[]) => Promise.reject(new Error(`bad row: ${texts.join(' ')}`))

  it('shows no part of what was to be saved: not the key, nor a secret that is kept beside', async () => {
    const save = () => quoting(dpopKey.d, mcp.clientSecret)
    const error = await access({ save })
      .save(full, undefined)
      .catch((thrown: unknown) => thrown)
    const shown = inspect(error, { depth: 9, showHidden: true })
    expect(shown).toContain('bad row: [redacted] [redacted]')
    expect(shown).not.toMatch(/privatepartofthekey|a-secret-of-the-client/)
  })

  it.each(['pw1', 'a b c', 'of:a:client:that:has:colons'])(
    'shows no secret that is kept beside, whatever it is like: %s',
    async (clientSecret) => {
      const tokens = { ...record.tokens, extra: { mcp: { ...mcp, clientSecret } } }
      const save = () => quoting(clientSecret, 'in row 5')
      const error = access({ save }).save({ ...record, tokens }, undefined)
      await expect(error).rejects.toMatchObject({
        cause: { message: 'bad row: [redacted] in row 5' },
      })
    },
  )

  it('shows no part of what was to be replaced', async () => {
    const save = () => quoting(dpopKey.d, mcp.clientSecret)
    const store = access({ load: () => Promise.resolve(full), save })
    await store.load()
    const error = await store.save({ ...record, version: 4 }, 3).catch((thrown: unknown) => thrown)
    expect(inspect(error)).not.toMatch(/privatepartofthekey|a-secret-of-the-client/)
  })

  it('still says what the trouble is, in the words of the record', async () => {
    const save = () => quoting('tools', 'https://auth.example.com')
    await expect(access({ save }).save(full, undefined)).rejects.toMatchObject({
      cause: { message: 'bad row: tools https://auth.example.com' },
    })
  })
})
