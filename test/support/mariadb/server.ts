import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { describeWith, findProgram } from '../executable.js'
import { freePort } from '../free-port.js'
import { isListening } from '../is-listening.js'

const READY_MS = 20_000
const POLL_MS = 20

const run = promisify(execFile)

/** A MariaDB of the test's own: on a free port of loopback, its data in a folder that goes with it. */
export interface MariaDbServer {
  readonly url: string
  stop(): Promise<void>
}

/** Tests against a real MariaDB: without one they are skipped, or fail where all must be there. */
export function describeWithMariaDb(name: string, define: () => void): void {
  describeWith({ program: findMariaDb(), needs: "Debian's mariadb-server-core" }, name, define)
}

export async function startMariaDb(): Promise<MariaDbServer> {
  const folder = await mkdtemp(join(tmpdir(), 'tokenward-mariadb-'))
  const data = ['--no-defaults', `--datadir=${join(folder, 'data')}`, `--user=${userInfo().username}`] // prettier-ignore
  const flags = ['--auth-root-authentication-method=normal', '--skip-test-db', '--skip-name-resolve'] // prettier-ignore
  await run('mariadb-install-db', [...data, ...flags])
  const port = await freePort()
  const place = [`--port=${port}`, '--bind-address=127.0.0.1', `--socket=${join(folder, 'socket')}`]
  const child = spawn(findMariaDb()!, [...data, ...place], { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  const keep = (chunk: Buffer) => (output += String(chunk))
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  const ended = once(child, 'exit')
  const killAtExit = () => void child.kill('SIGKILL')
  process.once('exit', killAtExit)
  const deadline = performance.now() + READY_MS
  while (!(await isListening(port))) {
    if (child.exitCode !== null || performance.now() > deadline) {
      child.kill('SIGKILL')
      throw new Error(`mariadbd did not start:\n${output}`)
    }
    await delay(POLL_MS)
  }
  return {
    url: `mysql://root@127.0.0.1:${port}/mysql`,
    async stop() {
      child.kill('SIGKILL') // nothing of it is wanted any more
      await ended
      process.off('exit', killAtExit)
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function findMariaDb(): string | undefined {
  return findProgram('mariadbd', ['/usr/sbin'])
}
