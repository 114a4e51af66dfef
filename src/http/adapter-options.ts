import { aFunction, check } from '../checks.js'
import { TokenOptionsError } from '../errors.js'
import { isTokenSource } from './source-choice.js'
import { checkedToken } from './checked-token.js'

/** The header that carries the token, which the users of every adapter may choose. */
export interface HeaderOptions {
  header?: string
  format?: (token: string) => string
}

/** The same, checked. */
export interface TokenHeader {
  readonly header: string
  /** The value of the header for a token. */
  readonly fieldFor: (token: string) => string
}

const FIELD_NAME = /^[!#$%&'*+\-.^_`|~\dA-Za-z]+$/
const FIELD_VALUE = /^[\x21-\x7e]+(?: [\x21-\x7e]+)*$/

/** The options that every adapter has; `origins` by itself, since its default differs. @internal */
export const HEADER_CHECKS = {
  header: check('a header name', (value) => typeof value === 'string' && FIELD_NAME.test(value)),
  format: aFunction,
  isRejected: aFunction,
}

/** @internal */
export function sourceCheck(argument: string) {
  return check(
    `a TokenSource, a function of the ${argument}, or undefined`,
    (value) => value === undefined || typeof value === 'function' || isTokenSource(value),
  )
}

/** The options that were passed, without anything that was put on `Object.prototype`. @internal */
export function ownMembers<T extends object>(options: T): T {
  return Object.assign(Object.create(null) as T, options)
}

/** @internal */
export function tokenHeader({
  header = 'Authorization',
  format = bearer,
}: HeaderOptions): TokenHeader {
  return { header, fieldFor: rememberingLast((token) => checkedField(format, token)) }
}

function bearer(token: string): string {
  return `Bearer ${token}`
}

/** Most requests carry the same token as the one before: it is checked once. */
function rememberingLast(compute: (token: string) => string): (token: string) => string {
  let lastToken: string | undefined
  let lastField = ''
  return (token) => {
    if (token !== lastToken || token === undefined) {
      lastField = compute(token)
      lastToken = token
    }
    return lastField
  }
}

/** Neither the value nor what `format` threw is shown: the token is in it. */
function checkedField(format: (token: string) => unknown, token: string): string {
  checkedToken(token)
  let value: unknown
  try {
    value = format(token)
  } catch {
    throw new TokenOptionsError('`format` threw an error; it must return the header value')
  }
  if (typeof value === 'string' && FIELD_VALUE.test(value)) return value
  throw new TokenOptionsError(
    '`format` must return a header value of visible ASCII and single spaces, and did not',
  )
}
