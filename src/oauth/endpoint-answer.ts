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
import { titleOfPage } from './page-title.js'
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
  const body = await readSuccess(endpoint, sent)
  const fields = parseObject(body)
  if (!fields) {
    const page = titleOfPage(body, sent.scrubber)
    throw new InvalidTokenResponseError(
      `The ${endpoint} responded without a JSON object${page && ` (${page})`}`,
    )
  }
  if (isText(fields.error)) throw refusal(endpoint, sent, body)
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
  const body = await readBody(endpoint, sent, (cause) => refusal(endpoint, sent, '', cause))
  if (isRedirect(answer)) throw redirected(endpoint, answer)
  if (!isSuccess(answer)) throw refusal(endpoint, sent, body)
  return body
}

function refusal(
  endpoint: string,
  { answer, scrubber }: SentAnswer,
  body: string,
  cause?: Error,
): RefreshRejectedError | RefreshUnavailableError {
  const { status, headers } = answer
  const fields = parseObject(body)
  const said = (value: unknown) =>
    isText(value) ? foreignText(scrubber.text(value), LONGEST_DESCRIPTION) : undefined
  const error = said(fields?.error)
  const what = [`HTTP ${status}`, error ?? titleOfPage(body, scrubber)].filter(Boolean).join(', ')
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
