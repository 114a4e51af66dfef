import {
  isTokenError,
  LoginRequiredError,
  NotReplayedError,
  RefreshUnavailableError,
  type TokenError,
} from '../errors.js'
import { createScrubber } from '../redact.js'
import type { Credential, RenewOptions, TokenSource } from '../token-source.js'
import { reasonOf, throwIfAborted, untilAborted } from '../wait.js'
import { checkedToken } from './checked-token.js'
import type { WaitBounds } from './wait-bounds.js'

/**
 * What to send now, of any source: `undefined` where it must be waited for.
 *
 * @throws TokenError as the source does
 * @internal
 */
export function credentialNow(source: TokenSource): Credential | 'inside' | undefined {
  try {
    return source.current?.()
  } catch (thrown) {
    throw asTokenError(thrown)
  }
}

/**
 * A credential, or why there is none: waited for within bounds. With `rejected`, one in its place,
 * of the same session.
 *
 * @throws the reason of the bounds, as it is, if they end the wait
 * @internal
 */
export async function credentialLater(
  source: TokenSource,
  rejected: Credential | undefined,
  options: RenewOptions,
  openBounds: () => WaitBounds | undefined,
): Promise<Credential | TokenError> {
  const bounds = openBounds()
  const signal = bounds?.signal
  try {
    throwIfAborted(signal)
    const asked = ask(source, rejected, signal ? { ...options, signal } : options)
    const credential = await untilAborted(asked, signal)
    return rejected ? replacing(rejected, credential) : credential
  } catch (thrown) {
    if (signal?.aborted && thrown === reasonOf(signal)) throw thrown
    return asTokenError(thrown, rejected?.token)
  } finally {
    bounds?.release()
  }
}

/**
 * Whether the request's session gave way to another. One begun with no session is served by the
 * login.
 *
 * @internal
 */
export function isOtherSession(before: string | undefined, after: string | undefined): boolean {
  return before !== undefined && before !== after
}

/** @internal */
export function sessionChanged(): LoginRequiredError {
  return new LoginRequiredError('Another login replaced the one that this request began with', {
    reason: 'session-changed',
  })
}

/**
 * What a source threw, as an error of ours. A foreign one is only described: an HTTP client's
 * error carries its request, and a retry plugin would send that again.
 *
 * @internal
 */
export function asTokenError(thrown: unknown, token?: string): TokenError {
  if (isTokenError(thrown)) return thrown
  const cause = createScrubber([token]).cause(thrown)
  return new RefreshUnavailableError('The token source failed', { cause })
}

/** A source of `getAccessToken` alone is asked for a token, and cannot renew one. */
async function ask(
  source: TokenSource,
  rejected: Credential | undefined,
  options: RenewOptions,
): Promise<Credential> {
  if (source.renew) return source.renew(rejected, options)
  const { signal } = options
  return { token: await source.getAccessToken(signal && { signal }) }
}

function replacing(rejected: Credential, credential: Credential): Credential | TokenError {
  checkedToken(credential.token)
  if (isOtherSession(rejected.sessionId, credential.sessionId)) return sessionChanged()
  if (credential.token !== rejected.token) return credential
  return new NotReplayedError('The token source returned the rejected token again', {
    reason: 'already-replayed',
  })
}
