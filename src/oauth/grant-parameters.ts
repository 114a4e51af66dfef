import { aText, check, flawOf, mustBe, oneOrMore, type Check, type FlawOf } from '../checks.js'
import type { TargetOptions } from './grant.js'
import { parseUrl } from './secure-url.js'

/** RFC 6749 §3.3: visible ASCII without quote and backslash. */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*$/

const aScope = check(
  'scopes separated by single spaces (RFC 6749 §3.3)',
  (value) => typeof value === 'string' && SCOPE.test(value),
)

const aResource = check(
  'an absolute URI without a fragment (RFC 8707 §2)',
  (value) => typeof value === 'string' && !!parseUrl(value) && !value.includes('#'),
)

/** What each of `TargetOptions` must be. @internal */
export const TARGET_CHECKS: Readonly<Record<keyof TargetOptions, Check>> = {
  scope: aScope,
  resource: oneOrMore(aResource),
  audience: oneOrMore(aText),
}

/** Parameters by name: each a text or several. @internal */
export function flawOfParameters(reserved: ReadonlySet<string>): FlawOf {
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return mustBe('an object of parameters', value)
    }
    for (const [name, each] of Object.entries(value)) {
      if (reserved.has(name)) return `must not set \`${name}\``
      const flaw = flawOf(oneOrMore(aText), each)
      if (flaw) return `has a \`${name}\` that ${flaw}`
    }
    return undefined
  }
}

/**
 * The parameters as they go on the wire: one of each name for each value, absent ones left out.
 *
 * @internal
 */
export function grantParameters(
  values: Readonly<Record<string, string | readonly string[] | undefined>>,
): URLSearchParams {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(values)) {
    for (const each of [value ?? []].flat()) parameters.append(name, each)
  }
  return parameters
}
