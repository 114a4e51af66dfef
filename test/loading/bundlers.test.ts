import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build as esbuild } from 'esbuild'
import { describe, expect, it } from 'vitest'
import { project, runIn, toolPath } from './support/project.js'
import { RENEWED, userProgram } from './support/user-program.js'

const PROGRAM = `${userProgram((local, name) => `import * as ${local} from '${name}'`)}
renew(process.argv[2]).then((told) => console.log(JSON.stringify(told)))
`

/** How each is told to make one file for Node.js out of `program.js`, with everything in it. */
const BUNDLERS: Record<string, (folder: string) => Promise<string>> = {
  'esbuild, as ESM': (folder) => withEsbuild(folder, 'esm'),
  'esbuild, as CommonJS': (folder) => withEsbuild(folder, 'cjs'),

  webpack: async (folder) => {
    const config = `module.exports = {
      mode: 'production', target: 'node20', entry: './program.js',
      output: { path: __dirname + '/out', filename: 'program.cjs' },
      externals: ${JSON.stringify(NOT_INSTALLED)}.reduce((all, name) => ({ ...all, [name]: 'commonjs ' + name }), {}),
    }`
    writeFileSync(join(folder, 'webpack.config.cjs'), config)
    const built = await runIn(
      folder,
      '-e',
      `require(${JSON.stringify(toolPath('webpack'))})(require('./webpack.config.cjs'), (error, stats) => {
        if (error || stats.hasErrors()) { console.error(error || stats.toString()); process.exit(1) }
      })`,
    )
    expect(built).toMatchObject({ code: 0 })
    return join(folder, 'out/program.cjs')
  },

  'Vite, for server-side rendering': async (folder) => {
    const external = JSON.stringify(NOT_INSTALLED)
    const built = await runIn(
      folder,
      '--input-type=module',
      '-e',
      `const { build } = await import(${JSON.stringify(toolPath('vite'))})
      await build({ logLevel: 'error', ssr: { noExternal: true, external: ${external} },
        build: { ssr: 'program.js', outDir: 'out' } })`,
    )
    expect(built).toEqual({ code: 0, output: '' })
    return join(folder, 'out/program.js')
  },
}

/** Optional peers that are looked for when they are needed. */
const NOT_INSTALLED = ['@napi-rs/keyring']

async function withEsbuild(folder: string, format: 'esm' | 'cjs'): Promise<string> {
  const outfile = join(folder, format === 'esm' ? 'out.mjs' : 'out.cjs')
  await esbuild({
    entryPoints: [join(folder, 'program.js')],
    bundle: true,
    platform: 'node',
    external: NOT_INSTALLED,
    logLevel: 'silent',
    // For what it bundles of others that is CommonJS, and requires.
    ...(format === 'esm' && {
      banner: {
        js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url)",
      },
    }),
    format,
    outfile,
  })
  return outfile
}

describe('a program that has every entry in it', () => {
  it.each(Object.keys(BUNDLERS))('renews a session, bundled by %s', async (name) => {
    const folder = project(`by ${name}`, 'module', { 'program.js': PROGRAM })
    const program = await BUNDLERS[name]!(folder)
    const { code, output } = await runIn(folder, program, join(folder, 'state/session.json'))
    expect({ code, output }).toEqual({ code: 0, output: `${JSON.stringify(RENEWED)}\n` })
  })
})
