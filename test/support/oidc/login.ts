import * as openid from 'openid-client'
import { CLIENT, REDIRECT_URI } from './clients.js'
import { RESOURCE, SCOPE } from './provider.js'
import { UserAgent } from './user-agent.js'

/** What a web app has after a login: the client as openid-client sees it, and its tokens. */
export interface Login {
  readonly client: openid.Configuration
  readonly tokens: openid.TokenEndpointResponse
}

/**
 * Logs a user in as a browser would: the authorization code flow with PKCE, through the server's
 * own sign-in and consent pages.
 */
export async function logIn(issuer: string, userName: string): Promise<Login> {
  const client = await openid.discovery(
    new URL(issuer),
    CLIENT.clientId,
    undefined,
    openid.ClientSecretBasic(CLIENT.clientSecret),
    { execute: [openid.allowInsecureRequests] }, // eslint-disable-line @typescript-eslint/no-deprecated -- loopback
  )
  const pkceCodeVerifier = openid.randomPKCECodeVerifier()
  const expectedState = openid.randomState()
  const start = openid.buildAuthorizationUrl(client, {
    redirect_uri: REDIRECT_URI,
    scope: `openid offline_access ${SCOPE}`,
    resource: RESOURCE,
    prompt: 'consent', // OpenID Connect Core §11: or there is no offline_access
    state: expectedState,
    code_challenge: await openid.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
  })
  const user = new UserAgent({ login: userName, password: 'any' })
  const callback = await user.browseBackTo(REDIRECT_URI, start)
  const tokens = await openid.authorizationCodeGrant(
    client,
    callback,
    { pkceCodeVerifier, expectedState },
    { resource: RESOURCE },
  )
  return { client, tokens }
}
