export {
  InvalidTokenResponseError,
  isTokenError,
  LoginRequiredError,
  ManagerClosedError,
  NotReplayedError,
  RefreshRejectedError,
  RefreshUnavailableError,
  StepUpRequiredError,
  TokenError,
  TokenOptionsError,
  TokenStoreError,
  tokenErrorOf,
} from './errors.js'
export type { TokenErrorCode } from './errors.js'
export type { RefreshReason, TokenEvents } from './events.js'
export type {
  AcquireContext,
  AcquireOption,
  RefreshContext,
  RefreshOption,
  RevokeContext,
  SessionOptions,
  TokenManagerOptions,
} from './options.js'
export type { TargetParameters } from './refresh/target.js'
export { memoryStore } from './stores/memory.js'
export { TokenManager } from './token-manager.js'
export { fixedToken } from './token-source.js'
export type { RefreshOptions, TokenSource } from './token-source.js'
export { toTokenSet } from './tokens/token-set.js'
export type {
  NamedTokens,
  TokenInput,
  TokenSet,
  ToTokenSetOptions,
  WireTokens,
} from './tokens/token-set.js'
export type { Lease, StoredSession, TokenStore } from './stores/token-store.js'
