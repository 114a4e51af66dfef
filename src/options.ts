import { TokenOptionsError, type RefreshRejectedError } from './errors.js'
import type { TokenStore } from './stores/token-store.js'
import type { DpopSigner } from './tokens/dpop-signer.js'
import type { TokenInput, TokenSet } from './tokens/token-set.js'

/** What a `refresh` function gets. @public */
export interface RefreshContext {
  refreshToken: string
  /** The tokens that are being renewed. */
  tokens: TokenSet
  /** The resource that the access token is for (RFC 8707), where `tokens.for` named one. */
  resource?: string | readonly string[]
  /** The scope that is asked for, where `tokens.for` named one. */
  scope?: string
  /** Aborted when the attempt has taken longer than `refreshTimeoutMs`. */
  signal: AbortSignal
}

/** What an `acquire` function gets. @public */
export interface AcquireContext {
  /** The tokens that are being replaced, if there are any. */
  tokens?: TokenSet
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
}

/** Makes one token request without a refresh token. @public */
export interface AcquireFunction {
  (context: AcquireContext): Promise<TokenInput>
  /** What a function of `tokenward/oauth` brings with it (see the option `dpop`). */
  readonly dpop?: DpopSigner
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
   * Whether this refusal, other than `invalid_grant`, means that the session has ended, for servers
   * that say it their own way.
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
   * Renew by a timer too, not only when used. The timer never keeps the process alive, and begins
   * with the first token in force: a session in a store is not loaded before its first use.
   *
   * @default false
   */
  keepFresh?: boolean
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
   * How often a token request that was not sent, or answered 408, 429, 502, 503 or 504, is tried,
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

/** The options that are numbers, with their defaults in place. */
export interface Timing {
  readonly refreshWindowMs: number | undefined
  readonly expiryMarginMs: number | undefined
  readonly attemptTimeoutMs: number
  readonly cycleBudgetMs: number
  readonly waitTimeoutMs: number
  readonly attempts: number
  readonly baseDelayMs: number
  readonly recheckMs: number
}

const CYCLE_BUDGET_FACTOR = 2.5

const DEFAULT_TIMING: Timing = {
  refreshWindowMs: undefined,
  expiryMarginMs: undefined,
  attemptTimeoutMs: 10_000, // nobody waits for ever
  cycleBudgetMs: 10_000 * CYCLE_BUDGET_FACTOR,
  waitTimeoutMs: 20_000, // shorter than a load balancer's patience
  attempts: 3,
  baseDelayMs: 200,
  recheckMs: Infinity,
}

/** One object for all managers that set no number: there may be a hundred thousand. @internal */
export function timingOf(options: TokenManagerOptions): Timing {
  const { refreshWindowMs, expiryMarginMs, refreshTimeoutMs, waitTimeoutMs, retry, recheckMs } =
    options
  const set = [refreshWindowMs, expiryMarginMs, refreshTimeoutMs, waitTimeoutMs, retry, recheckMs]
  if (set.every((value) => value === undefined)) return DEFAULT_TIMING
  const attemptTimeoutMs = refreshTimeoutMs ?? DEFAULT_TIMING.attemptTimeoutMs
  return {
    refreshWindowMs,
    expiryMarginMs,
    attemptTimeoutMs,
    cycleBudgetMs: attemptTimeoutMs * CYCLE_BUDGET_FACTOR,
    waitTimeoutMs: waitTimeoutMs ?? DEFAULT_TIMING.waitTimeoutMs,
    attempts: retry?.attempts ?? DEFAULT_TIMING.attempts,
    baseDelayMs: retry?.baseDelayMs ?? DEFAULT_TIMING.baseDelayMs,
    recheckMs: recheckMs ?? DEFAULT_TIMING.recheckMs,
  }
}

const isFunction = (value: unknown) => typeof value === 'function'
const isPositive = (value: unknown) => isDuration(value) && value > 0
const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

/** What each option must be, and how to say so. */
const RULES: Record<string, { isGood: (value: unknown) => boolean; wanted: string }> = {
  refresh: { isGood: isFunction, wanted: 'a function' },
  acquire: { isGood: isFunction, wanted: 'a function' },
  initialTokens: { isGood: isObject, wanted: 'tokens' },
  dpop: { isGood: isFunction, wanted: 'a function' },
  store: { isGood: isStore, wanted: 'an object with load() and save()' },
  revoke: { isGood: isFunction, wanted: 'a function' },
  endsSession: { isGood: isFunction, wanted: 'a function' },
  refreshWindowMs: { isGood: isDuration, wanted: 'milliseconds, 0 or more' },
  expiryMarginMs: { isGood: isDuration, wanted: 'milliseconds, 0 or more' },
  keepFresh: { isGood: (value) => typeof value === 'boolean', wanted: 'a boolean' },
  refreshTimeoutMs: { isGood: isPositive, wanted: 'milliseconds, more than 0' },
  waitTimeoutMs: { isGood: isPositive, wanted: 'milliseconds, more than 0' },
  retry: { isGood: isRetry, wanted: '{ attempts: 1 or more, baseDelayMs: 0 or more }' },
  recheckMs: { isGood: isPositive, wanted: 'milliseconds, more than 0' },
}

/**
 * @throws TokenOptionsError naming the option, what was given and what is wanted
 * @internal
 */
export function assertOptions(options: unknown): asserts options is TokenManagerOptions {
  if (!isObject(options)) {
    throw new TokenOptionsError(`TokenManager: options wanted, got ${describe(options)}`)
  }
  for (const [name, value] of Object.entries(options)) {
    const rule = Object.hasOwn(RULES, name) ? RULES[name] : undefined
    if (!rule) throw new TokenOptionsError(`Unknown option \`${name}\``)
    if (value !== undefined && !rule.isGood(value)) {
      throw new TokenOptionsError(`\`${name}\`: ${rule.wanted} wanted, got ${describe(value)}`)
    }
  }
  const { refresh, acquire, store } = options as Partial<TokenManagerOptions>
  if ((refresh === undefined) === (acquire === undefined)) {
    const given = refresh ? 'both' : 'neither'
    throw new TokenOptionsError(`One of \`refresh\` and \`acquire\` wanted, got ${given}`)
  }
  if (store && typeof store.exclusive !== 'function' && store.singleProcess !== true) {
    throw new TokenOptionsError(
      '`store` has no exclusive(): two processes would spend one refresh token. ' +
        'Add it, or say `singleProcess: true` on the store if only one process ever uses it',
    )
  }
}

/**
 * @throws TokenOptionsError for what `tokens.for` cannot take
 * @internal
 */
export function assertTarget(target: unknown, hasRefreshToken: boolean): void {
  if (!hasRefreshToken) {
    throw new TokenOptionsError('for() needs `refresh`: an `acquire` gets a manager of its own')
  }
  if (!isObject(target)) {
    throw new TokenOptionsError(`for(): { resource, scope } wanted, got ${describe(target)}`)
  }
  for (const [name, value] of Object.entries(target)) {
    const isGood = name === 'resource' ? isResource : name === 'scope' ? isScope : undefined
    if (!isGood) throw new TokenOptionsError(`for(): unknown parameter \`${name}\``)
    if (value !== undefined && !isGood(value)) {
      const wanted = name === 'resource' ? 'absolute URIs without a fragment' : 'a non-empty string'
      throw new TokenOptionsError(`for(): \`${name}\`: ${wanted} wanted, got ${describe(value)}`)
    }
  }
  const { resource, scope } = target as { resource?: unknown; scope?: unknown }
  if (resource === undefined && scope === undefined) {
    throw new TokenOptionsError('for(): one of `resource` and `scope` wanted, got neither')
  }
}

function isResource(value: unknown): boolean {
  const uris: unknown[] = Array.isArray(value) ? value : [value]
  const isUri = (uri: unknown) => typeof uri === 'string' && URL.canParse(uri) && !uri.includes('#')
  return uris.length > 0 && uris.every(isUri)
}

function isScope(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== ''
}

/**
 * @throws TokenOptionsError for a signal that is none
 * @internal
 */
export function assertSignal(signal: unknown): asserts signal is AbortSignal | undefined {
  if (signal === undefined || signal instanceof AbortSignal) return
  const isSignalLike = isObject(signal) && typeof Reflect.get(signal, 'aborted') === 'boolean'
  if (isSignalLike && isFunction(Reflect.get(signal, 'addEventListener'))) return
  throw new TokenOptionsError(`\`signal\`: an AbortSignal wanted, got ${describe(signal)}`)
}

/** @internal */
export function isDuration(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0
}

function isStore(value: unknown): boolean {
  return (
    isObject(value) &&
    isFunction(Reflect.get(value, 'load')) &&
    isFunction(Reflect.get(value, 'save'))
  )
}

function isRetry(value: unknown): boolean {
  if (!isObject(value)) return false
  const { attempts = 1, baseDelayMs = 0, ...others } = value as Record<string, unknown>
  if (Array.isArray(value) || Object.keys(others).length > 0) return false
  return Number.isInteger(attempts) && (attempts as number) >= 1 && isDuration(baseDelayMs)
}

/** Numbers and booleans are no secrets; of anything else only the type is said. */
function describe(value: unknown): string {
  if (value === null) return 'null'
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : typeof value
}
