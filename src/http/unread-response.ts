import { isFunction, isObject } from '../checks.js'
import type { FetchResponse } from '../tokens/token-input.js'
import { boundedText } from './bounded-body.js'
import { parseTokenBody } from './token-body.js'

/**
 * A response whose body nobody has read yet, as axios would have given it: with the body in `data`.
 * A refusal whose body is lost, or was read by the user, still has its status.
 *
 * @returns `undefined` for anything else
 * @throws where the body of a success cannot be read: it may have had tokens in it
 * @internal
 */
export async function readResponse(given: unknown): Promise<ReadResponse | undefined> {
  if (!isFetchResponse(given)) return undefined
  const { status, headers } = given
  try {
    const text = await boundedText(given)
    return { status, headers, data: parseTokenBody(text) ?? text }
  } catch (error) {
    if (status < 400) throw error
    return { status, headers, data: undefined }
  }
}

/** @internal */
export interface ReadResponse {
  readonly status: number
  readonly headers: FetchResponse['headers']
  readonly data: unknown
}

function isFetchResponse(given: unknown): given is FetchResponse {
  if (!isObject(given)) return false
  const { status, headers, text } = given as Partial<FetchResponse>
  return typeof status === 'number' && isObject(headers) && isFunction(text)
}
