import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { build, type Plugin } from 'esbuild'

const SOURCE = fileURLToPath(new URL('../../src/', import.meta.url))

/** A few lines of the product's source put otherwise: a fault that the simulation must find. */
export interface Patch {
  /** Below `src/`. */
  readonly file: string
  /** Must be found exactly once. */
  readonly find: string
  readonly replace: string
}

/**
 * The product's core as the body of a function that returns what the core exports.
 *
 * @param source - the folder with the core's `index.ts`, if it is not this repository's
 */
export async function bundleCore(
  patches: readonly Patch[] = [],
  source: string = SOURCE,
): Promise<string> {
  const left = new Set(patches)
  const { outputFiles } = await build({
    entryPoints: [`${source}/index.ts`],
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'core',
    target: 'es2022',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    plugins: patches.length > 0 ? [patching(patches, left, source)] : [],
  })
  for (const { file } of left) throw new Error(`${file} is not part of the core: nothing patched`)
  return `${outputFiles[0]!.text}\nreturn core`
}

function patching(patches: readonly Patch[], left: Set<Patch>, source: string): Plugin {
  return {
    name: 'patches',
    setup({ onLoad }) {
      onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        const own = patches.filter(({ file }) => path.endsWith(`/${file}`))
        if (own.length === 0 || !path.startsWith(source.replace(/\/$/, ''))) return undefined
        let contents = await readFile(path, 'utf8')
        for (const patch of own) {
          contents = patched(contents, patch)
          left.delete(patch)
        }
        return { contents, loader: 'ts' as const }
      })
    },
  }
}

function patched(contents: string, { file, find, replace }: Patch): string {
  const parts = contents.split(find)
  if (parts.length === 2) return parts.join(replace)
  throw new Error(`${file}: the text to replace was found ${parts.length - 1} times:\n${find}`)
}
