import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import { configuration } from './configuration.js'
import { findInstallation, type Installation } from './installation.js'

const READY_MS = 10_000
const POLL_MS = 10
const STOP_MS = 5_000
const MOST_STARTS = 3

/** A glewlwyd of its own: on a free port, with a fresh database in a folder that goes with it. */
export interface GlewlwydProcess {
  readonly origin: string
  /** All that it has printed. */
  output(): string
  stop(): Promise<void>
}

export async function startProcess(): Promise<GlewlwydProcess> {
  const installation = findInstallation()
  for (let starts = 1; ; starts++) {
    const folder = await mkdtemp(join(tmpdir(), 'tokenward-glewlwyd-'))
    try {
      return await launch(installation, folder)
    } catch (error) {
      await remove(folder)
      // Somebody else may have taken the port that was free a moment ago.
      if (starts === MOST_STARTS) throw error
    }
  }
}

async function launch(installation: Installation, folder: string): Promise<GlewlwydProcess> {
  const port = await freePort()
  const origin = `http://127.0.0.1:${port}`
  const database = join(folder, 'glewlwyd.db')
  const config = join(folder, 'glewlwyd.conf')
  await createDatabase(installation, database)
  await writeFile(config, configuration({ origin, port, database, modules: installation.modules }))

  const child = spawn(installation.server, [`--config-file=${config}`], { cwd: folder })
  const killChild = () => void child.kill('SIGKILL')
  process.once('exit', killChild)
  let output = ''
  const keep = (chunk: Buffer) => (output += String(chunk))
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  child.on('error', (error) => (output += `${error.message}\n`))

  const stop = async () => {
    await end(child)
    process.off('exit', killChild)
    await remove(folder)
  }
  if (await isReady(child, `${origin}/config`)) return { origin, output: () => output, stop }
  await stop()
  throw new Error(`glewlwyd did not start on port ${port}:\n${output || '(it printed nothing)'}`)
}

async function createDatabase({ sqlite, schema }: Installation, path: string): Promise<void> {
  const shipped = await readFile(schema)
  const statements = String(schema.endsWith('.gz') ? gunzipSync(shipped) : shipped)
  await new Promise<void>((resolve, reject) => {
    const shell = execFile(sqlite, ['-bail', path], (error) => (error ? reject(error) : resolve()))
    shell.stdin?.on('error', () => {}) // its end tells more
    shell.stdin?.end(`PRAGMA journal_mode = WAL;\nBEGIN;\n${statements}\nCOMMIT;\n`)
  })
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}

/** Whether it answers; false as soon as it has ended, or when it has had its time. */
async function isReady(child: ChildProcess, url: string): Promise<boolean> {
  const deadline = performance.now() + READY_MS
  while (isRunning(child) && performance.now() < deadline) {
    try {
      const answer = await fetch(url, { signal: AbortSignal.timeout(READY_MS) })
      await answer.arrayBuffer()
      if (answer.ok) return isRunning(child)
    } catch {
      // Not listening yet.
    }
    await delay(POLL_MS)
  }
  return false
}

async function end(child: ChildProcess): Promise<void> {
  if (!isRunning(child)) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
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
