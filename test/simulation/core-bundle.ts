import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { build, type Plugin } from 'esbuild'

const SOURCE = fileURLToPath(new URL('../../src/', import.meta.url))

/** What stores of a CLI do with `keep: 'refresh-token'` is of the session's matter, too. */
const ENTRY = `
  export * from './index.ts'
  export { keepInMemory } from './stores/file/keep.ts'
`

/** A few lines of the product's source put otherwise: a fault that the simulation must find. */
export interface Patch {
  /** Must be found exactly once in all that the core is made of. */
  readonly find: string
  readonly replace: string
}

/**
 * The product's core as the body of a function that returns what the core exports, and what
 * belongs to it.
 *
 * @param source - the folder with the core's `index.ts`, if it is not this repository's
 */
export async function bundleCore(
  patches: readonly Patch[] = [],
  source: string = SOURCE,
): Promise<string> {
  const counts = new Map(patches.map((patch) => [patch, 0]))
  const { outputFiles } = await build({
    stdin: { contents: ENTRY, resolveDir: source },
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'core',
    target: 'es2022',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    plugins: [patching(counts)],
  })
  for (const [{ find }, count] of counts) {
    if (count !== 1) throw new Error(`The text to replace was found ${count} times:\n${find}`)
  }
  return `${outputFiles[0]!.text}\nreturn core`
}

/** @param counts - how often each patch was applied */
function patching(counts: Map<Patch, number>): Plugin {
  return {
    name: 'patches',
    setup({ onLoad }) {
      onLoad({ filter: /src\/.*\.ts$/ }, async ({ path }) => {
        let contents = await readFile(path, 'utf8')
        for (const [patch, count] of counts) {
          const parts = contents.split(patch.find)
          counts.set(patch, count + parts.length - 1)
          contents = parts.join(patch.replace)
        }
        return { contents, loader: 'ts' as const }
      })
    },
  }
}
