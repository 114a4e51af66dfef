import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

/** Inside the project, where what is left out of the bundle is found. */
const HOME = join(ROOT, 'node_modules/.cache/tokenward-process')

export interface Bundle {
  readonly path: string
  remove(): Promise<void>
}

/** One file of plain JavaScript, which starts ten times as fast as its TypeScript would. */
export async function bundle(fixture: string): Promise<Bundle> {
  await mkdir(HOME, { recursive: true })
  const folder = await mkdtemp(join(HOME, `${fixture}-`))
  const path = join(folder, `${fixture}.mjs`)
  await build({
    entryPoints: [join(ROOT, `test/process/fixtures/${fixture}.ts`)],
    outfile: path,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    tsconfig: join(ROOT, 'test/tsconfig.json'), // points `tokenward/*` at the source
    packages: 'external',
    logLevel: 'error',
  })
  return { path, remove: () => rm(folder, { recursive: true }) }
}
