import { assertUnpolluted } from '../checks.js'
import { TokenOptionsError } from '../errors.js'

/** What one option must be: `undefined` if it is, else what is wanted and what was given. */
export type OptionCheck = (value: unknown) => string | undefined

/**
 * Every option against its check; absent ones are fine here.
 *
 * @throws TokenOptionsError naming the option, what is wanted and what was given
 * @internal
 */
export function checkOptions(
  owner: string,
  options: unknown,
  checks: Readonly<Record<string, OptionCheck>>,
): void {
  if (typeof options !== 'object' || options === null) {
    throw new TokenOptionsError(`${owner}: options wanted, got ${describe(options)}`)
  }
  assertUnpolluted(owner, Object.keys(checks))
  for (const [name, value] of Object.entries(options)) {
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined
    if (!check) {
      const known = Object.keys(checks).join(', ')
      throw new TokenOptionsError(`${owner}: unknown option \`${name}\`, known are ${known}`)
    }
    const flaw = value === undefined ? undefined : check(value)
    if (flaw) throw new TokenOptionsError(`${owner}: \`${name}\`: ${flaw}`)
  }
}

/** A string that can be sent: neither empty nor cut in the middle of a character. */
export const textCheck: OptionCheck = (value) => {
  const isText = typeof value === 'string' && value !== ''
  if (!isText) return `a non-empty string wanted, got ${describe(value)}`
  return isWellFormed(value) ? undefined : 'well-formed Unicode wanted, got half a character'
}

export const functionCheck: OptionCheck = (value) =>
  typeof value === 'function' ? undefined : `a function wanted, got ${describe(value)}`

export const objectCheck: OptionCheck = (value) =>
  typeof value === 'object' && value !== null
    ? undefined
    : `an object wanted, got ${describe(value)}`

/** One value or several. */
export function listOf(check: OptionCheck): OptionCheck {
  return (value) => {
    if (!Array.isArray(value)) return check(value)
    if (value.length === 0) return 'at least one wanted, got an empty array'
    return value.map(check).find((flaw) => flaw !== undefined)
  }
}

/** Only the type: the value may be a secret. */
export function describe(value: unknown): string {
  if (value === null) return 'null'
  if (value === '') return 'an empty string'
  if (typeof value === 'string') return 'another string'
  return Array.isArray(value) ? 'an array' : typeof value
}

/** What cannot be encoded as UTF-8 cannot be sent in a form. */
function isWellFormed(value: string): boolean {
  try {
    encodeURIComponent(value)
    return true
  } catch {
    return false
  }
}
