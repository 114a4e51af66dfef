import type { StepUpRequiredError } from '../errors.js'

/**
 * The requirements of the error as parameters of the next authorization request, for any library.
 * Without them, the API rejects the new tokens like the old ones.
 *
 * @param loginScope - the scope that your logins always request: the scope that the API requires is
 * added to it
 * @public
 */
export function stepUpParameters(
  error: StepUpRequiredError,
  loginScope = '',
): Record<string, string> {
  const { acrValues, maxAgeSeconds, claims, scope } = error
  return {
    ...(acrValues.length > 0 && { acr_values: acrValues.join(' ') }),
    ...(maxAgeSeconds !== undefined && { max_age: String(maxAgeSeconds) }),
    ...(claims !== undefined && { claims }),
    ...(scope !== undefined && { scope: union(loginScope, scope) }),
  }
}

function union(...scopes: string[]): string {
  return [...new Set(scopes.join(' ').split(' '))].filter(Boolean).join(' ')
}
