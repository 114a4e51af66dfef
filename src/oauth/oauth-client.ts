import { hideFromInspect } from '../inspect.js'
import { readClientOptions, type ClientConfig, type OAuthClientOptions } from './client-options.js'
import { BY_OPTION, createDiscovery, type IssuerAdvice } from './discovery.js'
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
   * Resolves to the authorization server's metadata, by OpenID Connect Discovery, otherwise by RFC
   * 8414. It takes at most 5 s. All callers share one discovery; if it fails, the next call tries
   * again. Every grant does this by itself: call it to find out at startup whether it works. Without
   * `issuer`, no request is made, and the result is what the options contain. With `tokenEndpoint`,
   * its URL is used as the issuer, which is not known.
   *
   * @throws RefreshUnavailableError if the server cannot be reached or does not work
   * @throws RefreshRejectedError if there is no metadata, it belongs to another issuer, or its token
   * endpoint is missing or not secure
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
   * a server's own. Each call of the function is one token request. If `parameters` is a function, it
   * is called for each request, so that each has a new assertion.
   *
   * @throws TokenOptionsError if an option is bad
   */
  grant(type: string, parameters: GrantParameters, options?: TargetOptions): AcquireGrant
  /**
   * Begins a login: the authorization code flow (RFC 6749 §4.1) with PKCE (RFC 7636, S256), `state`
   * and, if the scope contains `openid`, a nonce. It makes no request except discovery.
   *
   * @throws TokenOptionsError if an option is bad
   * @throws RefreshRejectedError if the server's authorization endpoint is missing or not secure
   */
  authorizationRequest(options?: AuthorizationRequestOptions): Promise<AuthorizationRequest>
  /**
   * Ends a login: exchanges the code of the response at the redirect URI for tokens. `state` and `iss`
   * (RFC 9207) are checked, and an ID token is compared with the request. The code is sent only once.
   *
   * @throws LoginError if the response belongs to another login, is an error, or its code is refused
   * @throws TokenError the same errors as a grant
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
   * @throws RefreshRejectedError if the server refuses, or has no device authorization endpoint
   * @throws RefreshUnavailableError if the server cannot be reached or does not work
   */
  deviceAuthorization(options?: DeviceAuthorizationOptions): Promise<DeviceAuthorization>
  /**
   * Makes a manager's `revoke` (RFC 7009). It revokes the refresh token, and with it the session, with
   * up to three requests if the server does not work. Then it revokes the access token, which many
   * servers do not revoke by themselves, with one request whose result does not matter.
   */
  revoke(): RevokeGrant
  /**
   * The URL to which you send the browser to end the user's session at the server too (OpenID Connect
   * RP-Initiated Logout 1.0 §2).
   *
   * @throws TokenOptionsError if an option is bad
   * @throws RefreshRejectedError if the server's logout endpoint is missing or not secure
   */
  endSessionUrl(options?: EndSessionOptions): Promise<string>
  /**
   * A whole logout in one call. It ends the session in your application, and revokes its tokens if
   * the manager has `revoke`.
   *
   * @returns the URL to which you send the browser to end the user's session at the server too, or
   * `undefined` if the server has no such URL or cannot be reached; the session has ended anyway
   * @throws TokenStoreError if the logout could not be stored. The session has ended in this process
   * anyway, and the manager tries again to save the logout
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
 * @throws TokenOptionsError that names the option, what was expected and what was received
 * @public
 */
export function oauthClient(options: OAuthClientOptions): OAuthClient {
  return clientOf(readClientOptions(options))
}

/** The client of options that are checked. @internal */
export function clientOf(config: ClientConfig): OAuthClient {
  const assertUrl = createUrlRule(config.insecureOrigins, config.isLoopback)
  const transport = createTransport(config.fetch, assertUrl)
  const { server, provider } = config
  const discover =
    'issuer' in server
      ? createDiscovery(server.issuer, transport, assertUrl, adviceOf(config), config.endpoints)
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

function adviceOf({ provider, insecureOrigins }: ClientConfig): IssuerAdvice {
  if (!insecureOrigins) return { toCheck: 'it is the server that issued the tokens' }
  return provider ? { toCheck: 'check the options of the `provider`' } : BY_OPTION
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
