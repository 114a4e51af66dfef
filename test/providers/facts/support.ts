import { TokenManager, toTokenSet, type TokenError, type TokenSet } from 'tokenward'
import { oauthClient, type OAuthFetchInit, type Provider } from 'tokenward/oauth'
import { rejectionOf } from '../support.js'

/** A server of whom nothing is known but where it is. */
export const UNKNOWN: Provider = {
  name: 'Some server',
  endpoints: {
    authorization: 'https://auth.example.com/authorize',
    token: 'https://auth.example.com/token',
  },
}

const REDIRECT_URI = 'https://app.example.com/callback'

export interface Sent extends OAuthFetchInit {
  readonly url: URL
  readonly form: URLSearchParams
}

const responseOf = (status: number, body: unknown) =>
  typeof body === 'string' ? new Response(body, { status }) : Response.json(body, { status })

const metadataOf = ({ issuer }: Provider) => ({
  issuer,
  authorization_endpoint: 'https://auth.example.com/authorize',
  token_endpoint: 'https://auth.example.com/token',
})

/** A client of this server, which answers every request so. */
export function answered(
  provider: Provider,
  body: unknown,
  status = 200,
  variables?: Readonly<Record<string, string>>,
  { secret = 'a-secret' }: { secret?: string } = {},
) {
  const sent: Sent[] = []
  const oauth = oauthClient({
    provider,
    clientId: 'a-client',
    clientSecret: secret,
    redirectUri: REDIRECT_URI,
    fetch: async (url, init) => {
      if (url.includes('/.well-known/')) return Response.json(metadataOf(provider))
      sent.push({ ...init, url: new URL(url), form: new URLSearchParams(init.body) })
      return responseOf(status, body)
    },
    ...(variables && { variables }),
  })
  const tokens = toTokenSet({ access_token: 'AT0', refresh_token: 'RT0' })
  const { signal } = new AbortController()
  const refresh = (of: TokenSet = tokens) =>
    oauth.refreshToken()({ refreshToken: of.refreshToken ?? '', tokens: of, signal })
  /** A login, whose code is taken for good. */
  const logIn = async (
    options: { scope?: string; variables?: Record<string, string> } = {},
    redirect = '',
  ) => {
    const request = await oauth.authorizationRequest(options)
    const callback = `${REDIRECT_URI}?code=C1&state=${request.state}${redirect}`
    return { asked: new URL(request.url), tokens: await oauth.authorizationCode(callback, request) }
  }
  return { oauth, sent, refresh, logIn }
}

/** What a refresh of a client of this server fails with. */
export async function refusalBy(provider: Provider, status: number, body: unknown) {
  return (await rejectionOf(answered(provider, body, status).refresh())) as TokenError
}

/** What a `refresh` of the user's own fails with that returns what the server said, or throws it. */
export async function refusalOfOwn(way: 'returned' | 'thrown', status: number, data: unknown) {
  const tokens = new TokenManager({
    initialTokens: { access_token: 'AT0', refresh_token: 'RT0', expires_at: 1 },
    refresh: async () => {
      if (way === 'returned') return data as { access_token: string }
      const response = { status, data, headers: {} }
      throw Object.assign(new Error('Request failed'), { isAxiosError: true, response })
    },
  })
  const error = await rejectionOf(tokens.getAccessToken())
  await tokens.close()
  return error as TokenError
}
