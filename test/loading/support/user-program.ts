/**
 * What a user's program does with all entries, as text: an expired session, twenty requests at once,
 * one token request, on real sockets; and the session is in a file.
 *
 * @param importedAs - how one entry comes in: an `import` or a `require` of it, by its local name
 */
export function userProgram(importedAs: (local: string, name: string) => string): string {
  const imports = Object.entries(ENTRIES).map(([local, name]) => importedAs(local, name))
  return `${imports.join('\n')}\n${RENEW}`
}

export const ENTRIES = {
  core: 'tokenward',
  http: 'tokenward/axios',
  fetches: 'tokenward/fetch',
  grants: 'tokenward/oauth',
  mcp: 'tokenward/mcp',
  cli: 'tokenward/cli',
  pools: 'tokenward/pool',
  redis: 'tokenward/redis',
  postgres: 'tokenward/postgres',
  otel: 'tokenward/otel',
  testing: 'tokenward/testing',
}

/** What `renew(path)` resolves to where all is well. */
export const RENEWED = { entries: Object.keys(ENTRIES).length, statuses: [200], tokenRequests: 1, isSaved: true } // prettier-ignore

/** No types, no `await` at the top: any language and any format that people have. */
const RENEW = `
async function renew(path) {
  const client = { clientId: 'web', clientSecret: 'a secret' }
  const server = testing.createAuthorizationServer(client)
  const { issuer, close } = await server.listen()
  const store = cli.fileStore({ path })
  const tokens = new core.TokenManager({
    refresh: grants.oauthClient({ issuer, ...client }).refreshToken(),
    store,
    initialTokens: Object.assign({}, server.login({ accessTokenLifetimeMs: 0 }), { expires_at: 1 }),
  })
  const fetchWithTokens = fetches.createFetch(tokens, { origins: [issuer] })
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => fetchWithTokens(issuer + '/api/me')),
  )
  const record = await store.load()
  await Promise.all([tokens.close(), close()])
  const entries = [core, http, fetches, grants, mcp, cli, pools, redis, postgres, otel, testing]
  return {
    entries: entries.filter((entry) => Object.keys(entry).length > 0).length,
    statuses: Array.from(new Set(answers.map(({ status }) => status))),
    tokenRequests: server.requests.filter(({ path }) => path === '/token').length,
    isSaved: record.tokens.refreshToken !== undefined,
  }
}
`
