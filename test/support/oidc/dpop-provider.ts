import { exportJWK, generateKeyPair } from 'jose'
import type Provider from 'oidc-provider'
import type { Configuration } from 'oidc-provider'
import { LOOPBACK_REDIRECT_URI, REDIRECT_URI } from './clients.js'
import { openLoopback } from './loopback.js'
import { SCOPE } from './provider.js'
import { quietly } from './quietly.js'
import { TokenLedger } from './token-ledger.js'
import { UserAgent } from './user-agent.js'

export const WEB = { clientId: 'web', clientSecret: 'a secret of 32 characters or more' }
export const NATIVE = { clientId: 'native' }

const HOUR = 60 * 60
const GRANT_TYPES = ['authorization_code', 'refresh_token']

/** oidc-provider that wants a proof with its nonce for every token request (RFC 9449 §8). */
export interface DpopServer {
  readonly issuer: string
  readonly ledger: TokenLedger
  /** The user logs in at the server's own pages. @returns where the server leads back to */
  logIn(url: string): Promise<URL>
  stop(): Promise<void>
}

export async function startDpopServer(): Promise<DpopServer> {
  const loopback = await openLoopback()
  const issuer = loopback.origin
  const provider = await createDpopProvider(issuer)
  const ledger = new TokenLedger(provider)
  const answer = provider.callback()
  loopback.serve((request, response) => void answer(request, response))
  const user = new UserAgent({ login: 'alice', password: 'any' })
  return {
    issuer,
    ledger,
    logIn: (url) => {
      const start = new URL(url)
      return user.browseBackTo(start.searchParams.get('redirect_uri')!, start)
    },
    stop: () => loopback.stop(),
  }
}

async function createDpopProvider(issuer: string): Promise<Provider> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true })
  const signingKey = { ...(await exportJWK(privateKey)), use: 'sig', alg: 'RS256', kid: 'test' }
  const bound = { dpop_bound_access_tokens: true, redirect_uris: [REDIRECT_URI] }
  const configuration: Configuration = {
    jwks: { keys: [signingKey] },
    cookies: { keys: ['a key for tests'] },
    clients: [
      {
        client_id: WEB.clientId,
        client_secret: WEB.clientSecret,
        grant_types: [...GRANT_TYPES, 'client_credentials'],
        ...bound,
      },
      {
        client_id: NATIVE.clientId,
        token_endpoint_auth_method: 'none',
        grant_types: GRANT_TYPES,
        ...bound,
        application_type: 'native',
        redirect_uris: [REDIRECT_URI, LOOPBACK_REDIRECT_URI],
      },
    ],
    rotateRefreshToken: true,
    findAccount: (_context, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: true },
      dPoP: { enabled: true, nonceSecret: Buffer.alloc(32, 1), requireNonce: () => true },
      resourceIndicators: {
        enabled: true,
        useGrantedResource: () => true,
        getResourceServerInfo: (_context, resource) => ({
          scope: SCOPE,
          audience: resource,
          accessTokenFormat: 'jwt',
          accessTokenTTL: 300,
          jwt: { sign: { alg: 'RS256' } },
        }),
      },
    },
    ttl: {
      AccessToken: HOUR,
      ClientCredentials: HOUR,
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
