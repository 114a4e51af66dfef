import { describe, expect, inject, it } from 'vitest'
import { runScript } from './support/run-script.js'

const bare = inject('bare')
const full = inject('full')

const ENTRIES = {
  tokenward: ['TokenManager', 'isTokenError', 'memoryStore', 'fixedToken', 'toTokenSet'],
  'tokenward/axios': ['attachTokens', 'detachTokens'],
  'tokenward/fetch': ['createFetch'],
  'tokenward/mcp': ['mcpSession'],
  'tokenward/oauth': ['oauthClient', 'dpopSigner', 'generateDpopKey'],
  'tokenward/providers': ['slack', 'google', 'githubApp'],
  'tokenward/cli': ['terminalLogin', 'run', 'fileStore', 'keyringStore', 'localStore'],
  'tokenward/redis': ['redisStore'],
  'tokenward/postgres': ['postgresStore', 'postgresSchema'],
  'tokenward/pool': ['TokenManagerPool'],
  'tokenward/otel': ['observeTokens'],
  'tokenward/testing': ['createAuthorizationServer', 'fakeTokens'],
}

const imported = (folder: string, name: string) =>
  runScript(folder, 'module', `tell(Object.keys(await import('${name}')).sort())`)
const required = (folder: string, name: string) =>
  runScript(folder, 'commonjs', `tell(Object.keys(require('${name}')).sort())`)

describe.each(Object.entries(ENTRIES))('%s', (name, exports) => {
  it('is imported and required, with the same exports', async () => {
    const names = await imported(full, name)
    expect(names).toEqual(expect.arrayContaining(exports))
    expect(names).not.toContain('default')
    expect(await required(full, name)).toEqual(names)
  })
})

/** Each imports a peer: it is of no use without. */
const NEEDS_PEER = ['tokenward/axios', 'tokenward/otel']

describe('without the optional peers', () => {
  it.each(Object.keys(ENTRIES).filter((name) => !NEEDS_PEER.includes(name)))(
    '%s is imported and required all the same',
    async (name) => {
      expect(await imported(bare, name)).toEqual(await imported(full, name))
      expect(await required(bare, name)).toEqual(await required(full, name))
    },
  )
})

describe('a path that is no entry', () => {
  it('is not to be had', async () => {
    const code = `tell(await import('tokenward/dist/index.js').catch(({ code }) => code))`
    expect(await runScript(full, 'module', code)).toBe('ERR_PACKAGE_PATH_NOT_EXPORTED')
  })
})

/** Each entry throws an error class of the core. */
const THROWS = `
  const thrownBy = async (act) => { try { await act() } catch (error) { return error } }
  const tellEach = async (isOurs) => {
    const errors = {
      oauth: await thrownBy(() => oauth.oauthClient({})),
      cli: await thrownBy(() => cli.browserLogin({})),
      axios: await thrownBy(() => http.attachTokens(axios.create())),
      fetch: await thrownBy(() => fetching.createFetch()),
      pool: await thrownBy(() => new pool.TokenManagerPool({})),
      mcp: await thrownBy(() => mcp.mcpSession({})),
      redis: await thrownBy(() => redis.redisStore({})),
      postgres: await thrownBy(() => postgres.postgresStore({})),
      testing: await thrownBy(() => testing.fakeTokens({ tokens: ['\\n'] })),
    }
    tell(Object.fromEntries(Object.entries(errors).map(([name, error]) => [name, isOurs(error)])))
  }
`
const IMPORT = `
  import { createRequire } from 'node:module'
  import axios from 'axios'
  import * as core from 'tokenward'
  import * as http from 'tokenward/axios'
  import * as cli from 'tokenward/cli'
  import * as fetching from 'tokenward/fetch'
  import * as mcp from 'tokenward/mcp'
  import * as pool from 'tokenward/pool'
  import * as redis from 'tokenward/redis'
  import * as postgres from 'tokenward/postgres'
  import * as oauth from 'tokenward/oauth'
  import * as testing from 'tokenward/testing'
`
const REQUIRE = `
  const [core, http, cli, fetching, mcp, oauth, pool, redis, postgres, testing] = [
    '', '/axios', '/cli', '/fetch', '/mcp', '/oauth', '/pool', '/redis', '/postgres', '/testing',
  ].map((name) => require('tokenward' + name))
  const axios = require('axios')
`
const NAMES = ['oauth', 'cli', 'axios', 'fetch', 'mcp', 'pool', 'redis', 'postgres', 'testing']
const ALL = Object.fromEntries(NAMES.map((name) => [name, true]))
const NONE = Object.fromEntries(NAMES.map((name) => [name, false]))

describe('the error classes', () => {
  const byClass = 'tellEach((error) => error instanceof core.TokenOptionsError)'

  it('are shared by all entries, imported', async () => {
    expect(await runScript(full, 'module', `${IMPORT}${THROWS}${byClass}`)).toEqual(ALL)
  })

  it('are shared by all entries, required', async () => {
    expect(await runScript(full, 'commonjs', `${REQUIRE}${THROWS}${byClass}`)).toEqual(ALL)
  })

  it('are told by isTokenError across both copies, where instanceof cannot', async () => {
    const copies = `${IMPORT}${THROWS}const other = createRequire(process.cwd() + '/')('tokenward');`
    const byBrand = 'tellEach((error) => other.isTokenError(error))'
    const byOther = 'tellEach((error) => error instanceof other.TokenOptionsError)'
    expect(await runScript(full, 'module', copies + byBrand)).toEqual(ALL)
    expect(await runScript(full, 'module', copies + byOther)).toEqual(NONE)
  })
})

/** An expired session, twenty requests at once, one token request: on real sockets. */
const RENEW = `
  async function renew() {
    const client = { clientId: 'web', clientSecret: 'a secret' }
    const server = testing.createAuthorizationServer(client)
    const { issuer, close } = await server.listen()
    const tokens = new core.TokenManager({
      refresh: oauth.oauthClient({ issuer, ...client }).refreshToken(),
      initialTokens: { ...server.login({ accessTokenLifetimeMs: 0 }), expires_at: 1 },
    })
    const api = http.attachTokens(axios.create({ baseURL: issuer }), tokens)
    const answers = await Promise.all(Array.from({ length: 20 }, () => api.get('/api/me')))
    await Promise.all([tokens.close(), close()])
    const tokenRequests = server.requests.filter(({ path }) => path === '/token').length
    return { statuses: [...new Set(answers.map(({ status }) => status))], tokenRequests }
  }
  renew().then(tell)
`

describe('a session', () => {
  it.each([
    ['imported', 'module', IMPORT],
    ['required', 'commonjs', REQUIRE],
  ] as const)('is renewed by what was %s', async (_, format, entries) => {
    const told = await runScript(full, format, entries + RENEW)
    expect(told).toEqual({ statuses: [200], tokenRequests: 1 })
  })
})
