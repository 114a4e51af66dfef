import type { AxiosAdapter, AxiosError, AxiosResponse, InternalAxiosRequestConfig } from 'axios'
import { setReason, TokenOptionsError, type TokenError } from '../../errors.js'
import type { Answers } from '../platform.js'
import { discard } from './discard.js'
import { headerIn } from './header.js'

/** A response, or the error that axios makes of one. */
export type Answer = AxiosResponse | AxiosError

/** An adapter of the user's may throw at once. */
export function call(
  adapter: AxiosAdapter,
  config: InternalAxiosRequestConfig,
): Promise<AxiosResponse> {
  try {
    return Promise.resolve(adapter(config))
  } catch (thrown) {
    return Promise.reject(thrown)
  }
}

/** The response in an error, if it has one. */
export function responseIn(thrown: unknown): AxiosResponse | undefined {
  return (thrown as Partial<AxiosError> | null | undefined)?.response
}

export function responseOf(answer: Answer): AxiosResponse {
  return isResponse(answer) ? answer : answer.response!
}

export const ANSWERS: Answers<Answer> = {
  statusOf: (answer) => responseOf(answer).status,
  /** Adapters of tests return plain objects, and names in any case. */
  headerOf: (answer, name) =>
    headerIn(responseOf(answer).headers ?? {}, name) as string | undefined,
  discard: (answer) => discard(responseOf(answer)),
  passOn,
}

/** With the reason why it is passed on. */
function passOn(answer: Answer, reason?: TokenError): AxiosResponse {
  if (isResponse(answer)) {
    if (reason) setReason(answer, reason)
    return answer
  }
  if (reason) setCause(answer, reason)
  throw answer
}

function isResponse(answer: Answer): answer is AxiosResponse {
  return !('response' in answer && answer.response)
}

/** Not enumerable, as axios makes it. */
function setCause(error: Error, cause: TokenError): void {
  const isSet = Reflect.defineProperty(error, 'cause', {
    value: cause,
    writable: true,
    enumerable: false,
    configurable: true,
  })
  if (!isSet) throw new TokenOptionsError('The adapter threw a frozen error', { cause })
}
