import { describeCause, redact } from './redact.js'

/** Marks every error of ours, whichever copy of the package (ESM, CJS, two versions) made it. */
const BRAND = Symbol.for('tokenward.TokenError')

/**
 * The literal `code` of each error class.
 *
 * @public
 */
export type TokenErrorCode = keyof TokenErrors

/**
 * The base of every error of ours. No secret is in its message, and its `cause` is a redacted
 * description (name, message, code, status) of what was thrown, never the thing itself: an HTTP
 * client's error carries the request, and with it the tokens.
 *
 * @public
 */
export abstract class TokenError extends Error {
  abstract readonly code: TokenErrorCode
  /** `true` if the same call may succeed later without anybody mending anything. */
  abstract readonly isTransient: boolean

  /** The name is passed in, since `new.target.name` does not survive a user's minifier. */
  constructor(name: string, message: string, options: { cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: safeCause(options.cause) })
    Object.defineProperty(this, BRAND, { value: true })
    Object.defineProperty(this, 'name', { value: name, configurable: true })
  }
}

/**
 * Nothing can be renewed without the user: show the login. The same error is given to every call
 * until somebody logs in.
 *
 * @public
 */
export class LoginRequiredError extends TokenError {
  readonly code = 'ERR_LOGIN_REQUIRED'
  readonly isTransient = false
  /**
   * - `no-session`: nobody has logged in yet
   * - `signed-out`: the user logged out, here or elsewhere
   * - `invalid-grant`: the authorization server refused the refresh token (RFC 6749 §5.2)
   * - `no-refresh-token`: the token has expired and there is none to renew it with
   * - `gone`: the session's record vanished from its store
   * - `session-changed`: the call began under one login and another took its place
   */
  readonly reason:
    'no-session' | 'signed-out' | 'invalid-grant' | 'no-refresh-token' | 'gone' | 'session-changed'

  constructor(
    message = 'The session has ended: the user must log in again',
    options: { reason?: LoginRequiredError['reason']; cause?: unknown } = {},
  ) {
    super('LoginRequiredError', message, options)
    this.reason = options.reason ?? 'invalid-grant'
  }
}

/**
 * The authorization server refused for a reason that a login does not mend (`invalid_client`,
 * `invalid_scope`, ...). The tokens are kept: mend the configuration.
 *
 * @public
 */
export class RefreshRejectedError extends TokenError {
  readonly code = 'ERR_REFRESH_REJECTED'
  readonly isTransient = false
  /** The server's `error` (RFC 6749 §5.2), if it sent one. */
  readonly error: string | undefined
  /** The server's `error_description`, if it sent one. */
  readonly errorDescription: string | undefined
  /** The HTTP status, if known. */
  readonly status: number | undefined

  constructor(
    message = 'The authorization server rejected the token request',
    options: { error?: string; errorDescription?: string; status?: number; cause?: unknown } = {},
  ) {
    super('RefreshRejectedError', message, options)
    this.error = options.error === undefined ? undefined : redact(options.error)
    this.errorDescription =
      options.errorDescription === undefined ? undefined : redact(options.errorDescription)
    this.status = options.status
  }
}

/**
 * No new token for now: network, timeout, 408, 429, 5xx, or the cool-down after one of them. The
 * tokens are kept: try later.
 *
 * @public
 */
export class RefreshUnavailableError extends TokenError {
  readonly code = 'ERR_REFRESH_UNAVAILABLE'
  readonly isTransient = true
  /** How long to wait, in milliseconds, where that is known; more than an hour counts as an hour. */
  readonly retryAfterMs: number | undefined
  /**
   * - `not-sent`: no request left this process
   * - `failed`: the server answered that it did not do it
   * - `unknown`: no answer came, the server may have done it
   */
  readonly outcome: 'not-sent' | 'failed' | 'unknown'
  /** The HTTP status, if there was an answer. */
  readonly status: number | undefined

  constructor(
    message = 'The token could not be refreshed for now',
    options: {
      retryAfterMs?: number
      outcome?: RefreshUnavailableError['outcome']
      status?: number
      cause?: unknown
    } = {},
  ) {
    super('RefreshUnavailableError', message, options)
    this.retryAfterMs = soundWait(options.retryAfterMs)
    this.outcome = options.outcome ?? 'unknown'
    this.status = options.status
  }
}

