import { createRequire } from 'node:module'
import { join } from 'node:path'
import { build } from 'esbuild'
import { createAuthorizationServer } from 'tokenward/testing'
import { expect, inject, it, onTestFinished } from 'vitest'

interface EdgeVM {
  context: Record<string, unknown>
  evaluate(code: string): unknown
}
const { EdgeVM } = createRequire(import.meta.url)('@edge-runtime/vm') as {
  EdgeVM: new () => EdgeVM
}

/** A request whose token has expired, twenty times at once, and a store as one writes it for a KV. */
const PROGRAM = `
import { TokenManager } from 'tokenward'
import { createFetch } from 'tokenward/fetch'
import { oauthClient } from 'tokenward/oauth'

globalThis.renew = async ({ issuer, client, login }) => {
  let record
  const store = {
    singleProcess: true,
    load: async () => record && JSON.parse(record),
    save: async (session, { ifVersion }) => {
      if ((record && JSON.parse(record).version) !== ifVersion) return false
      record = JSON.stringify(session)
      return true
    },
  }
  const refresh = oauthClient({ issuer, ...client }).refreshToken()
  const tokens = new TokenManager({ refresh, store, initialTokens: { ...login, expires_at: 1 } })
  const fetchWithTokens = createFetch(tokens, { origins: [issuer] })
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => fetchWithTokens(issuer + '/api/me')),
  )
  return JSON.stringify({
    statuses: [...new Set(answers.map(({ status }) => status))],
    isSaved: JSON.parse(record).tokens.refreshToken !== login.refresh_token,
    hasNode: typeof process !== 'undefined' && process.versions?.node !== undefined,
  })
}
`

it('core, fetch and oauth renew a session on the edge runtime, once', async () => {
  const client = { clientId: 'web', clientSecret: 'a secret' }
  const server = createAuthorizationServer(client)
  const { issuer, close } = await server.listen()
  onTestFinished(close)
  const { outputFiles } = await build({
    stdin: { contents: PROGRAM, resolveDir: join(inject('full')), sourcefile: 'program.js' },
    bundle: true,
    platform: 'browser', // no module of Node.js's is there
    conditions: ['edge-light', 'worker'],
    format: 'iife',
    write: false,
    logLevel: 'silent',
  })
  const edge = new EdgeVM()
  edge.evaluate(outputFiles[0]!.text)
  const given = JSON.stringify({
    issuer,
    client,
    login: server.login({ accessTokenLifetimeMs: 0 }),
  })
  const told = await (edge.evaluate(`renew(${given})`) as Promise<string>)
  expect(JSON.parse(told)).toEqual({ statuses: [200], isSaved: true, hasNode: false })
  expect(server.stats).toMatchObject({ tokenRequests: 1, reuse: 0 })
})
