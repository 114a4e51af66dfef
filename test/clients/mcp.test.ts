import { mkdtempSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import { TokenManager } from 'tokenward'
import { fileStore } from 'tokenward/cli'
import { createFetch } from 'tokenward/fetch'
import { expect, it, onTestFinished } from 'vitest'

/** A real MCP server, which takes the second token alone. */
async function mcpServer() {
  const refused: (string | undefined)[] = []
  const server = createServer((request, response) => {
    if (request.headers.authorization !== 'Bearer T2') {
      refused.push(request.headers.authorization)
      const challenge = 'Bearer error="invalid_token", resource_metadata="http://localhost/none"'
      return void response.writeHead(401, { 'www-authenticate': challenge }).end()
    }
    if (request.method !== 'POST') return void response.writeHead(405).end()
    const mcp = new McpServer({ name: 'test', version: '1.0.0' })
    mcp.registerTool('hello', {}, () => ({ content: [{ type: 'text', text: 'hello' }] }))
    const transport = new StreamableHTTPServerTransport({})
    void mcp.connect(transport as never).then(() => transport.handleRequest(request, response))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => (server.closeAllConnections(), void server.close()))
  const { port } = server.address() as AddressInfo
  return { origin: `http://127.0.0.1:${port}`, refused }
}

it('five clients of the MCP SDK, on one refused rotating token, make one token request', async () => {
  const { origin, refused } = await mcpServer()
  const path = join(mkdtempSync(join(tmpdir(), 'mcp-')), 'session.json')
  const spent: string[] = []
  const managers = Array.from({ length: 5 }, () => {
    const initialTokens = { accessToken: 'T1', refreshToken: 'R1', expiresIn: 300 }
    const manager = new TokenManager({
      store: fileStore({ path }),
      initialTokens,
      refresh: async ({ refreshToken }) => {
        spent.push(refreshToken)
        return { accessToken: 'T2', refreshToken: 'R2', expiresIn: 300 }
      },
    })
    onTestFinished(() => manager.close())
    return manager
  })
  await managers[0]!.getAccessToken()
  const said = managers.map(async (tokens) => {
    const client = new Client({ name: 'test', version: '1.0.0' })
    const fetch = createFetch(tokens, { origins: [origin] })
    const transport = new StreamableHTTPClientTransport(new URL(`${origin}/mcp`), { fetch })
    await client.connect(transport)
    const { content } = await client.callTool({ name: 'hello' })
    await client.close()
    return content
  })
  const hello = [{ type: 'text', text: 'hello' }]
  expect(await Promise.all(said)).toEqual([hello, hello, hello, hello, hello])
  expect(spent).toEqual(['R1'])
  expect(refused.every((authorization) => authorization === 'Bearer T1')).toBe(true)
})
