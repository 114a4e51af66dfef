import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { listenOnLoopback } from './loopback.js'

export interface Redis {
  readonly url: string
  /** It loses nothing: what was written is in its folder. */
  stop(): Promise<void>
  start(): Promise<boolean>
}

/** A Redis whose folder goes when this process ends. `undefined`: none is installed. */
export async function startRedis(): Promise<Redis | undefined> {
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'example-redis-'))
  const place = ['--bind', '127.0.0.1', '--port', port, '--dir', folder]
  let child: ChildProcess
  process.once('exit', () => {
    child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  })

  const redis: Redis = {
    url: `redis://127.0.0.1:${port}`,
    async stop() {
      const ended = once(child, 'exit')
      child.kill()
      await ended
    },
    start() {
      child = spawn('redis-server', [...place, '--save', '', '--appendonly', 'yes'], {
        detached: true, // Ctrl-C is not for it: what is in flight is saved first
      })
      return new Promise<boolean>((resolve) => {
        child.once('error', () => resolve(false))
        child.once('exit', () => resolve(false))
        child.stdout!.on(
          'data',
          (text) => String(text).includes('Ready to accept') && resolve(true),
        )
      })
    },
  }
  return (await redis.start()) ? redis : undefined
}

async function freePort(): Promise<string> {
  const { server, origin } = await listenOnLoopback()
  server.close()
  await once(server, 'close')
  return new URL(origin).port
}
