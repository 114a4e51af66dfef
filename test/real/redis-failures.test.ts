import { TokenManager, type TokenStore } from 'tokenward'
import { redisStore } from 'tokenward/redis'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { CLIENTS, type TestClient } from '../support/redis/clients.js'
import { describeWithRedis } from '../support/redis/installation.js'
import { startRedis, type RedisServer } from '../support/redis/server.js'

const HOUR_S = 3_600

describeWithRedis('a Redis', () => {
  describe.each(Object.keys(CLIENTS))('through %s', (name) => {
    let server: RedisServer
    let redis: TestClient
    let store: TokenStore
    const clients: TestClient[] = []
    const connect = async () => {
      const client = await CLIENTS[name]!(server.url)
      clients.push(client)
      return client
    }
    beforeEach(async () => {
      server = await startRedis()
      redis = await connect()
      store = redisStore({ client: redis.client, key: 'session:1' })
    })
    afterEach(async () => {
      for (const client of clients.splice(0)) client.close()
      await server.stop()
    })

    const refresh = vi.fn(async () => ({ access_token: 'at-2', expires_in: HOUR_S }))
    beforeEach(() => refresh.mockClear())
    const managerWith = async (expiresIn: number) => {
      const manager = new TokenManager({ refresh, store })
      const login = { access_token: 'at-1', refresh_token: 'rt-1', expires_in: HOUR_S }
      const expired = { ...login, expires_in: undefined, expires_at: 1 }
      await manager.setTokens(expiresIn > 0 ? login : expired)
      return manager
    }

    const troubles: Record<string, { begin: string[][]; end: string[][] }> = {
      // buildkite/cli#982: rotating into a store that cannot be written
      'that is full': {
        begin: [['CONFIG', 'SET', 'maxmemory', '1']],
        end: [['CONFIG', 'SET', 'maxmemory', '0']],
      },
      'that has become a replica': {
        begin: [['REPLICAOF', '127.0.0.1', '1']],
        end: [['REPLICAOF', 'NO', 'ONE']],
      },
    }
    const send = async (commands: string[][]) => {
      for (const command of commands) await redis.send(...(command as [string]))
    }

    describe.each(Object.keys(troubles))('%s', (trouble) => {
      const { begin, end } = troubles[trouble]!

      it('is read, and says that it cannot be written', async () => {
        await managerWith(HOUR_S)
        const session = await store.load()
        await send(begin)
        expect(await store.load()).toEqual(session)
        const unwritable = { code: 'ERR_TOKEN_STORE', reason: 'unwritable' }
        const { version } = session!
        await expect(store.save(session!, { ifVersion: version })).rejects.toMatchObject(unwritable)
        await expect(store.exclusive!(async () => 1)).rejects.toMatchObject(unwritable)
        await send(end)
      })

      it('has no refresh token spent, and one again afterwards', async () => {
        const manager = await managerWith(0)
        await send(begin)
        await expect(manager.getAccessToken()).rejects.toMatchObject({ code: 'ERR_TOKEN_STORE' })
        expect(refresh).not.toHaveBeenCalled()
        await send(end)
        expect(await manager.getAccessToken()).toBe('at-2')
        expect((await store.load())?.tokens?.accessToken).toBe('at-2')
      })
    })

    it('that fills up while the lease is held has no refresh token spent', async () => {
      const manager = await managerWith(0)
      const exclusive = store.exclusive!.bind(store)
      vi.spyOn(store, 'exclusive').mockImplementation((task, wait) =>
        exclusive(async (lease) => {
          await send(troubles['that is full']!.begin)
          return task(lease)
        }, wait),
      )
      await expect(manager.getAccessToken()).rejects.toMatchObject({ code: 'ERR_TOKEN_STORE' })
      expect(refresh).not.toHaveBeenCalled()
    })

    describe('that does not answer', () => {
      afterEach(() => server.resume())

      it('withholds no usable token', async () => {
        const manager = await managerWith(HOUR_S)
        server.pause()
        expect(await manager.getAccessToken()).toBe('at-1')
        expect(manager.peek()).toBe('at-1')
      })

      it('ends in a typed error, nothing is spent, and all is well afterwards', async () => {
        const manager = await managerWith(0)
        server.pause()
        await expect(manager.getAccessToken()).rejects.toMatchObject({ code: 'ERR_TOKEN_STORE' })
        expect(refresh).not.toHaveBeenCalled()
        server.resume()
        await vi.waitFor(async () => expect(await manager.getAccessToken()).toBe('at-2'), 15_000)
      })

      it('leaves no lease behind for who has given up', async () => {
        server.pause()
        await expect(store.exclusive!(async () => 1)).rejects.toMatchObject({
          code: 'ERR_TOKEN_STORE',
          operation: 'exclusive',
        })
        server.resume()
        const isLeased = () => redis.send('EXISTS', '{session:1}:lease')
        await vi.waitFor(async () => expect(await isLeased()).toBe(0), 4_000)
      })
    })

    it('that was killed and comes back has kept what was saved, and is told the scripts again', async () => {
      const manager = await managerWith(0)
      await server.kill()
      await server.restart()
      await vi.waitFor(async () => expect(await manager.getAccessToken()).toBe('at-2'), 15_000)
      const other = redisStore({ client: (await connect()).client, key: 'session:1' })
      expect((await other.load())?.tokens?.accessToken).toBe('at-2')
    })

    it('that is away for good ends in a typed error', async () => {
      const manager = await managerWith(0)
      await server.kill()
      await expect(manager.getAccessToken()).rejects.toMatchObject({ code: 'ERR_TOKEN_STORE' })
      expect(refresh).not.toHaveBeenCalled()
    })
  })
})
