import { TokenOptionsError } from '../../errors.js'

/** The user's function. */
export type IsRejected = (response: Response) => boolean | Promise<boolean>

/**
 * What the user's function says of a response.
 *
 * @throws TokenOptionsError if it throws, rejects, or reads the body: that must not turn a response
 * into a mystery
 */
export async function askIsRejected(isRejected: IsRejected, response: Response): Promise<boolean> {
  let isRefused: boolean
  try {
    isRefused = (await isRejected(response)) === true
  } catch (cause) {
    throw new TokenOptionsError('`isRejected` threw an error', { cause })
  }
  if (!response.bodyUsed) return isRefused
  throw new TokenOptionsError(
    '`isRejected` consumed the response body; read `response.clone()` instead',
  )
}
