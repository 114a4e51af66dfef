import type { StepUpRequiredError } from '../errors.js'

/**
 * What the login that follows must ask for, as parameters of the authorization request, whichever
 * library makes it: without them the new tokens are refused like the old ones, again and again.
 *
 * @public
 */
export function stepUpParameters(error: StepUpRequiredError): Record<string, string> {
  const { acrValues, maxAgeSeconds, claims, scope } = error
  return {
    ...(acrValues.length > 0 && { acr_values: acrValues.join(' ') }),
    ...(maxAgeSeconds !== undefined && { max_age: String(maxAgeSeconds) }),
    ...(claims !== undefined && { claims }),
    ...(scope !== undefined && { scope }),
  }
}
