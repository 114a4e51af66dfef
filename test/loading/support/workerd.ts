import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { freePort } from '../../support/free-port.js'
import { isListening } from '../../support/is-listening.js'

/** The runtime of Cloudflare's, which comes in a package of npm's. */
const { default: WORKERD } = createRequire(import.meta.url)('workerd') as { default: string }
const POLL_MS = 20

/** One worker, which may call this machine. @returns its origin; it ends with the test */
export async function startWorkerd(worker: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tokenward-workerd-'))
  const port = await freePort()
  await writeFile(join(folder, 'worker.js'), worker)
  await writeFile(join(folder, 'config.capnp'), configOf(port))
  const child = spawn(WORKERD, ['serve', 'config.capnp'], { cwd: folder, stdio: 'pipe' })
  let output = ''
  const keep = (chunk: Buffer) => (output += String(chunk))
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await rm(folder, { recursive: true })
  })
  while (!(await isListening(port))) {
    if (child.exitCode !== null) throw new Error(`workerd has ended:\n${output}`)
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
  return `http://127.0.0.1:${port}`
}

function configOf(port: number): string {
  return `
using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    (name = "internet", network = (allow = ["private"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);

const worker :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed "worker.js")],
  compatibilityDate = "2025-01-01",
);
`
}
