import { heard } from '../diagnostics/channels.js'
import {
  isTokenError,
  LoginRequiredError,
  RefreshUnavailableError,
  TokenOptionsError,
  type TokenError,
} from '../errors.js'
import { createScrubber } from '../redact.js'
import type { TokenProver, TokenSource } from '../token-source.js'
import { isSendable } from '../tokens/token-set.js'
import { WaitEnded, waitWithin, type WaitBounds } from './wait.js'

/**
 * Where an adapter gets its tokens: a source, or a synchronous function that finds the source of a
 * request.
 *
 * @public
 */
export type TokenSourceOption<Request> =
  TokenSource | ((request: Request) => TokenSource | undefined)

/** A request that began: its source, and the session that it began under. */
export interface BegunRequest {
  readonly source: TokenSource
  readonly sessionId: string | undefined
}

/** A token to send, and the session that it belongs to. */
export interface Grant {
  readonly token: string
  readonly sessionId: string | undefined
  /** Proves each sending, where the token is bound to a key. */
  readonly prover?: TokenProver | undefined
}

/**
 * The source of one request, or why it has none. A request never borrows another's (law 16).
 *
 * @internal
 */
export function pickSource<Request>(
  requested: unknown,
  attached: TokenSourceOption<Request> | undefined,
  request: Request,
): TokenSource | TokenError {
  if (requested !== undefined) return checkedSource(requested, 'tokens')
  if (isSourceFunction(attached)) return sourceFrom(attached, request)
  return attached ?? nothingAttached()
}

/** @internal */
export function isTokenSource(value: unknown): value is TokenSource {
  const isObject = (typeof value === 'object' && value !== null) || typeof value === 'function'
  return isObject && typeof (value as Partial<TokenSource>).getAccessToken === 'function'
}

/** @internal */
export function begin(source: TokenSource): BegunRequest {
  return { source, sessionId: source.sessionId }
}

/**
 * The token, if it can be had without waiting; `'inside'`: the request runs inside its own source's
 * refresh, and goes without one, since waiting for a token would be waiting for itself.
 *
 * @throws LoginRequiredError `session-changed`, if another login took the session's place
 * @internal
 */
export function grantNow(request: BegunRequest): Grant | 'inside' | undefined {
  if (request.source.isInsideRefresh?.()) return 'inside'
  const token = request.source.peek?.()
  return token === undefined ? undefined : grantOf(request, token)
}

/**
 * The token, after waiting for it within bounds.
 *
 * @throws TokenError as the source does; WaitEnded
 * @internal
 */
export async function grantLater(
  request: BegunRequest,
  bounds: WaitBounds | undefined,
): Promise<Grant> {
  const { source } = request
  const sessionId = request.sessionId ?? source.sessionId
  const token = await waitWithin(bounds, (signal) =>
    source.getAccessToken(signal ? { signal } : undefined),
  )
  return grantOf({ source, sessionId }, token)
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
  return new LoginRequiredError(
    'Another login took the place of the one this request began under',
    {
      reason: 'session-changed',
    },
  )
}

/**
 * What a request that got no token fails with: the reason of the bounds that ended its wait, or an
 * error of ours.
 *
 * @internal
 */
export function refusalOf(thrown: unknown): unknown {
  return thrown instanceof WaitEnded ? thrown.reason : asTokenError(thrown)
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

/**
 * @throws LoginRequiredError `session-changed`; TokenOptionsError for what is no token
 * @internal
 */
export function grantOf({ source, sessionId }: BegunRequest, token: unknown): Grant {
  const current = source.sessionId
  if (isOtherSession(sessionId, current)) throw sessionChanged()
  if (isSendable(token)) {
    const prover = source.proverFor?.(token)
    heard('use')?.publish({ sessionId: current })
    return prover ? { token, sessionId: current, prover } : { token, sessionId: current }
  }
  const given = typeof token === 'string' ? 'one that cannot stand in a header' : typeof token
  throw new TokenOptionsError(
    `The token source must give a non-empty string of visible ASCII, got ${given}`,
  )
}

function sourceFrom<Request>(
  find: (request: Request) => TokenSource | undefined,
  request: Request,
): TokenSource | TokenError {
  try {
    return checkedSource(find(request), 'The source function')
  } catch (thrown) {
    return asTokenError(thrown)
  }
}

function checkedSource(value: unknown, what: string): TokenSource | TokenError {
  if (isTokenSource(value)) return value
  if (value === undefined || value === null) {
    return new LoginRequiredError(`${what}: no token source for this request`, {
      reason: 'no-session',
    })
  }
  const given = value instanceof Promise ? 'a promise' : typeof value
  return new TokenOptionsError(`${what}: a TokenSource wanted, got ${given}`)
}

function isSourceFunction<Request>(
  attached: TokenSourceOption<Request> | undefined,
): attached is (request: Request) => TokenSource | undefined {
  return typeof attached === 'function' && !isTokenSource(attached)
}

function nothingAttached(): TokenError {
  return new TokenOptionsError(
    'tokens: no source was attached, so each request must bring its own, or `false`',
  )
}
