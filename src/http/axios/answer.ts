import type { AxiosResponse } from 'axios'
import { TokenOptionsError, type TokenError } from '../../errors.js'
import { meaningOf401 } from '../rejection.js'
import type { AttachTokensOptions } from './options.js'

/** What an answer says of the token; `undefined`: nothing, it is the caller's. */
export function meaningOfAnswer(
  response: AxiosResponse,
  isRejected: AttachTokensOptions['isRejected'],
  isProven: boolean,
): 'renew' | TokenError | undefined {
  if (isRejected && ask(isRejected, response)) return 'renew'
  if (response.status !== 401) return undefined
  return meaningOf401(headerOf(response, 'www-authenticate'), isProven)
}

/** A function that throws must not turn an answer into a mystery. */
function ask(isRejected: (response: AxiosResponse) => boolean, response: AxiosResponse): boolean {
  try {
    return isRejected(withParsedData(response)) === true
  } catch (cause) {
    throw new TokenOptionsError('isRejected: must not throw, and did', { cause })
  }
}

/** Adapters answer with text. It is parsed when asked for only: most answers are not rejections. */
function withParsedData(response: AxiosResponse): AxiosResponse {
  const text: unknown = response.data
  if (typeof text !== 'string') return response
  return Object.defineProperty({ ...response }, 'data', { get: () => parseJson(text) })
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** Adapters of tests answer with plain objects, in any case. */
export function headerOf(
  { headers }: AxiosResponse,
  wanted: string,
): string | readonly string[] | undefined {
  const names = Object.keys(headers ?? {})
  const name = names.find((candidate) => candidate.toLowerCase() === wanted)
  return name === undefined ? undefined : (headers[name] as string | readonly string[])
}
