import { Redis as Upstash } from '@upstash/redis'
import { TokenManager, toTokenSet, type StoredSession } from 'tokenward'
import { redisStore } from 'tokenward/redis'
import { testTokenStore } from 'tokenward/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CLIENTS, type TestClient } from '../support/redis/clients.js'
import { describeWithRedis } from '../support/redis/installation.js'
import { startRedis, type RedisServer } from '../support/redis/server.js'
import { startUpstash } from '../support/redis/upstash-server.js'

/** As people make it, and without what it does by itself. */
const OPTIONS: Record<string, object> = {
  'by default': {},
  'with nothing done by itself': {
    enableAutoPipelining: false,
    automaticDeserialization: false,
    responseEncoding: false,
  },
}

describeWithRedis("a store over Upstash's HTTP client", () => {
  let server: RedisServer
  let redis: TestClient
  let upstash: Awaited<ReturnType<typeof startUpstash>>
  beforeAll(async () => {
    server = await startRedis()
    redis = await CLIENTS.ioredis!(server.url)
    upstash = await startUpstash(redis)
  })
  afterAll(async () => {
    await upstash.close()
    redis.close()
    await server.stop()
  })
  const clientOf = (options: object = {}) =>
    new Upstash({ url: upstash.url, token: upstash.token, retry: false, ...options })

  describe.each(Object.keys(OPTIONS))('%s', (how) => {
    testTokenStore(
      'keeps the contract',
      (backend) => redisStore({ client: clientOf(OPTIONS[how]), key: backend }),
      { describe, it },
    )
  })

  it('shares its sessions with clients over sockets', async () => {
    const [overHttp, overSocket] = [clientOf(), redis.client].map((client) => redisStore({ client, key: 'shared' })) // prettier-ignore
    await overHttp!.save(record(2 ** 53 - 1), { ifVersion: undefined })
    expect(await overSocket!.load()).toEqual(record(2 ** 53 - 1))
    const isHeld = overSocket!.exclusive!(() =>
      redisStore({ client: clientOf(), key: 'shared' }).exclusive!(
        async (lease) => lease.isHeld(),
        { wakeOnChange: true },
      ),
    )
    expect(await isHeld).toBe(false)
  })

  it('has what is damaged kept as it was, byte by byte', async () => {
    const damaged = '{ "version" : 7,\n "sessionId": "" }'
    await redis.send('HSET', '{damaged}', 'version', '7', 'session', damaged)
    const store = redisStore({ client: clientOf(), key: 'damaged' })
    await expect(store.load()).rejects.toMatchObject({ reason: 'damaged' })
    const acquire = () => Promise.reject(new Error('not asked'))
    const login = { access_token: 'at-1', expires_in: 300 }
    await new TokenManager({ acquire, store }).setTokens(login)
    expect(await redis.send('HGET', '{damaged}:damaged', 'session')).toBe(damaged)
    expect((await store.load())?.tokens?.accessToken).toBe('at-1')
  })

  it.each(Object.keys(OPTIONS))(
    'quotes no token in an error, where the client quotes its command: %s',
    async (how) => {
      const store = redisStore({ client: clientOf(OPTIONS[how]), key: 'full' })
      await redis.send('CONFIG', 'SET', 'maxmemory', '1')
      const error: unknown = await store
        .save(record(1), { ifVersion: undefined })
        .catch((thrown: unknown) => thrown)
      await redis.send('CONFIG', 'SET', 'maxmemory', '0')
      expect(error).toMatchObject({ code: 'ERR_TOKEN_STORE', reason: 'unwritable' })
      const { cause, stack } = error as Error
      const told = [String(error), stack, String(cause), (cause as Error).stack].join('\n')
      expect(told).toMatch(/OOM/)
      for (const secret of ['short-one', 'refresh-1', 'full']) expect(told).not.toContain(secret)
    },
  )

  it('is a typed error where the token is wrong', async () => {
    const client = clientOf({ token: 'wrong' })
    await expect(redisStore({ client, key: 'k' }).load()).rejects.toMatchObject({
      code: 'ERR_TOKEN_STORE',
      reason: 'failed',
    })
  })
})

/** Tokens too short to be taken for such by their looks. */
function record(version: number): StoredSession {
  const tokens = toTokenSet({
    accessToken: 'short-one',
    refreshToken: 'refresh-1',
    expiresAt: 2_000,
    issuedAt: 1_000,
  })
  return { sessionId: 'session', version, tokens }
}
