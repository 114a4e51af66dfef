// Many users' sessions in Redis, through either client.
import { Cluster, Redis } from 'ioredis'
import { createClient, createClientPool, createCluster, createSentinel } from 'redis'
import type { TokenManager, TokenManagerOptions } from 'tokenward'
import { TokenManagerPool, type PoolEvents } from 'tokenward/pool'
import { redisStore, type RedisClient } from 'tokenward/redis'

declare const refresh: NonNullable<TokenManagerOptions['refresh']>
declare const sealingKey: Uint8Array

export const clients: RedisClient[] = [
  createClient(),
  createClientPool(),
  createCluster({ rootNodes: [] }),
  createSentinel({ name: 'main', sentinelRootNodes: [] }),
  new Redis(),
  new Cluster([]),
]

export const pools = clients.map(
  (client) =>
    new TokenManagerPool({
      options: (id) => ({
        refresh,
        store: redisStore({
          client,
          key: `session:${id}`,
          ttlMs: 86_400_000,
          encryption: { key: sealingKey, oldKeys: ['old key in base64'] },
        }),
      }),
      max: 1_000,
      idleMs: 60_000,
    }),
)

export async function logOut(pool: TokenManagerPool, id: string): Promise<void> {
  const tokens: TokenManager = pool.get(id)
  const undo: () => void = pool.on('sessionEnded', ({ sessionId, reason, history }) => {
    const ended: PoolEvents['sessionEnded'] = { sessionId, reason, history }
    console.log(ended)
  })
  await tokens.getAccessToken()
  await pool.signOut(id, { revoke: true })
  undo()
  await pool.close()
}
