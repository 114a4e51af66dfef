// The grants of tokenward/oauth fit the manager's two ways to renew.
import { TokenManager } from 'tokenward'
import { oauthClient, type OAuthClient } from 'tokenward/oauth'

const oauth: OAuthClient = oauthClient({
  tokenEndpoint: 'https://auth.example.com/token',
  clientId: 'client-id',
  clientSecret: 'client-secret',
  clientAuth: 'client_secret_post',
  fetch: globalThis.fetch,
  allowInsecureRequests: ['http://auth.internal:8080'],
})

export const user = new TokenManager({ refresh: oauth.refreshToken({ scope: 'openid' }) })
export const service = new TokenManager({
  acquire: oauth.clientCredentials({ scope: 'read', resource: 'https://api.example.com' }),
})

export async function run(): Promise<void> {
  await using session = new TokenManager({ refresh: oauth.refreshToken() })
  const undo: () => void = session.on('refreshed', ({ reason, durationMs, expiresAt }) => {
    console.log(reason satisfies string, durationMs.toFixed(), expiresAt?.toFixed())
  })
  undo()
  await session.signOut({ revoke: true })
}
