import { now } from './clock.js'
import {
  InvalidTokenResponseError,
  isTokenError,
  LoginRequiredError,
  RefreshUnavailableError,
  type TokenError,
} from './errors.js'
import { outcomeOfFailure } from './http/network-failure.js'
import { judgeRefusal } from './http/token-answer.js'
import type { TokenManagerOptions } from './options.js'
import { DpopBinding } from './dpop-binding.js'
import { createScrubber, type Scrubber } from './redact.js'
import { secretsOfDpopKey } from './tokens/dpop-key.js'
import { tokenSetOfAnswer } from './tokens/to-token-set.js'
import type { TokenInput } from './tokens/token-input.js'
import type { TokenSet } from './tokens/token-set.js'

/** The user's function behind one shape. @internal */
export interface Renewal {
  /** Whether it spends a refresh token; without, a session never ends. */
  readonly needsRefreshToken: boolean
  readonly proving: DpopBinding
  /**
   * One token request.
   *
   * @throws TokenError whatever the user's function throws, judged
   */
  send(request: RenewalRequest): Promise<TokenSet>
}

/** What one token request is made from. */
export interface RenewalRequest {
  readonly tokens: TokenSet | undefined
  readonly resource?: string | readonly string[]
  readonly scope?: string
  readonly audience?: string
  readonly signal: AbortSignal
}

/** @internal */
export function createRenewal(options: TokenManagerOptions): Renewal {
  const { refresh, acquire, endsSession } = options
  const proving = new DpopBinding(options)
  return {
    proving,
    needsRefreshToken: refresh !== undefined,
    async send({ tokens, signal, ...parameters }) {
      const sentAt = now()
      let answer: TokenInput
      try {
        answer = refresh
          ? await refresh({ ...spendable(tokens), ...parameters, signal })
          : await acquire({ tokens, signal })
      } catch (error) {
        const keys = secretsOfDpopKey(tokens?.dpopKey)
        const secrets = [tokens?.refreshToken, tokens?.accessToken, tokens?.idToken, ...keys]
        throw asEnd(judge(error, createScrubber(secrets), acquire !== undefined), endsSession)
      }
      try {
        // A refreshed token is bound to the session's key; one acquired anew says for itself.
        const dpopKey = refresh && tokens?.dpopKey
        return proving.checked(tokenSetOfAnswer(answer, sentAt, dpopKey))
      } catch (error) {
        throw isTokenError(error)
          ? error
          : new InvalidTokenResponseError(undefined, { cause: error })
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
 * Our errors are taken at their word; an OAuth or HTTP answer is judged by law 8; of anything else
 * nobody knows what became of the request.
 */
function judge(thrown: unknown, scrubber: Scrubber, hasNoSession: boolean): TokenError {
  if (isTokenError(thrown)) return scrubber.error(thrown)
  const cause = scrubber.cause(thrown)
  const refusal = readRefusal(thrown, scrubber)
  if (refusal) return judgeRefusal({ ...refusal, hasNoSession, cause })
  return new RefreshUnavailableError('The token request failed without an answer', {
    outcome: outcomeOfFailure(thrown),
    cause,
  })
}

/** The app knows its server: this refusal of it is an end. */
function asEnd(error: TokenError, endsSession: TokenManagerOptions['endsSession']): TokenError {
  if (!isTokenError(error, 'ERR_REFRESH_REJECTED') || !endsSession) return error
  try {
    if ((endsSession(error) as unknown) !== true) return error
  } catch {
    return error // nothing may end a session by accident
  }
  return new LoginRequiredError(undefined, { reason: 'invalid-grant', cause: error })
}

interface Refusal {
  status: number | undefined
  error: string | undefined
  errorDescription: string | undefined
  retryAfter: string | undefined
  date: string | undefined
}

/** `error` and `status` (openid-client, oauth4webapi) or `response` (axios, ky, ofetch). */
function readRefusal(thrown: unknown, scrubber: Scrubber): Refusal | undefined {
  const outer = fields(thrown)
  const response = fields(outer.response)
  const body = [outer, fields(response.data), fields(outer.data)].find((candidate) =>
    text(candidate.error),
  )
  const status = [outer.status, response.status].find((value) => typeof value === 'number')
  if (body === undefined && status === undefined) return undefined
  const said = (value: unknown) => {
    const what = text(value)
    return what && scrubber.text(what)
  }
  return {
    status: status,
    error: said(body?.error),
    errorDescription: said(body?.error_description),
    retryAfter: header(response.headers ?? outer.headers, 'retry-after'),
    date: header(response.headers ?? outer.headers, 'date'),
  }
}

function header(headers: unknown, name: string): string | undefined {
  const get = fields(headers).get
  if (typeof get === 'function') return text((get as (name: string) => unknown).call(headers, name))
  return text(fields(headers)[name])
}

function fields(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
