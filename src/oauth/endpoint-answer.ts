import { now } from '../clock.js'
import {
  InvalidTokenResponseError,
  RefreshRejectedError,
  RefreshUnavailableError,
} from '../errors.js'
import { foreignText } from '../foreign-text.js'
import { retryAfterIn, retryAfterMs } from '../http/retry-after.js'
import { isPassing } from '../http/token-answer.js'
import { isText, readBody, redirected } from './answer-body.js'
import { parseObject } from '../http/token-body.js'
import type { SentAnswer } from './sender.js'
import { isRedirect, isSuccess } from './transport.js'

/** A description is a sentence; a server may send a page instead. */
const LONGEST_DESCRIPTION = 500

/**
 * The response of an endpoint other than the token endpoint, as an object.
 *
 * @param endpoint - its name in a sentence
 * @throws RefreshRejectedError, RefreshUnavailableError for a refusal
 * @throws InvalidTokenResponseError for a success that is no object
 * @internal
 */
export async function readEndpointAnswer(
  endpoint: string,
  sent: SentAnswer,
): Promise<Record<string, unknown>> {
  const fields = parseObject(await readSuccess(endpoint, sent))
  if (!fields) {
    throw new InvalidTokenResponseError(`The ${endpoint} responded without a JSON object`)
  }
  if (isText(fields.error)) throw refusal(endpoint, sent, fields)
  return fields
}

/**
 * The body of a success, whatever it is.
 *
 * @throws RefreshRejectedError, RefreshUnavailableError for a refusal
 * @internal
 */
export async function readSuccess(endpoint: string, sent: SentAnswer): Promise<string> {
  const { answer } = sent
  const body = await readBody(endpoint, sent, (cause) => refusal(endpoint, sent, undefined, cause))
  if (isRedirect(answer)) throw redirected(endpoint, answer)
  if (!isSuccess(answer)) throw refusal(endpoint, sent, parseObject(body))
  return body
}

function refusal(
  endpoint: string,
  { answer, scrubber }: SentAnswer,
  fields: Record<string, unknown> | undefined,
  cause?: Error,
): RefreshRejectedError | RefreshUnavailableError {
  const { status, headers } = answer
  const said = (value: unknown) =>
    isText(value) ? foreignText(scrubber.text(value), LONGEST_DESCRIPTION) : undefined
  const error = said(fields?.error)
  const what = [`HTTP ${status}`, error].filter(Boolean).join(', ')
  if (isPassing(status, error)) {
    return new RefreshUnavailableError(`The ${endpoint} is unavailable (${what})`, {
      outcome: 'failed',
      status,
      retryAfterMs: retryAfterMs(
        retryAfterIn((name) => headers.get(name), status),
        headers.get('date'),
        now(),
      ),
      cause,
    })
  }
  return new RefreshRejectedError(`The ${endpoint} refused (${what})`, {
    error,
    errorDescription: said(fields?.error_description),
    status,
    cause,
  })
}
