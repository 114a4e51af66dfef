import { createClient } from 'redis'
import { redisStore } from 'tokenward/redis'
import { SESSION_MS } from './sessions.js'
import { StateError, type State } from './state.js'

/** No page waits longer than this for Redis. */
const COMMAND_MS = 5_000

/** Shared by all processes: it does not matter which of them a browser is led to. */
export async function connectRedis(url: string, sessionKey: string | undefined): Promise<State> {
  const client = createClient({ url, disableOfflineQueue: true })
  client.on('error', (error: Error) => console.error('redis:', error.message))
  await client.connect()

  async function run<T>(command: Promise<T>): Promise<T> {
    try {
      return await within(COMMAND_MS, command)
    } catch (cause) {
      throw new StateError('Redis is out of reach', { cause })
    }
  }

  return {
    async put(key, value, ttlMs) {
      await run(
        client.set(key, JSON.stringify(value), { expiration: { type: 'PX', value: ttlMs } }),
      )
    },
    async get<T>(key: string) {
      return parsed(await run(client.get(key))) as T | undefined
    },
    async take<T>(key: string) {
      return parsed(await run(client.getDel(key))) as T | undefined
    },
    async remove(key) {
      await run(client.del(key))
    },
    tokenStore: (sessionId) =>
      redisStore({
        client,
        key: `tokens:${sessionId}`,
        ttlMs: SESSION_MS,
        encryption: sessionKey === undefined ? undefined : { key: sessionKey },
      }),
    close: async () => client.destroy(),
  }
}

function parsed(text: string | null): unknown {
  return text === null ? undefined : JSON.parse(text)
}

async function within<T>(durationMs: number, task: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${durationMs} ms`)), durationMs)
  })
  try {
    return await Promise.race([task, timeout])
  } finally {
    clearTimeout(timer)
  }
}
