import { monotonicNow } from '../../clock.js'
import { isTokenError, LoginError, type TokenError } from '../../errors.js'
import type { TokenSet } from '../../tokens/token-set.js'
import { grantParameters } from '../grant-parameters.js'
import type { GrantRequest } from '../grant.js'
import type { TokenRequester } from '../token-request.js'
import { pause, withinAttempt } from './attempt.js'
import { isDenial } from './denial.js'
import type { IdTokenCheck } from './id-token.js'

/** What the polling goes by. @internal */
export interface DeviceCode {
  readonly deviceCode: string
  readonly resource: readonly string[]
  readonly intervalMs: number
  /** By the monotonic clock. */
  readonly deadline: number
}

const GRANT_TYPE = 'urn:ietf:params:oauth:grant-type:device_code'

/** Whatever a server says: neither a flood of questions nor a login that nobody waits for. */
const SHORTEST_INTERVAL_MS = 1_000
const LONGEST_INTERVAL_MS = 600_000
/** Pages of a gateway's in place of a response, in a row, that are waited past. */
const MOST_PAGES = 3

/** @internal */
export function boundedInterval(intervalMs: number): number {
  return Math.min(Math.max(intervalMs, SHORTEST_INTERVAL_MS), LONGEST_INTERVAL_MS)
}

/** RFC 8628 §3.5: by which `slow_down` lengthens the interval, for good. */
const SLOW_DOWN_MS = 5_000
/** Failures that may pass double the wait, up to this. */
const LONGEST_WAIT_MS = 60_000

/**
 * Asks until the user has decided or the code has expired.
 *
 * @throws LoginError `denied`, `expired`, `aborted`, `failed`
 * @throws TokenError for a refusal that waiting does not fix
 * @internal
 */
export async function pollForTokens(
  code: DeviceCode,
  requestTokens: TokenRequester,
  checkIdToken: IdTokenCheck,
  { signal }: { signal?: AbortSignal },
): Promise<TokenSet> {
  const request: GrantRequest = {
    grantType: GRANT_TYPE,
    parameters: grantParameters({ device_code: code.deviceCode, resource: code.resource }),
    spendsRefreshToken: false,
    secrets: [code.deviceCode],
    check: checkIdToken({}),
  }
  let { intervalMs } = code
  let failures = 0
  let lastFailure: TokenError | undefined
  while (true) {
    const remainingMs = code.deadline - monotonicNow()
    if (remainingMs <= 0) throw expired(lastFailure)
    const waitMs = Math.max(waitAfter(intervalMs, failures), retryAfterOf(lastFailure))
    await pause(Math.min(waitMs, remainingMs), signal)
    if (waitMs >= remainingMs) throw expired(lastFailure)
    try {
      return await withinAttempt(signal, (attempt) => requestTokens(request, attempt))
    } catch (error) {
      const failure = isPage(error) && failures < MOST_PAGES ? error : judge(error)
      lastFailure = failure
      failures = failure && !isSlowDown(failure) ? failures + 1 : 0
      if (isSlowDown(failure)) intervalMs = boundedInterval(intervalMs + SLOW_DOWN_MS)
    }
  }
}

function waitAfter(intervalMs: number, failures: number): number {
  return failures === 0
    ? intervalMs
    : Math.max(intervalMs, Math.min(intervalMs * 2 ** failures, LONGEST_WAIT_MS))
}

function retryAfterOf(failure: TokenError | undefined): number {
  return isTokenError(failure, 'ERR_REFRESH_UNAVAILABLE') ? (failure.retryAfterMs ?? 0) : 0
}

/**
 * What to go on after: `undefined` if the user has not decided yet, else what may pass.
 *
 * @throws what ends the login
 */
function judge(thrown: unknown): TokenError | undefined {
  if (isTokenError(thrown) && thrown.isTransient && !gaveTokens(thrown)) return thrown
  if (!isTokenError(thrown, 'ERR_REFRESH_REJECTED')) throw thrown
  const { error, errorDescription } = thrown
  if (error === 'authorization_pending') return undefined
  const facts = { error, errorDescription, cause: thrown }
  if (isDenial(error)) {
    throw new LoginError('The user refused the login', { reason: 'denied', ...facts })
  }
  if (EXPIRIES.has(error ?? '')) throw expired(thrown, error)
  if (REFUSALS_OF_CODE.has(error ?? '')) {
    throw new LoginError('The device code was refused: log in again', {
      reason: 'failed',
      ...facts,
    })
  }
  throw thrown
}

/** Tokens came that cannot be used: the code is spent, and asking again would hide why. */
function gaveTokens(failure: TokenError): boolean {
  return isTokenError(failure, 'ERR_INVALID_TOKEN_RESPONSE') && failure.status === undefined
}

/** `expired_token` is RFC 8628's; the others are what providers say in its place. */
const EXPIRIES = new Set(['expired_token', 'code_expired', 'token_expired'])
const REFUSALS_OF_CODE = new Set([
  'invalid_grant',
  'bad_verification_code', // Entra
  'incorrect_device_code', // GitHub
])

/** A refusal that is not the authorization server's: it names no error (RFC 6749 §5.2). */
function isPage(thrown: unknown): thrown is TokenError {
  return isTokenError(thrown, 'ERR_REFRESH_REJECTED') && thrown.error === undefined
}

/** `slow_down` is the one that comes without a status of trouble (or with 200, as from GitHub). */
function isSlowDown(failure: TokenError | undefined): boolean {
  if (!isTokenError(failure, 'ERR_REFRESH_UNAVAILABLE') || failure.outcome !== 'failed')
    return false
  return failure.status === 400 || failure.status === 200
}

function expired(cause: TokenError | undefined, error?: string): LoginError {
  return new LoginError('The code expired before the user entered it: log in again', {
    reason: 'expired',
    error,
    cause,
  })
}
