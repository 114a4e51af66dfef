import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { readdirSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext {
    /** What `npm pack` put into the tarball, paths from the package's root. */
    packedFiles: string[]
    /** The tarball. */
    tarball: string
    /** A folder with the package alone installed, no optional peer. */
    bare: string
    /** A folder with the package and what users have beside it. */
    full: string
  }
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const PEERS = ['axios', '@opentelemetry/api', 'ioredis', 'redis', 'openid-client', '@types/node']

const run = promisify(execFile)

/** Packs the package and installs the tarball in fresh folders: once a run, for all tests here. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const home = await mkdtemp(join(tmpdir(), 'tokenward-package-'))
  const { tarball, files } = await pack(home)
  const peers = await Promise.all(PEERS.map(async (name) => `${name}@${await versionOf(name)}`))
  const [bare, full] = await Promise.all([
    install(join(home, 'bare'), [tarball]),
    install(join(home, 'full'), [tarball, ...peers]),
  ])
  project.provide('packedFiles', files)
  project.provide('tarball', tarball)
  project.provide('bare', bare)
  project.provide('full', full)
  return () => rm(home, { recursive: true })
}

/** `npm pack` builds first; not again, where `npm test` just did. */
async function pack(folder: string): Promise<{ tarball: string; files: string[] }> {
  const isBuilt = await isNewer(join(ROOT, 'dist/index.d.cts'), join(ROOT, 'src'))
  const flags = ['--json', '--silent', '--pack-destination', folder]
  const { stdout } = await run(
    'npm',
    ['pack', ...flags, ...(isBuilt ? ['--ignore-scripts'] : [])],
    {
      cwd: ROOT,
    },
  )
  // What the build prints comes before the report.
  const report = JSON.parse(stdout.slice(stdout.search(/^\[$/m))) as [
    { filename: string; files: { path: string }[] },
  ]
  const [{ filename, files }] = report
  return { tarball: join(folder, filename), files: files.map(({ path }) => path).sort() }
}

async function isNewer(built: string, sources: string): Promise<boolean> {
  const builtAt = await stat(built).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  )
  return readdirSync(sources, { recursive: true, encoding: 'utf8' }).every(
    (name) => statSync(join(sources, name)).mtimeMs < builtAt,
  )
}

async function install(folder: string, packages: string[]): Promise<string> {
  await mkdir(folder)
  await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }))
  const flags = ['--prefer-offline', '--no-audit', '--no-fund', '--silent']
  await run('npm', ['install', ...flags, ...packages], { cwd: folder })
  return folder
}

async function versionOf(name: string): Promise<string> {
  const manifest = await readFile(join(ROOT, 'node_modules', name, 'package.json'), 'utf8')
  return (JSON.parse(manifest) as { version: string }).version
}
