import { isObject } from './checks.js'
import {
  InvalidTokenResponseError,
  isTokenError,
  LoginRequiredError,
  RefreshRejectedError,
  RefreshUnavailableError,
  type TokenError,
} from './errors.js'
import { outcomeOfFailure } from './http/network-failure.js'
import { readReturnedRefusal, readThrownRefusal } from './http/thrown-refusal.js'
import { judgeRefusal } from './http/token-answer.js'
import { parseTokenBody } from './http/token-body.js'
import { readResponse, type ReadResponse } from './http/unread-response.js'
import type { TokenManagerOptions } from './options.js'
import type { Scrubber } from './redact.js'
import { accessTokenOf, membersOf } from './tokens/input-fields.js'
import type { FetchResponse, TokenInput } from './tokens/token-input.js'

/**
 * What the user's function returned; of a whole response its body, in which a rotated refresh token
 * may be.
 *
 * @throws a response that is a refusal, as axios does
 * @internal
 */
export async function bodyOf(returned: TokenInput | FetchResponse | string): Promise<TokenInput> {
  if (typeof returned === 'string') return (parseTokenBody(returned) ?? returned) as TokenInput
  const response = await readResponse(returned)
  if (!response) return returned as TokenInput
  if (response.status < 400) return response.data as TokenInput
  throw Object.assign(new Error('The response is a refusal'), { response })
}

/**
 * The response in what was thrown, if nobody has read its body yet: an error of ky has one, and some
 * throw the response itself.
 *
 * @internal
 */
export async function unreadResponseOf(thrown: unknown): Promise<ReadResponse | undefined> {
  if (isTokenError(thrown) || !isObject(thrown)) return undefined
  try {
    const itself = await readResponse(thrown)
    if (itself) return itself
    const { response } = thrown as { response?: { bodyUsed?: boolean } }
    return response?.bodyUsed ? undefined : await readResponse(response)
  } catch {
    return undefined // a getter of it throws, or its body is lost
  }
}

/**
 * Our errors are taken at their word; an OAuth or HTTP response is judged by law 8; of anything else
 * nobody knows what became of the request.
 *
 * @param response - the one in it, where its body had to be read
 * @internal
 */
export function judge(
  thrown: unknown,
  response: ReadResponse | undefined,
  scrubber: Scrubber,
  hasNoSession: boolean,
): TokenError {
  if (isTokenError(thrown)) return scrubber.error(thrown)
  const cause = scrubber.cause(thrown)
  const said = readThrownRefusal(thrown, scrubber, response)
  if (said) return judgeRefusal({ ...said, hasNoSession, cause })
  return new RefreshUnavailableError('The token request failed without a response', {
    outcome: outcomeOfFailure(thrown),
    cause,
  })
}

/** What was returned holds no access token: many servers refuse with status 200. @internal */
export function judgeReturned(
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
  return typeof accessTokenOf(membersOf(answer)) === 'string'
}

/** The app knows its server: this refusal of it is an end, also where it came as a success. @internal */
export function asEnd(
  error: TokenError,
  endsSession: TokenManagerOptions['endsSession'],
): TokenError {
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
