import * as openid from 'openid-client'
import {
  CLIENTS,
  REDIRECT_URI,
  SCOPE,
  type ClientName,
  type Glewlwyd,
} from './authorization-server.js'

/** openid-client escapes characters that need no escape, and this server does not decode. */
const plainBasic =
  (secret: string): openid.ClientAuth =>
  (_server, client, _body, headers) =>
    headers.set('authorization', `Basic ${btoa(`${client.client_id}:${secret}`)}`)

const AUTHENTICATION = {
  client_secret_basic: plainBasic,
  client_secret_post: openid.ClientSecretPost,
  none: openid.None,
}

/** A login made by openid-client: the authorization code flow with PKCE, as a web app does it. */
export async function logIn(
  { issuer, browser }: Glewlwyd,
  name: ClientName,
): Promise<openid.TokenEndpointResponse> {
  const { clientId, ...rest } = CLIENTS[name]
  const secret = 'clientSecret' in rest ? rest.clientSecret : ''
  const client = await openid.discovery(
    new URL(issuer),
    clientId,
    undefined,
    AUTHENTICATION[name](secret),
    { execute: [openid.allowInsecureRequests] }, // eslint-disable-line @typescript-eslint/no-deprecated -- loopback
  )
  const pkceCodeVerifier = openid.randomPKCECodeVerifier()
  const expectedState = openid.randomState()
  const expectedNonce = openid.randomNonce()
  const start = openid.buildAuthorizationUrl(client, {
    redirect_uri: REDIRECT_URI,
    scope: `openid ${SCOPE}`,
    state: expectedState,
    nonce: expectedNonce, // this server refuses a request without one
    code_challenge: await openid.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
  })
  const callback = await browser.authorize(start)
  return openid.authorizationCodeGrant(client, callback, {
    pkceCodeVerifier,
    expectedState,
    expectedNonce,
  })
}
