import { TokenOptionsError } from './errors.js'
import type { TokenManagerOptions } from './options.js'

const isFunction = (value: unknown) => typeof value === 'function'
const isPositive = (value: unknown) => isDuration(value) && value > 0
const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

/** What each option must be, and how to say so. */
const RULES = new Map<string, { isGood: (value: unknown) => boolean; wanted: string }>([
  ['refresh', { isGood: isFunction, wanted: 'a function' }],
  ['acquire', { isGood: isFunction, wanted: 'a function' }],
  ['initialTokens', { isGood: isObject, wanted: 'tokens' }],
  ['dpop', { isGood: isFunction, wanted: 'a function' }],
  ['store', { isGood: isStore, wanted: 'an object with load() and save()' }],
  ['revoke', { isGood: isFunction, wanted: 'a function' }],
  ['endsSession', { isGood: isFunction, wanted: 'a function' }],
  ['refreshWindowMs', { isGood: isDuration, wanted: 'milliseconds, 0 or more' }],
  ['expiryMarginMs', { isGood: isDuration, wanted: 'milliseconds, 0 or more' }],
  ['keepFresh', { isGood: (value) => typeof value === 'boolean', wanted: 'a boolean' }],
  ['refreshTimeoutMs', { isGood: isPositive, wanted: 'milliseconds, more than 0' }],
  ['waitTimeoutMs', { isGood: isPositive, wanted: 'milliseconds, more than 0' }],
  ['retry', { isGood: isRetry, wanted: '{ attempts: 1 or more, baseDelayMs: 0 or more }' }],
  ['recheckMs', { isGood: isPositive, wanted: 'milliseconds, more than 0' }],
])

/**
 * @throws TokenOptionsError naming the option, what was given and what is wanted
 * @internal
 */
export function assertOptions(options: unknown): asserts options is TokenManagerOptions {
  if (!isObject(options)) {
    throw new TokenOptionsError(`TokenManager: options wanted, got ${describe(options)}`)
  }
  for (const name of Object.keys(options)) {
    const value: unknown = options[name as keyof typeof options]
    const rule = RULES.get(name)
    if (!rule) throw unknownOption('TokenManager', name, [...RULES.keys()])
    if (value !== undefined && !rule.isGood(value)) {
      throw new TokenOptionsError(`\`${name}\`: ${rule.wanted} wanted, got ${describe(value)}`)
    }
  }
  // Only what is the object's own is checked above, and kept.
  const { refresh, acquire, store } = { ...options } as Partial<TokenManagerOptions>
  if ((refresh === undefined) === (acquire === undefined)) {
    const given = refresh ? 'both' : 'neither'
    throw new TokenOptionsError(`One of \`refresh\` and \`acquire\` wanted, got ${given}`)
  }
  if (store && typeof store.exclusive !== 'function' && store.singleProcess !== true) {
    throw new TokenOptionsError(
      '`store` has no exclusive(): two processes would spend one refresh token. ' +
        'Add it, or say `singleProcess: true` on the store if only one process ever uses it',
    )
  }
}

/**
 * Options of a call: a token handed in where `{ rejected }` is meant would else be a forced refresh.
 *
 * @throws TokenOptionsError for what is no object, or a name that is not known
 * @internal
 */
export function assertCallOptions(call: string, options: unknown, known: readonly string[]): void {
  if (options === undefined) return
  if (!isObject(options)) {
    const wanted = `{ ${known.join(', ')} }`
    throw new TokenOptionsError(`${call}(): ${wanted} wanted, got ${describe(options)}`)
  }
  const unknown = Object.keys(options).find((name) => !known.includes(name))
  if (unknown !== undefined) throw unknownOption(`${call}()`, unknown, known)
}

function unknownOption(owner: string, name: string, known: readonly string[]): TokenOptionsError {
  return new TokenOptionsError(
    `${owner}: unknown option \`${name}\`, known are ${known.join(', ')}`,
  )
}

/**
 * @throws TokenOptionsError for what `tokens.for` cannot take
 * @internal
 */
export function assertTarget(target: unknown, hasRefreshToken: boolean): void {
  if (!hasRefreshToken) {
    throw new TokenOptionsError('for() needs `refresh`: an `acquire` gets a manager of its own')
  }
  if (!isObject(target)) {
    throw new TokenOptionsError(`for(): { resource, scope } wanted, got ${describe(target)}`)
  }
  for (const [name, value] of Object.entries(target)) {
    const isGood = name === 'resource' ? isResource : name === 'scope' ? isScope : undefined
    if (!isGood) throw new TokenOptionsError(`for(): unknown parameter \`${name}\``)
    if (value !== undefined && !isGood(value)) {
      const wanted = name === 'resource' ? 'absolute URIs without a fragment' : 'a non-empty string'
      throw new TokenOptionsError(`for(): \`${name}\`: ${wanted} wanted, got ${describe(value)}`)
    }
  }
  const { resource, scope } = target as { resource?: unknown; scope?: unknown }
  if (resource === undefined && scope === undefined) {
    throw new TokenOptionsError('for(): one of `resource` and `scope` wanted, got neither')
  }
}

function isResource(value: unknown): boolean {
  const uris: unknown[] = Array.isArray(value) ? value : [value]
  const isUri = (uri: unknown) => typeof uri === 'string' && URL.canParse(uri) && !uri.includes('#')
  return uris.length > 0 && uris.every(isUri)
}

function isScope(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== ''
}

/**
 * @throws TokenOptionsError for a signal that is none
 * @internal
 */
export function assertSignal(signal: unknown): asserts signal is AbortSignal | undefined {
  if (signal === undefined || signal instanceof AbortSignal) return
  const isSignalLike = isObject(signal) && typeof Reflect.get(signal, 'aborted') === 'boolean'
  if (isSignalLike && isFunction(Reflect.get(signal, 'addEventListener'))) return
  throw new TokenOptionsError(`\`signal\`: an AbortSignal wanted, got ${describe(signal)}`)
}

/** @internal */
export function isDuration(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0
}

function isStore(value: unknown): boolean {
  return (
    isObject(value) &&
    isFunction(Reflect.get(value, 'load')) &&
    isFunction(Reflect.get(value, 'save'))
  )
}

function isRetry(value: unknown): boolean {
  if (!isObject(value)) return false
  const { attempts = 1, baseDelayMs = 0, ...others } = value as Record<string, unknown>
  if (Array.isArray(value) || Object.keys(others).length > 0) return false
  return Number.isInteger(attempts) && (attempts as number) >= 1 && isDuration(baseDelayMs)
}

/** Numbers and booleans are no secrets; of anything else only the type is said. */
function describe(value: unknown): string {
  if (value === null) return 'null'
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : typeof value
}
