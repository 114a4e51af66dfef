/* eslint-disable @typescript-eslint/no-deprecated -- servers of the first MCP specification have no other */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { requireBearerAuth } from '@modelcontextprotocol/sdk/server/auth/middleware/bearerAuth.js'
import { mcpAuthMetadataRouter } from '@modelcontextprotocol/sdk/server/auth/router.js'
import { InvalidTokenError } from '@modelcontextprotocol/sdk/server/auth/errors.js'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { SSEServerTransport } from '@modelcontextprotocol/sdk/server/sse.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import express, { type RequestHandler } from 'express'
import type { McpAuthorizationServer } from './mcp-authorization-server.js'

/** A real MCP server, guarded by the SDK's own middleware. */
export interface ProtectedMcpServer {
  readonly url: string
  /** The same server's endpoint for the older transport. */
  readonly sseUrl: string
  /** The `Authorization` of every request to its endpoint. */
  readonly seen: (string | undefined)[]
  /** The paths of its metadata that were asked for. */
  readonly metadataRequests: string[]
  stop(): Promise<void>
}

/** Reading takes `notes:read`, and its tool `write` takes `notes:write` besides. */
export async function startMcpServer(
  authorization: McpAuthorizationServer,
): Promise<ProtectedMcpServer> {
  const app = express()
  const server = createServer(app)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const url = new URL(`${origin}/mcp`)
  const seen: (string | undefined)[] = []
  const metadataRequests: string[] = []

  const verifier = {
    async verifyAccessToken(token: string) {
      const found = await authorization.provider.AccessToken.find(token)
      if (!found) throw new InvalidTokenError('Unknown token')
      const { clientId = '', scope = '', exp, aud } = found
      return {
        token,
        clientId,
        scopes: scope.split(' '),
        expiresAt: exp!,
        resource: new URL(String(aud)),
      }
    },
  }
  const guard = (...requiredScopes: string[]): RequestHandler =>
    requireBearerAuth({
      verifier,
      requiredScopes,
      resourceMetadataUrl: `${origin}/.well-known/oauth-protected-resource/mcp`,
      expectedResource: url,
    })
  const [reading, writing] = [guard('notes:read'), guard('notes:read', 'notes:write')]
  const isWrite = (body: unknown) =>
    (body as { params?: { name?: string } } | undefined)?.params?.name === 'write'

  app.use('/.well-known', (request, _response, next) => {
    metadataRequests.push(request.originalUrl)
    next()
  })
  app.use(
    mcpAuthMetadataRouter({
      oauthMetadata: {
        issuer: authorization.issuer,
        authorization_endpoint: `${authorization.issuer}/auth`,
        token_endpoint: `${authorization.issuer}/token`,
        response_types_supported: ['code'],
      },
      resourceServerUrl: url,
      scopesSupported: ['notes:read', 'notes:write'],
    }) as RequestHandler,
  )
  app.use('/mcp', express.json(), (request, _response, next) => {
    seen.push(request.headers.authorization)
    next()
  })
  app.use('/mcp', (request, response, next) =>
    (isWrite(request.body) ? writing : reading)(request, response, next),
  )
  app.post('/mcp', (request, response) => {
    const transport = new StreamableHTTPServerTransport({})
    void notes()
      .connect(transport as never)
      .then(() => transport.handleRequest(request, response, request.body))
  })
  const streams = new Map<string, SSEServerTransport>()
  app.get('/mcp/sse', (_request, response) => {
    const transport = new SSEServerTransport('/mcp/messages', response)
    streams.set(transport.sessionId, transport)
    void notes().connect(transport)
  })
  app.post('/mcp/messages', (request, response) => {
    const transport = streams.get(String(request.query.sessionId))
    void transport!.handlePostMessage(request, response, request.body)
  })
  app.all('/mcp', (_request, response) => void response.status(405).end())
  return {
    url: url.href,
    sseUrl: `${url.href}/sse`,
    seen,
    metadataRequests,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function notes(): McpServer {
  const mcp = new McpServer({ name: 'notes', version: '1.0.0' })
  for (const name of ['read', 'write']) {
    mcp.registerTool(name, {}, () => ({ content: [{ type: 'text', text: name }] }))
  }
  return mcp
}
