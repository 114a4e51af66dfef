import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { freePort } from '../free-port.js'
import { findRedisServer } from './installation.js'

const READY_MS = 20_000

/** What the sentinel calls its primary. */
export const PRIMARY = 'main'

/** One that promotes the replica by itself, soon after the primary has gone. */
export async function startSentinel(
  primaryPort: number,
): Promise<{ port: number; stop(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'tokenward-sentinel-'))
  const port = await freePort()
  const file = join(folder, 'sentinel.conf')
  await writeFile(
    file,
    `port ${port}
bind 127.0.0.1
dir ${folder}
sentinel monitor ${PRIMARY} 127.0.0.1 ${primaryPort} 1
sentinel down-after-milliseconds ${PRIMARY} 500
sentinel failover-timeout ${PRIMARY} 3000
`,
  )
  const program = findRedisServer() ?? 'redis-server'
  const child = spawn(program, [file, '--sentinel'], { stdio: 'ignore' })
  const killAtExit = () => void child.kill('SIGKILL')
  process.once('exit', killAtExit)
  await untilItKnowsTheReplica(port)
  return {
    port,
    stop: async () => {
      process.off('exit', killAtExit)
      const exited = once(child, 'exit')
      child.kill('SIGKILL')
      await exited
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function untilItKnowsTheReplica(port: number): Promise<void> {
  const sentinel = new Redis(port, '127.0.0.1', { retryStrategy: () => 50 })
  sentinel.on('error', () => undefined)
  const deadline = performance.now() + READY_MS
  try {
    while (performance.now() < deadline) {
      const replicas = await sentinel.call('SENTINEL', 'replicas', PRIMARY).catch(() => [])
      if ((replicas as unknown[]).length > 0) return
      await delay(100)
    }
  } finally {
    sentinel.disconnect()
  }
  throw new Error('the sentinel found no replica')
}
