import { describe, expect, inject, it } from 'vitest'
import { runScript } from './support/run-script.js'

const bare = inject('bare')
const full = inject('full')

const ENTRIES = {
  tokenward: ['TokenManager', 'isTokenError', 'memoryStore', 'fixedToken', 'toTokenSet'],
  'tokenward/axios': ['attachTokens', 'detachTokens'],
  'tokenward/fetch': ['createFetch'],
  'tokenward/oauth': ['oauthClient'],
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

describe('without the optional peers', () => {
  it.each(Object.keys(ENTRIES).filter((name) => name !== 'tokenward/axios'))(
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
  const thrownBy = (act) => { try { act() } catch (error) { return error } }
  const thrown = (oauth, http, testing, axios, fetching) => ({
    oauth: thrownBy(() => oauth.oauthClient({})),
    axios: thrownBy(() => http.attachTokens(axios.create())),
    fetch: thrownBy(() => fetching.createFetch()),
    testing: thrownBy(() => testing.fakeTokens({ tokens: ['\\n'] })),
  })
  const each = (errors, predicate) =>
    Object.fromEntries(Object.entries(errors).map(([name, error]) => [name, predicate(error)]))
`
const IMPORT = `
  import { createRequire } from 'node:module'
  import axios from 'axios'
  import * as core from 'tokenward'
  import * as http from 'tokenward/axios'
  import * as fetching from 'tokenward/fetch'
  import * as oauth from 'tokenward/oauth'
  import * as testing from 'tokenward/testing'
`
const REQUIRE = `
  const [core, http, fetching, oauth, testing] =
    ['', '/axios', '/fetch', '/oauth', '/testing'].map((name) => require('tokenward' + name))
  const axios = require('axios')
`
const ALL = { oauth: true, axios: true, fetch: true, testing: true }
const NONE = { oauth: false, axios: false, fetch: false, testing: false }

describe('the error classes', () => {
  const isOurs = 'tell(each(thrown(oauth, http, testing, axios, fetching), isOurs))'
  const byClass = 'const isOurs = (error) => error instanceof core.TokenOptionsError'

  it('are shared by all entries, imported', async () => {
    const code = `${IMPORT}${THROWS}${byClass};${isOurs}`
    expect(await runScript(full, 'module', code)).toEqual(ALL)
  })

  it('are shared by all entries, required', async () => {
    const code = `${REQUIRE}${THROWS}${byClass};${isOurs}`
    expect(await runScript(full, 'commonjs', code)).toEqual(ALL)
  })

  it('are told by isTokenError across both copies, where instanceof cannot', async () => {
    const copies = `${IMPORT}${THROWS}const other = createRequire(process.cwd() + '/')('tokenward');`
    const byBrand = 'const isOurs = (error) => other.isTokenError(error)'
    const byOther = 'const isOurs = (error) => error instanceof other.TokenOptionsError'
    expect(await runScript(full, 'module', `${copies}${byBrand};${isOurs}`)).toEqual(ALL)
    expect(await runScript(full, 'module', `${copies}${byOther};${isOurs}`)).toEqual(NONE)
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
