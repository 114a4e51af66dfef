import { PublicClientApplication, type AccountInfo, type Configuration } from '@azure/msal-node'
import type { Issued, Peer } from './peer.ts'

const AUTHORITY = 'https://auth.example/tenant'
export const SCOPES = ['api']

const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

/** As Entra ID answers a login. */
export function loginAnswer({ accessToken, refreshToken, expiresAt }: Issued) {
  const claims = {
    iss: AUTHORITY,
    sub: 'user',
    oid: 'user',
    tid: 'tenant',
    aud: 'bench',
    iat: 1,
    exp: 4e9,
  }
  return {
    token_type: 'Bearer',
    scope: 'api',
    access_token: accessToken,
    refresh_token: refreshToken,
    expires_in: Math.round((expiresAt - Date.now()) / 1000),
    id_token: `${encoded({ alg: 'none' })}.${encoded(claims)}.`,
    client_info: encoded({ uid: 'user', utid: 'tenant' }),
  }
}

/** What an authority tells at its discovery endpoint, told beforehand ("Configuration"). */
const AUTH: Configuration['auth'] = {
  clientId: 'bench',
  authority: AUTHORITY,
  knownAuthorities: [new URL(AUTHORITY).host],
  authorityMetadata: JSON.stringify({
    issuer: AUTHORITY,
    authorization_endpoint: `${AUTHORITY}/authorize`,
    token_endpoint: `${AUTHORITY}/token`,
    end_session_endpoint: `${AUTHORITY}/logout`,
    jwks_uri: `${AUTHORITY}/keys`,
  }),
}

type CacheOptions = Configuration['cache']
type NetworkClient = NonNullable<NonNullable<Configuration['system']>['networkClient']>

export function appWith(
  answer: () => Promise<object>,
  cache?: CacheOptions,
): PublicClientApplication {
  const send = async () => ({ status: 200, headers: {}, body: await answer() }) as never
  const networkClient: NetworkClient = { sendGetRequestAsync: send, sendPostRequestAsync: send }
  return new PublicClientApplication({ auth: AUTH, cache, system: { networkClient } })
}

/** Logs in by a code, whose answer is made up here, so that the cache is as after a login. */
export async function loggedIn(
  issued: Issued,
  cache?: CacheOptions,
): Promise<{ app: PublicClientApplication; account: AccountInfo }> {
  const app = appWith(async () => loginAnswer(issued), cache)
  const code = { code: 'code', scopes: SCOPES, redirectUri: 'http://localhost' }
  const { account } = await app.acquireTokenByCode(code)
  return { app, account: account! }
}

/** Its samples: `acquireTokenSilent` before each request. It speaks https to its authority only. */
export const msalNode: Peer = {
  name: '@azure/msal-node',
  package: '@azure/msal-node',
  async tokenGetter({ issued }) {
    const { app, account } = await loggedIn(issued)
    return () => app.acquireTokenSilent({ account, scopes: SCOPES })
  },
}
