import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import { listenOnLoopback } from './loopback.js'

/** An API that tells whoever has a valid access token whose it is. */
export async function startApi(): Promise<{
  origin: string
  server: Server
  /** Whose tokens it takes. */
  trust(issuer: string): void
}> {
  const { server, origin } = await listenOnLoopback()

  function trust(issuer: string): void {
    const keys = createRemoteJWKSet(new URL(`${issuer}/jwks`))
    const expected = { issuer, audience: origin, typ: 'at+jwt' }
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      const [, token = ''] = /^Bearer (.+)$/.exec(request.headers.authorization ?? '') ?? []
      response.setHeader('content-type', 'application/json')
      jwtVerify(token, keys, expected).then(
        ({ payload }) => response.end(JSON.stringify({ owner: payload.sub })),
        () => {
          response.setHeader('www-authenticate', 'Bearer error="invalid_token"')
          response.writeHead(401).end('{"error":"invalid_token"}')
        },
      )
    })
  }

  return { origin, server, trust }
}