/**
 * A success that is not a token response (RFC 6749 §5.1): HTML of a captive portal, no access
 * token, an unknown `token_type`.
 *
 * @public
 */
export class InvalidTokenResponseError extends TokenError {
  readonly code = 'ERR_INVALID_TOKEN_RESPONSE'
  readonly isTransient = true

  constructor(
    message = 'The answer is not a token response (RFC 6749 §5.1)',
    options: { cause?: unknown } = {},
  ) {
    super('InvalidTokenResponseError', message, options)
  }
}

/**
 * The store of the session failed. A usable token goes on being used.
 *
 * @public
 */
export class TokenStoreError extends TokenError {
  readonly code = 'ERR_TOKEN_STORE'
  readonly isTransient: boolean
  readonly operation: 'load' | 'save' | 'exclusive'
  /**
   * - `damaged`: what is stored cannot be read; a login or logout replaces it
   * - `locked`: the lease was not to be had in time
   * - `unwritable`: the store can be read but not written
   * - `undecryptable`: the key does not fit
   * - `failed`: anything else, a timeout included
   */
  readonly reason: 'damaged' | 'locked' | 'unwritable' | 'undecryptable' | 'failed'

  constructor(
    message: string,
    options: {
      operation: TokenStoreError['operation']
      reason?: TokenStoreError['reason']
      cause?: unknown
    },
  ) {
    super('TokenStoreError', message, options)
    this.operation = options.operation
    this.reason = options.reason ?? 'failed'
    this.isTransient = this.reason === 'failed' || this.reason === 'locked'
  }
}

/**
 * RFC 9470: the API wants a stronger or a more recent login.
 *
 * @public
 */
export class StepUpRequiredError extends TokenError {
  readonly code = 'ERR_STEP_UP_REQUIRED'
  readonly isTransient = false
  /** The `acr_values` to send in the authorization request; empty if the API named none. */
  readonly acrValues: readonly string[]
  /** The `max_age` to send, in seconds, if the API named one. */
  readonly maxAgeSeconds: number | undefined

  constructor(
    message = 'The API requires a stronger or a more recent login (RFC 9470)',
    options: { acrValues?: readonly string[]; maxAgeSeconds?: number; cause?: unknown } = {},
  ) {
    super('StepUpRequiredError', message, options)
    this.acrValues = options.acrValues ?? []
    this.maxAgeSeconds = options.maxAgeSeconds
  }
}

/**
 * Why a 401 was passed on instead of being answered by a replay.
 *
 * @public
 */
export class NotReplayedError extends TokenError {
  readonly code = 'ERR_NOT_REPLAYED'
  readonly isTransient: boolean
  /**
   * - `body`: the request's body can be sent only once
   * - `origin`: the 401 came from an origin that the token is not bound to
   * - `cool-down`: a token fresh from the server was rejected too, a moment ago
   * - `scope`: the token is valid but not sufficient (RFC 6750 §3.1), or the challenge is not ours
   * - `already-replayed`: the replay was answered 401 too
   */
  readonly reason: 'body' | 'origin' | 'cool-down' | 'scope' | 'already-replayed'

  constructor(message: string, options: { reason: NotReplayedError['reason']; cause?: unknown }) {
    super('NotReplayedError', message, options)
    this.reason = options.reason
    this.isTransient = options.reason === 'cool-down'
  }
}

/**
 * A login was not completed: begin another. What a server or a network fails at is told by the
 * other classes.
 *
 * @public
 */
export class LoginError extends TokenError {
  readonly code = 'ERR_LOGIN'
  readonly isTransient = false
  /**
   * - `denied`: the user, or the authorization server for them, said no (`access_denied`)
   * - `state`: the answer is to another request, or was taken before
   * - `issuer`: the answer comes from another authorization server (RFC 9207), or does not say whence
   * - `expired`: the device code has expired (RFC 8628 §3.5)
   * - `timeout`: no answer came in time
   * - `port`: the port for the answer could not be listened on
   * - `aborted`: the caller aborted
   * - `failed`: any other reason; `error` is the server's, if it gave one
   */
  readonly reason:
    'denied' | 'state' | 'issuer' | 'expired' | 'timeout' | 'port' | 'aborted' | 'failed'
  /** The server's `error` (RFC 6749 §4.1.2.1, §5.2), if it sent one. */
  readonly error: string | undefined
  /** The server's `error_description`, if it sent one. */
  readonly errorDescription: string | undefined

