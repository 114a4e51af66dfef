import { describe, listOf, textCheck, type OptionCheck } from './option-checks.js'
import { parseUrl } from './secure-url.js'

/** RFC 6749 §3.3: visible ASCII without quote and backslash. */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*$/

/** @internal */
export const scopeCheck: OptionCheck = (value) =>
  typeof value === 'string' && SCOPE.test(value)
    ? undefined
    : `scopes separated by single spaces wanted (RFC 6749 §3.3), got ${describe(value)}`

/** @internal */
export const resourceCheck: OptionCheck = listOf((value) =>
  typeof value === 'string' && parseUrl(value) && !value.includes('#')
    ? undefined
    : `an absolute URI without a fragment wanted (RFC 8707 §2), got ${describe(value)}`,
)

/** @internal */
export const audienceCheck: OptionCheck = listOf(textCheck)

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
