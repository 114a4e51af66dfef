import type { DpopKey } from '../tokens/dpop-key.js'
import type { DpopSigner } from '../tokens/dpop-signer.js'
import type { TokenSet } from '../tokens/token-set.js'

/**
 * What a grant with a refresh token is called with.
 *
 * @public
 */
export interface RefreshGrantContext {
  readonly refreshToken: string
  /** The tokens that are being renewed. */
  readonly tokens: TokenSet
  /** The resource of `tokens.for` (RFC 8707), if there is one. It replaces that of the grant. */
  readonly resource?: string | readonly string[]
  /** The scope of `tokens.for`, if there is one. It replaces that of the grant. */
  readonly scope?: string
  /**
   * What an API asks to be said of the new token (a claims challenge), as JSON text: sent as
   * the parameter `claims`.
   */
  readonly claims?: string
  /** Aborts the request. Whether it was sent is then the `outcome` of the RefreshUnavailableError. */
  readonly signal: AbortSignal
}

/**
 * What a grant without a refresh token is called with.
 *
 * @public
 */
export interface AcquireGrantContext {
  /** The tokens that are being replaced, if there are any. */
  readonly tokens?: TokenSet
  /**
   * What an API asks to be said of the new token (a claims challenge), as JSON text: sent as
   * the parameter `claims`.
   */
  readonly claims?: string
  /** Aborts the request. Whether it was sent is then the `outcome` of the RefreshUnavailableError. */
  readonly signal: AbortSignal
}

/**
 * One token request with a refresh token: a manager's `refresh`.
 *
 * @public
 */
export type RefreshGrant = ((context: RefreshGrantContext) => Promise<TokenSet>) & GrantSigner

/**
 * One token request without a refresh token: a manager's `acquire`.
 *
 * @public
 */
export type AcquireGrant = ((context: AcquireGrantContext) => Promise<TokenSet>) & GrantSigner

/**
 * What a grant contains for its manager, besides the function.
 *
 * @public
 */
export interface GrantSigner {
  /** Signs the proofs of a session whose tokens are bound to a key (DPoP, RFC 9449). */
  readonly dpop: DpopSigner
  /** The same object for all grants of one client. */
  readonly client: object
}

/**
 * What to request a token for.
 *
 * @public
 */
export interface TargetOptions {
  /**
   * The scopes to request, separated by spaces (RFC 6749 §3.3).
   *
   * @default the server's choice
   */
  scope?: string | undefined
  /** The API's identifier, an absolute URI without a fragment; or several (RFC 8707 §2). */
  resource?: string | readonly string[] | undefined
  /** The API's identifier, or several, for servers that call it `audience` (Auth0; RFC 8693 §2.1). */
  audience?: string | readonly string[] | undefined
}

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
  /** The key of the session, to prove the request with. */
  readonly dpopKey?: DpopKey | undefined
  /** The values of the server's placeholders that are this session's own. */
  readonly variables?: Readonly<Record<string, string>> | undefined
  /** What is known of the session before the response, and kept with its tokens. */
  readonly extra?: Readonly<Record<string, string>> | undefined
  /** What the server may quote, and nobody is to read. */
  readonly secrets?: readonly string[]
  /** Whether the tokens are those of this login, given the server's clock if it told. */
  readonly check?: (tokens: TokenSet, serverTime: number | undefined) => Promise<void>
}
