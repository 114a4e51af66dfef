import { TokenOptionsError } from '../errors.js'
import { isTokenSource } from './authorization.js'

/** The header that carries the token, as every adapter's user may wish it. */
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

/**
 * @param known - the names of all options that there are
 * @throws TokenOptionsError for what is no object, and for an option that does not exist
 * @internal
 */
export function checkNames(options: unknown, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null) throw wrong('options', 'an object', options)
  const unknown = Object.keys(options).find((name) => !known.includes(name))
  if (unknown === undefined) return
  throw new TokenOptionsError(`${unknown}: no such option; there are ${known.join(', ')}`)
}

/** @throws TokenOptionsError @internal */
export function checkSource(source: unknown, argument: string): void {
  if (source === undefined || typeof source === 'function' || isTokenSource(source)) return
  throw wrong('source', `a TokenSource, a function of the ${argument}, or undefined`, source)
}

/** @throws TokenOptionsError @internal */
export function checkHeader({
  header = 'Authorization',
  format = bearer,
}: HeaderOptions): TokenHeader {
  if (typeof header !== 'string' || !FIELD_NAME.test(header)) {
    throw wrong('header', 'a header name', header)
  }
  if (typeof format !== 'function') throw wrong('format', 'a function', format)
  return { header, fieldFor: rememberingLast((token) => checkedField(format, token)) }
}

/** @throws TokenOptionsError unless it is a function, or was not given @internal */
export function checkFunction(name: string, given: unknown): void {
  if (given !== undefined && typeof given !== 'function') throw wrong(name, 'a function', given)
}

/** @throws TokenOptionsError @internal */
export function checkList(name: string, wanted: string, given: unknown): readonly string[] {
  if (Array.isArray(given) && given.length > 0) return given as string[]
  throw wrong(name, wanted, given)
}

/** Says what was given by its type only: it may be a token, by mistake. @internal */
export function wrong(name: string, wanted: string, given: unknown): TokenOptionsError {
  const shown = given === null ? 'null' : Array.isArray(given) ? 'a list' : typeof given
  return new TokenOptionsError(`${name}: ${wanted} wanted, got ${shown}`)
}

function bearer(token: string): string {
  return `Bearer ${token}`
}

/** Most requests carry the same token as the one before. */
function rememberingLast(compute: (token: string) => string): (token: string) => string {
  let lastToken: string | undefined
  let lastField = ''
  return (token) => {
    if (token !== lastToken) {
      lastField = compute(token)
      lastToken = token
    }
    return lastField
  }
}

/** Neither the value nor what `format` threw is shown: the token is in it. */
function checkedField(format: (token: string) => unknown, token: string): string {
  let value: unknown
  try {
    value = format(token)
  } catch {
    throw new TokenOptionsError('format: must not throw, and did')
  }
  if (typeof value === 'string' && FIELD_VALUE.test(value)) return value
  throw new TokenOptionsError(
    'format: must give a header value of visible ASCII and single spaces, and did not',
  )
}
