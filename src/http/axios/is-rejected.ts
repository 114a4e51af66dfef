import type { AxiosResponse } from 'axios'
import { TokenOptionsError } from '../../errors.js'
import { isJsonType, seeBody, type SeenBody } from '../readable-json.js'
import { headerIn } from './header.js'

/** The user's function. */
export type IsRejected = (response: AxiosResponse) => boolean | Promise<boolean>

/**
 * What the user's function says of a response, whose `data` it sees parsed; the response itself
 * keeps the body as it came, and whole.
 *
 * @throws TokenOptionsError if it throws or rejects: that must not turn a response into a mystery
 */
export async function askIsRejected(
  isRejected: IsRejected,
  response: AxiosResponse,
): Promise<boolean> {
  const { value, body } = await seen(response)
  if (body !== response.data) response.data = body
  try {
    return (await isRejected({ ...response, data: value })) === true
  } catch (cause) {
    throw new TokenOptionsError('`isRejected` threw an error', { cause })
  }
}

/** Text is what adapters return; of other forms, only what says that it is JSON. */
function seen(response: AxiosResponse): SeenBody | Promise<SeenBody> {
  const body: unknown = response.data
  if (typeof body === 'string') return seeBody(body)
  const type = headerIn(response.headers ?? {}, 'content-type')
  return isJsonType(type) ? seeBody(body) : { value: body, body }
}
