import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import { onTestFinished } from 'vitest'
import type { OAuthFetch, OAuthFetchInit } from 'tokenward/oauth'
import { toTokenSet } from '../../../src/tokens/to-token-set.js'

export const ISSUER = 'https://auth.test'
export const TOKEN_ENDPOINT = 'https://auth.test/token'
export const OIDC_DOCUMENT = 'https://auth.test/.well-known/openid-configuration'
export const OAUTH_DOCUMENT = 'https://auth.test/.well-known/oauth-authorization-server'
export const METADATA = { issuer: ISSUER, token_endpoint: TOKEN_ENDPOINT }
export const TOKENS = { access_token: 'AT1', token_type: 'Bearer', expires_in: 60 }
export const ODD_SECRET = 'p:a/s+s %é'

export interface Sent extends OAuthFetchInit {
  url: string
}

/** A fetch that answers by the path's last segment or whole URL, and remembers what was sent. */
export function stubFetch(answer: (request: Sent) => Response | Promise<Response>) {
  const sent: Sent[] = []
  const fetch: OAuthFetch = async (url, init) => {
    const request = { url, ...init }
    sent.push(request)
    return answer(request)
  }
  return { fetch, sent, form: (index = 0) => new URLSearchParams(sent[index]?.body) }
}

export const json = (body: unknown, init?: ResponseInit) => Response.json(body, init)

export const refreshContext = (signal = new AbortController().signal, refreshToken = 'RT1') => ({
  refreshToken,
  tokens: toTokenSet({ access_token: 'AT0', refresh_token: refreshToken }),
  signal,
})

export const acquireContext = (signal = new AbortController().signal) => ({ signal })

/** What the call rejects with. */
export async function failureOf(call: Promise<unknown>): Promise<Error & Record<string, unknown>> {
  const result = await call.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  )
  if ('error' in result) return result.error as Error & Record<string, unknown>
  throw new Error('It did not fail')
}

/** A real server on loopback, closed at the end of the test. */
export async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** A loopback origin where nobody listens. */
export async function unusedOrigin(): Promise<string> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return `http://127.0.0.1:${port}`
}

export interface Received {
  method: string | undefined
  headers: IncomingHttpHeaders
  body: string
}

/** A real token endpoint that keeps the bytes it got and answers with tokens. */
export async function recordingEndpoint(): Promise<{ url: string; received: Received[] }> {
  const received: Received[] = []
  const url = await serve((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('latin1')
      received.push({ method: request.method, headers: request.headers, body })
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify(TOKENS))
    })
  })
  return { url: `${url}/token`, received }
}

/** A server that has every endpoint. */
export const FULL_METADATA = {
  ...METADATA,
  authorization_endpoint: `${ISSUER}/authorize?tenant=1`,
  device_authorization_endpoint: `${ISSUER}/device`,
  revocation_endpoint: `${ISSUER}/revoke`,
  end_session_endpoint: `${ISSUER}/logout?tenant=1`,
}
export const REDIRECT_URI = 'https://app.test/callback'

/** What a JWT says, by its first or second part. */
export function decodePart(jwt: string, part: 0 | 1): Record<string, unknown> {
  return JSON.parse(Buffer.from(jwt.split('.')[part]!, 'base64url').toString()) as Record<
    string,
    unknown
  >
}

export const shownBy = (value: unknown) =>
  [inspect(value, { depth: 20, showHidden: true }), JSON.stringify(value), String(value)].join()
