import { Redis } from 'ioredis'
import { createSentinel } from 'redis'
import { TokenManager, type TokenStore } from 'tokenward'
import { redisStore, type RedisClient } from 'tokenward/redis'
import { afterEach, expect, it, vi } from 'vitest'
import { CLIENTS } from '../support/redis/clients.js'
import { describeWithRedis } from '../support/redis/installation.js'
import { PRIMARY, startSentinel } from '../support/redis/sentinel.js'
import { startRedis, type RedisServer } from '../support/redis/server.js'

const HOUR_S = 3_600
const PATIENCE = { timeout: 20_000, interval: 100 }

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

/** A server that gives each refresh token one successor, and remembers what was sent to it. */
function rotating() {
  const sent: string[] = []
  const refresh = async ({ refreshToken }: { refreshToken: string }) => {
    sent.push(refreshToken)
    const next = Number(refreshToken.slice(3)) + 1
    return { access_token: `at-${next}`, refresh_token: `rt-${next}`, expires_in: HOUR_S }
  }
  return { sent, refresh }
}
const LOGIN = { access_token: 'at-1', refresh_token: 'rt-1', expires_in: HOUR_S }

async function startPair() {
  const primary = await startRedis()
  const replica = await startRedis({ args: ['--replicaof', `127.0.0.1 ${primary.port}`] })
  const sentinel = await startSentinel(primary.port)
  const ofPrimary = await CLIENTS.ioredis!(primary.url)
  const ofReplica = await CLIENTS.ioredis!(replica.url)
  undo.push(
    () => primary.stop(),
    () => replica.stop(),
    () => sentinel.stop(),
    () => ofPrimary.close(),
    () => ofReplica.close(),
  )
  /** From now on the replica cannot come in any more; who is connected stays so. */
  const leaveReplicaBehind = async () => {
    await ofPrimary.send('CONFIG', 'SET', 'requirepass', 'not-told')
    await ofPrimary.send('CLIENT', 'KILL', 'TYPE', 'replica')
  }
  return { primary, sentinel, ofReplica, leaveReplicaBehind }
}

/** Clients that ask the sentinel who is the primary. */
const SENTINEL_CLIENTS: Record<string, (port: number) => Promise<RedisClient>> = {
  ioredis: async (port) => {
    const sentinels = [{ host: '127.0.0.1', port }]
    const client = new Redis({ sentinels, name: PRIMARY, sentinelRetryStrategy: () => 100 })
    client.on('error', () => undefined)
    undo.push(() => client.disconnect())
    return client
  },
  'node-redis': async (port) => {
    const sentinelRootNodes = [{ host: '127.0.0.1', port }]
    const client = createSentinel({ name: PRIMARY, sentinelRootNodes, scanInterval: 200 })
    client.on('error', () => undefined)
    await client.connect()
    undo.push(() => client.destroy())
    return client
  },
}

describeWithRedis('a sentinel promotes the replica', () => {
  const refreshTokenIn = async (store: TokenStore) => (await store.load())?.tokens?.refreshToken

  it.each(Object.keys(SENTINEL_CLIENTS))(
    'that lacks the last write: the session goes on with the newer tokens, through %s',
    async (name) => {
      const { primary, sentinel, ofReplica, leaveReplicaBehind } = await startPair()
      const client = await SENTINEL_CLIENTS[name]!(sentinel.port)
      const store = redisStore({ client, key: 'session:1' })
      const { sent, refresh } = rotating()
      const manager = new TokenManager({ refresh, store, recheckMs: 50 })
      await manager.setTokens(LOGIN)
      await vi.waitUntil(() => ofReplica.send('EXISTS', '{session:1}'), PATIENCE)

      await leaveReplicaBehind()
      expect(await manager.refresh()).toBe('at-2')
      await primary.kill()
      await vi.waitFor(async () => expect(await refreshTokenIn(store)).toBe('rt-1'), PATIENCE)

      // A use is enough: the store is looked at behind it.
      await vi.waitFor(async () => {
        expect(await manager.getAccessToken()).toBe('at-2')
        expect(await refreshTokenIn(store)).toBe('rt-2')
      }, PATIENCE)
      const other = new TokenManager({ refresh, store: redisStore({ client, key: 'session:1' }) })
      expect(await other.refresh()).toBe('at-3')
      expect(sent).toEqual(['rt-1', 'rt-2'])
    },
  )
})

describeWithRedis('a Redis that comes back empty', () => {
  let redis: RedisServer
  const begin = async () => {
    redis = await startRedis({ args: ['--appendonly', 'no'] })
    undo.push(() => redis.stop())
    const connected = await CLIENTS.ioredis!(redis.url)
    undo.push(() => connected.close())
    const store = redisStore({ client: connected.client, key: 'session:1' })
    const { sent, refresh } = rotating()
    const manager = new TokenManager({ refresh, store })
    await manager.setTokens(LOGIN)
    const emptied = async () => {
      await redis.kill()
      await redis.restart()
      await vi.waitFor(async () => expect(await store.load()).toBeUndefined(), PATIENCE)
    }
    return { store, sent, manager, refresh, emptied }
  }

  it('uses a token that is still valid, and asks for a login once it is due', async () => {
    const { sent, manager, emptied } = await begin()
    await emptied()
    expect(await manager.getAccessToken()).toBe('at-1')
    await expect(manager.refresh()).rejects.toMatchObject({ code: 'ERR_LOGIN_REQUIRED' })
    expect(sent).toEqual([])
  })

  it('takes the next login like any other', async () => {
    const { store, manager, emptied } = await begin()
    await emptied()
    await manager.setTokens({ ...LOGIN, access_token: 'at-9' })
    expect((await store.load())?.tokens?.accessToken).toBe('at-9')
  })
})
