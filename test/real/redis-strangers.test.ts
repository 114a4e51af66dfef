import { TokenManager, toTokenSet } from 'tokenward'
import { redisStore } from 'tokenward/redis'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { CLIENTS, type TestClient } from '../support/redis/clients.js'
import { describeWithRedis } from '../support/redis/installation.js'
import { startRedis, type RedisServer } from '../support/redis/server.js'

const KEY = '{session:1}'
const REFUSED = { code: 'ERR_TOKEN_STORE', name: 'TokenStoreError' }
const login = { access_token: 'at-1', refresh_token: 'rt-1', expires_in: 3_600 }

describeWithRedis('a Redis that others use, through ioredis', () => {
  let server: RedisServer
  let redis: TestClient
  beforeAll(async () => {
    server = await startRedis()
    redis = await CLIENTS.ioredis!(server.url)
  })
  beforeEach(() => redis.send('FLUSHALL').then(() => undefined))
  afterAll(async () => {
    redis.close()
    await server.stop()
  })

  const storeOf = (client = redis.client) => redisStore({ client, key: 'session:1' })
  const managerOf = (store = storeOf()) =>
    new TokenManager({ store, refresh: async () => ({ access_token: 'at-2', expires_in: 3_600 }) })

  it.each([
    ['a hash', ['HSET', KEY, 'theirs', 'value']],
    ['a string', ['SET', KEY, 'value']],
    ['a list', ['RPUSH', KEY, 'value']],
    ['a hash with one field of ours', ['HSET', KEY, 'version', '1']],
  ] as [string, [string, ...string[]]][])(
    '%s of another program under our key is damage, which a login puts aside and keeps',
    async (_, command) => {
      await redis.send(...command)
      await expect(storeOf().load()).rejects.toMatchObject({ ...REFUSED, reason: 'damaged' })
      await managerOf().setTokens(login)
      expect((await storeOf().load())?.tokens?.accessToken).toBe('at-1')
      expect(await redis.send('EXISTS', `${KEY}:damaged`)).toBe(1)
    },
  )

  it('a value of another kind where our lease is lets nobody spend the refresh token', async () => {
    await managerOf().setTokens({ ...login, expires_in: undefined, expires_at: 1 })
    await redis.send('RPUSH', `${KEY}:lease`, 'value')
    await expect(managerOf().getAccessToken()).rejects.toMatchObject(REFUSED)
    expect(await redis.send('LRANGE', `${KEY}:lease`, '0', '-1')).toEqual(['value'])
  })

  it('that forgot its scripts is told them again', async () => {
    const store = storeOf()
    await managerOf(store).setTokens(login)
    await redis.send('SCRIPT', 'FLUSH', 'SYNC')
    expect((await store.load())?.tokens?.accessToken).toBe('at-1')
  })

  it('that denies us scripts says so, and shows neither the password nor the name of a session', async () => {
    await redis.send('ACL', 'SETUSER', 'app', 'on', '>app-password-1', '~*', '+@all', '-eval', '-evalsha') // prettier-ignore
    const denied = await CLIENTS.ioredis!(server.url.replace('://', '://app:app-password-1@'))
    try {
      const error = await storeOf(denied.client)
        .load()
        .catch((thrown: unknown) => thrown)
      expect(error).toMatchObject(REFUSED)
      const { cause } = error as { cause: Error }
      expect(cause.message).toContain('NOPERM')
      for (const secret of ['app-password-1', 'session:1']) {
        expect(JSON.stringify([String(error), cause.message, cause.stack])).not.toContain(secret)
      }
    } finally {
      denied.close()
    }
  })

  it('that lies is believed in nothing: each reply that is none of ours is an error', async () => {
    const session = { sessionId: 's', version: 5, tokens: toTokenSet(login) }
    const replies = [null, 1, 'OK', {}, ['1'], [{}, {}], ['5', JSON.stringify(session)], ['5', '=5'], ['6', `=${JSON.stringify(session)}`], ['5', '='.repeat(4_000_002)], [['5'], ['=']]] // prettier-ignore
    for (const reply of replies) {
      const lie = () => Promise.resolve(reply)
      const client = { status: 'ready', eval: lie, evalsha: lie }
      await expect(storeOf(client).load(), JSON.stringify(reply).slice(0, 99)).rejects.toMatchObject(REFUSED) // prettier-ignore
    }
  })
})
