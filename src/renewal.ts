import { now } from './clock.js'
import {
  InvalidTokenResponseError,
  isTokenError,
  LoginRequiredError,
  RefreshRejectedError,
  RefreshUnavailableError,
  StepUpRequiredError,
  type TokenError,
} from './errors.js'
import { outcomeOfFailure } from './http/network-failure.js'
import { judgeRefusal } from './http/token-answer.js'
import { readReturnedRefusal, readThrownRefusal } from './http/thrown-refusal.js'
import type { TokenManagerOptions } from './options.js'
import { TOKEN_ENDPOINT, type TokenEndpoint } from './token-endpoint.js'
import { DpopBinding } from './dpop-binding.js'
import { createScrubber, type Scrubber } from './redact.js'
import { RepeatedRefusals } from './repeated-refusals.js'
import { secretsOfDpopKey } from './tokens/dpop-key.js'
import { carriedRefreshToken, carryRefreshToken } from './tokens/rotated.js'
import { tokenSetOfAnswer } from './tokens/to-token-set.js'
import { readFields, type TokenInput } from './tokens/token-input.js'
import type { TokenSet } from './tokens/token-set.js'

/** The user's function behind one shape. @internal */
export interface Renewal {
  /** Whether it spends a refresh token; without, a session never ends. */
  readonly needsRefreshToken: boolean
  readonly proving: DpopBinding
  /** What a pool's sessions share of it. */
  readonly endpoint?: TokenEndpoint | undefined
  /**
   * One token request.
   *
   * @throws TokenError whatever the user's function throws, or returns in the place of tokens,
   * judged; it carries a refresh token that came with it
   */
  send(request: RenewalRequest): Promise<TokenSet>
}

/** What one token request is made from. */
export interface RenewalRequest {
  readonly tokens: TokenSet | undefined
  readonly resource?: string | readonly string[]
  readonly scope?: string
  readonly audience?: string
  readonly claims?: string | undefined
  readonly signal: AbortSignal
}

/** What a pool adds to the options of a session. */
interface PoolOptions {
  readonly [TOKEN_ENDPOINT]?: TokenEndpoint
}

/** @internal */
export function createRenewal(options: TokenManagerOptions & PoolOptions): Renewal {
  const { refresh, acquire, endsSession } = options
  const hasNoSession = acquire !== undefined
  const proving = new DpopBinding(options)
  const repeated = new RepeatedRefusals()
  return {
    proving,
    endpoint: options[TOKEN_ENDPOINT],
    needsRefreshToken: refresh !== undefined,
    async send({ tokens, signal, claims, ...parameters }) {
      const sentAt = now()
      const asked = claims === undefined ? {} : { claims }
      const failed = (thrown: unknown, asFailure: (scrubber: Scrubber) => TokenError) => {
        const keys = secretsOfDpopKey(tokens?.dpopKey)
        const secrets = [tokens?.refreshToken, tokens?.accessToken, tokens?.idToken, ...keys]
        const judged = asEnd(asFailure(createScrubber(secrets)), endsSession)
        const error = isTokenError(judged, 'ERR_STEP_UP_REQUIRED')
          ? forTarget(judged, parameters)
          : judged
        return carryRefreshToken(
          repeated.noted(error, tokens?.refreshToken),
          carriedRefreshToken(thrown as object),
        )
      }
      let answer: TokenInput
      try {
        answer = refresh
          ? await refresh({ ...spendable(tokens), ...parameters, ...asked, signal })
          : await acquire({ tokens, ...asked, signal })
      } catch (thrown) {
        throw failed(thrown ?? {}, (scrubber) => judge(thrown, scrubber, hasNoSession))
      }
      try {
        // A refreshed token is bound to the session's key; one acquired again says for itself.
        const dpopKey = refresh && tokens?.dpopKey
        return proving.checked(tokenSetOfAnswer(answer, { receivedAt: sentAt, dpopKey }))
      } catch (thrown) {
        if (isTokenError(thrown) && !isTokenError(thrown, 'ERR_INVALID_TOKEN_RESPONSE'))
          throw thrown
        throw failed(thrown, (scrubber) => judgeReturned(answer, thrown, scrubber, hasNoSession))
      }
    },
  }
}

function spendable(tokens: TokenSet | undefined): { tokens: TokenSet; refreshToken: string } {
  if (tokens?.refreshToken) return { tokens, refreshToken: tokens.refreshToken }
  throw new LoginRequiredError('There is no refresh token to renew the session with', {
    reason: 'no-refresh-token',
  })
}

/**
 * Our errors are taken at their word; an OAuth or HTTP response is judged by law 8; of anything else
 * nobody knows what became of the request.
 */
function judge(thrown: unknown, scrubber: Scrubber, hasNoSession: boolean): TokenError {
  if (isTokenError(thrown)) return scrubber.error(thrown)
  const cause = scrubber.cause(thrown)
  const refusal = readThrownRefusal(thrown, scrubber)
  if (refusal) return judgeRefusal({ ...refusal, hasNoSession, cause })
  return new RefreshUnavailableError('The token request failed without a response', {
    outcome: outcomeOfFailure(thrown),
    cause,
  })
}

/** What was returned holds no access token: many servers refuse with status 200. */
function judgeReturned(
  answer: unknown,
  thrown: unknown,
  scrubber: Scrubber,
  hasNoSession: boolean,
): TokenError {
  let said: ReturnType<typeof readReturnedRefusal> | undefined
  try {
    said = readReturnedRefusal(answer, scrubber)
    const { error, status } = said
    const isRefusal = error !== undefined || (status !== undefined && status >= 400)
    if (isRefusal && !hasAccessToken(answer)) {
      return judgeRefusal({ ...said, status, hasNoSession })
    }
  } catch {
    // A getter of the response throws: it is no refusal that anyone can read.
  }
  const problem = isTokenError(thrown) ? thrown.message : undefined
  return new InvalidTokenResponseError(problem, { body: said?.body, cause: thrown })
}

function hasAccessToken(answer: unknown): boolean {
  return typeof readFields(answer).accessToken === 'string'
}

/** The app knows its server: this refusal of it is an end, also where it came as a success. */
function asEnd(error: TokenError, endsSession: TokenManagerOptions['endsSession']): TokenError {
  const refusal = endsSession && refusalIn(error)
  if (!refusal) return error
  try {
    if ((endsSession(refusal) as unknown) !== true) return error
  } catch {
    return error // nothing may end a session by accident
  }
  const { errorDescription, error: providerError } = refusal
  return new LoginRequiredError(undefined, {
    reason: 'invalid-grant',
    errorDescription,
    providerError,
    cause: error,
  })
}

function refusalIn(error: TokenError): RefreshRejectedError | undefined {
  if (isTokenError(error, 'ERR_REFRESH_REJECTED')) return error
  if (!isTokenError(error, 'ERR_INVALID_TOKEN_RESPONSE') || error.body === undefined)
    return undefined
  return new RefreshRejectedError(error.message, { status: error.status, body: error.body })
}

/** A refusal for one resource says for which. */
function forTarget(
  error: StepUpRequiredError,
  { resource, scope }: Pick<RenewalRequest, 'resource' | 'scope'>,
): StepUpRequiredError {
  const { acrValues, maxAgeSeconds, claims, error: said, errorDescription, mfaToken, cause } = error
  return new StepUpRequiredError(error.message, {
    acrValues,
    ...(maxAgeSeconds !== undefined && { maxAgeSeconds }),
    claims,
    scope: error.scope ?? scope,
    resource: error.resource ?? resource,
    error: said,
    errorDescription,
    mfaToken,
    cause,
  })
}
