import { veil } from '../inspect.js'
import { readClientOptions, type ClientConfig, type OAuthClientOptions } from './client-options.js'
import { createDiscovery } from './discovery.js'
import type { AcquireGrant, RefreshGrant } from './grant.js'
import {
  clientCredentialsGrant,
  type ClientCredentialsOptions,
} from './grants/client-credentials.js'
import { refreshTokenGrant, type RefreshTokenOptions } from './grants/refresh-token.js'
import { createUrlRule } from './secure-url.js'
import type { AuthorizationServerMetadata } from './server-metadata.js'
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
  const assertUrl = createUrlRule(config.insecureOrigins)
  const transport = createTransport(config.fetch, assertUrl)
  const { server } = config
  const discover =
    'issuer' in server
      ? createDiscovery(server.issuer, transport, assertUrl)
      : () => Promise.resolve(server.metadata)
  const requestTokens = createTokenRequester(config, discover, transport)

  const client: OAuthClient = {
    discover,
    refreshToken: (grantOptions) => refreshTokenGrant(requestTokens, grantOptions),
    clientCredentials: (grantOptions) => clientCredentialsGrant(requestTokens, grantOptions),
  }
  return Object.freeze(veil(client, () => showClient(config)))
}

function showClient({ server, clientId, clientAuthMethod }: ClientConfig): string {
  const where = 'issuer' in server ? server.issuer.origin : new URL(tokenEndpointOf(server)).origin
  return `OAuthClient { server: ${where}, clientId: ${clientId}, clientAuth: ${clientAuthMethod} }`
}

function tokenEndpointOf({ metadata }: { metadata: AuthorizationServerMetadata }): string {
  return metadata.token_endpoint as string
}
