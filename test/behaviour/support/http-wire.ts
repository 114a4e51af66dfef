import { onTestFinished } from 'vitest'
import { TokenManager } from 'tokenward'
import { oauthClient } from 'tokenward/oauth'
import { createAuthorizationServer } from 'tokenward/testing'
import { serve, type Seen } from '../../unit/http/support/server.js'

/** One request as its bytes were, but for the token. */
export interface OnTheWire {
  readonly method: string
  readonly url: string
  readonly headers: readonly string[]
  readonly body: string
}

/** An authorization server and an API on real sockets, which keep every byte. */
export async function wireWorld() {
  const server = createAuthorizationServer()
  const { issuer, close } = await server.listen()
  onTestFinished(close)
  const oauth = oauthClient({ issuer, clientId: 'web' })
  const api = await serve(async ({ method, url, authorization = '' }, outgoing) => {
    const answer = await server.api(
      new Request(new URL(url, api.origin), { method, headers: { authorization } }),
    )
    outgoing.writeHead(answer.status, [...answer.headers].flat()).end(await answer.text())
  })
  return {
    server,
    origin: api.origin,
    /** A session whose token the API denies: its next request is answered 401. */
    denied() {
      const tokens = server.login()
      server.denyAccessToken(tokens.access_token)
      return new TokenManager({ refresh: oauth.refreshToken(), initialTokens: tokens })
    },
    /** What came since the last look. */
    arrived: () => api.seen.splice(0).map(onTheWire),
  }
}

function onTheWire({ method, url, rawHeaders, body }: Seen): OnTheWire {
  const headers = rawHeaders.map((text, at) =>
    rawHeaders[at - 1] === 'Authorization' ? 'its token' : text,
  )
  return { method, url, headers, body: body.toString('latin1') }
}
