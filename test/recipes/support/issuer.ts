import { exportJWK, generateKeyPair, SignJWT, type JWTPayload } from 'jose'
import { listenOnLoopback } from '../../../docs/examples/web-app/local/loopback.js'
import { quietly } from '../../support/oidc/quietly.js'
import { TokenLedger } from '../../support/oidc/token-ledger.js'

const HOUR = 60 * 60
const CLIENT = { clientId: 'web-app', clientSecret: 'a secret for nobody but this machine' }

export type Issuer = Awaited<ReturnType<typeof startIssuer>>

/** oidc-provider, for one app: whoever gives a name is that user; refresh tokens are used once. */
export async function startIssuer(app: string) {
  const { server, origin } = await listenOnLoopback()
  const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true })
  const jwk = { ...(await exportJWK(privateKey)), kid: 'of-the-issuer', alg: 'RS256', use: 'sig' }
  const lifetime = { seconds: 300 }
  const provider = await quietly(async () => {
    const { Provider } = await import('oidc-provider')
    return new Provider(origin, {
      clients: [
        {
          client_id: CLIENT.clientId,
          client_secret: CLIENT.clientSecret,
          redirect_uris: [`${app}/auth/callback`, `${app}/auth/callback/provider`],
          post_logout_redirect_uris: [`${app}/auth/logged-out`],
          backchannel_logout_uri: `${app}/auth/back-channel-logout`,
          backchannel_logout_session_required: true,
          grant_types: ['authorization_code', 'refresh_token'],
        },
      ],
      // Its own takes no address of this machine.
      fetch: (url, options) => fetch(url, { ...options, dispatcher: undefined } as RequestInit),
      jwks: { keys: [jwk] },
      cookies: { keys: ['a key for nobody but this machine'] },
      findAccount: (_context, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
      rotateRefreshToken: true,
      features: {
        devInteractions: { enabled: true },
        backchannelLogout: { enabled: true },
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
            accessTokenTTL: lifetime.seconds,
            jwt: { sign: { alg: 'RS256' } },
          }),
        },
      },
      ttl: {
        AccessToken: () => lifetime.seconds,
        RefreshToken: HOUR,
        IdToken: HOUR,
        Grant: HOUR,
        Interaction: HOUR,
        Session: HOUR,
      },
    })
  })
  const ledger = new TokenLedger(provider)
  const answer = provider.callback()
  server.on('request', (request, response) => void answer(request, response))

  return {
    ...CLIENT,
    origin,
    ledger,
    lifetime,
    publicKey,
    /** Signed by the issuer's key, whatever it says. */
    sign: (claims: JWTPayload, key = privateKey) =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: 'RS256', kid: jwk.kid, typ: 'logout+jwt' })
        .sign(key),
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}
