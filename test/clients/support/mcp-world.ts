import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { browserLogin, fileStore } from 'tokenward/cli'
import { mcpSession, type McpSession, type McpSessionOptions } from 'tokenward/mcp'
import { expect, onTestFinished } from 'vitest'
import { UserAgent } from '../../support/oidc/user-agent.js'
import { startMcpAuthorizationServer } from './mcp-authorization-server.js'
import { startMcpServer } from './mcp-server.js'

/** A user, an MCP server, its authorization server, and a session in a file. */
export async function mcpWorld() {
  const authorization = await startMcpAuthorizationServer()
  const server = await startMcpServer(authorization)
  const folder = mkdtempSync(join(tmpdir(), 'mcp-'))
  const path = join(folder, 'session.json')
  const user = new UserAgent({ login: 'alice', password: 'any' })
  const world = {
    authorization,
    server,
    path,
    logins: 0,
    /** The user's browser, at the authorization server's own pages. */
    login: (request: Parameters<NonNullable<McpSessionOptions['login']>>[0]) => {
      return browserLogin({ ...request, open: world.browse, timeoutMs: 60_000 })
    },
    browse: async (url: string) => {
      world.logins++
      const start = new URL(url)
      await fetch(await user.browseBackTo(start.searchParams.get('redirect_uri')!, start))
    },
    /** What a process has of the session. */
    session: (options: Partial<McpSessionOptions> = {}): McpSession => {
      const store = fileStore({ path })
      const session = mcpSession({ url: server.url, store, login: world.login, ...options })
      onTestFinished(() => session.close())
      return session
    },
    stored: async () => (await fileStore({ path }).load())!,
    /** As if the access token had been out for its 300 seconds. */
    expire: async () => {
      const { tokens, version, ...stored } = await world.stored()
      const expired = { ...tokens!, issuedAt: Date.now() - 301_000, expiresAt: Date.now() - 1_000 }
      const record = { ...stored, tokens: expired, version: version + 1, ancestors: [version] }
      expect(await fileStore({ path }).save(record, { ifVersion: version })).toBe(true)
    },
  }
  onTestFinished(async () => {
    await Promise.all([server.stop(), authorization.stop()])
    rmSync(folder, { recursive: true })
  })
  return world
}
