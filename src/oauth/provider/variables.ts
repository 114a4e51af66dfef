import { TokenOptionsError } from '../../errors.js'
import type { ParameterShape } from '../provider.js'
import { own } from './own.js'

/** The values of placeholders, by name. */
export type Variables = Readonly<Record<string, string>>

type Patterns = Readonly<Record<string, RegExp>>

const PLACEHOLDER = /\{(\w+)\}/g

/**
 * The values that a description has placeholders for.
 *
 * @throws TokenOptionsError for a name that it does not know, and for a value that is not what it
 * must be: it decides which host gets the client's secret
 * @internal
 */
export function checkedVariables(values: Readonly<Record<string, unknown>>, known: Patterns) {
  const checked: Record<string, string> = {}
  for (const [name, value] of Object.entries(values)) {
    const pattern = Object.hasOwn(known, name) ? known[name] : undefined
    if (!pattern) {
      const names = Object.keys(known).join(', ') || 'none'
      throw new TokenOptionsError(
        `oauthClient: unknown variable \`${name}\`. The variables are: ${names}`,
      )
    }
    if (typeof value !== 'string' || !matchesWhole(value, pattern)) {
      throw new TokenOptionsError(`oauthClient: variable \`${name}\`: must match ${pattern.source}`)
    }
    checked[name] = value
  }
  return checked
}

/**
 * Those of a session, kept in its tokens' `extra`.
 *
 * @throws TokenOptionsError as `checkedVariables`
 * @internal
 */
export function sessionVariables(
  extra: Readonly<Record<string, unknown>> | undefined,
  known: Patterns,
): Variables {
  const own = Object.entries(extra ?? {}).filter(([name]) => Object.hasOwn(known, name))
  return checkedVariables(Object.fromEntries(own), known)
}

/**
 * The URL with the values in the place of its placeholders.
 *
 * @throws TokenOptionsError if one is missing
 * @internal
 */
export function fillPlaceholders(template: string, values: Variables): string {
  return template.replace(PLACEHOLDER, (_whole, name: string) => {
    if (Object.hasOwn(values, name)) return values[name]!
    throw new TokenOptionsError(
      `oauthClient: the authorization server needs the variable \`${name}\`: set it in \`variables\``,
    )
  })
}

/**
 * The shape with the values in its parameters too. Braces around any other word are left as they
 * are: a parameter may be JSON.
 *
 * @throws TokenOptionsError if one is missing
 * @internal
 */
export function fillParameters<Shape extends ParameterShape>(
  given: Shape,
  values: Variables,
  known: Patterns = {},
): Shape {
  const shape = own(given)
  const filled = Object.entries(shape.parameters ?? {}).map(([name, template]) => [
    name,
    template.replace(PLACEHOLDER, (whole, variable: string) =>
      Object.hasOwn(known, variable) ? fillPlaceholders(whole, values) : whole,
    ),
  ])
  const parameters = Object.fromEntries(filled) as ParameterShape['parameters']
  return own({ ...shape, parameters })
}

/** As far as the values are known. @internal */
export function fillKnown(template: string, values: Variables): string {
  return template.replace(PLACEHOLDER, (whole, name: string) =>
    Object.hasOwn(values, name) ? values[name]! : whole,
  )
}

/**
 * A URL that it could become, for the checks that can be made early; `undefined` where the whole
 * beginning is a placeholder.
 *
 * @internal
 */
export function sampleOf(template: string): string | undefined {
  return template.startsWith('{') ? undefined : template.replace(PLACEHOLDER, 'x')
}

function matchesWhole(value: string, { source, flags }: RegExp): boolean {
  return new RegExp(`^(?:${source})$`, flags.replace(/[gym]/g, '')).test(value)
}
