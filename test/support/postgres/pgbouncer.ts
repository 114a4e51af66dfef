import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Client, type PoolConfig } from 'pg'
import { findProgram } from '../executable.js'
import { freePort } from '../free-port.js'
import { giveTo, unprivileged } from './unprivileged.js'

const READY_MS = 10_000

/** PgBouncer in transaction mode: each statement may get another connection of the server. */
export async function startPgBouncer(
  toPort: number,
): Promise<{ config: PoolConfig; stop(): Promise<void> }> {
  const identity = unprivileged()
  const folder = await mkdtemp(join(tmpdir(), 'tokenward-pgbouncer-'))
  const port = await freePort()
  const [settings, users] = [join(folder, 'pgbouncer.ini'), join(folder, 'users.txt')]
  await writeFile(users, '"postgres" ""\n')
  await writeFile(
    settings,
    `[databases]
* = host=127.0.0.1 port=${toPort}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
auth_file = ${users}
pool_mode = transaction
default_pool_size = 3
`.replace('* =', 'postgres = user=postgres dbname=postgres'),
  )
  for (const path of [folder, settings, users]) giveTo(identity, path)
  const program = findProgram('pgbouncer', ['/usr/sbin']) ?? 'pgbouncer'
  const child = spawn(program, [settings], { ...identity, cwd: folder, stdio: 'pipe' })
  let output = ''
  child.stderr.on('data', (chunk) => (output += String(chunk)))
  const killAtExit = () => void child.kill('SIGKILL')
  process.once('exit', killAtExit)

  const config = { host: '127.0.0.1', port, user: 'postgres', database: 'postgres' }
  const deadline = performance.now() + READY_MS
  while (!(await isAnswering(config))) {
    if (performance.now() > deadline) throw new Error(`pgbouncer did not start:\n${output}`)
    await delay(20)
  }
  return {
    config,
    stop: async () => {
      process.off('exit', killAtExit)
      const exited = once(child, 'exit')
      child.kill('SIGKILL')
      await exited
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function isAnswering(config: PoolConfig): Promise<boolean> {
  const client = new Client(config)
  client.on('error', () => undefined)
  try {
    await client.connect()
    await client.query('select 1')
    return true
  } catch {
    return false
  } finally {
    await client.end().catch(() => undefined)
  }
}
