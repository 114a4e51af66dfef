import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, inject, it } from 'vitest'
import { project, runIn } from './support/project.js'

/** A second copy of the package, of another version: as a dependency of a dependency brings it. */
function withSecondCopy(name: string, program: string): string {
  const folder = project(name, 'module', { 'program.js': program })
  const copy = join(folder, 'node_modules/other-tokenward')
  mkdirSync(join(folder, 'node_modules'), { recursive: true })
  cpSync(join(inject('full'), 'node_modules/tokenward'), copy, { recursive: true })
  const manifest = join(copy, 'package.json')
  const text = readFileSync(manifest, 'utf8')
  writeFileSync(
    manifest,
    text.replace('"name": "tokenward"', '"name": "other-tokenward"').replace(/"version": "[^"]*"/, '"version": "99.0.0"'), // prettier-ignore
  )
  return folder
}

/** Managers of one copy, adapters of another, one store, twenty requests that are rejected at once. */
const PROGRAM = `
import { createRequire } from 'node:module'
import axios from 'axios'
import * as ours from 'tokenward'
import * as others from 'other-tokenward'
import * as othersAxios from 'other-tokenward/axios'
import * as grants from 'tokenward/oauth'
import * as testing from 'tokenward/testing'
const require = createRequire(import.meta.url)
const requiredFetch = require('tokenward/fetch')
const required = require('tokenward')

const client = { clientId: 'web', clientSecret: 'a secret' }
const server = testing.createAuthorizationServer(client)
const { issuer, close } = await server.listen()
const store = ours.memoryStore()
const options = { refresh: grants.oauthClient({ issuer, ...client }).refreshToken(), store }
const [one, two, three] = [ours, others, required].map(({ TokenManager }) => new TokenManager(options))
const login = server.login()
await one.setTokens(login)
server.denyAccessToken(login.access_token)

const api = othersAxios.attachTokens(axios.create({ baseURL: issuer }), one)
const fetchWithTokens = requiredFetch.createFetch(two, { origins: [issuer] })
const statuses = await Promise.all([
  ...Array.from({ length: 10 }, async () => (await api.get('/api/me')).status),
  ...Array.from({ length: 10 }, async () => (await fetchWithTokens(issuer + '/api/me')).status),
])
const tokens = await Promise.all([one, two, three].map((manager) => manager.getAccessToken()))
await one.signOut()
const errors = await Promise.all([one, two, three].map((manager) => manager.refresh().catch((error) => error)))
console.log(JSON.stringify({
  statuses: [...new Set(statuses)],
  tokens: new Set(tokens).size,
  tokenRequests: server.requests.filter(({ path }) => path === '/token').length,
  known: errors.map((error) => [ours, others, required].every(({ isTokenError }) => isTokenError(error, 'ERR_LOGIN_REQUIRED'))),
}))
await close()
process.exit()
`

describe('two versions and two formats in one process', () => {
  it('share a session, its one refresh, and how errors are told', async () => {
    const folder = withSecondCopy('copies', PROGRAM)
    const { code, output } = await runIn(folder, 'program.js')
    expect({ code, output: output.trim() }).toEqual({
      code: 0,
      output: JSON.stringify({
        statuses: [200],
        tokens: 1,
        tokenRequests: 1,
        known: [true, true, true],
      }),
    })
  })
})
