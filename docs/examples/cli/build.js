import { build } from 'esbuild'

// One file. What is left out is native code, which no bundler can put into it.
await build({
  entryPoints: ['src/main.ts'],
  outfile: 'dist/acme.js',
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  external: ['@napi-rs/keyring'],
  banner: {
    // For what is CommonJS in it.
    js: [
      '#!/usr/bin/env node',
      "import { createRequire as requireFrom } from 'node:module'",
      'const require = requireFrom(import.meta.url)',
    ].join('\n'),
  },
})
