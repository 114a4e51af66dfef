import type { KnipConfig } from 'knip'
import { ENTRY_POINTS } from './entry-points.js'

const config: KnipConfig = {
  workspaces: {
    '.': {
      entry: [
        ...Object.values(ENTRY_POINTS).map((file) => `src/${file}`),
        'docs/examples/*/build.js',
        'docs/examples/*/src/main.ts',
        'test/mutation/vitest.config.ts',
        'test/process/**/*.ts',
        'test/**/fixtures/*.ts',
        'test/types/users/*.ts',
      ],
      project: [
        'merge-chunks.js',
        'docs/examples/**/*.{js,ts}',
        '!docs/examples/recipes/**',
        'src/**/*.ts',
        'test/**/*.ts',
      ],
      ignoreDependencies: ['@napi-rs/keyring'],
      ignoreBinaries: ['dbus-run-session', 'openssl', 'mkfifo', 'redis-server'],
    },
    'docs/examples/recipes': {
      entry: [
        'src/{auth-js,better-auth,express,fastify,hono,mysql-store,nest,sqlite-store}.ts',
        'next/{*.ts,app/**/*.{ts,tsx}}',
        'react-router/{*.ts,app/**/*.{ts,tsx}}',
      ],
      ignoreDependencies: ['@react-router/node', 'isbot'], // which its tool looks for in a package.json
      // The pages copy the files of `src` into `lib`; React Router makes the types when they are checked.
      ignoreUnresolved: [/lib\/(login|sessions)\.js$/, /^\.\/\+types\//],
      paths: { '@/lib/*': ['next/lib/*', 'src/*'] },
    },
    'docs/examples/recipes/nest-12': {
      ignoreDependencies: ['.*'], // in the place of those of the other recipes
    },
    'test/bench': {
      entry: ['children/*.ts'],
      ignoreDependencies: ['@azure/msal-node-extensions', 'conf'],
      ignoreBinaries: ['redis-server'],
    },
    site: {},
    'test/clients': {
      entry: ['fixtures/*.ts'],
      ignoreDependencies: ['axios-1.7.0', 'axios-1.8.0', 'axios-1.8.1', 'axios-1.8.2'],
      ignoreBinaries: ['openssl'],
    },
  },
  ignoreExportsUsedInFile: {
    interface: true,
    type: true,
  },
}

export default config
