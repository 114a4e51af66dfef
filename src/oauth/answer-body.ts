import { isPassing } from '../http/token-answer.js'
import { RefreshRejectedError, RefreshUnavailableError, type TokenError } from '../errors.js'
import { BodyTooLongError } from './bounded-body.js'
import { isDeeplyNested } from './nested-json.js'
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

/**
 * A token response: JSON, or a form, as GitHub and Facebook's first versions send it.
 *
 * @internal
 */
export function parseTokenBody(body: string): Record<string, unknown> | undefined {
  return parseObject(body) ?? parseForm(body)
}

const FORM = /^[\w.-]+=[^<>\s]*$/
const FORM_MEMBERS = ['access_token', 'error']

function parseForm(body: string): Record<string, string> | undefined {
  const text = body.trim()
  if (!FORM.test(text)) return undefined
  const form = new URLSearchParams(text)
  return FORM_MEMBERS.some((name) => form.has(name)) ? Object.fromEntries(form) : undefined
}

/** @internal */
export function parseObject(body: string): Record<string, unknown> | undefined {
  if (isDeeplyNested(body)) return undefined
  try {
    const value: unknown = JSON.parse(body)
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    // Without a prototype: what is not in the body is nowhere.
    return isObject ? { __proto__: null, ...value } : undefined
  } catch {
    return undefined
  }
}

/** @internal */
export function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}
