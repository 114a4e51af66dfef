import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'

/** What the core and the axios adapter are meant to take, minified and gzipped, in bytes. */
export const SIZE_GOAL = 6_000

export interface Bundle {
  readonly minified: number
  readonly gzipped: number
  /** What went in, largest first: paths from the folder and their bytes in the bundle. */
  readonly inputs: readonly (readonly [path: string, bytes: number])[]
}

/** Bundles this code as a user's bundler would, with axios left out. */
export async function bundle(code: string, folder: string): Promise<Bundle> {
  const { metafile, outputFiles } = await build({
    stdin: { contents: code, resolveDir: folder },
    absWorkingDir: folder,
    bundle: true,
    minify: true,
    write: false,
    logLevel: 'error',
    metafile: true,
    format: 'esm',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    conditions: ['import'],
    external: ['axios', 'node:*', 'crypto'],
  })
  const [output] = Object.values(metafile.outputs)
  const inputs = Object.entries(output?.inputs ?? {})
    .filter(([path]) => path !== '<stdin>')
    .map(([path, { bytesInOutput }]) => [path, bytesInOutput] as const)
    .sort(([, one], [, other]) => other - one)
  const text = outputFiles[0]!.text
  return { minified: text.length, gzipped: gzipSync(text, { level: 9 }).length, inputs }
}
