import { createRequire } from 'node:module'
import { Writable } from 'node:stream'
import { memoryStore, RefreshRejectedError, TokenManager, tokenErrorOf } from 'tokenward'
import { oauthClient } from 'tokenward/oauth'
import { TokenManagerPool } from 'tokenward/pool'
import { createAuthorizationServer } from 'tokenward/testing'
import { expect, it } from 'vitest'

interface Log {
  info(what: unknown): void
  error(what: unknown): void
}
type Pino = (options: object, stream: Writable) => Log

const pino = createRequire(import.meta.url)('pino') as Pino

/** As docs/guide/observability.md has it. */
const TOKENS = ['accessToken', 'refreshToken', 'idToken', 'extra']
const redact = TOKENS.flatMap((name) => [name, `*.${name}`])

const CLIENT = { clientId: 'web', clientSecret: 'the-secret-of-the-client' }

/** A session whose refresh fails, with an answer that repeats what it was sent. */
async function session() {
  const server = createAuthorizationServer(CLIENT)
  const login = { ...server.login({ accessTokenLifetimeMs: 0 }), expires_at: 1 }
  const { issuer } = server
  const refusal = {
    error: 'invalid_scope',
    error_description: `no scope for ${login.refresh_token}`,
  }
  const oauth = oauthClient({
    issuer,
    ...CLIENT,
    fetch: async (url, init) =>
      url.endsWith('/token')
        ? Response.json(refusal, { status: 400 })
        : server.handle(new Request(url, init)),
  })
  const store = memoryStore()
  const options = { refresh: oauth.refreshToken(), initialTokens: login, store }
  return { login, oauth, store, options, tokens: new TokenManager(options) }
}

function logTo(lines: string[], options: object = {}): Log {
  const write = (line: unknown, _encoding: unknown, done: () => void) => {
    lines.push(String(line))
    done()
  }
  return pino(options, new Writable({ write }))
}

it('what is no data holds no secret in a log of pino', async () => {
  const { login, oauth, store, options, tokens } = await session()
  const lines: string[] = []
  const log = logTo(lines)
  const pool = new TokenManagerPool({ options: () => options })
  tokens.on('refreshFailed', (event) => log.info(event))

  const error = await tokens.getAccessToken().catch((thrown: unknown) => thrown)
  expect(tokenErrorOf(error)).toBeInstanceOf(RefreshRejectedError)
  for (const what of [tokens, oauth, store, pool, await tokens.explain(), { tokens, error }]) {
    log.info(what)
  }
  log.error(error)
  log.error({ err: new Error('A page', { cause: error }) })

  expect(lines).toHaveLength(9)
  expect(lines.join('')).toContain('ERR_REFRESH_REJECTED')
  for (const secret of [login.access_token, login.refresh_token, CLIENT.clientSecret]) {
    expect(lines.join('')).not.toContain(secret)
  }
})

it('tokens are data, and hidden by the paths of the guide', async () => {
  const { login, tokens } = await session()
  const told = await tokens.getTokens()
  const lines: string[] = []
  logTo(lines).info(told)
  expect(lines.join('')).toContain(login.access_token) // they round-trip through JSON: law 12

  const hidden: string[] = []
  const log = logTo(hidden, { redact })
  log.info(told)
  log.info({ tokens: told })
  expect(hidden.join('')).toContain('"tokenType":"Bearer"')
  for (const secret of [login.access_token, login.refresh_token]) {
    expect(hidden.join('')).not.toContain(secret)
  }
})
