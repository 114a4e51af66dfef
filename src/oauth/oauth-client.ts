import { hideFromInspect } from '../inspect.js'
import { readClientOptions, type ClientConfig, type OAuthClientOptions } from './client-options.js'
import { createDiscovery } from './discovery.js'
import { endSessionUrl, type EndSessionOptions } from './end-session.js'
import { logOut, type LogOutOptions, type SignedInSession } from './log-out.js'
import { TokenProofs } from './dpop-request.js'
import type { AcquireGrant, RefreshGrant, TargetOptions } from './grant.js'
import {
  clientCredentialsGrant,
  type ClientCredentialsOptions,
} from './grants/client-credentials.js'
import { customGrant, type GrantParameters } from './grants/custom-grant.js'
import { refreshTokenGrant, type RefreshTokenOptions } from './grants/refresh-token.js'
import { endAuthorization, type AuthorizationCodeOptions } from './login/authorization-code.js'
import {
  beginAuthorization,
  type AuthorizationRequest,
  type AuthorizationRequestOptions,
} from './login/authorization-request.js'
import {
  beginDeviceLogin,
  type DeviceAuthorization,
  type DeviceAuthorizationOptions,
} from './login/device-authorization.js'
import { createIdTokenCheck } from './login/id-token.js'
import { SpentAnswers } from './login/spent-answers.js'
import { revocation, type RevokeGrant } from './revocation.js'
import { createUrlRule } from './secure-url.js'
import type { AuthorizationServerMetadata } from './server-metadata.js'
import { createSender } from './sender.js'
import type { TokenSet } from '../tokens/token-set.js'
import { createTokenRequester } from './token-request.js'
import { createTransport } from './transport.js'

/**
 * A client of one authorization server. It makes no request by itself, and shows no secret under
 * `util.inspect`, `JSON.stringify` and `String`.
 *
 * @public
 */
export interface OAuthClient {
  /**
   * The authorization server's metadata: OpenID Connect Discovery, else RFC 8414; at most 5 s.
   * Found once for all callers; a failure is not kept, the next call asks again. Every grant does
   * this by itself: call it to know early. Without `issuer` nothing is asked, and what was given
   * is what comes (with `tokenEndpoint` its URL stands in for the issuer, which is not known).
   *
   * @throws RefreshUnavailableError if the server cannot be reached or is in trouble
   * @throws RefreshRejectedError if there are no metadata, they are another issuer's, they name no
   * token endpoint, or one that is not secure
   */
  discover(): Promise<AuthorizationServerMetadata>
  /**
   * Renews with the refresh token (RFC 6749 §6): a manager's `refresh`. Each call of the function
   * is one token request.
   *
   * @throws TokenOptionsError if an option is bad
   */
  refreshToken(options?: RefreshTokenOptions): RefreshGrant
  /**
   * Gets a token for the client itself (RFC 6749 §4.4): a manager's `acquire`. Each call of the
   * function is one token request.
   *
   * @throws TokenOptionsError if an option is bad
   */
  clientCredentials(options?: ClientCredentialsOptions): AcquireGrant
  /**
   * Any other grant: a manager's `acquire`. JWT bearer (RFC 7523 §2.1), token exchange (RFC 8693),
   * a server's own. Each call of the function is one token request; parameters that are a function
   * are asked for each, so that an assertion is fresh.
   *
   * @throws TokenOptionsError if an option is bad
   */
  grant(type: string, parameters: GrantParameters, options?: TargetOptions): AcquireGrant
  /**
   * Begins a login: the authorization code flow (RFC 6749 §4.1) with PKCE (RFC 7636, S256), `state`
   * and, if the scope has `openid`, a nonce. Sends nothing but discovery.
   *
   * @throws TokenOptionsError if an option is bad
   * @throws RefreshRejectedError if the server has no authorization endpoint, or one not secure
   */
  authorizationRequest(options?: AuthorizationRequestOptions): Promise<AuthorizationRequest>
  /**
   * Ends a login: the response that came to the redirect URI, and the request that it belongs to, become
   * tokens. `state` and `iss` (RFC 9207) are checked, and an ID token is compared with the request.
   * A code is sent once.
   *
   * @throws LoginError if it is not the response, is an error, or the code is refused
   * @throws TokenError as for a grant
   */
  authorizationCode(
    callback: string | URL | URLSearchParams,
    request: AuthorizationRequest,
    options?: AuthorizationCodeOptions,
  ): Promise<TokenSet>
  /**
   * Begins a login on another device (RFC 8628): show the code and the URL, then `poll()`.
   *
   * @throws TokenOptionsError if an option is bad
   * @throws RefreshRejectedError if the server refuses, or has no such endpoint
   * @throws RefreshUnavailableError if it cannot be reached or is in trouble
   */
  deviceAuthorization(options?: DeviceAuthorizationOptions): Promise<DeviceAuthorization>
  /**
   * Makes a manager's `revoke` (RFC 7009): the refresh token, and with it the session, then the
   * access token, which many servers leave alone. A server in trouble is asked again about the
   * first; about an access token that comes second it is asked once, and may refuse.
   */
  revoke(): RevokeGrant
  /**
   * Where to send the browser to end the user's session at the server too (OpenID Connect
   * RP-Initiated Logout 1.0 §2).
   *
   * @throws TokenOptionsError if an option is bad
   * @throws RefreshRejectedError if the server has no such endpoint, or one not secure
   */
  endSessionUrl(options?: EndSessionOptions): Promise<string>
  /**
   * A whole logout in one call: the session ends here, its tokens at the server (with a manager's
   * `revoke`), and the URL says where to send the browser to end the user's session there too.
   * `undefined`: the server has no such URL, or cannot be reached; the session has ended all the
   * same.
   *
   * @throws TokenStoreError if the logout could not be stored; it is in force in this process, and
   * saving is tried again
   */
  logOut(session: SignedInSession, options?: LogOutOptions): Promise<string | undefined>
}

