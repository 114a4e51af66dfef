import { describeValue, isFunction, isObject } from '../checks.js'
import { LoginRequiredError, TokenOptionsError, type TokenError } from '../errors.js'
import type { TokenSource } from '../token-source.js'
import { asTokenError } from './credential.js'

/**
 * Where an adapter gets its tokens: a source, or a synchronous function that finds the source of a
 * request.
 *
 * @public
 */
export type TokenSourceOption<Request> =
  TokenSource | ((request: Request) => TokenSource | undefined)

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
  return (isObject(value) || isFunction(value)) && isFunction(Reflect.get(value, 'getAccessToken'))
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
  return new TokenOptionsError(`${what}: expected a TokenSource, received ${describeValue(value)}`)
}

function isSourceFunction<Request>(
  attached: TokenSourceOption<Request> | undefined,
): attached is (request: Request) => TokenSource | undefined {
  return typeof attached === 'function' && !isTokenSource(attached)
}

function nothingAttached(): TokenError {
  return new TokenOptionsError(
    'tokens: no source was attached, so each request must have the option `tokens`: a source, or `false`',
  )
}
