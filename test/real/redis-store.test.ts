import { setTimeout as delay } from 'node:timers/promises'
import { inspect } from 'node:util'
import { TokenManager, toTokenSet, type StoredSession, type TokenStore } from 'tokenward'
import { redisStore, type StoreEncryption } from 'tokenward/redis'
import { testTokenStore } from 'tokenward/testing'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { CLIENTS, type TestClient } from '../support/redis/clients.js'
import { describeWithRedis } from '../support/redis/installation.js'
import { startRedis, type RedisServer } from '../support/redis/server.js'

const PASSWORD = 'a-password-of-the-test'

describeWithRedis('a store in Redis', () => {
  let server: RedisServer
  beforeAll(async () => {
    server = await startRedis({ password: PASSWORD })
  })
  afterAll(() => server.stop())

  describe.each(Object.keys(CLIENTS))('through %s', (name) => {
    let clients: TestClient[]
    let key: string
    let redis: TestClient
    const connect = async () => {
      const client = await CLIENTS[name]!(server.url)
      clients.push(client)
      return client
    }
    beforeEach(async () => {
      clients = []
      key = `session:${crypto.randomUUID()}`
      redis = await connect()
    })
    afterEach(() => clients.forEach((client) => client.close()))

    const storeOf = (of = redis): TokenStore =>
      redisStore({ client: of.client, key, ttlMs: 60_000 })
    const send = (...command: [string, ...string[]]) => redis.send(...command)

    testTokenStore(
      'keeps the contract',
      (backend) => redisStore({ client: redis.client, key: backend }),
      { describe, it },
    )

    describe('the record', () => {
      it('is nothing at first', async () => {
        expect(await storeOf().load()).toBeUndefined()
      })

      it('comes back whole, fields included that nobody knows', async () => {
        const session = { ...record(7), later: { added: ['ü', 1] } }
        expect(await storeOf().save(session, { ifVersion: undefined })).toBe(true)
        expect(await storeOf(await connect()).load()).toEqual(session)
      })

      it.each([[undefined], [6], [8], [70]])(
        'of version 7 is not overwritten by who expects %s',
        async (ifVersion) => {
          const store = storeOf()
          await store.save(record(7), { ifVersion: undefined })
          expect(await store.save(record(9), { ifVersion })).toBe(false)
          expect((await store.load())?.version).toBe(7)
        },
      )

      it('that is not there is not what somebody expects', async () => {
        expect(await storeOf().save(record(9), { ifVersion: 7 })).toBe(false)
        expect(await storeOf().load()).toBeUndefined()
      })

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

      it('is saved by one of those who save at once', async () => {
        const other = await connect()
        await storeOf().save(record(1), { ifVersion: undefined })
        const saves = Array.from({ length: 20 }, (_, index) =>
          storeOf(index % 2 ? other : redis).save(record(2 + index), { ifVersion: 1 }),
        )
        expect((await Promise.all(saves)).filter(Boolean)).toHaveLength(1)
      })

      it('may be saved again as it is', async () => {
        const store = storeOf()
        await store.save(record(7), { ifVersion: undefined })
        expect(await store.save(record(7), { ifVersion: 7 })).toBe(true)
      })

      it.each(['a session', 'a sign-out'])('expires: %s', async (what) => {
        const session = what === 'a sign-out' ? { ...record(1), tokens: null } : record(1)
        await storeOf().save(session, { ifVersion: undefined })
        const leftMs = Number(await send('PTTL', `{${key}}`))
        expect(leftMs).toBeGreaterThan(50_000)
        expect(leftMs).toBeLessThanOrEqual(60_000)
      })

      it('has its expiry begin anew with each save', async () => {
        const store = storeOf()
        await store.save(record(1), { ifVersion: undefined })
        await send('PEXPIRE', `{${key}}`, '5000')
        await store.save(record(2), { ifVersion: 1 })
        expect(Number(await send('PTTL', `{${key}}`))).toBeGreaterThan(50_000)
      })

      it('is gone once it has expired', async () => {
        const store = redisStore({ client: redis.client, key, ttlMs: 1 })
        await store.save(record(1), { ifVersion: undefined })
        await delay(20)
        expect(await store.load()).toBeUndefined()
      })
    })

    describe('what is no record', () => {
      const damages: Record<string, [string, ...string[]]> = {
        'a text': ['SET', 'KEY', 'hello'],
        'no JSON': ['HSET', 'KEY', 'version', '7', 'session', '{"sessionId":"s'],
        'no session': ['HSET', 'KEY', 'version', '7', 'session', '{"version":7}'],
        'no version': ['HSET', 'KEY', 'session', '{}'],
        'another version': ['HSET', 'KEY', 'version', '8', 'session', JSON.stringify(record(7))],
      }
      const damage = (how: string) => {
        const [command, ...args] = damages[how]!
        return send(command, ...args.map((arg) => (arg === 'KEY' ? `{${key}}` : arg)))
      }

      it.each(Object.keys(damages))('is damaged, not nothing: %s', async (how) => {
        await damage(how)
        await expect(storeOf().load()).rejects.toMatchObject({
          code: 'ERR_TOKEN_STORE',
          operation: 'load',
          reason: 'damaged',
        })
      })

      it.each(Object.keys(damages))('is kept aside when a login replaces it: %s', async (how) => {
        await damage(how)
        const store = storeOf()
        expect(await store.save(record(1), { ifVersion: undefined })).toBe(true)
        expect(await store.load()).toEqual(record(1))
        expect(await send('EXISTS', `{${key}}:damaged`)).toBe(1)
        expect(Number(await send('PTTL', `{${key}}:damaged`))).toBeGreaterThan(50_000)
      })
    })

    describe('the lease', () => {
      it('has one holder at a time, whoever waits', async () => {
        const other = await connect()
        let inside = 0
        let most = 0
        const task = async (lease: { isHeld(): boolean }) => {
          most = Math.max(most, ++inside)
          expect(lease.isHeld()).toBe(true)
          await delay(20)
          inside--
        }
        const stores = Array.from({ length: 6 }, (_, index) => storeOf(index % 2 ? other : redis))
        await Promise.all(stores.map((store) => store.exclusive!(task)))
        expect(most).toBe(1)
      })

      it('gives what the task gives, and is free afterwards', async () => {
        const store = storeOf()
        expect(await store.exclusive!(async () => 'done')).toBe('done')
        await expect(store.exclusive!(() => Promise.reject(new Error('mine')))).rejects.toThrow(
          'mine',
        )
        expect(await send('EXISTS', `{${key}}:lease`)).toBe(0)
      })

      // oauth2-proxy#3456, #1580: a lock whose TTL was shorter than a slow refresh
      it('expires by itself within 5 s, and is renewed while it is held', async () => {
        let leftMs = 0
        await storeOf().exclusive!(async (lease) => {
          leftMs = Number(await send('PTTL', `{${key}}:lease`))
          await send('PEXPIRE', `{${key}}:lease`, '3000')
          const deadline = performance.now() + 10_000
          while (Number(await send('PTTL', `{${key}}:lease`)) <= 3_000) {
            expect(performance.now()).toBeLessThan(deadline)
            await delay(20)
          }
          expect(lease.isHeld()).toBe(true)
        })
        expect(leftMs).toBeGreaterThan(3_000)
        expect(leftMs).toBeLessThanOrEqual(5_000)
      })

      // MSAL extensions: unlock deletes another process's lock
      it('that another has meanwhile is not held any more, and left alone', async () => {
        await storeOf().exclusive!(async (lease) => {
          await send('SET', `{${key}}:lease`, 'another')
          const deadline = performance.now() + 10_000
          while (lease.isHeld() && performance.now() < deadline) await delay(20)
          expect(lease.isHeld()).toBe(false)
        })
        expect(String(await send('GET', `{${key}}:lease`))).toBe('another')
      })

      it('is had once a dead holder has left it to expire', async () => {
        await send('SET', `{${key}}:lease`, 'dead', 'PX', '300')
        expect(await storeOf().exclusive!(async (lease) => lease.isHeld())).toBe(true)
      })

      it('is not waited for any more once the signal is aborted', async () => {
        await send('SET', `{${key}}:lease`, 'another')
        const controller = new AbortController()
        const waiting = storeOf().exclusive!(async () => 'ran', { signal: controller.signal })
        controller.abort()
        await expect(waiting).rejects.toMatchObject({ code: 'ERR_TOKEN_STORE' })
      })
    })

    describe('who waits for the lease, or for other tokens,', () => {
      const wait = (store: TokenStore) =>
        store.exclusive!(async (lease) => lease.isHeld(), { wakeOnChange: true })

      beforeEach(async () => {
        await storeOf().save(record(7), { ifVersion: undefined })
        await send('SET', `{${key}}:lease`, 'another')
      })

      it('runs without the lease as soon as they are there', async () => {
        const stores = Array.from({ length: 10 }, () => storeOf())
        await Promise.all(stores.map((store) => store.load()))
        const waiting = Promise.all(stores.map((store) => wait(store)))
        await storeOf().save(record(8, 'another-token'), { ifVersion: 7 })
        expect(await waiting).toEqual(Array(10).fill(false))
      })

      it('runs at once when they have been there since before it waited', async () => {
        const store = storeOf()
        await store.load()
        await storeOf().save(record(8, 'another-token'), { ifVersion: 7 })
        expect(await wait(store)).toBe(false)
      })

      it.each([
        ['the end', async () => storeOf().save({ ...record(8), tokens: null }, { ifVersion: 7 })],
        [
          'another login',
          async () => storeOf().save({ ...record(8), sessionId: 'other' }, { ifVersion: 7 }),
        ],
        ['that all is gone', async () => send('DEL', `{${key}}`)],
      ])('hears of %s', async (_, change) => {
        const store = storeOf()
        await store.load()
        const waiting = wait(store)
        await change()
        expect(await waiting).toBe(false)
      })

      it('goes on waiting while only the version, or the refresh token, is another', async () => {
        const store = storeOf()
        await store.load()
        const waiting = wait(store)
        const rotated = record(8)
        const tokens = { ...rotated.tokens!, refreshToken: 'rotated' }
        await storeOf().save({ ...rotated, tokens }, { ifVersion: 7 })
        await delay(400)
        await send('DEL', `{${key}}:lease`)
        expect(await waiting).toBe(true)
      })
    })

    describe('encryption', () => {
      const [first, second] = [1, 2].map((byte) => new Uint8Array(32).fill(byte))
      const encrypted = (encryption: StoreEncryption, name = key) =>
        redisStore({ client: redis.client, key: name, encryption })

      testTokenStore('keeps the contract', (backend) => encrypted({ key: first! }, backend), {
        describe,
        it,
      })

      it('leaves nothing to read but the version', async () => {
        await encrypted({ key: first! }).save(record(7), { ifVersion: undefined })
        const stored = JSON.stringify(await send('HGETALL', `{${key}}`))
        expect(stored).toContain('7')
        for (const word of ['secret', 'accessToken', 'session-id']) {
          expect(stored).not.toContain(word)
        }
      })

      it('decrypts with an old key, and encrypts with the new one', async () => {
        await encrypted({ key: first! }).save(record(7), { ifVersion: undefined })
        const rotated = encrypted({ key: second!, oldKeys: [first!] })
        expect(await rotated.load()).toEqual(record(7))
        await rotated.save(record(8), { ifVersion: 7 })
        expect(await encrypted({ key: second! }).load()).toEqual(record(8))
      })

      it.each<[string, () => Promise<unknown>]>([
        ['another key', async () => encrypted({ key: second! })],
        ['a changed text', async () => send('HSET', `{${key}}`, 'session', 'tw1.x.AAAA')],
        [
          "another session's record",
          async () => {
            await encrypted({ key: first! }, `${key}-other`).save(record(7), {
              ifVersion: undefined,
            })
            const other = String(await send('HGET', `{${key}-other}`, 'session'))
            await send('HSET', `{${key}}`, 'session', other)
          },
        ],
        ['a record in clear', () => send('HSET', `{${key}}`, 'session', JSON.stringify(record(7)))],
      ])('makes an error of %s, which a login replaces', async (how, damage) => {
        await encrypted({ key: first! }).save(record(7), { ifVersion: undefined })
        await damage()
        const store = encrypted({ key: how === 'another key' ? second! : first! })
        await expect(store.load()).rejects.toMatchObject({ reason: 'undecryptable' })
        const acquire = () => Promise.reject(new Error('not asked'))
        const manager = new TokenManager({ acquire, store })
        await manager.setTokens({ access_token: 'at-1', expires_in: 300 })
        expect((await store.load())?.tokens?.accessToken).toBe('at-1')
        expect(await send('EXISTS', `{${key}}:damaged`)).toBe(1)
      })
    })

    it('shows nothing of its client, password or tokens', async () => {
      const store = storeOf()
      await store.save(record(1), { ifVersion: undefined })
      const shown = inspect(store, { depth: 9, showHidden: true }) + JSON.stringify(store)
      for (const secret of ['secret-token', PASSWORD, key]) expect(shown).not.toContain(secret)
    })

    it('keeps the session of a manager for the next one', async () => {
      const refresh = async () => ({ access_token: 'at-2', refresh_token: 'rt-2', expires_in: 300 })
      const first = new TokenManager({ refresh, store: storeOf() })
      await first.setTokens({ access_token: 'at-1', refresh_token: 'rt-1', expires_in: 300 })
      const second = new TokenManager({ refresh, store: storeOf(await connect()) })
      expect(await second.getAccessToken()).toBe('at-1')
      expect(await second.refresh()).toBe('at-2')
      expect(await first.refresh({ rejected: 'at-1' })).toBe('at-2')
      await first.signOut()
      const third = new TokenManager({ refresh, store: storeOf() })
      await expect(third.getAccessToken()).rejects.toMatchObject({ reason: 'signed-out' })
    })
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
