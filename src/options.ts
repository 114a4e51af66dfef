import type { RefreshRejectedError } from './errors.js'
import type { TokenStore } from './stores/token-store.js'
import type { DpopSigner } from './tokens/dpop-signer.js'
import type { TokenInput } from './tokens/token-input.js'
import type { TokenSet } from './tokens/token-set.js'

/** What a `refresh` function gets. @public */
export interface RefreshContext {
  refreshToken: string
  /** The tokens that are being renewed. */
  tokens: TokenSet
  /** The resource that the access token is for (RFC 8707), where `tokens.for` named one. */
  resource?: string | readonly string[]
  /** The scope that is asked for, where `tokens.for` named one. */
  scope?: string
  /** The audience that is asked for, where `tokens.for` named one. */
  audience?: string
  /**
   * What an API asks to be said of the new token (a claims challenge), as JSON text: the parameter
   * `claims` of the token request, at servers that have it.
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
   * What an API asks to be said of the new token (a claims challenge), as JSON text: the parameter
   * `claims` of the token request, at servers that have it.
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

/** Makes one token request with a refresh token. @public */
export interface RefreshFunction {
  (context: RefreshContext): Promise<TokenInput>
  /** What a function of `tokenward/oauth` brings with it (see the option `dpop`). */
  readonly dpop?: DpopSigner
  /**
   * Stands for the client and its token endpoint, as a function of `tokenward/oauth` says by itself:
   * what one session of a pool learns of the endpoint holds for all with the same.
   *
   * @default the function
   */
  readonly client?: object
}

/** Makes one token request without a refresh token. @public */
export interface AcquireFunction {
  (context: AcquireContext): Promise<TokenInput>
  /** What a function of `tokenward/oauth` brings with it (see the option `dpop`). */
  readonly dpop?: DpopSigner
  /**
   * Stands for the client and its token endpoint, as a function of `tokenward/oauth` says by itself:
   * what one session of a pool learns of the endpoint holds for all with the same.
   *
   * @default the function
   */
  readonly client?: object
}

/** Renews with a refresh token. @public */
export interface RefreshOption {
  /** Makes one token request. What it throws is judged: see docs/guide/manager.md. */
  refresh: RefreshFunction
  acquire?: undefined
}

/** Gets a token without a refresh token: client credentials, a cookie jar. @public */
export interface AcquireOption {
  /** Makes one token request. Such a session never ends: after a logout the next call acquires. */
  acquire: AcquireFunction
  refresh?: undefined
}

/** @public */
export interface SessionOptions {
  /**
   * Seeds a store that holds neither a session nor a sign-out; what a store already holds wins. A
   * relative `expires_in` counts from the construction. A login is `setTokens`.
   */
  initialTokens?: TokenInput
  /**
   * Where the session lives.
   *
   * @default this manager's memory
   */
  store?: TokenStore
  /**
   * Signs the proofs of a session whose tokens are bound to a key (DPoP, RFC 9449).
   *
   * @default what the `refresh` or `acquire` function of `tokenward/oauth` brings with it
   */
  dpop?: DpopSigner
  /**
   * Tells the authorization server to forget tokens: at `signOut`, and for what a refresh brought
   * after a login or logout had taken its place.
   */
  revoke?: (context: RevokeContext) => unknown
  /**
   * Whether this refusal means that the session has ended, for servers that say it by words of their
   * own. It is asked about each refusal that is not known to mean that, and about a success without
   * an access token. `error.body` is what the server said, without secrets.
   *
   * @default () => false
   */
  endsSession?: (error: RefreshRejectedError) => boolean
  /**
   * How long before its expiry a token is renewed in the background, in milliseconds. Counts for no
   * more than half the lifetime; begins up to 10 % earlier, at random.
   *
   * @default the smaller of 5 minutes and 20 % of the lifetime
   */
  refreshWindowMs?: number
  /**
   * How long before its expiry a token is not sent any more, in milliseconds: it must survive its
   * trip.
   *
   * @default the smaller of 10 s and 5 % of the lifetime
   */
  expiryMarginMs?: number
  /**
   * How long an access token lives of which neither the response nor the token itself says when it
   * ends, in milliseconds.
   *
   * @default nobody knows: it is renewed when an API rejects it
   */
  assumedLifetimeMs?: number
  /**
   * Renew by a timer too, not only when used. The timer never keeps the process alive, and begins
   * with the first token in force: a session in a store is not loaded before its first use.
   *
   * @default false
   */
  keepFresh?: boolean
  /**
   * For platforms that freeze a process behind its response (AWS Lambda, Vercel, Cloud Run).
   * `false`: nothing is begun behind a call; a token in its refresh window is used until it
   * expires, and the next call waits for the refresh. A function: is given each work in the
   * background, a promise that never rejects, to keep the process running until it is done:
   * `(work) => waitUntil(work)`. What it throws is ignored.
   *
   * @default in the background, on a process that keeps running
   */
  background?: false | ((work: Promise<unknown>) => unknown)
  /**
   * How long one token request may take, in milliseconds; all attempts together: 2.5 times that.
   *
   * @default 10_000
   */
  refreshTimeoutMs?: number
  /**
   * How long a caller waits in all, in milliseconds. The refresh it waited for goes on.
   *
   * @default 20_000
   */
  waitTimeoutMs?: number
  /**
   * How often a token request that was not sent, or responded with 408, 429, 502, 503 or 504, is tried,
   * the first included, and the delay that doubles with each (full jitter).
   *
   * @default { attempts: 3, baseDelayMs: 200 }
   */
  retry?: { attempts?: number; baseDelayMs?: number }
  /**
   * Look at the store in the background, at a use that comes this long after the last look, in
   * milliseconds: so another machine's logout or login is known.
   *
   * @default only when the token is due, expired or rejected
   */
  recheckMs?: number
}

/** @public */
export type TokenManagerOptions = SessionOptions & (RefreshOption | AcquireOption)
