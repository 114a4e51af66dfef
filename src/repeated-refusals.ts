import { isTokenError, RefreshRejectedError, type TokenError } from './errors.js'

/** These say what is wrong, and it is not the refresh token. */
const OF_THE_CLIENT = new Set([
  'invalid_client',
  'unauthorized_client',
  'invalid_scope',
  'unsupported_grant_type',
  'invalid_target',
  'invalid_dpop_proof',
])

/**
 * A server that refuses a dead refresh token by words of its own refuses it forever. The second
 * time it is said what can be done: whoever reads the message may never have read the guide.
 *
 * @internal
 */
export class RepeatedRefusals {
  #refreshToken: string | undefined
  #count = 0

  /** The error; or the same with what can be done, where this refresh token was refused before. */
  noted(error: TokenError, refreshToken: string | undefined): TokenError {
    if (!isTokenError(error, 'ERR_REFRESH_REJECTED') || OF_THE_CLIENT.has(error.error ?? '')) {
      return error
    }
    this.#count = refreshToken === this.#refreshToken ? this.#count + 1 : 1
    this.#refreshToken = refreshToken
    if (refreshToken === undefined || this.#count === 1) return error
    const { message, error: said, errorDescription, status, body, cause } = error
    return new RefreshRejectedError(`${message}. ${adviceAfter(this.#count)}`, {
      error: said,
      errorDescription,
      status,
      body,
      cause,
    })
  }
}

function adviceAfter(count: number): string {
  return (
    `This refresh token was refused ${count} times. If this is how the server refuses one that has ` +
    'expired, tell tokenward: by the option `endsSession`, or by a `provider` of oauthClient'
  )
}
