import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const source = (path: string) => fileURLToPath(new URL(`./src/${path}`, import.meta.url))

/** Tests import the package by its public names, as users do; these point at the source. */
const alias = {
  'tokenward/axios': source('http/axios.ts'),
  'tokenward/oauth': source('oauth/index.ts'),
  'tokenward/testing': source('testing/index.ts'),
  tokenward: source('index.ts'),
}

const project = (name: string, options: object = {}) => ({
  resolve: { alias },
  test: { name, include: [`test/${name}/**/*.test.ts`], restoreMocks: true, ...options },
})

export default defineConfig({
  test: {
    projects: [
      project('unit'), // mirrors src: pure values and single files
      project('behaviour'), // one file a law, on msw and fake time
      project('real', { testTimeout: 120_000, hookTimeout: 30_000 }), // real servers, real clock
      project('process', { testTimeout: 60_000 }), // child processes: exit, kill, rejections
      project('types', { testTimeout: 120_000 }), // what compiles: snippets of users and of the docs
      project('package', { testTimeout: 180_000, hookTimeout: 180_000 }), // the packed tarball
    ],
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      reporter: ['text', 'html'],
      thresholds: { branches: 95 },
    },
  },
})
