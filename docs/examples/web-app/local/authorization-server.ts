import { Provider, type Configuration } from 'oidc-provider'

export const CLIENT = { clientId: 'web-app', clientSecret: 'a secret for nobody but this machine' }

const HOUR = 60 * 60

export interface AuthorizationServerOptions {
  /** Where the app is, which logs its users in here. */
  app: string
  /** Asked for each access token. */
  accessTokenSeconds: () => number
  /** How long a refresh token is still taken after it was used. */
  reuseGraceMs: number
}

/** oidc-provider: whoever gives a name is that user. Refresh tokens rotate, and reuse is detected. */
export function createAuthorizationServer(
  issuer: string,
  options: AuthorizationServerOptions,
): Provider {
  const provider = new Provider(issuer, configure(options))
  addReuseGrace(provider, options.reuseGraceMs)
  return provider
}

function configure({ app, accessTokenSeconds }: AuthorizationServerOptions): Configuration {
  return {
    clients: [
      {
        client_id: CLIENT.clientId,
        client_secret: CLIENT.clientSecret,
        redirect_uris: [`${app}/callback`],
        post_logout_redirect_uris: [`${app}/signed-out`],
        grant_types: ['authorization_code', 'refresh_token'],
      },
    ],
    cookies: { keys: ['a key for nobody but this machine'] },
    findAccount: (_context, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
    rotateRefreshToken: true,
    features: {
      devInteractions: { enabled: true },
      revocation: {
        enabled: true,
        allowedPolicy: (_context, client, token) => token.clientId === client.clientId,
      },
      rpInitiatedLogout: { enabled: true },
      resourceIndicators: {
        enabled: true,
        useGrantedResource: () => true,
        getResourceServerInfo: (_context, resource) => ({
          scope: 'read',
          audience: resource,
          accessTokenFormat: 'jwt',
          accessTokenTTL: accessTokenSeconds(),
          jwt: { sign: { alg: 'RS256' } },
        }),
      },
    },
    ttl: {
      AccessToken: accessTokenSeconds,
      RefreshToken: HOUR,
      IdToken: HOUR,
      Grant: HOUR,
      Interaction: HOUR,
      Session: HOUR,
    },
  }
}

/**
 * oidc-provider has none: a refresh token counts as used only so much later. A process that is
 * killed before it saved the response costs its user nothing then.
 */
function addReuseGrace({ RefreshToken }: Provider, graceMs: number): void {
  const prototype = RefreshToken.prototype as { consume: () => Promise<void> }
  const { consume } = prototype
  prototype.consume = async function () {
    const isRevoked = () => undefined
    setTimeout(() => void consume.call(this).catch(isRevoked), graceMs).unref()
  }
}
