import { execFile } from 'node:child_process'
import { copyFile, readdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { build, type BuildOptions } from 'esbuild'
import { build as tsup } from 'tsup'

const run = promisify(execFile)
const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
export const TOOLS = join(ROOT, 'test/bundles/node_modules')
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2'

const CLI = join(ROOT, 'test/process/fixtures/shipped-cli.ts')
const TSCONFIG = join(ROOT, 'test/tsconfig.json')
/** What axios brings requires Node's modules, which an ES module has to be given a way to. */
const REQUIRE =
  "import{createRequire}from'node:module';const require=createRequire(import.meta.url);"

/** How a CLI's command begins. */
export type Command = readonly [string, ...string[]]

/** All ways of making one file of it, each in the given folder, where there is no node_modules. */
export const BUILDS: Record<string, (folder: string) => Promise<Command>> = {
  'esbuild, ESM': (folder) => withEsbuild(folder, 'esm'),
  'esbuild, CommonJS': (folder) => withEsbuild(folder, 'cjs'),

  async rollup(folder) {
    const [, from] = await withEsbuild(folder, 'esm', 'input.mjs')
    const out = join(folder, 'rollup.mjs')
    await run(join(TOOLS, '.bin/rollup'), [from!, '--silent', '--format', 'esm', '--file', out])
    return [process.execPath, out]
  },

  async ncc(folder) {
    const [, from] = await withEsbuild(folder, 'cjs', 'input.cjs')
    await run(join(TOOLS, '.bin/ncc'), ['build', from!, '--quiet', '--out', join(folder, 'ncc')])
    const [file] = await readdir(join(folder, 'ncc'))
    return [process.execPath, join(folder, 'ncc', file!)]
  },

  async tsup(folder) {
    await tsup({
      entry: { tsup: CLI },
      outDir: folder,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      noExternal: [/.*/],
      splitting: false,
      banner: { js: REQUIRE },
      tsconfig: TSCONFIG,
      config: false,
      silent: true,
    })
    const [file] = (await readdir(folder)).filter((name) => /^tsup\.m?js$/.test(name))
    const out = join(folder, 'tsup.mjs') // no package.json says there that .js is a module
    if (file !== 'tsup.mjs') await rename(join(folder, file!), out)
    return [process.execPath, out]
  },

  async 'a Node.js single executable'(folder) {
    const [, main] = await withEsbuild(folder, 'cjs', 'sea.cjs')
    const [config, output] = [join(folder, 'sea.json'), join(folder, 'sea.blob')]
    await writeFile(config, JSON.stringify({ main, output, disableExperimentalSEAWarning: true }))
    await run(process.execPath, ['--experimental-sea-config', config])
    const program = join(folder, 'program')
    await copyFile(process.execPath, program)
    const inject = [program, 'NODE_SEA_BLOB', output, '--sentinel-fuse', FUSE]
    await run(join(TOOLS, '.bin/postject'), inject)
    return [program]
  },

  async 'bun build --compile'(folder) {
    const [, from] = await withEsbuild(folder, 'cjs', 'bun.cjs')
    const program = join(folder, 'bun-program')
    const bun = join(TOOLS, '@oven/bun-linux-x64/bin/bun')
    await run(bun, ['build', '--compile', from!, '--outfile', program], { cwd: folder })
    return [program]
  },
}

async function withEsbuild(
  folder: string,
  format: 'esm' | 'cjs',
  name = `esbuild.${format === 'esm' ? 'mjs' : 'cjs'}`,
): Promise<Command> {
  const path = join(folder, name)
  const banner: BuildOptions = format === 'esm' ? { banner: { js: REQUIRE } } : {}
  await build({
    entryPoints: [CLI],
    outfile: path,
    bundle: true,
    format,
    platform: 'node',
    target: 'node20',
    tsconfig: TSCONFIG,
    logLevel: 'error',
    ...banner,
  })
  return [process.execPath, path]
}
