import {
  aBoolean,
  aFunction,
  anObject,
  check,
  checkOptions,
  isDuration,
  isFunction,
  isObject,
  milliseconds,
  oneOrMore,
  positiveMilliseconds,
} from './checks.js'
import { TokenOptionsError } from './errors.js'
import type { TokenManagerOptions } from './options.js'
import type { TargetParameters } from './session/target.js'

const OPTIONS = {
  refresh: aFunction,
  acquire: aFunction,
  initialTokens: anObject,
  dpop: aFunction,
  store: check('an object with load() and save()', isStore),
  revoke: aFunction,
  endsSession: aFunction,
  refreshWindowMs: milliseconds,
  expiryMarginMs: milliseconds,
  assumedLifetimeMs: positiveMilliseconds,
  keepFresh: aBoolean,
  background: check('false, or a function', (value) => value === false || isFunction(value)),
  refreshTimeoutMs: positiveMilliseconds,
  waitTimeoutMs: positiveMilliseconds,
  retry: check('{ attempts: 1 or more, baseDelayMs: 0 or more }', isRetry),
  recheckMs: positiveMilliseconds,
}

/**
 * The options as they are now, and no more than the object's own: what was checked is what is kept.
 *
 * @throws TokenOptionsError naming the option, what was given and what is expected
 * @internal
 */
export function checkedOptions(options: unknown): TokenManagerOptions {
  const given = isObject(options) ? { ...options } : options
  checkOptions('TokenManager', given, OPTIONS)
  const { refresh, acquire, store } = given as Partial<TokenManagerOptions>
  if ((refresh === undefined) === (acquire === undefined)) {
    const got = refresh ? 'both' : 'neither'
    throw new TokenOptionsError(
      `TokenManager: either \`refresh\` or \`acquire\` must be given, got ${got}`,
    )
  }
  if (store && typeof store.exclusive !== 'function' && store.singleProcess !== true) {
    throw new TokenOptionsError(
      'TokenManager: the `store` has no exclusive(), so two processes could use the same refresh ' +
        'token at once. Add it, or set `singleProcess: true` on the store if only one process uses it',
    )
  }
  return given as TokenManagerOptions
}

const aWord = check(
  'a non-empty string',
  (value) => typeof value === 'string' && value.trim() !== '',
)

const TARGET = {
  resource: oneOrMore(check('an absolute URI without a fragment', isUri)),
  scope: aWord,
  audience: aWord,
}

/**
 * What `tokens.for` was given, as it is now: what the caller does with its object later is no
 * matter.
 *
 * @throws TokenOptionsError for what `tokens.for` cannot take
 * @internal
 */
export function checkedTarget(target: unknown, hasRefreshToken: boolean): TargetParameters {
  if (!hasRefreshToken) {
    throw new TokenOptionsError(
      'for() needs a manager with `refresh`: make a manager for each `acquire`',
    )
  }
  const copy = isObject(target) ? { ...target } : target
  checkOptions('for()', copy, TARGET)
  const { resource: given, scope, audience } = copy as TargetParameters
  const resource = typeof given === 'object' ? Object.freeze([...given]) : given
  if ((resource ?? scope ?? audience) === undefined) {
    throw new TokenOptionsError(
      'for(): one of `resource`, `scope` and `audience` must be given, got none',
    )
  }
  return Object.freeze({
    ...(resource !== undefined && { resource }),
    ...(scope !== undefined && { scope }),
    ...(audience !== undefined && { audience }),
  })
}

function isUri(value: unknown): boolean {
  return typeof value === 'string' && URL.canParse(value) && !value.includes('#')
}

function isStore(value: unknown): boolean {
  if (!isObject(value)) return false
  return isFunction(Reflect.get(value, 'load')) && isFunction(Reflect.get(value, 'save'))
}

function isRetry(value: unknown): boolean {
  if (!isObject(value)) return false
  const { attempts = 1, baseDelayMs = 0, ...others } = value as Record<string, unknown>
  if (Array.isArray(value) || Object.keys(others).length > 0) return false
  return Number.isInteger(attempts) && (attempts as number) >= 1 && isDuration(baseDelayMs)
}
