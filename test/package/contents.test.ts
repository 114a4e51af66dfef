import { readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { describe, expect, inject, it } from 'vitest'

const full = inject('full')
const INSTALLED = `${full}/node_modules/tokenward`
const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url)).replace(/[\\/]$/, '')

interface Reached {
  /** Files of the package and of its dependencies, from `node_modules`. */
  files: string[]
  /** Imports that were left alone. */
  external: string[]
}

/** Everything that importing this entry pulls in, bundled; Node's modules and the peers are left alone. */
async function reach(entry: string, format: 'esm' | 'cjs'): Promise<Reached> {
  const { metafile } = await build({
    stdin: { contents: `export * from '${entry}'`, resolveDir: full },
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    conditions: [format === 'esm' ? 'import' : 'require'],
    external: ['node:*', ...builtinModules, 'axios', 'msw', '@opentelemetry/api'],
    absWorkingDir: full,
  })
  const inputs = Object.entries(metafile.inputs)
  return {
    files: inputs.map(([path]) => path).filter((path) => path !== '<stdin>'),
    external: inputs.flatMap(([, { imports }]) =>
      imports.filter(({ external }) => external).map(({ path }) => path),
    ),
  }
}

/** @returns the packages that the files are of */
function packagesOf({ files }: Reached): string[] {
  const names = files.map((file) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? file)
  return [...new Set(names)].sort()
}

/** @returns what the chunks of ours that were reached say of this */
function mentions({ files }: Reached, what: RegExp): string[] {
  const ours = files.filter((file) => file.includes('node_modules/tokenward/'))
  expect(ours).not.toEqual([])
  return ours.filter((file) => what.test(readFileSync(`${full}/${file}`, 'utf8')))
}

describe('the tarball', () => {
  it('holds what users need, and nothing else', () => {
    const others = inject('packedFiles').filter((path) => !path.startsWith('dist/'))
    expect(others).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json'])
  })

  it('holds code and types in dist', () => {
    const dist = inject('packedFiles').filter((path) => path.startsWith('dist/'))
    const strange = dist.filter((path) => !/^dist\/[\w-]+\.(?:c?js|d\.c?ts)$/.test(path))
    expect(dist).not.toEqual([])
    expect(strange).toEqual([])
  })
})

describe('a packed file', () => {
  it.each(['js', 'cjs'])('of %s can be read without a map: it names its sources', (ending) => {
    const code = inject('packedFiles')
      .filter((path) => path.endsWith(`.${ending}`))
      .map((path) => readFileSync(`${INSTALLED}/${path}`, 'utf8'))
      .join('\n')
    expect(code).toMatch(/^\s*\/\/ src\/errors\/token-error\.ts$/m)
    expect(code).toContain('var RefreshUnavailableError = ')
  })

  it('names no folder of the machine that built it', () => {
    const texts = inject('packedFiles').map((path) => ({
      path,
      text: readFileSync(`${INSTALLED}/${path}`, 'utf8'),
    }))
    const telling = texts.filter(({ text }) => text.includes(CHECKOUT))
    expect(telling.map(({ path }) => path)).toEqual([])
  })
})

describe.each(['esm', 'cjs'] as const)('what an entry reaches in %s', (format) => {
  it('is for the core: two tiny packages, no node:, no axios, no msw', async () => {
    const core = await reach('tokenward', format)
    expect(packagesOf(core)).toEqual(['jwt-decode', 'mitt', 'tokenward'])
    expect(core.external).toEqual([])
    expect(mentions(core, /["']node:|["']axios["']|["']msw/)).toEqual([])
  })

  it('is for the axios adapter: axios and the core, no node:', async () => {
    const adapter = await reach('tokenward/axios', format)
    expect(packagesOf(adapter)).not.toContain('oauth4webapi')
    expect([...new Set(adapter.external)]).toEqual(['axios'])
    expect(mentions(adapter, /["']node:|["']msw/)).toEqual([])
  })

  it('is for the fetch adapter: the core, no package, no node:, no axios', async () => {
    const adapter = await reach('tokenward/fetch', format)
    expect(packagesOf(adapter)).not.toContain('oauth4webapi')
    expect(adapter.external).toEqual([])
    expect(mentions(adapter, /["']node:|["']axios["']|["']msw/)).toEqual([])
  })

  it('is for the grants: oauth4webapi, no node:, no axios', async () => {
    const oauth = await reach('tokenward/oauth', format)
    expect(packagesOf(oauth)).toContain('oauth4webapi')
    expect(oauth.external).toEqual([])
    expect(mentions(oauth, /["']node:|["']axios["']|["']msw/)).toEqual([])
  })

  it('is for MCP: the grants and the manager, no node:, and nothing of the SDK', async () => {
    const mcp = await reach('tokenward/mcp', format)
    expect(packagesOf(mcp)).toEqual(['jwt-decode', 'mitt', 'oauth4webapi', 'tokenward'])
    expect(mcp.external).toEqual([])
    expect(mentions(mcp, /["']node:|["']axios["']|["']msw/)).toEqual([])
  })

  it('is for Redis: no module of Node.js, so that it runs where there is only `fetch`', async () => {
    const redis = await reach('tokenward/redis', format)
    expect(redis.external).toEqual([])
    expect(packagesOf(redis)).not.toContain('oauth4webapi')
  })

  it('is for telemetry: the API of OpenTelemetry, no node:, no manager', async () => {
    const telemetry = await reach('tokenward/otel', format)
    expect(packagesOf(telemetry)).toEqual(['tokenward'])
    expect([...new Set(telemetry.external)]).toEqual(['@opentelemetry/api'])
    expect(mentions(telemetry, /["']node:|class TokenManager/)).toEqual([])
  })

  it('is for the helpers of tests: no msw, no axios', async () => {
    const testing = await reach('tokenward/testing', format)
    expect(testing.external).toEqual([])
    expect(mentions(testing, /["']axios["']|["']msw/)).toEqual([])
  })
})

describe('the public types', () => {
  it('name no package that is not public', () => {
    const types = inject('packedFiles').filter((path) => /\.d\.c?ts$/.test(path))
    expect(types).not.toEqual([])
    const names = types.flatMap((path) => {
      const text = readFileSync(`${INSTALLED}/${path}`, 'utf8')
      const code = text.replaceAll(/\/\*.*?\*\//gs, '') // an example may import what it likes
      return [...code.matchAll(/(?:from|import\() ?['"]([^.'"][^'"]*)['"]/g)].map(
        ([, name]) => name,
      )
    })
    expect([...new Set(names)].sort()).toEqual(['@opentelemetry/api', 'axios'])
  })
})
