export type { ClientAuthMethod } from './client-auth.js'
export type {
  AuthorizationServerOptions,
  ClientOptions,
  OAuthClientOptions,
} from './client-options.js'
export type {
  AcquireGrant,
  AcquireGrantContext,
  RefreshGrant,
  RefreshGrantContext,
} from './grant.js'
export type { ClientCredentialsOptions } from './grants/client-credentials.js'
export type { RefreshTokenOptions } from './grants/refresh-token.js'
export { oauthClient, type OAuthClient } from './oauth-client.js'
export type { AuthorizationServerMetadata } from './server-metadata.js'
export type { TokenFetch, TokenFetchInit, TokenFetchResponse } from './transport.js'
