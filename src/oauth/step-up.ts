import type { StepUpRequiredError } from '../errors.js'

/**
 * What the login that follows must ask for, as parameters of the authorization request, whichever
 * library makes it: without them the new tokens are refused like the old ones, again and again.
 *
 * @param loginScope - what your logins ask for anyway: a scope that the API names is added to it
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
