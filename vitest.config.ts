import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config'
import { ENTRY_POINTS } from './entry-points.js'
import { missingServices } from './test/support/missing-services.js'

const source = (path: string) => fileURLToPath(new URL(`./src/${path}`, import.meta.url))

/** Tests import the package by its public names, as users do; these point at the source. */
const alias = Object.fromEntries(
  Object.entries(ENTRY_POINTS)
    .map(([name, file]) => [`tokenward${name}`, source(file)] as const)
    .toSorted(([one], [other]) => other.length - one.length), // the first that fits counts
)

/** The oldest axios of the peer range, and those that read `allowAbsoluteUrls` otherwise. */
const OTHER_AXIOS = ['1.7.0', '1.8.0', '1.8.1', '1.8.2']

/** Packages of their own, which `.ci/run` installs; without them, what needs them is left out. */
function isInstalled(folder: string): boolean {
  const isThere = existsSync(new URL(`${folder}/node_modules`, import.meta.url))
  if (isThere || process.env.TOKENWARD_REQUIRE_ALL) return true
  console.warn(`Tests with the packages of ${folder} are left out: npm ci --prefix ${folder}`)
  return false
}
const hasClients = isInstalled('test/clients')
const hasLoading = isInstalled('test/loading')
const hasRecipes = isInstalled('docs/examples/recipes')

const missing = process.env.TOKENWARD_REQUIRE_ALL ? [] : missingServices()
if (missing.length > 0) {
  console.warn(`Tests with ${missing.join(', ')} are skipped: apt-get install them, or .ci/install`)
}

/** Groups run one after the other: compilers must not compete with tests on a real clock. */
const FAST = 0
const REAL_TIME = 1
const COMPILERS = 2
const SIMULATION = 3

/**
 * What waits for real processes, sockets and clocks is tried twice: on a machine that is busy with
 * something else a process may come too late. `.ci/run` tells which tests needed it.
 */
const REAL = { maxWorkers: '100%', retry: 1 }

const EVERY_CORE = { maxWorkers: '100%', testTimeout: 30_000 } // a loaded machine is no test's fault
/** They wait for compilers, and not for a clock. */
const SLOW = { ...REAL, testTimeout: 120_000, hookTimeout: 120_000 }

/** Hundreds of small files: a process for each would cost more than what it runs. */
const SHARED_WORKERS: TestProjectInlineConfiguration['test'] = {
  ...EVERY_CORE,
  isolate: false,
  setupFiles: ['test/support/leave-as-found.ts'],
}

/** What changes the runtime (its clock, its files, its home) has a process of its own. */
const ALONE = 'test/unit/{stores/file/exit-while-saving,stores/file/no-home,pool/outage}.test.ts'
/** What sends requests by the runtime's `fetch`, large ones too, shares workers with its like only. */
const HTTP = 'test/unit/http/**/*.test.ts'

function project(
  name: string,
  groupOrder: number,
  options: TestProjectInlineConfiguration['test'] = {},
): TestProjectInlineConfiguration {
  const include = [`test/${name}/**/*.test.ts`]
  const test = { name, include, restoreMocks: true, sequence: { groupOrder }, ...options }
  return { resolve: { alias }, test }
}

/** The laws of HTTP and of origins, on another axios. */
function axiosProject(version: string): TestProjectInlineConfiguration {
  const include = ['test/behaviour/every-adapter-keeps-the-laws*.test.ts', 'test/unit/http/axios/origins.test.ts'] // prettier-ignore
  const { test } = project(`axios ${version}`, REAL_TIME, { ...EVERY_CORE, include })
  const axios = fileURLToPath(new URL(`./test/clients/node_modules/axios-${version}/index.js`, import.meta.url)) // prettier-ignore
  return { resolve: { alias: { ...alias, axios } }, test }
}

export default defineConfig({
  resolve: { alias }, // for the mutation tests' own configuration
  test: {
    // Advice for whoever runs oidc-provider in earnest.
    onConsoleLog: (text) => !/oidc-provider (NOTICE|WARNING):/.test(text),
    projects: [
      project('unit', FAST, { ...SHARED_WORKERS, exclude: [ALONE, HTTP] }), // mirrors src: pure values and single files
      project('unit-http', FAST, { ...SHARED_WORKERS, include: [HTTP] }),
      project('unit-alone', FAST, { ...EVERY_CORE, include: [ALONE] }),
      project('fuzz', FAST, { ...EVERY_CORE, testTimeout: 60_000 }), // what `npm run fuzz` has found, and where it begins
      project('behaviour', FAST, EVERY_CORE), // one file a law, on msw and fake time
      project('providers', FAST, SHARED_WORKERS), // every preset against its emulator, and what was seen of it
      project('real', REAL_TIME, { ...REAL, testTimeout: 120_000, hookTimeout: 30_000 }), // real servers
      ...(hasClients ? [project('clients', REAL_TIME, { ...REAL, testTimeout: 30_000 })] : []), // their real packages
      ...(hasClients ? OTHER_AXIOS.map(axiosProject) : []),
      project('process', REAL_TIME, { ...REAL, testTimeout: 60_000 }), // child processes: exit, kill, contention
      project('simulation', SIMULATION, { testTimeout: 600_000 }), // many processes, seeded: see its README
      project('types', COMPILERS, SLOW), // what compiles
      project('package', COMPILERS, {
        include: [
          `test/{package,${hasLoading ? 'loading' : ''}}/**/*.test.ts`, // the tarball, in users' projects
          ...(hasRecipes ? ['test/recipes/*.test.ts'] : []), // and in the programs of the recipes
        ],
        ...SLOW,
        globalSetup: 'test/package/setup.ts', // packs the tarball and installs it, once
      }),
    ],
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      reporter: ['text', 'html'],
      thresholds: { branches: 92 },
    },
  },
})
