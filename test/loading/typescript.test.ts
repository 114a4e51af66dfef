import { describe, expect, it } from 'vitest'
import { project, runIn, toolPath } from './support/project.js'
import { ENTRIES } from './support/user-program.js'

/** An import of every entry, as a value and for its types, and what most users write. */
const PROGRAM = `
${Object.entries(ENTRIES)
  .map(
    ([local, name]) => `import * as ${local} from '${name}'\nexport const of_${local} = ${local}`,
  )
  .join('\n')}
import axios from 'axios'
import type { TokenStore, TokenSet } from 'tokenward'

export function open(client: redis.RedisClient, pool: postgres.PostgresPool) {
  const oauth = grants.oauthClient({ issuer: 'https://auth.example.com', clientId: 'web' })
  const stores: TokenStore[] = [
    redis.redisStore({ client, key: 'session:1' }),
    postgres.postgresStore({ pool, key: 'session:1' }),
    cli.fileStore({ app: 'an-app', profile: 'work' }),
  ]
  const managers = stores.map((store) => new core.TokenManager({ refresh: oauth.refreshToken(), store }))
  const [tokens] = managers as [core.TokenManager]
  http.attachTokens(axios.create({ baseURL: 'https://api.example.com' }), tokens)
  const sessions = new pools.TokenManagerPool({ options: () => ({ refresh: oauth.refreshToken(), store: stores[0]! }) })
  const manager: core.TokenManager = sessions.get('1')
  const told: Promise<TokenSet | undefined> = manager.getTokens()
  return { told, fetch: fetches.createFetch(tokens, { origins: ['https://api.example.com'] }) }
}
`

/** What ends by itself, and options that are there and `undefined`. */
const USING = `
import { TokenManager, type TokenManagerOptions } from 'tokenward'
import { createFetch, type CreateFetchOptions } from 'tokenward/fetch'
import type { McpSessionOptions } from 'tokenward/mcp'
import type { OAuthClientOptions, Provider } from 'tokenward/oauth'
import { TokenManagerPool, type TokenManagerPoolOptions } from 'tokenward/pool'
import { createAuthorizationServer } from 'tokenward/testing'

export async function main(proxied?: typeof fetch) {
  await using tokens = new TokenManager({ refresh: async () => ({ access_token: 'a' }), store: undefined })
  await using pool = new TokenManagerPool({ options: () => ({ refresh: async () => ({ access_token: 'a' }) }), max: undefined })
  await using server = await createAuthorizationServer().listen({ port: undefined })
  const fetches = createFetch(tokens, { origins: ['https://api.example.com'], fetch: proxied, header: undefined })
  return { fetches, pool, server }
}

type Optional<T> = { [K in keyof T]-?: object extends Pick<T, K> ? K : never }[keyof T]
/** Every option that may be left out may be given as undefined too. */
type MayBeUndefined<T> = Record<Optional<T>, undefined> extends Pick<T, Optional<T>> ? true : never
export const all: [
  MayBeUndefined<CreateFetchOptions>,
  MayBeUndefined<OAuthClientOptions>,
  MayBeUndefined<TokenManagerOptions>,
  MayBeUndefined<TokenManagerPoolOptions>,
  MayBeUndefined<McpSessionOptions>,
  MayBeUndefined<Provider>,
] = [true, true, true, true, true, true]
`

const COMPILERS = {
  '5.0': toolPath('typescript-5.0/lib/tsc.js'),
  '5.9': toolPath('typescript/lib/tsc.js'),
  '7': toolPath('typescript-7/package.json').replace('package.json', 'bin/tsc'),
}

const NODE_10 = { module: 'CommonJS', moduleResolution: 'Node10' }
const NODE_NEXT = { module: 'NodeNext', moduleResolution: 'NodeNext' }
const BUNDLER = { module: 'ESNext', moduleResolution: 'Bundler' }

type Case = [version: keyof typeof COMPILERS, type: 'module' | 'commonjs', resolution: object]

// What test/package/types.test.ts does not compile by the compiler of this repository.
const CASES: Case[] = [
  ['5.0', 'commonjs', NODE_10],
  ['5.0', 'module', BUNDLER],
  ['5.9', 'commonjs', NODE_10],
  ['7', 'commonjs', NODE_NEXT],
  ['7', 'module', BUNDLER],
]

describe('every entry has its types, all of them checked', () => {
  // A `lib` without `ESNext.Disposable`, and nobody's declarations in its place.
  it.concurrent('TypeScript 7, without the types of Node.js: `await using`', async () => {
    const compilerOptions = {
      ...NODE_NEXT,
      target: 'ES2022',
      lib: ['ES2022', 'DOM', 'DOM.Iterable'],
      strict: true,
      exactOptionalPropertyTypes: true,
      noEmit: true,
      skipLibCheck: false,
      types: [],
    }
    const folder = project('types-without-node', 'module', {
      'program.ts': USING,
      'tsconfig.json': JSON.stringify({ compilerOptions }),
    })
    expect(await runIn(folder, COMPILERS['7'], '-p', '.')).toEqual({ code: 0, output: '' })
  })

  it.concurrent.each(CASES)('TypeScript %s, %s, %o', async (version, type, resolution) => {
    const isOld = version === '5.0'
    const compilerOptions = {
      ...resolution,
      target: 'ES2022',
      // 5.0 knows no `ESNext.Disposable`; what stands in for it comes with Node's types.
      lib: isOld ? ['ES2022', 'DOM', 'DOM.Iterable'] : ['ES2022', 'ESNext.Disposable', 'DOM', 'DOM.Iterable'], // prettier-ignore
      strict: true,
      esModuleInterop: true,
      noEmit: true,
      skipLibCheck: false,
      types: ['node'],
    }
    const name = `types-${CASES.findIndex((one) => one[2] === resolution && one[0] === version && one[1] === type)}` // prettier-ignore
    const folder = project(name, type, {
      'program.ts': PROGRAM,
      'tsconfig.json': JSON.stringify({ compilerOptions }),
    })
    expect(await runIn(folder, COMPILERS[version], '-p', '.')).toEqual({ code: 0, output: '' })
  })
})
