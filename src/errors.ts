import type { InvalidSessionIdError } from './errors/invalid-session-id-error.js'
import type { InvalidTokenResponseError } from './errors/invalid-token-response-error.js'
import type { LoginError } from './errors/login-error.js'
import type { LoginRequiredError } from './errors/login-required-error.js'
import type { ManagerClosedError } from './errors/manager-closed-error.js'
import type { NotReplayedError } from './errors/not-replayed-error.js'
import type { RefreshRejectedError } from './errors/refresh-rejected-error.js'
import type { RefreshUnavailableError } from './errors/refresh-unavailable-error.js'
import type { StepUpRequiredError } from './errors/step-up-required-error.js'
import type { TokenOptionsError } from './errors/token-options-error.js'
import type { TokenStoreError } from './errors/token-store-error.js'
import { isBranded, type TokenError } from './errors/token-error.js'

export { InvalidSessionIdError } from './errors/invalid-session-id-error.js'
export { InvalidTokenResponseError } from './errors/invalid-token-response-error.js'
export { LoginError } from './errors/login-error.js'
export { LoginRequiredError } from './errors/login-required-error.js'
export { ManagerClosedError } from './errors/manager-closed-error.js'
export { NotReplayedError } from './errors/not-replayed-error.js'
export { RefreshRejectedError } from './errors/refresh-rejected-error.js'
export { RefreshUnavailableError } from './errors/refresh-unavailable-error.js'
export { StepUpRequiredError } from './errors/step-up-required-error.js'
export { TokenOptionsError } from './errors/token-options-error.js'
export { TokenStoreError } from './errors/token-store-error.js'
export { TokenError } from './errors/token-error.js'

/**
 * The literal `code` of each error class.
 *
 * @public
 */
export type TokenErrorCode = keyof TokenErrors

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
  ERR_INVALID_SESSION_ID: InvalidSessionIdError
  ERR_TOKEN_OPTIONS: TokenOptionsError
  ERR_MANAGER_CLOSED: ManagerClosedError
}

/**
 * Whether the value is an error of tokenward and, if a code is given, has this code. It also
 * recognises errors of another copy of the package (ESM and CommonJS), which `instanceof` does not.
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
  return isBranded(value) && (code === undefined || (value as { code?: unknown }).code === code)
}

/** Leads from a response to the reason why it was passed on; whichever copy of the package set it. */
const REASON = Symbol.for('tokenward.reason')

/**
 * Says why a response was passed on, to be found by `tokenErrorOf`.
 *
 * @internal
 */
export function setReason(answer: object, reason: TokenError): void {
  Object.defineProperty(answer, REASON, { value: reason, configurable: true })
}

/**
 * Finds the `TokenError` in the result of an HTTP call.
 *
 * @param outcome - what the call threw or returned. It is searched in this order: the error itself,
 * a `Response` of `tokenward/fetch` (why its 401 was passed on), an error's `response`, as wrappers
 * of fetch have it, and an error's `cause`
 * @returns `undefined` if there is none
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
