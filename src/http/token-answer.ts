import { now } from '../clock.js'
import {
  LoginRequiredError,
  RefreshRejectedError,
  RefreshUnavailableError,
  type TokenError,
} from '../errors.js'
import { retryAfterMs } from './retry-after.js'

/** What is known of a token endpoint's refusal. */
export interface TokenRefusal {
  status: number | undefined
  error?: string | undefined
  errorDescription?: string | undefined
  retryAfter?: string | null | undefined
  date?: string | null | undefined
  cause?: unknown
}

/** OAuth's own way to say "try later" (RFC 6749 §4.1.2.1, RFC 8628 §3.5). */
const PASSING_ERRORS = new Set(['temporarily_unavailable', 'server_error', 'slow_down'])

/**
 * What a token endpoint's refusal means (law 8): only `invalid_grant` ends a session.
 *
 * @internal
 */
export function judgeRefusal(refusal: TokenRefusal): TokenError {
  const { status, error, cause } = refusal
  const said = [status && `HTTP ${status}`, error].filter(Boolean).join(', ')
  if (isPassing(status, error)) {
    return new RefreshUnavailableError(`The token endpoint is unavailable (${said})`, {
      outcome: 'failed',
      status,
      retryAfterMs: retryAfterMs(refusal.retryAfter, refusal.date, now()),
      cause,
    })
  }
  if (error === 'invalid_grant') {
    return new LoginRequiredError('The refresh token is no longer valid: log in again', {
      reason: 'invalid-grant',
      cause,
    })
  }
  return new RefreshRejectedError(`The token request was rejected (${said || 'no reason given'})`, {
    error,
    errorDescription: refusal.errorDescription,
    status,
    cause,
  })
}

function isPassing(status: number | undefined, error: string | undefined): boolean {
  if (error === 'invalid_grant') return false
  if (error !== undefined && PASSING_ERRORS.has(error)) return true
  return status === 408 || status === 429 || (status !== undefined && status >= 500)
}
