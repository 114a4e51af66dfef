import { now } from '../clock.js'
import {
  LoginRequiredError,
  RefreshRejectedError,
  RefreshUnavailableError,
  type TokenError,
} from '../errors.js'
import { redact } from '../redact.js'
import { retryAfterMs } from './retry-after.js'

/** What is known of a token endpoint's refusal. */
export interface TokenRefusal {
  status: number | undefined
  error?: string | undefined
  errorDescription?: string | undefined
  /** The headers `Retry-After` and `Date`, as they came. */
  retryAfter?: string | null | undefined
  date?: string | null | undefined
  /** The request spent no refresh token, so that not even `invalid_grant` ends a session. */
  hasNoSession?: boolean | undefined
  cause?: unknown
}

/** OAuth's own way to say "try later" (RFC 6749 §4.1.2.1, RFC 8628 §3.5). */
const PASSING_ERRORS = new Set(['temporarily_unavailable', 'server_error', 'slow_down'])

/** An error code is a word, a description a sentence; a server may send a page instead. */
const LONGEST_ERROR = 100
const LONGEST_DESCRIPTION = 500

/**
 * What a token endpoint's refusal means (law 8): only `invalid_grant` ends a session, and not
 * where the status says that the server is in trouble.
 *
 * @internal
 */
export function judgeRefusal(refusal: TokenRefusal): TokenError {
  const { status, cause } = refusal
  const error = harmless(refusal.error, LONGEST_ERROR)
  const said = [status && `HTTP ${status}`, error].filter(Boolean).join(', ')
  if (isPassing(status, error)) {
    return new RefreshUnavailableError(`The token endpoint is unavailable (${said})`, {
      outcome: 'failed',
      status,
      retryAfterMs: retryAfterMs(refusal.retryAfter, refusal.date, now()),
      cause,
    })
  }
  if (error === 'invalid_grant' && !refusal.hasNoSession) {
    return new LoginRequiredError('The refresh token is no longer valid: log in again', {
      reason: 'invalid-grant',
      cause,
    })
  }
  return new RefreshRejectedError(`The token request was rejected (${said || 'no reason given'})`, {
    error,
    errorDescription: harmless(refusal.errorDescription, LONGEST_DESCRIPTION),
    status,
    cause,
  })
}

/**
 * Whether the refusal may be over in a while: the status says so whatever the body says, or else
 * the error does.
 *
 * @internal
 */
export function isPassing(status: number | undefined, error?: string): boolean {
  if (status === 408 || status === 429 || (status !== undefined && status >= 500)) return true
  return error !== undefined && PASSING_ERRORS.has(error)
}

/** Servers quote the refused token in what they say. */
function harmless(text: string | undefined, longest: number): string | undefined {
  return text ? redact(text).slice(0, longest) : undefined
}
