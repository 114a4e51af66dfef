import { now } from '../clock.js'
import {
  LoginRequiredError,
  RefreshRejectedError,
  RefreshUnavailableError,
  StepUpRequiredError,
  type TokenError,
} from '../errors.js'
import { foreignText } from '../foreign-text.js'
import { redact } from '../redact.js'
import { saysDeadToken, type SaidInRefusal } from './refusal-body.js'
import { retryAfterMs } from './retry-after.js'

/** What is known of a token endpoint's refusal. */
export interface TokenRefusal extends Partial<SaidInRefusal> {
  status: number | undefined
  /** What it means, where someone knows the server; else what its words mean everywhere. */
  meaning?: RefusalMeaning | undefined
  /** What a page in its place calls itself. */
  page?: string | undefined
  /** The headers `Retry-After` and `Date`, as they came. */
  retryAfter?: string | null | undefined
  date?: string | null | undefined
  /** The request spent no refresh token, so that not even `invalid_grant` ends a session. */
  hasNoSession?: boolean | undefined
  cause?: unknown
}

/** @internal */
export type RefusalMeaning = 'passing' | 'step-up' | 'ends-session'

/** OAuth's own way to say "try later" (RFC 6749 §4.1.2.1, RFC 8628 §3.5). */
const PASSING_ERRORS = new Set(['temporarily_unavailable', 'server_error', 'slow_down'])

/** The user is needed for what was asked for, and the refresh token lives (OpenID Connect, Entra, Auth0). */
const STEP_UP = /^(?:interaction_required|consent_required|mfa_required|insufficient_claims)$/
/** Entra says `invalid_grant` for these too, and the difference beside it. */
const STEP_UP_SUBERRORS = /^(?:consent_required|basic_action|additional_action)$/
/** Consent, a second factor or its registration, Conditional Access. */
const STEP_UP_CODES =
  /^AADSTS(?:65001|50072|50074|50076|50079|50131|50158|53000|53001|53002|53003)$/

/** An error code is a word, a description a sentence; a server may send a page instead. */
const LONGEST_ERROR = 100
const LONGEST_DESCRIPTION = 500

/**
 * What a token endpoint's refusal means (law 8): only a word that says that the refresh token is
 * dead ends a session, and not where the status says that the server is in trouble.
 *
 * @internal
 */
export function judgeRefusal(refusal: TokenRefusal): TokenError {
  const { status, cause } = refusal
  const error = shown(refusal.error, LONGEST_ERROR)
  const errorDescription = shown(refusal.errorDescription, LONGEST_DESCRIPTION)
  const said =
    [status && `HTTP ${status}`, error ?? refusal.page].filter(Boolean).join(', ') ||
    'no reason given'
  switch (isTrouble(status) ? 'passing' : (refusal.meaning ?? meaningOf(refusal))) {
    case 'passing':
      return new RefreshUnavailableError(`The token endpoint is unavailable (${said})`, {
        outcome: 'failed',
        status,
        retryAfterMs: retryAfterMs(refusal.retryAfter, refusal.date, now()),
        cause,
      })
    case 'step-up':
      return new StepUpRequiredError(
        `The authorization server requires an action of the user before it issues this token (${said})`,
        { ...refusal, errorDescription },
      )
    case 'ends-session':
      return new LoginRequiredError('The refresh token is no longer valid: log in again', {
        reason: 'invalid-grant',
        providerError: refusal.providerError ?? error,
        errorDescription,
        cause,
      })
    case undefined:
      return new RefreshRejectedError(`The token request was rejected (${said})`, {
        error,
        errorDescription,
        status,
        body: refusal.body,
        cause,
      })
  }
}

function meaningOf(refusal: TokenRefusal): RefusalMeaning | undefined {
  const { hasNoSession, claims, suberror = '', providerError = '' } = refusal
  const error = refusal.error?.toLowerCase() ?? ''
  if (PASSING_ERRORS.has(error)) return 'passing'
  if (hasNoSession) return undefined
  if (STEP_UP.test(error)) return 'step-up'
  if (!saysDeadToken(error)) return undefined
  const isStepUp =
    claims !== undefined || STEP_UP_SUBERRORS.test(suberror) || STEP_UP_CODES.test(providerError)
  return isStepUp ? 'step-up' : 'ends-session'
}

/**
 * Whether the refusal may be over in a while: the status says so whatever the body says, or else
 * the error does.
 *
 * @internal
 */
export function isPassing(status: number | undefined, error?: string): boolean {
  return isTrouble(status) || (error !== undefined && PASSING_ERRORS.has(error))
}

function isTrouble(status: number | undefined): boolean {
  return status === 408 || status === 429 || (status !== undefined && status >= 500)
}

/** What `foreignText` puts where it has cut. */
const ELLIPSIS = '...'

/** Servers quote the refused token in what they say, and write what a terminal obeys. */
function shown(text: string | undefined, longest: number): string | undefined {
  return text ? foreignText(redact(text), longest - ELLIPSIS.length) : undefined
}
