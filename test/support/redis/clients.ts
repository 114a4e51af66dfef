import { Redis } from 'ioredis'
import { createClient } from 'redis'
import type { RedisClient } from 'tokenward/redis'

/** A connected client, and how to be rid of it. */
export interface TestClient {
  readonly client: RedisClient
  /** One command as it is. */
  send(...command: [string, ...string[]]): Promise<unknown>
  close(): void
}

/** Both clients, by name: what holds for one holds for the other. */
export const CLIENTS: Record<string, (url: string) => Promise<TestClient>> = {
  'node-redis': async (url) => {
    const client = createClient({ url })
    client.on('error', () => undefined)
    await client.connect()
    return {
      client,
      send: (...command) => client.sendCommand(command),
      close: () => client.destroy(),
    }
  },
  ioredis: async (url) => {
    const client = new Redis(url, { retryStrategy: () => 100 })
    client.on('error', () => undefined)
    await client.ping()
    return {
      client,
      send: (command, ...args) => client.call(command, ...args),
      close: () => client.disconnect(),
    }
  },
}
