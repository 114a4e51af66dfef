import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { listenOnLoopback } from './loopback.js'

/** A Redis that forgets all when it ends, with this process. `undefined`: none is installed. */
export async function startRedis(): Promise<string | undefined> {
  const port = await freePort()
  const place = ['--bind', '127.0.0.1', '--port', port]
  const child = spawn('redis-server', [...place, '--save', '', '--appendonly', 'no'], {
    detached: true, // Ctrl-C is not for it: what is in flight is saved first
  })
  process.once('exit', () => child.kill())
  const isReady = new Promise<boolean>((resolve) => {
    child.once('error', () => resolve(false))
    child.once('exit', () => resolve(false))
    child.stdout.on('data', (text) => String(text).includes('Ready to accept') && resolve(true))
  })
  return (await isReady) ? `redis://127.0.0.1:${port}` : undefined
}

async function freePort(): Promise<string> {
  const { server, origin } = await listenOnLoopback()
  server.close()
  await once(server, 'close')
  return new URL(origin).port
}
