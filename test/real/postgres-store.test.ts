import { setTimeout as delay } from 'node:timers/promises'
import { inspect } from 'node:util'
import { Pool } from 'pg'
import { TokenManager, toTokenSet, type StoredSession, type TokenStore } from 'tokenward'
import { postgresSchema, postgresStore, type StoreEncryption } from 'tokenward/postgres'
import { testTokenStore } from 'tokenward/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { describeWithPostgres } from '../support/postgres/installation.js'
import { startPostgres, type PostgresServer } from '../support/postgres/server.js'

const SESSIONS = 'tokenward_sessions'
const LEASES = 'tokenward_sessions_leases'

describeWithPostgres('a store in Postgres', () => {
  let server: PostgresServer
  let pool: Pool
  let key: string
  beforeAll(async () => {
    server = await startPostgres()
    pool = new Pool({ ...server.config, max: 20 })
    pool.on('error', () => undefined)
    await pool.query(postgresSchema())
  }, 30_000)
  afterAll(async () => {
    await pool.end()
    await server.stop()
  })
  beforeEach(() => {
    key = `session:${crypto.randomUUID()}`
  })

  const storeOf = (options: object = {}): TokenStore =>
    postgresStore({ pool, key, ttlMs: 60_000, ...options })
  const rowsOf = async (sql: string, ...values: unknown[]) =>
    (await pool.query(sql, [key, ...values])).rows as Record<string, unknown>[]

  testTokenStore('keeps the contract', (backend) => postgresStore({ pool, key: backend }), {
    describe,
    it,
  })

  describe('where transactions are serializable by default', () => {
    let strict: Pool
    beforeAll(() => {
      const options = '-c default_transaction_isolation=serializable'
      strict = new Pool({ ...server.config, max: 20, options })
    })
    afterAll(() => strict.end())

    testTokenStore('keeps the contract', (backend) => postgresStore({ pool: strict, key: backend }), { describe, it }) // prettier-ignore
  })

  describe('the tables', () => {
    it('are made once, however often the statements run', async () => {
      await pool.query(postgresSchema())
      await pool.query(postgresSchema())
    })

    it('may have another name, in another schema, in letters of any case', async () => {
      await pool.query('create schema if not exists app')
      const table = 'app.Web_Sessions'
      await pool.query(postgresSchema({ table }))
      const store = storeOf({ table })
      await store.save(record(7), { ifVersion: undefined })
      expect(await store.load()).toEqual(record(7))
      expect(await store.exclusive!(async (lease) => lease.isHeld())).toBe(true)
      expect(await storeOf().load()).toBeUndefined()
      expect(await rowsOf(`select version from app."Web_Sessions" where key = $1`)).toEqual([
        { version: '7' },
      ])
    })

    it('that are missing are an error that says how to make them', async () => {
      const store = storeOf({ table: 'nowhere' })
      const missing = { code: 'ERR_TOKEN_STORE', isTransient: false, message: expect.stringContaining('postgresSchema()') } // prettier-ignore
      await expect(store.load()).rejects.toMatchObject(missing)
      await expect(store.save(record(1), { ifVersion: 1 })).rejects.toMatchObject(missing)
      await expect(store.exclusive!(async () => 1)).rejects.toMatchObject(missing)
    })
  })

  describe('a name from outside', () => {
    it.each([
      ['alice', '{alice}'],
      ['x', 'x:lease'],
      ['a\0', 'a'],
      ['a\ud800', 'a\ud801'],
      ["'; drop table tokenward_sessions; --", "''"],
      ['x'.repeat(10_240), 'x'.repeat(10_239)],
      ['é'.repeat(512), 'e\u0301'.repeat(256)],
    ])('is one session, and no other one: %#', async (one, other) => {
      const [mine, others] = [storeOf({ key: key + one }), storeOf({ key: key + other })]
      await mine.save(record(7), { ifVersion: undefined })
      expect(await others.load()).toBeUndefined()
      await others.save(record(8), { ifVersion: undefined })
      expect(await mine.load()).toEqual(record(7))
      const areBothHeld = await mine.exclusive!((lease) => others.exclusive!(async (second) => lease.isHeld() && second.isHeld())) // prettier-ignore
      expect(areBothHeld).toBe(true)
    })
  })

  describe('the record', () => {
    it.each([[2 ** 53 - 2], [123_456_789_012_345], [2 ** 30]])(
      'of version %s is told from the next one',
      async (version) => {
        const store = storeOf()
        await store.save(record(version), { ifVersion: undefined })
        expect(await store.save(record(version + 1), { ifVersion: version + 1 })).toBe(false)
        expect(await store.save(record(version + 1), { ifVersion: version })).toBe(true)
        expect((await store.load())?.version).toBe(version + 1)
      },
    )

    it('has its expiry begin anew with each save, a sign-out too', async () => {
      const store = storeOf()
      await store.save(record(1), { ifVersion: undefined })
      await rowsOf(`update ${SESSIONS} set expires_at = now() + interval '5 s' where key = $1`)
      await store.save({ ...record(2), tokens: null }, { ifVersion: 1 })
      const sql = `select extract(epoch from expires_at - now()) as left from ${SESSIONS} where key = $1`
      const [row] = await rowsOf(sql)
      expect(Number(row?.left)).toBeGreaterThan(50)
      expect(Number(row?.left)).toBeLessThanOrEqual(60)
    })

    it('is gone once it has expired, for all that save and load', async () => {
      const store = storeOf({ ttlMs: 1 })
      await store.save(record(1), { ifVersion: undefined })
      await delay(20)
      expect(await store.load()).toBeUndefined()
      expect(await store.save(record(2), { ifVersion: 1 })).toBe(false)
      expect(await storeOf().save(record(3), { ifVersion: undefined })).toBe(true)
      expect(await storeOf().load()).toEqual(record(3))
    })
  })

  describe('what is no record', () => {
    const damages: Record<string, string> = {
      'no JSON': `set session = '{"sessionId":"s'`,
      'no session': `set session = '{"version":7}'`,
      'another version': `set version = 8`,
      'an empty text': `set session = ''`,
    }
    beforeEach(() => storeOf().save(record(7), { ifVersion: undefined }))
    const damage = (how: string) => rowsOf(`update ${SESSIONS} ${damages[how]} where key = $1`)

    it.each(Object.keys(damages))('is damaged, not nothing: %s', async (how) => {
      await damage(how)
      const damaged = { code: 'ERR_TOKEN_STORE', operation: 'load', reason: 'damaged' }
      await expect(storeOf().load()).rejects.toMatchObject(damaged)
    })

    it.each(Object.keys(damages))('is kept aside when a login replaces it: %s', async (how) => {
      await damage(how)
      const seen = await rowsOf(`select session from ${SESSIONS} where key = $1`)
      expect(await storeOf().save(record(1), { ifVersion: undefined })).toBe(true)
      expect(await storeOf().load()).toEqual(record(1))
      const kept = await rowsOf(`select damaged as session from ${SESSIONS} where key = $1`)
      expect(kept).toEqual(seen)
    })

    it('is not put aside by who does not replace it', async () => {
      await damage('no JSON')
      expect(await storeOf().save(record(9), { ifVersion: 7 })).toBe(true)
      await damage('no JSON')
      expect(await storeOf().save(record(10), { ifVersion: 8 })).toBe(false)
      const kept = await rowsOf(`select damaged from ${SESSIONS} where key = $1`)
      expect(kept).toEqual([{ damaged: null }])
    })
  })

  describe('the lease', () => {
    const lease = (set: string) => rowsOf(`update ${LEASES} set ${set} where key = $1`)
    const steal = () => lease('owner = gen_random_uuid()')
    const take = (seconds: number) =>
      rowsOf(
        `insert into ${LEASES} values ($1, gen_random_uuid(), now() + $2::float8 * interval '1 s')`,
        seconds,
      )

    it('is free afterwards, and leaves nothing behind', async () => {
      expect(await storeOf().exclusive!(async () => 'done')).toBe('done')
      expect(await rowsOf(`select * from ${LEASES} where key = $1`)).toEqual([])
    })

    it('expires by itself within 5 s, and is renewed while it is held', async () => {
      const left = async () => {
        const sql = `select extract(epoch from expires_at - now()) as left from ${LEASES} where key = $1`
        return Number((await rowsOf(sql))[0]?.left)
      }
      let first = 0
      await storeOf().exclusive!(async (held) => {
        first = await left()
        await lease(`expires_at = now() + interval '3 s'`)
        const deadline = performance.now() + 10_000
        while ((await left()) <= 3) {
          expect(performance.now()).toBeLessThan(deadline)
          await delay(20)
        }
        expect(held.isHeld()).toBe(true)
      })
      expect(first).toBeGreaterThan(3)
      expect(first).toBeLessThanOrEqual(5)
    })

    it('that another has in the meantime is not held any more, and left alone', async () => {
      await storeOf().exclusive!(async (held) => {
        await steal()
        const deadline = performance.now() + 10_000
        while (held.isHeld() && performance.now() < deadline) await delay(20)
        expect(held.isHeld()).toBe(false)
      })
      expect(await rowsOf(`select 1 as one from ${LEASES} where key = $1`)).toEqual([{ one: 1 }])
    })

    it('is had once a dead holder has left it to expire', async () => {
      await take(0.3)
      expect(await storeOf().exclusive!(async (held) => held.isHeld())).toBe(true)
    })

    it('is had where the clock of the server was set back by hours', async () => {
      await take(3_600)
      expect(await storeOf().exclusive!(async (held) => held.isHeld())).toBe(true)
    })

    it('is not waited for any more once the signal is aborted', async () => {
      await take(5)
      const controller = new AbortController()
      const waiting = storeOf().exclusive!(async () => 'ran', { signal: controller.signal })
      controller.abort()
      await expect(waiting).rejects.toMatchObject({ code: 'ERR_TOKEN_STORE' })
    })

    it('holds no connection of the pool while it is held, or waited for', async () => {
      const small = new Pool({ ...server.config, max: 1 })
      const stores = Array.from({ length: 3 }, () => storeOf({ pool: small }))
      const task = async () => {
        await delay(200)
        expect((await small.query('select 1')).rows).toHaveLength(1)
      }
      await Promise.all(stores.map((store) => store.exclusive!(task)))
      await small.end()
    })

    it('is not waited for by who has other tokens to adopt', async () => {
      const [waiter, other] = [storeOf(), storeOf()]
      await other.save(record(7), { ifVersion: undefined })
      await waiter.load()
      await take(5)
      const wait = waiter.exclusive!(async (held) => held.isHeld(), { wakeOnChange: true })
      await other.save(record(8, 'another-token'), { ifVersion: 7 })
      expect(await wait).toBe(false)
    })
  })

  describe('encryption', () => {
    const [first, second] = [1, 2].map((byte) => new Uint8Array(32).fill(byte))
    const encrypted = (encryption: StoreEncryption, name = key) =>
      postgresStore({ pool, key: name, encryption })

    testTokenStore('keeps the contract', (backend) => encrypted({ key: first! }, backend), {
      describe,
      it,
    })

    it('leaves nothing to read but the version', async () => {
      await encrypted({ key: first! }).save(record(7), { ifVersion: undefined })
      const stored = JSON.stringify(await rowsOf(`select * from ${SESSIONS} where key = $1`))
      expect(stored).toContain('7')
      for (const word of ['secret', 'accessToken', 'sessionId']) expect(stored).not.toContain(word)
    })

    it("decrypts no other session's record, which a login replaces", async () => {
      await encrypted({ key: first! }, `${key}-other`).save(record(7), { ifVersion: undefined })
      await rowsOf(`insert into ${SESSIONS} select $1, version, session, null, expires_at from ${SESSIONS} where key = $2`, `${key}-other`) // prettier-ignore
      const store = encrypted({ key: first!, oldKeys: [second!] })
      await expect(store.load()).rejects.toMatchObject({ reason: 'undecryptable' })
      const acquire = () => Promise.reject(new Error('not asked'))
      const manager = new TokenManager({ acquire, store })
      await manager.setTokens({ access_token: 'at-1', expires_in: 300 })
      expect((await store.load())?.tokens?.accessToken).toBe('at-1')
    })
  })

  it('shows nothing of its pool or tokens', async () => {
    const store = storeOf()
    await store.save(record(1), { ifVersion: undefined })
    const shown = inspect(store, { depth: 9, showHidden: true }) + JSON.stringify(store)
    for (const secret of ['secret-token', key]) expect(shown).not.toContain(secret)
  })
})

function record(version: number, accessToken = 'secret-token'): StoredSession {
  const tokens = toTokenSet({
    accessToken,
    refreshToken: 'secret-refresh',
    expiresAt: 2_000,
    issuedAt: 1_000,
  })
  return { sessionId: 'session', version, tokens }
}
