import {
  InvalidTokenResponseError,
  RefreshRejectedError,
  RefreshUnavailableError,
} from '../errors.js'
import { parseHttpDate } from '../http/retry-after.js'
import { isPassing, judgeRefusal } from '../http/token-answer.js'
import { toTokenSet, type TokenSet, type WireTokens } from '../tokens/token-set.js'
import type { Scrubber } from '../redact.js'
import { parseUrl } from './secure-url.js'
import { isRedirect, isSuccess, type TokenFetchResponse } from './transport.js'

/** What must be known of the request to read its answer. */
export interface SentRequest {
  /** Epoch milliseconds. */
  readonly sentAt: number
  readonly spendsRefreshToken: boolean
  readonly scrubber: Scrubber
}

/**
 * The tokens in a token endpoint's answer. Lenient in what does not matter: once the server has
 * rotated the refresh token, an answer thrown away is a session lost.
 *
 * @throws TokenError as RFC 6749 §5.2 and law 8 have it
 * @internal
 */
export async function readTokenResponse(
  answer: TokenFetchResponse,
  request: SentRequest,
): Promise<TokenSet> {
  const body = await readBody(answer, request)
  if (isRedirect(answer)) throw redirected(answer)
  const fields = parseObject(body)
  if (isSuccess(answer) && fields && isText(fields.access_token)) {
    return toTokenSet(wireTokens(fields), {
      receivedAt: request.sentAt,
      serverTime: parseHttpDate(answer.headers.get('date')),
    })
  }
  // Some servers (GitHub, Slack) answer 200 with an error.
  if (!isSuccess(answer) || isText(fields?.error)) throw refusal(answer, request, fields)
  throw new InvalidTokenResponseError(
    `The token endpoint answered HTTP ${answer.status} without ${fields ? 'an access token' : 'a JSON object'} (RFC 6749 §5.1)`,
  )
}

/** Following it would show the client's secret and the refresh token to somebody else. */
function redirected(answer: TokenFetchResponse): RefreshRejectedError {
  const target = parseUrl(answer.headers.get('location') ?? '')
  const where = target ? ` to ${target.origin}` : ''
  return new RefreshRejectedError(
    `The token endpoint answered with a redirect${where}, which is not followed: check its URL`,
    { status: answer.status },
  )
}

/** Whatever the status: an unread body holds its connection, and the process. */
async function readBody(answer: TokenFetchResponse, request: SentRequest): Promise<string> {
  try {
    return await answer.text()
  } catch (thrown) {
    const cause = request.scrubber.cause(thrown)
    // The status alone may say that nothing was done; else nobody knows.
    if (isPassing(answer.status)) throw refusal(answer, request, undefined, cause)
    throw new RefreshUnavailableError('The answer of the token endpoint was cut short', {
      outcome: 'unknown',
      cause,
    })
  }
}

function refusal(
  answer: TokenFetchResponse,
  { scrubber, spendsRefreshToken }: SentRequest,
  fields: Record<string, unknown> | undefined,
  cause?: Error,
) {
  const said = (value: unknown) => (isText(value) ? scrubber.text(value) : undefined)
  return judgeRefusal({
    status: answer.status,
    error: said(fields?.error),
    errorDescription: said(fields?.error_description),
    retryAfter: answer.headers.get('retry-after'),
    date: answer.headers.get('date'),
    hasNoSession: !spendsRefreshToken,
    cause,
  })
}

/**
 * The members of RFC 6749 §5.1, no others (what `expires_at` means differs from server to server).
 * One that is of a wrong type and not needed is left out: what it replaces is kept.
 */
function wireTokens(fields: Record<string, unknown>): WireTokens {
  const text = (value: unknown) => (isText(value) ? value : undefined)
  const scope = Array.isArray(fields.scope) ? fields.scope.join(' ') : fields.scope
  return {
    access_token: fields.access_token as string,
    token_type: fields.token_type as string,
    refresh_token: text(fields.refresh_token),
    expires_in: fields.expires_in as number | string,
    scope: text(scope),
    id_token: text(fields.id_token),
  }
}

function parseObject(body: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body)
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isObject ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}
