import { exportJWK, generateKeyPair, type JWK } from 'jose'
import type { ClientMetadata } from 'oidc-provider'

export const REDIRECT_URI = 'https://app.example.test/callback'
/** RFC 8252 §7.3: any port will do. */
export const LOOPBACK_REDIRECT_URI = 'http://127.0.0.1/callback'
/** As servers demand it that compare the host letter by letter. */
export const LOCALHOST_REDIRECT_URI = 'http://localhost/login/done'
export const POST_LOGOUT_REDIRECT_URI = 'https://app.example.test/bye'

/** Every character that RFC 6749 appendix A.2 allows and some encoding gets wrong. */
export const CLIENT = { clientId: 'web app:1-_.*+%', clientSecret: 'p:a/s+s %20&=?#"\'()*!~-_.' }

const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code'
export const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
export const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'

const SECRET = 'a secret of 32 characters or more'

const GRANT_TYPES = [
  'authorization_code',
  'refresh_token',
  'client_credentials',
  DEVICE_CODE,
  JWT_BEARER,
  TOKEN_EXCHANGE,
]

/** A client for each way to authenticate: what the server knows of it, and what it knows itself. */
export async function createClients() {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
  const privateJwk: JWK = { ...(await exportJWK(privateKey)), kid: 'client-key', alg: 'ES256' }
  const publicJwk: JWK = { ...(await exportJWK(publicKey)), kid: 'client-key', alg: 'ES256' }
  const own = {
    client_secret_basic: CLIENT,
    client_secret_post: {
      clientId: 'post',
      clientSecret: SECRET,
      clientAuth: 'client_secret_post',
    },
    client_secret_jwt: {
      clientId: 'secret-jwt',
      clientSecret: SECRET,
      clientAuth: 'client_secret_jwt',
    },
    private_key_jwt: { clientId: 'private-jwt', clientKey: privateJwk },
    none: { clientId: 'public' },
  } as const
  const metadata: ClientMetadata[] = Object.entries(own).map(([method, client]) => ({
    client_id: client.clientId,
    ...('clientSecret' in client && { client_secret: client.clientSecret }),
    ...(method === 'private_key_jwt' && { jwks: { keys: [publicJwk] } }),
    ...(method === 'none'
      ? {
          application_type: 'native',
          redirect_uris: [REDIRECT_URI, LOOPBACK_REDIRECT_URI, LOCALHOST_REDIRECT_URI],
          grant_types: GRANT_TYPES.filter((type) => type !== 'client_credentials'),
        }
      : { redirect_uris: [REDIRECT_URI], grant_types: GRANT_TYPES }),
    post_logout_redirect_uris: [POST_LOGOUT_REDIRECT_URI],
    token_endpoint_auth_method: method as ClientMetadata['token_endpoint_auth_method'],
  }))
  return { own, metadata, privateKey }
}

export type Clients = Awaited<ReturnType<typeof createClients>>
export type ClientAuthentication = keyof Clients['own']
