import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it, onTestFinished } from 'vitest'
import { describeWith } from '../support/executable.js'
import { findRedisServer } from '../support/redis/installation.js'
import { startRedis } from '../support/redis/server.js'

const pathOf = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const BUN = pathOf('../bundles/node_modules/@oven/bun-linux-x64/bin/bun')
const program = existsSync(BUN) ? findRedisServer() : undefined

describeWith(
  { program, needs: 'redis-server, and what npm ci --prefix test/bundles installs' },
  "a store over Bun's own Redis client",
  () => {
    it('keeps the contract', async () => {
      const redis = await startRedis()
      onTestFinished(() => redis.stop())
      const script = pathOf('fixtures/bun-redis.ts')
      const { stdout } = await promisify(execFile)(BUN, ['--no-install', script, redis.url])
      expect(JSON.parse(stdout)).toEqual({ checks: expect.any(Number), broken: [] })
    })
  },
)
