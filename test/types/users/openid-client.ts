// openid-client's own result, as it comes from the code exchange and from a refresh.
import * as client from 'openid-client'
import { TokenManager, toTokenSet, type TokenSet } from 'tokenward'

const config = new client.Configuration({ issuer: 'https://auth.example.com' }, 'client-id')

export async function login(callback: URL): Promise<TokenManager> {
  const loginResponse = await client.authorizationCodeGrant(config, callback)
  return new TokenManager({
    initialTokens: loginResponse,
    refresh: ({ refreshToken }) => client.refreshTokenGrant(config, refreshToken),
    revoke: ({ tokens }) => client.tokenRevocation(config, tokens.accessToken),
  })
}

export function machine(): TokenManager {
  return new TokenManager({ acquire: () => client.clientCredentialsGrant(config) })
}

export async function convert(refreshToken: string): Promise<TokenSet> {
  const receivedAt = Date.now()
  return toTokenSet(await client.refreshTokenGrant(config, refreshToken), { receivedAt })
}
