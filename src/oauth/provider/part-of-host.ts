import { badOption } from '../../checks.js'

/**
 * A part of a host's name that a preset's caller chooses: it often comes with a request, and decides
 * who gets the client's secret. So it is one of those that the provider has.
 *
 * @param preset - the function's name, for messages
 * @param allowed - matches the value as a whole
 * @throws TokenOptionsError
 * @internal
 */
export function partOfHost(preset: string, name: string, value: string, allowed: RegExp): string {
  if (typeof value === 'string' && new RegExp(`^(?:${allowed.source})$`).test(value)) return value
  throw badOption(preset, name, `must match ${allowed.source}`)
}
