import type { AuthorizationServer } from 'tokenward/testing'

export type Fields = Record<string, string>

/** One POST of a form to the token endpoint. */
export function postToken(server: AuthorizationServer, fields: Fields, init: RequestInit = {}) {
  const body = new URLSearchParams(fields)
  return server.fetch(server.metadata.token_endpoint, { method: 'POST', body, ...init })
}

/** One refresh. */
export function refresh(server: AuthorizationServer, refreshToken: string, init?: RequestInit) {
  return postToken(server, { grant_type: 'refresh_token', refresh_token: refreshToken }, init)
}

/** One refresh that is expected to succeed: its tokens. */
export async function refreshed(server: AuthorizationServer, refreshToken: string) {
  const response = await refresh(server, refreshToken)
  if (response.status !== 200) throw new Error(`refused with ${response.status}`)
  return tokensOf(response)
}

export async function tokensOf(response: Response) {
  return (await response.json()) as { access_token: string; refresh_token: string } & Record<
    string,
    unknown
  >
}

/** Status and OAuth error of a refusal. */
export async function refusal(answer: Promise<Response>) {
  const response = await answer
  const { error } = (await response.json()) as { error?: string }
  return { status: response.status, error }
}

/** A call of a protected API. */
export function callApi(server: AuthorizationServer, accessToken?: string) {
  const headers: Fields =
    accessToken === undefined ? {} : { authorization: `Bearer ${accessToken}` }
  return server.api(new Request('https://api.example.com/me', { headers }))
}

export function claimsOf(jwt: string): Record<string, unknown> {
  const payload = Buffer.from(jwt.split('.')[1]!, 'base64url').toString()
  return JSON.parse(payload) as Record<string, unknown>
}
