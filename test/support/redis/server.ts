import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { freePort } from '../free-port.js'
import { findRedisServer } from './installation.js'
import { isListening } from '../is-listening.js'

const READY_MS = 10_000
const POLL_MS = 10
const STOP_MS = 5_000
const MOST_STARTS = 3

/** What every answered write survives, a kill included. */
const DURABLE = ['--appendonly', 'yes', '--appendfsync', 'always', '--save', '']

/** A Redis of the test's own: on a free port, its data in a folder that goes with it. */
export interface RedisServer {
  readonly port: number
  readonly url: string
  /** As a machine dies: nothing is flushed, connections break. */
  kill(): Promise<void>
  /** On the same port, with what its folder holds. */
  restart(): Promise<void>
  /** It is there and says nothing, until it is resumed. */
  pause(): void
  resume(): void
  stop(): Promise<void>
}

export interface RedisServerOptions {
  /** Further arguments of redis-server. */
  args?: readonly string[]
  password?: string
  /** Speaks TLS alone, by these files. */
  tls?: { key: string; cert: string }
}

export async function startRedis(options: RedisServerOptions = {}): Promise<RedisServer> {
  for (let starts = 1; ; starts++) {
    const folder = await mkdtemp(join(tmpdir(), 'tokenward-redis-'))
    try {
      return await launch(await freePort(), folder, options)
    } catch (error) {
      await remove(folder)
      // Somebody else may have taken the port that was free a moment ago.
      if (starts === MOST_STARTS) throw error
    }
  }
}

async function launch(
  port: number,
  folder: string,
  { args = [], password, tls }: RedisServerOptions,
): Promise<RedisServer> {
  const auth = password === undefined ? [] : ['--requirepass', password]
  const listens = tls
    ? ['--port', '0', '--tls-port', `${port}`, '--tls-auth-clients', 'no']
    : ['--port', `${port}`]
  const files = tls
    ? ['--tls-key-file', tls.key, '--tls-cert-file', tls.cert, '--tls-ca-cert-file', tls.cert]
    : []
  const place = ['--bind', '127.0.0.1', ...listens, ...files, '--dir', folder]
  const start = () => startProcess([...place, ...DURABLE, ...auth, ...args], port)
  let child = await start()
  const killAtExit = () => void child.kill('SIGKILL')
  process.once('exit', killAtExit)
  return {
    port,
    url: `${tls ? 'rediss' : 'redis'}://${password === undefined ? '' : `:${password}@`}127.0.0.1:${port}`,
    kill: () => end(child, 'SIGKILL'),
    restart: async () => void (child = await start()),
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    stop: async () => {
      child.kill('SIGCONT')
      await end(child, 'SIGTERM')
      process.off('exit', killAtExit)
      await remove(folder)
    },
  }
}

async function startProcess(args: readonly string[], port: number): Promise<ChildProcess> {
  const child = spawn(findRedisServer() ?? 'redis-server', args, { stdio: 'pipe' })
  let output = ''
  const keep = (chunk: Buffer) => (output += String(chunk))
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  child.on('error', (error) => (output += `${error.message}\n`))
  const deadline = performance.now() + READY_MS
  while (isRunning(child) && performance.now() < deadline) {
    if (output.includes('Ready to accept connections') && (await isListening(port))) return child
    await delay(POLL_MS)
  }
  await end(child, 'SIGKILL')
  throw new Error(`redis-server did not start on port ${port}:\n${output}`)
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (!isRunning(child)) return
  const ended = once(child, 'exit')
  child.kill(signal)
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
  await ended
  clearTimeout(timer)
}

/** A program that could not be started has no pid. */
function isRunning(child: ChildProcess): boolean {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null
}

function remove(folder: string): Promise<void> {
  return rm(folder, { recursive: true, force: true })
}
