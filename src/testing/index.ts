export { createAuthorizationServer } from './authorization-server.js'
export type { TestServerMetadata } from './discovery.js'
export type { Agreement, Consent, Denial } from './consent.js'
export { fakeTokens } from './fake-tokens.js'
export type { FakeTokenCalls, FakeTokens, FakeTokensOptions } from './fake-tokens.js'
export type {
  DelayFault,
  DropFault,
  Endpoint,
  Fault,
  FaultAction,
  FaultPlace,
  HangFault,
  HtmlFault,
  OAuthErrorCode,
  OAuthErrorFault,
  OmitFault,
  OverrideFault,
  PassFault,
  RefuseFault,
  RespondFault,
  StatusFault,
} from './fault.js'
export type { Gate } from './gate.js'
export type { Introspection } from './introspection.js'
export type { TokenResponse } from './issue.js'
export { listenOnLoopback } from './loopback.js'
export type { LoopbackOptions, LoopbackServer } from './loopback.js'
export { mswResolver } from './msw-resolver.js'
export type { EmulatedProvider } from './providers/index.js'
export type { RefusalCase } from './refusal.js'
export type { AuthorizationServerOptions } from './options.js'
export type { ApiCaller, ApiHandler } from './protected-resource.js'
export type { GrantType, RequestRecord, ServerStats } from './records.js'
export type { AuthorizationServer, LoginOptions } from './server-api.js'
export { testTokenStore } from './store-contract.js'
export type { MakeStore, TestRunner } from './store-contract.js'
