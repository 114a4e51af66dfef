import { exportJWK, generateKeyPair } from 'jose'
import type Provider from 'oidc-provider'
import type { Configuration } from 'oidc-provider'
import type { Clients } from './clients.js'
import { registerExtensionGrants } from './extension-grants.js'
import { quietly } from './quietly.js'

/** Names the protected API (RFC 8707): the audience of its access tokens. */
export const RESOURCE = 'https://api.example.test/'
export const OTHER_RESOURCE = 'https://other.example.test/'
export const SCOPE = 'read:me'

const HOUR = 60 * 60
/** How often a device may ask. oidc-provider leaves it out, which makes it 5 s (RFC 8628 §3.2). */
const DEVICE_INTERVAL_SECONDS = 1

/**
 * A real authorization server: rotates refresh tokens, takes a whole session back when one is used
 * twice, and issues JWT access tokens, whose `exp` it rounds down to the second.
 *
 * @param accessTokenTtl - asked at each token it issues; in seconds
 */
export async function createProvider(
  issuer: string,
  accessTokenTtl: () => number,
  clients: Clients,
): Promise<Provider> {
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true })
  const publicJwk = await exportJWK(publicKey)
  const signingKey = { ...(await exportJWK(privateKey)), use: 'sig', alg: 'RS256', kid: 'test' }
  const configuration: Configuration = {
    jwks: { keys: [signingKey] },
    cookies: { keys: ['a key for tests'] },
    clients: clients.metadata,
    clientAuthMethods: [
      'client_secret_basic',
      'client_secret_post',
      'client_secret_jwt',
      'private_key_jwt',
      'none',
    ],
    rotateRefreshToken: true,
    findAccount: (_context, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: true },
      deviceFlow: {
        enabled: true,
        userCodeInputSource: (context, form) => void (context.body = form),
        userCodeConfirmSource: (context, form) => void (context.body = form),
        successSource: (context) => void (context.body = 'Signed in'),
      },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (context, form) => {
          context.body = form.replace(
            '</form>',
            '<input type="hidden" name="logout" value="yes"/></form>',
          )
        },
      },
      revocation: { enabled: true, allowedPolicy: () => true },
      resourceIndicators: {
        enabled: true,
        useGrantedResource: () => true,
        getResourceServerInfo: (_context, resource) => ({
          scope: SCOPE,
          audience: resource,
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
      DeviceCode: HOUR,
      Interaction: HOUR,
      Session: HOUR,
    },
  }
  return quietly(async () => {
    const { Provider } = await import('oidc-provider')
    const provider = new Provider(issuer, configuration)
    registerExtensionGrants(provider, publicJwk)
    provider.use(sayDeviceInterval)
    return provider
  })
}

const sayDeviceInterval: Parameters<Provider['use']>[0] = async (context, next) => {
  await next()
  if (context.oidc?.route !== 'device_authorization' || context.status !== 200) return
  Object.assign(context.body as object, { interval: DEVICE_INTERVAL_SECONDS })
}
