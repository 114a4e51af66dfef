import { exportJWK, generateKeyPair } from 'jose'
import type Provider from 'oidc-provider'
import type { Configuration } from 'oidc-provider'
import { quietly } from './quietly.js'

/** Names the protected API (RFC 8707): the audience of its access tokens. */
export const RESOURCE = 'https://api.example.test/'
export const REDIRECT_URI = 'https://app.example.test/callback'
export const SCOPE = 'read:me'

/** Every character that RFC 6749 appendix A.2 allows and some encoding gets wrong. */
export const CLIENT = { clientId: 'web app:1', clientSecret: 'p:a/s+s %20&=?#"\'()*!~' }

const HOUR = 60 * 60

/**
 * A real authorization server: rotates refresh tokens, takes a whole session back when one is used
 * twice, and issues JWT access tokens, whose `exp` it rounds down to the second.
 *
 * @param accessTokenTtl - asked at each token it issues; in seconds
 */
export async function createProvider(
  issuer: string,
  accessTokenTtl: () => number,
): Promise<Provider> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true })
  const signingKey = { ...(await exportJWK(privateKey)), use: 'sig', alg: 'RS256', kid: 'test' }
  const configuration: Configuration = {
    jwks: { keys: [signingKey] },
    cookies: { keys: ['a key for tests'] },
    clients: [
      {
        client_id: CLIENT.clientId,
        client_secret: CLIENT.clientSecret,
        redirect_uris: [REDIRECT_URI],
        grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
        token_endpoint_auth_method: 'client_secret_basic',
      },
    ],
    rotateRefreshToken: true,
    findAccount: (_context, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: true },
      revocation: { enabled: true, allowedPolicy: () => true },
      resourceIndicators: {
        enabled: true,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          scope: SCOPE,
          audience: RESOURCE,
          accessTokenFormat: 'jwt',
          accessTokenTTL: accessTokenTtl(),
          jwt: { sign: { alg: 'RS256' } },
        }),
      },
    },
    ttl: {
      AccessToken: accessTokenTtl,
      ClientCredentials: accessTokenTtl,
      RefreshToken: HOUR,
      IdToken: HOUR,
      Grant: HOUR,
      Interaction: HOUR,
      Session: HOUR,
    },
  }
  return quietly(async () => {
    const { Provider } = await import('oidc-provider')
    return new Provider(issuer, configuration)
  })
}
