import { http } from 'msw'
import { setupServer } from 'msw/node'
import { afterAll, afterEach, beforeAll } from 'vitest'
import { TokenManager, type TokenManagerOptions } from 'tokenward'
import { oauthClient, type OAuthClient } from 'tokenward/oauth'
import {
  createAuthorizationServer,
  mswResolver,
  type AuthorizationServer,
  type TokenResponse,
} from 'tokenward/testing'

export const ISSUER = 'https://auth.example.com'
export const API = 'https://api.example.com'

/** One request as the network saw it. */
export interface Sent {
  readonly method: string
  readonly url: string
  readonly origin: string
  readonly authorization: string | null
  /** Headers and body, as one text to search. */
  readonly content: string
}

export interface World {
  readonly server: AuthorizationServer
  readonly oauth: OAuthClient
  /** All that was sent to anybody, in order. */
  sent(): Promise<Sent[]>
  /** Another site: answers 200, or as the test says. */
  stranger(origin: string, answer?: (request: Request) => Response): void
  /** Answers of our own to what is asked of a path of the API. */
  apiAnswers(path: string, answer: (request: Request) => Response | Promise<Response>): void
  /** A login, and who keeps its tokens fresh. */
  login(options?: LoginOptions): Login
}

export interface LoginOptions extends Pick<TokenManagerOptions, 'retry'> {
  sub?: string
  /** `denied`: not expired, but the API says 401. @default 'valid' */
  token?: 'valid' | 'expired' | 'denied'
}

export interface Login {
  readonly manager: TokenManager
  readonly tokens: TokenResponse & { refresh_token: string }
}

/** An authorization server and an API on the network of msw; what nobody expects there fails. */
export function useWorld(): World {
  const client = { clientId: 'web', clientSecret: 'secret-of-the-client' }
  const server = createAuthorizationServer(client)
  const oauth = oauthClient({ issuer: ISSUER, ...client })
  const network = setupServer(
    http.all(`${ISSUER}/*`, mswResolver(server.handle)),
    http.all(`${API}/*`, mswResolver(server.api)),
  )
  let requests: Promise<Sent>[] = []
  network.events.on('request:start', ({ request }) => void requests.push(seen(request)))

  beforeAll(() => network.listen({ onUnhandledRequest: 'error' }))
  afterEach(() => {
    network.resetHandlers()
    server.reset()
    requests = []
  })
  afterAll(() => network.close())

  return {
    server,
    oauth,
    sent: () => Promise.all(requests),
    stranger(origin, answer = () => Response.json({ hello: 'stranger' })) {
      network.use(http.all(`${origin}/*`, ({ request }) => answer(request)))
    },
    apiAnswers(path, answer) {
      network.use(http.all(`${API}${path}`, ({ request }) => answer(request)))
    },
    login({ sub = 'ann', token = 'valid', ...options } = {}) {
      const tokens = server.login({ sub })
      if (token === 'denied') server.denyAccessToken(tokens.access_token)
      const initialTokens = token === 'expired' ? { ...tokens, expires_at: 1 } : tokens
      const manager = new TokenManager({ refresh: oauth.refreshToken(), initialTokens, ...options })
      return { manager, tokens }
    },
  }
}

export function redirect(location: string, status = 302): Response {
  return new Response(null, { status, headers: { location } })
}

export function unauthorized(challenge?: string): Response {
  return new Response('{"error":"unauthorized"}', {
    status: 401,
    headers: challenge === undefined ? {} : { 'www-authenticate': challenge },
  })
}

/** An API that takes no token at all. After so many requests it breaks: a loop is to end. */
export function closed(challenge?: string): () => Response {
  let left = 300
  return () => (left-- > 0 ? unauthorized(challenge) : new Response(null, { status: 500 }))
}

async function seen(request: Request): Promise<Sent> {
  const copy = request.clone()
  const headers = [...copy.headers].map(([name, value]) => `${name}: ${value}`)
  return {
    method: copy.method,
    url: copy.url,
    origin: new URL(copy.url).origin,
    authorization: copy.headers.get('authorization'),
    content: [...headers, await copy.text()].join('\n'),
  }
}
