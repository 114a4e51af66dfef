import { Cluster } from 'ioredis'
import { createCluster } from 'redis'
import { redisStore, type RedisClient } from 'tokenward/redis'
import { testTokenStore } from 'tokenward/testing'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { keysOf } from '../../src/stores/redis/keys.js'
import { CLIENTS, type TestClient } from '../support/redis/clients.js'
import { describeWithRedis } from '../support/redis/installation.js'
import { startRedis, type RedisServer } from '../support/redis/server.js'

/** One node that has all slots: it refuses a script over keys of two slots like any other. */
describeWithRedis('a store in a Redis cluster', () => {
  let server: RedisServer
  let admin: TestClient
  const clients: Record<string, RedisClient> = {}
  const closings: (() => unknown)[] = []

  beforeAll(async () => {
    server = await startRedis({
      args: ['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1'],
    })
    admin = await CLIENTS.ioredis!(server.url)
    await admin.send('CLUSTER', 'ADDSLOTSRANGE', '0', '16383')
    const isReady = async () => String(await admin.send('CLUSTER', 'INFO')).includes('state:ok')
    await vi.waitUntil(isReady, { timeout: 10_000 })

    const nodeRedis = createCluster({ rootNodes: [{ url: server.url }], useReplicas: true })
    nodeRedis.on('error', () => undefined)
    await nodeRedis.connect()
    clients['node-redis'] = nodeRedis
    closings.push(() => nodeRedis.destroy())
    const nodes = [{ host: '127.0.0.1', port: server.port }]
    for (const keyPrefix of ['', 'app:']) {
      const cluster = new Cluster(nodes, { scaleReads: 'slave', keyPrefix })
      cluster.on('error', () => undefined)
      clients[keyPrefix === '' ? 'ioredis' : 'ioredis with a prefix'] = cluster
      closings.push(() => cluster.disconnect())
    }
  })
  afterAll(async () => {
    for (const close of closings) close()
    admin.close()
    await server.stop()
  })

  describe.each(['node-redis', 'ioredis', 'ioredis with a prefix'])('through %s', (name) => {
    testTokenStore(
      'keeps the contract',
      (backend) => redisStore({ client: clients[name]!, key: backend }),
      { describe, it },
    )
  })

  it.each([['session:1'], ['{tenant}:session:1'], ['a{b}c'], ['a{}b'], ['a{b'], ['a}b'], ['ключ']])(
    'has all that belongs to %s in one slot',
    async (key) => {
      const names = Object.values(keysOf(key)) as string[]
      const slots = await Promise.all(names.map((of) => admin.send('CLUSTER', 'KEYSLOT', of)))
      expect(new Set(slots).size).toBe(1)
    },
  )

  it('spreads sessions over the slots', async () => {
    const records = Array.from({ length: 50 }, (_, index) => keysOf(`session:${index}`).record)
    const slots = await Promise.all(records.map((of) => admin.send('CLUSTER', 'KEYSLOT', of)))
    expect(new Set(slots).size).toBeGreaterThan(40)
  })
})
