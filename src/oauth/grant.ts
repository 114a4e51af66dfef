import type { TokenSet } from '../tokens/token-set.js'

/**
 * What a grant that spends a refresh token is given.
 *
 * @public
 */
export interface RefreshGrantContext {
  readonly refreshToken: string
  /** The tokens that are being renewed. */
  readonly tokens: TokenSet
  /** The resource that the access token is for (RFC 8707), where `tokens.for` named one. */
  readonly resource?: string | readonly string[]
  /** The scope that is asked for, where `tokens.for` named one. */
  readonly scope?: string
  /** Ends the request. */
  readonly signal: AbortSignal
}

/**
 * What a grant without a refresh token is given.
 *
 * @public
 */
export interface AcquireGrantContext {
  /** The tokens that are being replaced, if there are any. */
  readonly tokens?: TokenSet
  /** Ends the request. */
  readonly signal: AbortSignal
}

/**
 * One token request with a refresh token: a manager's `refresh`.
 *
 * @public
 */
export type RefreshGrant = (context: RefreshGrantContext) => Promise<TokenSet>

/**
 * One token request without a refresh token: a manager's `acquire`.
 *
 * @public
 */
export type AcquireGrant = (context: AcquireGrantContext) => Promise<TokenSet>

/**
 * What one grant sends besides the client's authentication.
 *
 * @internal
 */
export interface GrantRequest {
  readonly grantType: string
  readonly parameters: URLSearchParams
  /** Only then does `invalid_grant` end a session. */
  readonly spendsRefreshToken: boolean
}
