import { createAuthorizationServer } from 'tokenward/testing'
import { onTestFinished } from 'vitest'
import { CLIENTS } from '../../support/redis/clients.js'
import { startRedis } from '../../support/redis/server.js'
import { startUpstash } from '../../support/redis/upstash-server.js'
import type { Given } from './edge-program.js'

const client = { clientId: 'web', clientSecret: 'a secret' }
const HOUR_MS = 60 * 60 * 1000

/** All that a program on an edge runtime reaches, on loopback: it goes with the test. */
export async function openEdgeScene() {
  const server = createAuthorizationServer(client)
  const { issuer, close } = await server.listen()
  const redisServer = await startRedis()
  const redis = await CLIENTS.ioredis!(redisServer.url)
  const upstash = await startUpstash(redis)
  onTestFinished(async () => {
    await Promise.all([close(), upstash.close()])
    redis.close()
    await redisServer.stop()
  })
  const { url, token } = upstash
  const tokens = server.login()
  const given = (login: object): Given => ({ issuer, client, upstash: { url, token }, session: 'alice', login }) // prettier-ignore

  return {
    server,
    /** Of a session whose access token has expired. */
    expired: given({ ...tokens, expires_at: 1 }),
    /** Of one whose access token is good for another minute. */
    due: given({
      accessToken: tokens.access_token,
      refreshToken: tokens.refresh_token,
      issuedAt: Date.now() - HOUR_MS,
      expiresAt: Date.now() + HOUR_MS / 60,
    }),
    /** Whether the store has another refresh token than the login's. */
    async isRenewed(): Promise<boolean> {
      const record = String(await redis.send('HGET', '{alice}', 'session'))
      return record.includes('refreshToken') && !record.includes(tokens.refresh_token)
    },
  }
}
