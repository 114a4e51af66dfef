import { TokenOptionsError } from './errors.js'

/** What one option must be. */
export interface Expectation {
  /** Completes the sentence "`x` must be ..." */
  readonly expected: string
  readonly isGood: (value: unknown) => boolean
  /** Whether a number in its place may be a secret that was not quoted as text. */
  readonly isSecret?: boolean
}

/** What is wrong with a value, as what follows the option's name; `undefined`: nothing is. */
export type FlawOf = (value: unknown) => string | undefined

export type Check = Expectation | FlawOf

/** @internal */
export function check(expected: string, isGood: (value: unknown) => boolean): Expectation {
  return { expected, isGood }
}

/**
 * Checks every option that was given; one that is `undefined` counts as not given.
 *
 * @param owner - the function or class that the options are for, as users know it
 * @throws TokenOptionsError if `options` is not an object, for a name that is not in `checks`, and
 * for a value that is not what its check expects
 * @internal
 */
export function checkOptions(
  owner: string,
  options: unknown,
  checks: Readonly<Record<string, Check>>,
): void {
  if (!isObject(options)) throw optionError(owner, 'options', 'an object', options)
  if (isPolluted()) assertUnpolluted(owner, Object.keys(checks))
  for (const name in options) {
    if (!Object.hasOwn(options, name)) continue
    const value = (options as Record<string, unknown>)[name]
    if (!Object.hasOwn(checks, name)) throw unknownOption(owner, name, Object.keys(checks))
    if (value !== undefined) checkValue(owner, name, value, checks[name]!)
  }
}

/** Whether anything enumerable has been put on all objects. @internal */
export function isPolluted(): boolean {
  for (const _ in Object.prototype) return true
  return false
}

/**
 * An option on `Object.prototype` is read as if the caller had given it: whoever can put one there
 * (prototype pollution) would choose where tokens go.
 *
 * @throws TokenOptionsError
 * @internal
 */
export function assertUnpolluted(owner: string, names: readonly string[]): void {
  const polluted = Object.keys(Object.prototype).find((name) => names.includes(name))
  if (polluted === undefined) return
  throw new TokenOptionsError(
    `${owner}: \`Object.prototype.${polluted}\` is set, and would be read as an option: find out what set it`,
  )
}

/** @throws TokenOptionsError if the value is not what the check expects @internal */
export function checkValue(owner: string, name: string, value: unknown, check: Check): void {
  const flaw = flawOf(check, value)
  if (flaw) throw badOption(owner, name, flaw)
}

/** @internal */
export function flawOf(check: Check, value: unknown): string | undefined {
  if (typeof check === 'function') return check(value)
  return check.isGood(value) ? undefined : mustBe(check.expected, value, check.isSecret)
}

/** The one wording of a wrong value. It is not quoted: it may be a secret. @internal */
export function mustBe(expected: string, value: unknown, isSecret = false): string {
  return `must be ${expected}, got ${describeValue(value, isSecret)}`
}

/**
 * @param flaw - what follows the name: "must be ...", or another predicate
 * @internal
 */
export function badOption(
  owner: string,
  name: string,
  flaw: string,
  cause?: unknown,
): TokenOptionsError {
  return new TokenOptionsError(`${owner}: \`${name}\` ${flaw}`, { cause })
}

/** @internal */
export function optionError(
  owner: string,
  name: string,
  expected: string,
  value: unknown,
): TokenOptionsError {
  return badOption(owner, name, mustBe(expected, value))
}

/** @internal */
function unknownOption(owner: string, name: string, known: readonly string[]): TokenOptionsError {
  const options = known.join(', ')
  return new TokenOptionsError(`${owner}: unknown option \`${name}\`. The options are: ${options}`)
}

/** Of anything but numbers and booleans only the kind is told. @internal */
export function describeValue(value: unknown, isSecret = false): string {
  if (value === null || value === undefined) return String(value)
  if (value === '') return 'an empty string'
  if (typeof value === 'string') {
    return LONE_SURROGATE.test(value) ? 'half a character' : 'another string'
  }
  if (typeof value === 'number' && isSecret) return 'a number'
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (Array.isArray(value)) return value.length === 0 ? 'an empty array' : 'an array'
  if (value instanceof Promise) return 'a promise'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

/** @internal */
export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

/** @internal */
export function isFunction(value: unknown): value is (...args: never[]) => unknown {
  return typeof value === 'function'
}

/** @internal */
export function isDuration(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0
}

/** A polyfill's signal is one too. @internal */
function isSignal(value: unknown): value is AbortSignal {
  if (!isObject(value)) return false
  const isAbortable = typeof Reflect.get(value, 'aborted') === 'boolean'
  return isAbortable && isFunction(Reflect.get(value, 'addEventListener'))
}

/** A string that can be sent: neither empty nor cut in the middle of a character. */
function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '' && !LONE_SURROGATE.test(value)
}

const LONE_SURROGATE = /\p{Surrogate}/u

export const aFunction = check('a function', isFunction)
export const anObject = check('an object', isObject)
export const aBoolean = check('a boolean', (value) => typeof value === 'boolean')
export const aText: Expectation = { ...check('a non-empty string', isText), isSecret: true }
export const aSignal = check('an AbortSignal', isSignal)
export const milliseconds = check('a number of milliseconds, 0 or more', isDuration)
export const positiveMilliseconds = check(
  'a number of milliseconds above 0',
  (value) => isDuration(value) && value > 0,
)

/** One value, or several. @internal */
export function oneOrMore({ expected, isGood, ...more }: Expectation): Expectation {
  const several = check(`${expected}, or a non-empty array of such`, (value) =>
    Array.isArray(value) ? value.length > 0 && value.every(isGood) : isGood(value),
  )
  return { ...several, ...more }
}
