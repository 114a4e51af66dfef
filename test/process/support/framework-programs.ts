import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, type BuildOptions } from 'esbuild'
import { modulesOf, snippetsOf } from '../../types/support/snippets.js'
import { TOOLS } from './shipped.js'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const SESSION = join(ROOT, 'test/process/fixtures/due-session.js')

/** Programs by the name of their framework. */
export interface Programs {
  readonly paths: Readonly<Record<string, string>>
  remove(): Promise<void>
}

/** Those of the guide, as they stand there, with the session of the test's. */
export async function buildPrograms(): Promise<Programs> {
  await mkdir(join(TOOLS, '.cache'), { recursive: true })
  const folder = await mkdtemp(join(TOOLS, '.cache/tokenward-frameworks-')) // where the packages are found
  const sources = await mkdtemp(join(tmpdir(), 'tokenward-frameworks-')) // where esbuild heeds `paths`
  const sourceOf = guideSnippets(sources)
  const [commander, yargs] = [await sourceOf("from 'commander'"), await sourceOf("from 'yargs'")]
  const oclif = { 'bin/run': await sourceOf('runOclif('), 'commands/me': await sourceOf('extends Command') } // prettier-ignore

  const [esm, cjs] = [join(folder, 'esm'), join(folder, 'cjs')]
  await compile(esm, 'esm', { commander, yargs, ...oclif })
  await compile(cjs, 'cjs', { commander })
  const settings = { name: 'my-cli', version: '1.0.0', type: 'module', oclif: { commands: './commands' } } // prettier-ignore
  await writeFile(join(esm, 'package.json'), JSON.stringify(settings))
  await writeFile(join(cjs, 'package.json'), '{ "type": "commonjs" }')
  return {
    paths: {
      commander: join(esm, 'commander.js'),
      'commander, CommonJS': join(cjs, 'commander.js'),
      oclif: join(esm, 'bin/run.js'),
      yargs: join(esm, 'yargs.js'),
    },
    async remove() {
      for (const each of [folder, sources]) await rm(each, { recursive: true })
    },
  }
}

/** @returns writes the guide's snippet that contains a text to a file, and returns its path */
function guideSnippets(folder: string): (part: string) => Promise<string> {
  const modules = modulesOf(snippetsOf('docs/guide/cli.md'))
  let count = 0
  return async (part) => {
    const source = modules.find((code) => code.slice(code.indexOf('\n')).includes(part))
    if (!source) throw new Error(`No snippet of the guide contains ${part}`)
    const path = join(folder, `${(count += 1)}.ts`)
    await writeFile(path, `import { api, tokens } from '${SESSION}'; ${source}`)
    return path
  }
}

/** Commands that are files of their own share the session's module. */
async function compile(outdir: string, format: 'esm' | 'cjs', entryPoints: Record<string, string>) {
  const options: BuildOptions = {
    entryPoints,
    outdir,
    format,
    splitting: format === 'esm',
    bundle: true,
    platform: 'node',
    target: 'node20',
    tsconfig: join(ROOT, 'test/tsconfig.json'), // points `tokenward/*` at the source
    packages: 'external',
    logLevel: 'error',
  }
  await build(options)
}
