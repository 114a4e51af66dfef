import type { TargetOptions } from './grant.js'
import { describe, listOf, textCheck, type OptionCheck } from './option-checks.js'
import { parseUrl } from './secure-url.js'

/** RFC 6749 §3.3: visible ASCII without quote and backslash. */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*$/

const scopeCheck: OptionCheck = (value) =>
  typeof value === 'string' && SCOPE.test(value)
    ? undefined
    : `scopes separated by single spaces wanted (RFC 6749 §3.3), got ${describe(value)}`

const resourceCheck: OptionCheck = listOf((value) =>
  typeof value === 'string' && parseUrl(value) && !value.includes('#')
    ? undefined
    : `an absolute URI without a fragment wanted (RFC 8707 §2), got ${describe(value)}`,
)

const audienceCheck: OptionCheck = listOf(textCheck)

/** What each of `TargetOptions` must be. @internal */
export const TARGET_CHECKS: Readonly<Record<keyof TargetOptions, OptionCheck>> = {
  scope: scopeCheck,
  resource: resourceCheck,
  audience: audienceCheck,
}

/** Parameters by name: each a text or several. @internal */
export function parametersCheck(reserved: ReadonlySet<string>): OptionCheck {
  const valueCheck = listOf(textCheck)
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return `an object of parameters wanted, got ${describe(value)}`
    }
    for (const [name, each] of Object.entries(value)) {
      if (reserved.has(name)) return `\`${name}\` is not for you to set here`
      const flaw = valueCheck(each)
      if (flaw) return `\`${name}\`: ${flaw}`
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
