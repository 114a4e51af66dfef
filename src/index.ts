export type {
  RefreshMessage,
  RejectionMessage,
  SessionMessage,
  UseMessage,
  WaitMessage,
} from './diagnostics/messages.js'
export {
  InvalidSessionIdError,
  InvalidTokenResponseError,
  isTokenError,
  LoginError,
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
  AcquireFunction,
  AcquireOption,
  RefreshContext,
  RefreshFunction,
  RefreshOption,
  RevokeContext,
  SessionOptions,
  TokenManagerOptions,
} from './options.js'
export type { Explanation } from './session/explain.js'
export type { TargetParameters } from './session/target.js'
export { memoryStore } from './stores/memory.js'
export { TokenManager } from './token-manager.js'
export { fixedToken } from './token-source.js'
export type {
  Credential,
  ResponseInfo,
  RefreshOptions,
  RenewableTokenSource,
  RenewOptions,
  TokenProver,
  TokenSource,
} from './token-source.js'
export type { DpopCryptoKey, DpopJwk, DpopKey, DpopKeyPair } from './tokens/dpop-key.js'
export type { DpopClaims, DpopSigner } from './tokens/dpop-signer.js'
export { toTokenSet } from './tokens/to-token-set.js'
export type { ToTokenSetOptions } from './tokens/to-token-set.js'
export type { FetchResponse, NamedTokens, TokenInput, WireTokens } from './tokens/token-input.js'
export type { TokenSet } from './tokens/token-set.js'
export type {
  JournalEntry,
  Lease,
  LeaseWait,
  SessionEnd,
  SpendMark,
  StoredCoolDown,
  StoredSession,
  TokenStore,
} from './stores/token-store.js'
