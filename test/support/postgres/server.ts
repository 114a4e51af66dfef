import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { Client, type PoolConfig } from 'pg'
import { freePort } from '../free-port.js'
import { findPostgresProgram } from './installation.js'
import { giveTo, unprivileged, type Identity } from './unprivileged.js'

const READY_MS = 20_000
const POLL_MS = 20
const STOP_MS = 5_000

const run = promisify(execFile)

/** A Postgres of the test's own: on a free port of loopback, its data in a folder that goes with it. */
export interface PostgresServer {
  readonly port: number
  /** What a `Pool` needs to be told. */
  readonly config: PoolConfig
  /** One statement, on a connection of its own. */
  send(sql: string): Promise<unknown[]>
  /** As a machine dies: no checkpoint is written, connections break. */
  kill(): Promise<void>
  /** On the same port, with what its folder holds; if it is running, nothing. */
  restart(): Promise<void>
  /** It is there and says nothing, until it is resumed. */
  pause(): void
  resume(): void
  /** A second one that follows this one, and can be made the first. */
  startStandby(): Promise<PostgresServer>
  stop(): Promise<void>
}

/** What is written survives a crash of the process, if not one of the machine. */
const SETTINGS = { fsync: 'off', max_connections: '100', wal_level: 'replica' }

export async function startPostgres(
  settings: Record<string, string> = {},
): Promise<PostgresServer> {
  const identity = unprivileged()
  const folder = await emptyFolder(identity)
  const flags = ['--no-sync', '--auth', 'trust', '--username', 'postgres', '--encoding', 'UTF8']
  await run(programOf('initdb'), [...flags, '--locale', 'C', '--pgdata', folder], {
    ...identity,
    cwd: folder,
  })
  return launch(folder, identity, { ...SETTINGS, ...settings })
}

async function launch(
  folder: string,
  identity: Identity | undefined,
  settings: Record<string, string>,
): Promise<PostgresServer> {
  const port = await freePort()
  const config = { host: '127.0.0.1', port, user: 'postgres', database: 'postgres' }
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const place = ['-D', folder, '-p', `${port}`, '-k', folder, '-c', 'listen_addresses=127.0.0.1']
  const start = () => startProcess([...place, ...flags], folder, identity, config)
  let child = await start()
  const killAtExit = () => signal(child, 'SIGKILL')
  process.once('exit', killAtExit)

  const server: PostgresServer = {
    port,
    config,
    send: (sql) => send(config, sql),
    kill: () => end(child, 'SIGQUIT'),
    restart: async () => void (isRunning(child) || (child = await start())),
    pause: () => signal(child, 'SIGSTOP'),
    resume: () => signal(child, 'SIGCONT'),
    startStandby: async () => {
      const copy = await emptyFolder(identity)
      const from = ['-h', '127.0.0.1', '-p', `${port}`, '-U', 'postgres']
      const how = ['--no-sync', '--checkpoint', 'fast', '--write-recovery-conf', '-D', copy]
      await run(programOf('pg_basebackup'), [...from, ...how], { ...identity, cwd: copy })
      return launch(copy, identity, settings)
    },
    stop: async () => {
      signal(child, 'SIGCONT')
      await end(child, 'SIGINT')
      process.off('exit', killAtExit)
      await rm(folder, { recursive: true, force: true })
    },
  }
  return server
}

async function startProcess(
  args: readonly string[],
  folder: string,
  identity: Identity | undefined,
  config: PoolConfig,
): Promise<ChildProcess> {
  const child = spawn(programOf('postgres'), args, { ...identity, cwd: folder, stdio: 'pipe' })
  let output = ''
  const keep = (chunk: Buffer) => (output += String(chunk))
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  child.on('error', (error) => (output += `${error.message}\n`))
  const deadline = performance.now() + READY_MS
  while (isRunning(child) && performance.now() < deadline) {
    if (await isAnswering(config)) return child
    await delay(POLL_MS)
  }
  signal(child, 'SIGKILL')
  throw new Error(`postgres did not start:\n${output}`)
}

function isAnswering(config: PoolConfig): Promise<boolean> {
  return send(config, 'select 1').then(
    () => true,
    () => false,
  )
}

async function send(config: PoolConfig, sql: string): Promise<unknown[]> {
  const client = new Client(config)
  client.on('error', () => undefined)
  await client.connect()
  try {
    return (await client.query(sql)).rows as unknown[]
  } finally {
    await client.end()
  }
}

async function emptyFolder(identity: Identity | undefined): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tokenward-postgres-'))
  giveTo(identity, folder)
  return folder
}

function programOf(name: string): string {
  return findPostgresProgram(name) ?? name
}

async function end(child: ChildProcess, how: NodeJS.Signals): Promise<void> {
  if (!isRunning(child)) return
  const ended = once(child, 'exit')
  child.kill(how)
  const timer = setTimeout(() => signal(child, 'SIGKILL'), STOP_MS)
  await ended
  clearTimeout(timer)
}

/** Each connection has a process of its own, in a group of its own. */
function signal(child: ChildProcess, name: NodeJS.Signals): void {
  if (!isRunning(child)) return
  const children = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8')
  for (const pid of [child.pid!, ...children.trim().split(' ').filter(Boolean).map(Number)]) {
    try {
      process.kill(pid, name)
    } catch {
      // gone in the meantime
    }
  }
}

/** A program that could not be started has no pid. */
function isRunning(child: ChildProcess): boolean {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null
}
