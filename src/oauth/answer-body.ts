import { isPassing } from '../http/token-answer.js'
import { RefreshRejectedError, RefreshUnavailableError, type TokenError } from '../errors.js'
import { BodyTooLongError } from '../http/bounded-body.js'
import { parseUrl } from './secure-url.js'
import type { SentAnswer } from './sender.js'
import type { TokenFetchResponse } from './transport.js'

/**
 * The body, whatever the status: an unread one holds its connection, and the process.
 *
 * @param endpoint - its name in a sentence
 * @param refusal - what the status says where the body is lost
 * @throws RefreshUnavailableError `unknown` if the body is cut and the status says not that nothing
 * was done
 * @internal
 */
export async function readBody(
  endpoint: string,
  { answer, scrubber }: SentAnswer,
  refusal: (cause: Error) => TokenError,
): Promise<string> {
  try {
    return await answer.text()
  } catch (thrown) {
    const cause = scrubber.cause(thrown)
    if (isPassing(answer.status)) throw refusal(cause)
    const why = thrown instanceof BodyTooLongError ? ' (it is too long)' : ''
    throw new RefreshUnavailableError(`The response of the ${endpoint} was cut short${why}`, {
      outcome: 'unknown',
      cause,
    })
  }
}

/** Following it would show the client's secret and the refresh token to someone else. @internal */
export function redirected(endpoint: string, answer: TokenFetchResponse): RefreshRejectedError {
  const target = parseUrl(answer.headers.get('location') ?? '')
  const where = target ? ` to ${target.origin}` : ''
  return new RefreshRejectedError(
    `The ${endpoint} responded with a redirect${where}, which is not followed: check its URL`,
    { status: answer.status },
  )
}

/** @internal */
export function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}
