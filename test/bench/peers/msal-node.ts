import { PublicClientApplication, type AccountInfo, type Configuration } from '@azure/msal-node'
import type { Issued, Peer } from './peer.ts'

const AUTHORITY = 'https://auth.example/tenant'

const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

/** As Entra ID answers a login. */
function loginAnswer({ accessToken, refreshToken, expiresAt }: Issued) {
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
export function authOf(authority: string): Configuration['auth'] {
  return {
    clientId: 'bench',
    authority,
    knownAuthorities: [new URL(authority).host],
    authorityMetadata: JSON.stringify({
      issuer: authority,
      authorization_endpoint: `${authority}/authorize`,
      token_endpoint: `${authority}/token`,
      end_session_endpoint: `${authority}/logout`,
      jwks_uri: `${authority}/keys`,
    }),
  }
}

/** Logs in by a code, whose answer is made up here, so that the cache is as after a login. */
export async function loggedIn(
  issued: Issued,
  configuration: Pick<Configuration, 'cache'> & { authority?: string } = {},
): Promise<{ app: PublicClientApplication; account: AccountInfo }> {
  const { authority = AUTHORITY, cache } = configuration
  const answer = { status: 200, headers: {}, body: loginAnswer(issued) }
  const networkClient = {
    sendGetRequestAsync: async () => answer as never,
    sendPostRequestAsync: async () => answer as never,
  }
  const app = new PublicClientApplication({
    auth: authOf(authority),
    cache,
    system: { networkClient },
  })
  const code = { code: 'code', scopes: ['api'], redirectUri: 'http://localhost' }
  const { account } = await app.acquireTokenByCode(code)
  return { app, account: account! }
}

/** Its samples: `acquireTokenSilent` before each request. It speaks https to its authority only. */
export const msalNode: Peer = {
  name: '@azure/msal-node',
  package: '@azure/msal-node',
  async tokenGetter({ issued }) {
    const { app, account } = await loggedIn(issued)
    return () => app.acquireTokenSilent({ account, scopes: ['api'] })
  },
}
