import { execFile } from 'node:child_process'
import { cp, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const EXAMPLE = fileURLToPath(new URL('../../../docs/examples/cli', import.meta.url))
const OF_A_DEVELOPER = new Set(['node_modules', 'package-lock.json', 'dist'])

/**
 * Installs and bundles the example CLI as its authors would, with the package from its tarball.
 *
 * @returns a folder of its own, with the example in `cli`
 */
export async function installExample(tarball: string): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'tokenward-cli-'))
  const filter = (path: string) => !OF_A_DEVELOPER.has(basename(path))
  await cp(EXAMPLE, join(home, 'cli'), { recursive: true, filter })
  const flags = ['--prefer-offline', '--no-audit', '--no-fund', '--silent']
  await run('npm', ['install', ...flags, tarball], { cwd: join(home, 'cli') })
  await run('npm', ['run', '--silent', 'build'], { cwd: join(home, 'cli') })
  return home
}