  constructor(
    message: string,
    options: {
      reason: LoginError['reason']
      error?: string
      errorDescription?: string
      cause?: unknown
    },
  ) {
    super('LoginError', message, options)
    this.reason = options.reason
    this.error = options.error === undefined ? undefined : redact(options.error)
    this.errorDescription =
      options.errorDescription === undefined ? undefined : redact(options.errorDescription)
  }
}

/**
 * A bad option or call. The message says which option, what was given and what is wanted; the
 * value of a secret is never in it.
 *
 * @public
 */
export class TokenOptionsError extends TokenError {
  readonly code = 'ERR_TOKEN_OPTIONS'
  readonly isTransient = false

  constructor(message: string, options: { cause?: unknown } = {}) {
    super('TokenOptionsError', message, options)
  }
}

/**
 * The manager was used after `close()`.
 *
 * @public
 */
export class ManagerClosedError extends TokenError {
  readonly code = 'ERR_MANAGER_CLOSED'
  readonly isTransient = false

  constructor(message = 'This TokenManager is closed') {
    super('ManagerClosedError', message)
  }
}

/** Each class by its code. */
interface TokenErrors {
  ERR_LOGIN_REQUIRED: LoginRequiredError
  ERR_REFRESH_REJECTED: RefreshRejectedError
  ERR_REFRESH_UNAVAILABLE: RefreshUnavailableError
  ERR_INVALID_TOKEN_RESPONSE: InvalidTokenResponseError
  ERR_TOKEN_STORE: TokenStoreError
  ERR_STEP_UP_REQUIRED: StepUpRequiredError
  ERR_NOT_REPLAYED: NotReplayedError
  ERR_LOGIN: LoginError
  ERR_TOKEN_OPTIONS: TokenOptionsError
  ERR_MANAGER_CLOSED: ManagerClosedError
}

/**
 * Whether the value is an error of ours, of the given code if one is given; also one made by
 * another copy of the package, which `instanceof` does not recognise.
 *
 * @example
 * if (isTokenError(error, 'ERR_LOGIN_REQUIRED')) redirectToLogin()
 *
 * @public
 */
export function isTokenError(value: unknown): value is TokenError
export function isTokenError<C extends TokenErrorCode>(
  value: unknown,
  code: C,
): value is TokenErrors[C]
export function isTokenError(value: unknown, code?: TokenErrorCode): boolean {
  const isOurs = typeof value === 'object' && value !== null && BRAND in value
  return isOurs && (code === undefined || (value as { code?: unknown }).code === code)
}

/** Leads from an answer to the reason why it was passed on; whichever copy of the package set it. */
const REASON = Symbol.for('tokenward.reason')

/**
 * Says why an answer was passed on, to be found by `tokenErrorOf`.
 *
 * @internal
 */
export function setReason(answer: object, reason: TokenError): void {
  Object.defineProperty(answer, REASON, { value: reason, configurable: true })
}

/**
 * The error of ours in what an HTTP call ended with: the thing itself, or the nearest `cause`, or
 * why a `Response` of `tokenward/fetch` was passed on. Wrappers of fetch throw errors with the
 * `response` in them; that is looked at too. `undefined` if there is none.
 *
 * @public
 */
export function tokenErrorOf(outcome: unknown): TokenError | undefined {
  let current = outcome
  for (let depth = 0; depth < 8 && isObject(current); depth++) {
    if (isTokenError(current)) return current
    const reason = current[REASON] ?? (isObject(current.response) && current.response[REASON])
    if (isTokenError(reason)) return reason
    current = current instanceof Error ? current.cause : undefined
  }
  return undefined
}

function isObject(value: unknown): value is Record<PropertyKey, unknown> {
  return typeof value === 'object' && value !== null
}

const LONGEST_WAIT_MS = 60 * 60 * 1000

/** What a user's own error says may be no number at all. */
function soundWait(waitMs: number | undefined): number | undefined {
  if (waitMs === undefined || Number.isNaN(waitMs) || waitMs < 0) return undefined
  return Math.min(waitMs, LONGEST_WAIT_MS)
}

function safeCause(cause: unknown): Error {
  return isTokenError(cause) ? cause : describeCause(cause)
}
