import { describe, expect, it } from 'vitest'
import { memoryStore } from 'tokenward'
import { mcpSession } from 'tokenward/mcp'
import { oauthClient } from 'tokenward/oauth'
import { acquireContext, failureOf, refreshContext, serve } from './support.js'

/** A server that sends for ever, and counts what was taken off its hands. */
async function endlessServer(status = 200) {
  let sent = 0
  const url = await serve((_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' })
    const piece = Buffer.alloc(64 * 1024, ' ')
    const more = () => {
      while (!response.destroyed && sent < 256 * 1024 * 1024) {
        sent += piece.length
        if (!response.write(piece)) return void response.once('drain', more)
      }
      response.end()
    }
    more()
  })
  return { url, sent: () => sent }
}

/** What lies in the sockets, beside the megabyte that is read. */
const MOST_TAKEN = 16 * 1024 * 1024

describe('a body without an end', () => {
  it('of the token endpoint is given up after a megabyte', async () => {
    const { url, sent } = await endlessServer()
    const oauth = oauthClient({ tokenEndpoint: url, clientId: 'app' })
    const error = await failureOf(oauth.refreshToken()(refreshContext()))
    expect(error).toMatchObject({ code: 'ERR_REFRESH_UNAVAILABLE', outcome: 'unknown' })
    expect(error.message).toContain('too long')
    expect(sent()).toBeLessThan(MOST_TAKEN)
  })

  it('of a refusal says what its status says', async () => {
    const { url, sent } = await endlessServer(503)
    const oauth = oauthClient({ tokenEndpoint: url, clientId: 'app' })
    const error = await failureOf(oauth.refreshToken()(refreshContext()))
    expect(error).toMatchObject({ code: 'ERR_REFRESH_UNAVAILABLE', outcome: 'failed', status: 503 })
    expect(sent()).toBeLessThan(MOST_TAKEN)
  })

  it('of discovery is given up', async () => {
    const { url, sent } = await endlessServer()
    const oauth = oauthClient({ issuer: url, clientId: 'app' })
    const error = await failureOf(oauth.discover())
    expect(error).toMatchObject({ code: 'ERR_REFRESH_UNAVAILABLE', outcome: 'not-sent' })
    expect(sent()).toBeLessThan(MOST_TAKEN)
  })

  it('of the revocation endpoint is given up', async () => {
    const { url, sent } = await endlessServer()
    const metadata = { issuer: url, token_endpoint: url, revocation_endpoint: url }
    const oauth = oauthClient({ metadata, clientId: 'app' })
    const { tokens } = refreshContext()
    const { signal } = acquireContext()
    await failureOf(oauth.revoke()({ tokens: { ...tokens, refreshToken: undefined }, signal }))
    expect(sent()).toBeLessThan(MOST_TAKEN)
  })

  it.each(['oauth-protected-resource', 'openid-configuration', '/register'])(
    'of an MCP server, or of what it names, is given up: %s',
    async (endless) => {
      const { url, sent } = await endlessServer()
      const metadata = { resource: `${url}/mcp`, authorization_servers: [url], issuer: url, token_endpoint: `${url}/t`, registration_endpoint: `${url}/register` } // prettier-ignore
      const session = mcpSession({
        url: `${url}/mcp`,
        store: memoryStore(),
        login: () => Promise.reject(new Error('It was begun')),
        fetch: async (input, init) =>
          String(input).includes(endless) ? fetch(input, init) : Response.json(metadata),
      })
      expect((await failureOf(session.logIn())).message).toMatch(
        /did not respond|too long|cut short/,
      )
      expect(sent()).toBeLessThan(MOST_TAKEN)
    },
  )

  it('is given up when its request is aborted', async () => {
    let began: () => void
    const isBegun = new Promise<void>((resolve) => (began = resolve))
    const url = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.write('{', began) // and nothing more
    })
    const controller = new AbortController()
    const oauth = oauthClient({ tokenEndpoint: url, clientId: 'app' })
    const call = failureOf(oauth.refreshToken()(refreshContext(controller.signal)))
    await isBegun
    controller.abort()
    expect(await call).toMatchObject({ code: 'ERR_REFRESH_UNAVAILABLE', outcome: 'unknown' })
  })
})
