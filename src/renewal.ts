import { now } from './clock.js'
import { DpopBinding } from './dpop-binding.js'
import { isTokenError, LoginRequiredError, StepUpRequiredError, type TokenError } from './errors.js'
import type { TokenManagerOptions } from './options.js'
import { createScrubber, type Scrubber } from './redact.js'
import { RepeatedRefusals } from './repeated-refusals.js'
import { TOKEN_ENDPOINT, type TokenEndpoint } from './token-endpoint.js'
import { secretsOfDpopKey } from './tokens/dpop-key.js'
import { carriedRefreshToken, carryRefreshToken } from './tokens/rotated.js'
import { tokenSetOfAnswer } from './tokens/to-token-set.js'
import type { TokenInput } from './tokens/token-input.js'
import type { TokenSet } from './tokens/token-set.js'
import { asEnd, bodyOf, judge, judgeReturned, unreadResponseOf } from './user-response.js'

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
        answer = await bodyOf(
          refresh
            ? await refresh({ ...spendable(tokens), ...parameters, ...asked, signal })
            : await acquire({ tokens, ...asked, signal }),
        )
      } catch (thrown) {
        const response = await unreadResponseOf(thrown)
        throw failed(thrown ?? {}, (scrubber) => judge(thrown, response, scrubber, hasNoSession))
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
