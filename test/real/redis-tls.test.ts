import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { createClient } from 'redis'
import { redisStore, type RedisClient } from 'tokenward/redis'
import { testTokenStore } from 'tokenward/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { describeWithRedis } from '../support/redis/installation.js'
import { startRedis, type RedisServer } from '../support/redis/server.js'

const PASSWORD = 'a-password-of-the-test'
const PATIENCE_MS = 30_000

describeWithRedis('a store in a Redis with TLS and a password', () => {
  let folder: string
  let server: RedisServer
  const clients: Record<string, RedisClient> = {}
  const closings: (() => unknown)[] = []

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tokenward-tls-'))
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
    makeCertificate(key, cert)
    server = await startRedis({ password: PASSWORD, tls: { key, cert } })
    const ca = readFileSync(cert)

    const nodeRedis = createClient({ url: server.url, socket: { tls: true, ca } })
    nodeRedis.on('error', () => undefined)
    await nodeRedis.connect()
    clients['node-redis'] = nodeRedis
    closings.push(() => nodeRedis.destroy())
    const ioredis = new Redis(server.url, { tls: { ca } })
    ioredis.on('error', () => undefined)
    clients.ioredis = ioredis
    closings.push(() => ioredis.disconnect())
  }, PATIENCE_MS)
  afterAll(async () => {
    for (const close of closings) close()
    await server.stop()
    rmSync(folder, { recursive: true })
  })

  describe.each(['node-redis', 'ioredis'])('through %s', (name) => {
    testTokenStore(
      'keeps the contract',
      (backend) => redisStore({ client: clients[name]!, key: `${name}:${backend}` }),
      { describe, it },
    )
  })

  it('is not spoken to in clear', async () => {
    const inClear = new Redis(server.port, '127.0.0.1', { password: PASSWORD, lazyConnect: true, retryStrategy: null }) // prettier-ignore
    inClear.on('error', () => undefined)
    await expect(inClear.ping()).rejects.toThrow()
    inClear.disconnect()
  })
})

/** For `127.0.0.1`, signed by itself, for a day. */
function makeCertificate(key: string, cert: string): void {
  const files = ['-keyout', key, '-out', cert]
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '1']
  const kind = ['-x509', '-nodes', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1']
  execFileSync('openssl', ['req', ...kind, ...files, ...subject], { stdio: 'ignore' })
}
