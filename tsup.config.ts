import { readdir, readFile, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { defineConfig } from 'tsup'

/** In the maps of CommonJS, tsup names each chunk by its path on this machine: by its name will do. */
async function makeMapsRelative(folder: string): Promise<void> {
  const home = JSON.stringify(`${resolve(folder)}/`).slice(1, -1)
  const maps = (await readdir(folder)).filter((name) => name.endsWith('.map'))
  for (const map of maps) {
    const path = `${folder}/${map}`
    await writeFile(path, (await readFile(path, 'utf8')).replaceAll(`"${home}`, '"'))
  }
}

export default defineConfig({
  entry: {
    index: 'src/index.ts',
    axios: 'src/http/axios.ts',
    oauth: 'src/oauth/index.ts',
    fetch: 'src/http/fetch.ts',
    cli: 'src/cli.ts',
    redis: 'src/redis.ts',
    pool: 'src/pool/index.ts',
    otel: 'src/otel.ts',
    testing: 'src/testing/index.ts',
  },
  format: ['esm', 'cjs'],
  target: 'es2022',
  platform: 'neutral',
  // Only what belongs to Node's entries may import it; tests look for it in all others.
  external: [/^node:/],
  dts: true,
  // Without it each entry gets its own copy of every class, in CJS too.
  splitting: true,
  // An optional peer is looked for from where we are; `shims` would burden every entry.
  esbuildOptions: (options, { format }) => {
    if (format === 'cjs') options.define = { ...options.define, 'import.meta.url': '__filename' }
  },
  // `node:` is what tests look for in what must run anywhere.
  removeNodeProtocol: false,
  sourcemap: true,
  clean: true,
  onSuccess: () => makeMapsRelative('dist'),
})