/**
 * A client of one authorization server, whose grants are functions for a manager.
 *
 * @example
 * const oauth = oauthClient({ issuer: 'https://auth.example.com', clientId, clientSecret })
 * const tokens = new TokenManager({ refresh: oauth.refreshToken(), initialTokens })
 *
 * @throws TokenOptionsError if an option is bad: its name, what is wanted, what was given
 * @public
 */
export function oauthClient(options: OAuthClientOptions): OAuthClient {
  const config = readClientOptions(options)
  const assertUrl = createUrlRule(config.insecureOrigins, config.isLoopback)
  const transport = createTransport(config.fetch, assertUrl)
  const { server, provider } = config
  const discover =
    'issuer' in server
      ? createDiscovery(server.issuer, transport, assertUrl, config.endpoints)
      : () => Promise.resolve(server.metadata)
  const send = createSender(config, discover, transport)
  const requestTokens = createTokenRequester(send, new TokenProofs(config.dpop), provider)
  const checkIdToken = createIdTokenCheck(config.clientId, discover, transport)
  const login = {
    ...config,
    discover,
    send,
    requestTokens,
    checkIdToken,
    spent: new SpentAnswers(),
  }

  const client: OAuthClient = {
    discover,
    refreshToken: (grantOptions) => refreshTokenGrant(requestTokens, grantOptions, provider),
    clientCredentials: (grantOptions) => clientCredentialsGrant(requestTokens, grantOptions),
    grant: (type, parameters, grantOptions) =>
      customGrant(requestTokens, type, parameters, grantOptions),
    authorizationRequest: (requestOptions) =>
      beginAuthorization(config, discover, assertUrl, requestOptions),
    authorizationCode: (callback, request, codeOptions) =>
      endAuthorization(login, callback, request, codeOptions),
    deviceAuthorization: (deviceOptions) => beginDeviceLogin(login, deviceOptions),
    revoke: () => revocation(send, provider),
    endSessionUrl: (endOptions) => endSessionUrl(config, discover, assertUrl, endOptions),
    logOut: (session, logOutOptions = {}) =>
      logOut(session, (end) => client.endSessionUrl(end), logOutOptions),
  }
  return Object.freeze(hideFromInspect(client, () => showClient(config)))
}

function showClient(config: ClientConfig): string {
  const { server, provider, clientId, clientAuthMethod = 'by the metadata' } = config
  const where =
    provider?.name ??
    ('issuer' in server ? server.issuer.origin : new URL(tokenEndpointOf(server)).origin)
  return `OAuthClient { server: ${where}, clientId: ${clientId}, clientAuth: ${clientAuthMethod} }`
}

function tokenEndpointOf({ metadata }: { metadata: AuthorizationServerMetadata }): string {
  return metadata.token_endpoint as string
}
