import { Pool } from 'pg'
import { TokenManager, type TokenStore } from 'tokenward'
import { postgresSchema, postgresStore } from 'tokenward/postgres'
import { testTokenStore } from 'tokenward/testing'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { startCuttableProxy, type CuttableProxy } from '../support/cuttable-proxy.js'
import { describeWithPgBouncer, describeWithPostgres } from '../support/postgres/installation.js'
import { startPgBouncer } from '../support/postgres/pgbouncer.js'
import { startPostgres, type PostgresServer } from '../support/postgres/server.js'

const HOUR_S = 3_600
const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

function poolTo(port: number, server: PostgresServer, options: object = {}): Pool {
  const pool = new Pool({ ...server.config, port, max: 5, ...options })
  pool.on('error', () => undefined)
  return pool
}

describeWithPostgres('a Postgres', () => {
  let server: PostgresServer
  let proxy: CuttableProxy
  let pool: Pool
  let key: string
  let store: TokenStore
  beforeAll(async () => {
    server = await startPostgres()
    await server.send(postgresSchema())
  }, 30_000)
  afterAll(() => server.stop())
  beforeEach(async () => {
    await server.restart()
    proxy = await startCuttableProxy(server.port)
    pool = poolTo(proxy.port, server)
    key = `session:${crypto.randomUUID()}`
    store = postgresStore({ pool, key })
    undo.push(
      () => proxy.close(),
      () => pool.end(),
    )
  }, 30_000)

  const refresh = vi.fn(async () => ({ access_token: 'at-2', refresh_token: 'rt-2', expires_in: HOUR_S })) // prettier-ignore
  beforeEach(() => refresh.mockClear())
  const managerWith = async (expiresIn: number, of = store) => {
    const manager = new TokenManager({ refresh, store: of })
    const login = { access_token: 'at-1', refresh_token: 'rt-1', expires_in: HOUR_S }
    const expired = { ...login, expires_in: undefined, expires_at: 1 }
    await manager.setTokens(expiresIn > 0 ? login : expired)
    return manager
  }
  const newPool = (options: object) => {
    const made = poolTo(proxy.port, server, options)
    undo.push(() => made.end())
    return made
  }

  describe('that takes no writes', () => {
    const readOnly = () =>
      postgresStore({ pool: newPool({ options: '-c default_transaction_read_only=on' }), key }) // prettier-ignore
    const unprivileged = async () => {
      await server.send('create role reader login; grant select on all tables in schema public to reader') // prettier-ignore
      return postgresStore({ pool: newPool({ user: 'reader' }), key })
    }

    it.each([
      ['since it is a replica', readOnly],
      ['since its user may not', unprivileged],
    ])('%s, is read, and has no refresh token spent', async (_, open) => {
      await managerWith(0)
      const limited = await open()
      const session = await limited.load()
      expect(session?.tokens?.refreshToken).toBe('rt-1')
      const unwritable = { code: 'ERR_TOKEN_STORE', reason: 'unwritable' }
      const { version } = session!
      await expect(limited.save(session!, { ifVersion: version })).rejects.toMatchObject(unwritable)
      await expect(limited.exclusive!(async () => 1)).rejects.toMatchObject(unwritable)
      const manager = new TokenManager({ refresh, store: limited })
      await expect(manager.getAccessToken()).rejects.toMatchObject({ code: 'ERR_TOKEN_STORE' })
      expect(refresh).not.toHaveBeenCalled()
    })
  })

  describe('that does not answer', () => {
    const pause = () => {
      server.pause()
      undo.push(() => server.resume())
    }

    it('withholds no usable token', async () => {
      const manager = await managerWith(HOUR_S)
      pause()
      expect(await manager.getAccessToken()).toBe('at-1')
    })

    it('ends in a typed error, nothing is spent, and all is well afterwards', async () => {
      const manager = await managerWith(0)
      pause()
      await expect(manager.getAccessToken()).rejects.toMatchObject({ code: 'ERR_TOKEN_STORE' })
      expect(refresh).not.toHaveBeenCalled()
      server.resume()
      await vi.waitFor(async () => expect(await manager.getAccessToken()).toBe('at-2'), 15_000)
    })

    it('leaves no lease behind for who has given up', async () => {
      pause()
      const failed = { code: 'ERR_TOKEN_STORE', operation: 'exclusive' }
      await expect(store.exclusive!(async () => 1)).rejects.toMatchObject(failed)
      server.resume()
      const leases = () =>
        server.send(`select 1 from tokenward_sessions_leases where key = '${key}'`)
      await vi.waitFor(async () => expect(await leases()).toEqual([]), 4_000)
    })
  })

  it('that crashed and comes back has kept what was saved, and no lease', async () => {
    const manager = await managerWith(0)
    await store.exclusive!(async () => {
      await server.kill()
      await server.restart()
      expect(
        await server.send(`select 1 from tokenward_sessions_leases where key = '${key}'`),
      ).toEqual([])
    })
    await vi.waitFor(async () => expect(await manager.getAccessToken()).toBe('at-2'), 15_000)
    expect((await store.load())?.tokens?.accessToken).toBe('at-2')
    expect(refresh).toHaveBeenCalledOnce()
  })

  it('that is away for good ends in a typed error', async () => {
    const manager = await managerWith(0)
    await server.kill()
    await expect(manager.getAccessToken()).rejects.toMatchObject({ code: 'ERR_TOKEN_STORE' })
    expect(refresh).not.toHaveBeenCalled()
  })

  describe('behind a network that is cut', () => {
    it('before the token request: nothing is spent, and once mended it is spent once', async () => {
      const manager = await managerWith(0)
      proxy.cut()
      await expect(manager.getAccessToken()).rejects.toMatchObject({ code: 'ERR_TOKEN_STORE' })
      expect(refresh).not.toHaveBeenCalled()
      proxy.mend()
      await vi.waitFor(async () => expect(await manager.getAccessToken()).toBe('at-2'), 15_000)
      expect(refresh).toHaveBeenCalledOnce()
    })

    it.each(['cut', 'silence'] as const)(
      'during the token request (%s): the response is saved once it is mended',
      async (how) => {
        const manager = await managerWith(0)
        refresh.mockImplementationOnce(async () => {
          proxy[how]()
          setTimeout(() => proxy.mend(), 1_000)
          return { access_token: 'at-2', refresh_token: 'rt-2', expires_in: HOUR_S }
        })
        expect(await manager.getAccessToken()).toBe('at-2')
        const stored = async () => (await store.load())?.tokens?.refreshToken
        await vi.waitFor(async () => expect(await stored()).toBe('rt-2'), 20_000)
        expect(refresh).toHaveBeenCalledOnce()
      },
    )
  })

  describe('that fails over to a second server', () => {
    let standby: PostgresServer
    beforeEach(async () => {
      standby = await server.startStandby()
      undo.push(() => standby.stop())
    }, 30_000)
    const caughtUp = (column: string, value: string) =>
      vi.waitUntil(
        async () => {
          const rows = await standby.send(
            `select session from tokenward_sessions where key = '${key}'`,
          )
          return rows.some((row) => (row as { session: string }).session.includes(`"${column}":"${value}"`)) // prettier-ignore
        },
        { timeout: 10_000 },
      )
    const failOver = async () => {
      await server.kill()
      await standby.send('select pg_promote()')
      proxy.cut()
      proxy.mend(standby.port)
    }

    it('goes on there with what was saved', async () => {
      const manager = await managerWith(0)
      await caughtUp('refreshToken', 'rt-1')
      await failOver()
      await vi.waitFor(async () => expect(await manager.getAccessToken()).toBe('at-2'), 15_000)
      expect((await store.load())?.tokens?.refreshToken).toBe('rt-2')
      expect(refresh).toHaveBeenCalledOnce()
    })

    it('saves there again what the second server had not received', async () => {
      const manager = await managerWith(HOUR_S)
      await caughtUp('refreshToken', 'rt-1')
      await standby.send("alter system set primary_conninfo = ''")
      await standby.send('select pg_reload_conf()')
      await vi.waitUntil(async () => {
        return (await server.send('select 1 from pg_stat_replication')).length === 0
      })
      expect(await manager.refresh()).toBe('at-2')
      await failOver()
      expect((await store.load())?.tokens?.refreshToken).toBe('rt-1')
      refresh.mockResolvedValueOnce({ access_token: 'at-3', refresh_token: 'rt-3', expires_in: HOUR_S }) // prettier-ignore
      await vi.waitFor(async () => expect(await manager.refresh()).toBe('at-3'), 15_000)
      const spent = refresh.mock.calls.map(([context]: any[]) => context.refreshToken as string)
      expect(spent).toEqual(['rt-1', 'rt-2'])
      expect((await store.load())?.tokens?.refreshToken).toBe('rt-3')
    })
  })

  it('whose driver is another one is an error that says so', async () => {
    const query = async () => [{ version: '7' }]
    const other = postgresStore({ pool: { query } as never, key })
    await expect(other.load()).rejects.toThrow("the pool's query() must resolve to { rows }")
  })
})

describeWithPgBouncer('PgBouncer in transaction mode before Postgres', () => {
  let server: PostgresServer
  let bouncer: Awaited<ReturnType<typeof startPgBouncer>>
  let pool: Pool
  beforeAll(async () => {
    server = await startPostgres()
    bouncer = await startPgBouncer(server.port)
    pool = new Pool({ ...bouncer.config, max: 20 })
    await pool.query(postgresSchema())
  }, 30_000)
  afterAll(async () => {
    await pool.end()
    await bouncer.stop()
    await server.stop()
  })

  it('gives one client several connections of the server', async () => {
    const pids = await Promise.all(
      Array.from({ length: 10 }, () =>
        pool.query('select pg_backend_pid() as pid, pg_sleep(0.05)'),
      ),
    )
    expect(new Set(pids.map(({ rows }) => (rows[0] as { pid: number }).pid)).size).toBe(3)
  })

  testTokenStore('changes nothing about the contract', (backend) => postgresStore({ pool, key: backend }), { describe, it }) // prettier-ignore
})
