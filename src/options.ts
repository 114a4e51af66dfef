import type { RefreshRejectedError } from './errors.js'
import type { TokenStore } from './stores/token-store.js'
import type { DpopSigner } from './tokens/dpop-signer.js'
import type { FetchResponse, TokenInput } from './tokens/token-input.js'
import type { TokenSet } from './tokens/token-set.js'

/** What a `refresh` function gets. @public */
export interface RefreshContext {
  refreshToken: string
  /** The tokens that are being renewed. */
  tokens: TokenSet
  /** The resource that the access token is for (RFC 8707), if `tokens.for` was called with one. */
  resource?: string | readonly string[]
  /** The scope to request, if `tokens.for` was called with one. */
  scope?: string
  /** The audience to request, if `tokens.for` was called with one. */
  audience?: string
  /**
   * The claims that an API requires of the new token (a claims challenge), as JSON text. Send it as
   * the parameter `claims` of the token request, if the server supports it.
   */
  claims?: string
  /** Aborted when the attempt has taken longer than `refreshTimeoutMs`. */
  signal: AbortSignal
}

/** What an `acquire` function gets. @public */
export interface AcquireContext {
  /** The tokens that are being replaced, if there are any. */
  tokens?: TokenSet
  /**
   * The claims that an API requires of the new token (a claims challenge), as JSON text. Send it as
   * the parameter `claims` of the token request, if the server supports it.
   */
  claims?: string
  /** Aborted when the attempt has taken longer than `refreshTimeoutMs`. */
  signal: AbortSignal
}

/** What a `revoke` function gets. @public */
export interface RevokeContext {
  tokens: TokenSet
  signal: AbortSignal
}

/**
 * Makes one token request with a refresh token. Returns what the server responded: an object with
 * the tokens, the response of `fetch` with its body unread, or the body as text.
 *
 * @public
 */
export interface RefreshFunction {
  (context: RefreshContext): Promise<TokenInput | FetchResponse>
  /** Signs the proofs (see the option `dpop`). The functions of `tokenward/oauth` have it. */
  readonly dpop?: DpopSigner
  /**
   * Any object that stands for the client and its token endpoint. The sessions of a pool whose
   * functions have the same `client` share limits and pauses of that endpoint. The functions of
   * `tokenward/oauth` have it.
   *
   * @default the function itself
   */
  readonly client?: object
}

/** Makes one token request without a refresh token. Returns the same as a `RefreshFunction`. @public */
export interface AcquireFunction {
  (context: AcquireContext): Promise<TokenInput | FetchResponse>
  /** Signs the proofs (see the option `dpop`). The functions of `tokenward/oauth` have it. */
  readonly dpop?: DpopSigner
  /**
   * Any object that stands for the client and its token endpoint. The sessions of a pool whose
   * functions have the same `client` share limits and pauses of that endpoint. The functions of
   * `tokenward/oauth` have it.
   *
   * @default the function itself
   */
  readonly client?: object
}

/** Renews with a refresh token. @public */
export interface RefreshOption {
  /** Makes one token request. See docs/guide/manager.md for what happens when it throws. */
  refresh: RefreshFunction
  acquire?: undefined
}

/** Gets a token without a refresh token, for example with client credentials. @public */
export interface AcquireOption {
  /** Makes one token request. Such a session never ends: after a logout, the next call acquires. */
  acquire: AcquireFunction
  refresh?: undefined
}

/** @public */
export interface SessionOptions {
  /**
   * Initial tokens. Ignored if the store already contains a session or a logout record. A relative
   * `expires_in` counts from the construction of the manager. For a login, call `setTokens`.
   */
  initialTokens?: TokenInput | undefined
  /**
   * Where the session is kept.
   *
   * @default this manager's memory
   */
  store?: TokenStore | undefined
  /**
   * Signs the proofs of a session whose tokens are bound to a key (DPoP, RFC 9449).
   *
   * @default the signer of the `refresh` or `acquire` function, which those of `tokenward/oauth` have
   */
  dpop?: DpopSigner | undefined
  /**
   * Revokes tokens at the authorization server: at `signOut`, and for tokens that a refresh received
   * after a login or logout had replaced the session.
   */
  revoke?: ((context: RevokeContext) => unknown) | undefined
  /**
   * Whether this refusal means that the session has ended, for servers that report it in their own
   * way. It is called for each refusal that is not known to mean that, and for a success without an
   * access token. `error.body` is the body of the response without secrets.
   *
   * @default () => false
   */
  endsSession?: ((error: RefreshRejectedError) => boolean) | undefined
  /**
   * How long before its expiry a token is renewed in the background, in milliseconds. It is capped to
   * half of the lifetime. The window begins up to 10 % earlier, at random.
   *
   * @default the smaller of 5 minutes and 20 % of the lifetime
   */
  refreshWindowMs?: number | undefined
  /**
   * How long before its expiry a token is no longer sent, in milliseconds: it must still be valid
   * when it reaches the API. It is capped to half of the lifetime.
   *
   * @default the smaller of 10 s and 5 % of the lifetime
   */
  expiryMarginMs?: number | undefined
  /**
   * The lifetime of an access token, in milliseconds, if neither the response nor the token itself
   * says when it expires.
   *
   * @default unknown: the token is renewed when an API rejects it
   */
  assumedLifetimeMs?: number | undefined
  /**
   * Also renew the token by a timer, and not only when it is used. The timer never keeps the process
   * alive. It starts with the first token: a session in a store is not loaded before its first use.
   *
   * @default false
   */
  keepFresh?: boolean | undefined
  /**
   * For platforms that freeze a process behind its response (AWS Lambda, Vercel, Cloud Run).
   * `false`: no token is renewed in the background. A token in its refresh window is used until it
   * expires, and the next call waits for the refresh. With `recheckMs`, the store is read all the
   * same: that loses nothing if it is cut off. A function, such as
   * `(work) => waitUntil(work)`: it is called with the promise of each background task, and keeps the
   * process running until the promise settles. The promise never rejects. Errors that the function
   * throws are ignored.
   *
   * @default tasks run in the background of a process that keeps running
   */
  background?: false | ((work: Promise<unknown>) => unknown) | undefined
  /**
   * The maximum time for one token request, in milliseconds. All attempts of a refresh together may
   * take 2.5 times as long.
   *
   * @default 10_000
   */
  refreshTimeoutMs?: number | undefined
  /**
   * The maximum time that one caller waits, in milliseconds. The refresh continues after that.
   *
   * @default 20_000
   */
  waitTimeoutMs?: number | undefined
  /**
   * `attempts`: how many times a token request is tried, including the first, if it was not sent or
   * the status of the response is 408, 429, 502, 503 or 504. `baseDelayMs`: the first delay between
   * two attempts, in milliseconds; it doubles with each attempt (full jitter).
   *
   * @default { attempts: 3, baseDelayMs: 200 }
   */
  retry?: { attempts?: number | undefined; baseDelayMs?: number | undefined } | undefined
  /**
   * When a token is used and the store was last read at least this long ago, in milliseconds, the
   * store is read again in the background. So a logout or login on another machine is noticed.
   *
   * @default only when the token is due, expired or rejected
   */
  recheckMs?: number | undefined
}

/** @public */
export type TokenManagerOptions = SessionOptions & (RefreshOption | AcquireOption)
