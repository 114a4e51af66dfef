import { defineConfig } from 'tsup'

export default defineConfig({
  entry: {
    index: 'src/index.ts',
    axios: 'src/http/axios.ts',
    oauth: 'src/oauth/index.ts',
    cli: 'src/cli.ts',
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
  // `node:` is what tests look for in what must run anywhere.
  removeNodeProtocol: false,
  sourcemap: true,
  clean: true,
})
