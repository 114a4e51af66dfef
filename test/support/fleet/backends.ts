import { Pool } from 'pg'
import type { TokenStore } from 'tokenward'
import { postgresSchema, postgresStore } from 'tokenward/postgres'
import { redisStore } from 'tokenward/redis'
import { startPostgres } from '../postgres/server.js'
import { CLIENTS } from '../redis/clients.js'
import { startRedis } from '../redis/server.js'

/** A server that a fleet shares its sessions by. */
export interface Backend {
  readonly port: number
  /** As a machine dies: connections break. */
  kill(): Promise<void>
  restart(): Promise<void>
  stop(): Promise<void>
}

export interface Connection {
  storeOf(session: string): TokenStore
  close(): unknown
}

/** Each, and the clients that its users have. */
export const BACKENDS = {
  Redis: { start: (): Promise<Backend> => startRedis(), clients: ['node-redis', 'ioredis'] },
  Postgres: {
    start: async (): Promise<Backend> => {
      const server = await startPostgres()
      await server.send(postgresSchema())
      return server
    },
    clients: ['pg'],
  },
}

export type BackendName = keyof typeof BACKENDS

/** @param client - of BACKENDS */
export async function connect(client: string, port: number): Promise<Connection> {
  if (client === 'pg') {
    const place = { host: '127.0.0.1', port, user: 'postgres', database: 'postgres' }
    const pool = new Pool({ ...place, max: 5 })
    pool.on('error', () => undefined)
    return {
      storeOf: (session) => postgresStore({ pool, key: `session:${session}` }),
      close: () => pool.end(),
    }
  }
  const redis = await CLIENTS[client]!(`redis://127.0.0.1:${port}`)
  return {
    storeOf: (session) => redisStore({ client: redis.client, key: `session:${session}` }),
    close: () => redis.close(),
  }
}
