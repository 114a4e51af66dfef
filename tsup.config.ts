import { defineConfig, type Options } from 'tsup'
import { ENTRY_POINTS } from './entry-points.js'
import { mergeChunks } from './merge-chunks.js'

const shared = {
  entry: {
    ...Object.fromEntries(
      Object.entries(ENTRY_POINTS).map(([name, file]) => [name.slice(1) || 'index', `src/${file}`]),
    ),
    bin: 'src/bin.ts',
  },
  target: 'es2022',
  platform: 'neutral',
  // Only what belongs to Node's entries may import it; tests look for it in all others.
  external: [/^node:/],
  // Without it each entry gets its own copy of every class, in CJS too.
  splitting: true,
  // `node:` is what tests look for in what must run anywhere.
  removeNodeProtocol: false,
  // Not minified, and each part names its source: maps would double the installation for no more.
  sourcemap: false,
} satisfies Options

/** Packages that cannot be required everywhere: Jest, and Node.js before 20.19, load no ESM so. */
const ESM_ONLY = ['oauth4webapi']

const CODE: Options[] = [
  {
    ...shared,
    format: 'esm',
    onSuccess: () =>
      mergeChunks('dist', Object.keys(shared.entry), ['index', 'cli'], 'otel', 'redis'),
  },
  {
    ...shared,
    format: 'cjs',
    noExternal: ESM_ONLY,
    // An optional peer is looked for from where we are; `shims` would burden every entry.
    esbuildOptions: (options) => {
      options.define = { ...options.define, 'import.meta.url': '__filename' }
    },
  },
]

const TYPES: Options = { ...shared, format: ['esm', 'cjs'], dts: { only: true } }

/** Given `--no-dts`, the third would be one more build of the code, at the same time as the others. */
export default defineConfig(({ dts }) => (dts === false ? CODE : [...CODE, TYPES]))
