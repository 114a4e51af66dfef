export type { ClientAuthMethod } from './client-auth.js'
export type { ClientKey, PrivateCryptoKey, PrivateJwk, PrivateKeyWithId } from './client-key.js'
export type { ClientOptions, OAuthClientOptions } from './client-options.js'
export { dpopSigner, generateDpopKey, type DpopAlgorithm, type DpopOptions } from './dpop.js'
export type { EndSessionOptions } from './end-session.js'
export type { LogOutOptions, SignedInSession } from './log-out.js'
export type {
  AcquireGrant,
  AcquireGrantContext,
  GrantSigner,
  RefreshGrant,
  RefreshGrantContext,
  TargetOptions,
} from './grant.js'
export type { ClientCredentialsOptions } from './grants/client-credentials.js'
export type { GrantParameters, ParameterValues } from './grants/custom-grant.js'
export type { RefreshTokenOptions } from './grants/refresh-token.js'
export type { AuthorizationCodeOptions } from './login/authorization-code.js'
export type {
  AuthorizationRequest,
  AuthorizationRequestOptions,
} from './login/authorization-request.js'
export type {
  DeviceAuthorization,
  DeviceAuthorizationOptions,
} from './login/device-authorization.js'
export { oauthClient, type OAuthClient } from './oauth-client.js'
export type {
  BuiltRequest,
  ErrorShape,
  MatchValue,
  ParameterShape,
  Provider,
  ProviderAbout,
  ProviderEndpoints,
  RequestShape,
  ResponseMatch,
  ResponseMember,
  ResponseShape,
} from './provider.js'
export type { RevokeGrant, RevokeGrantContext } from './revocation.js'
export { stepUpParameters } from './step-up.js'
export type { AuthorizationServerMetadata } from './server-metadata.js'
export type { AuthorizationServerOptions } from './server-options.js'
export type { OAuthFetch, OAuthFetchInit, TokenFetchResponse } from './transport.js'
