import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import { listenOnLoopback } from './loopback.js'

/** An API that tells whoever has a valid access token whose it is. */
export async function startApi(): Promise<{
  origin: string
  server: Server
  /** Whose tokens it takes. */
  trust(issuer: string): void
  /** The next token that it gets is no good, from then on. */
  denyNext(): void
}> {
  const { server, origin } = await listenOnLoopback()
  let isNextDenied = false
  const denied = new Set<string>()

  function trust(issuer: string): void {
    const keys = createRemoteJWKSet(new URL(`${issuer}/jwks`))
    const expected = { issuer, audience: origin, typ: 'at+jwt' }
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      const [, token = ''] = /^Bearer (.+)$/.exec(request.headers.authorization ?? '') ?? []
      response.setHeader('content-type', 'application/json')
      if (isNextDenied) denied.add(token)
      isNextDenied = false
      jwtVerify(denied.has(token) ? '' : token, keys, expected).then(
        ({ payload }) => response.end(JSON.stringify({ owner: payload.sub })),
        () => {
          response.setHeader('www-authenticate', 'Bearer error="invalid_token"')
          response.writeHead(401).end('{"error":"invalid_token"}')
        },
      )
    })
  }

  return { origin, server, trust, denyNext: () => void (isNextDenied = true) }
}
