import { TokenError } from './token-error.js'

/**
 * The API wants more than a new token: a stronger or a more recent login (RFC 9470), certain claims,
 * or another scope (RFC 6750 §3.1). The session goes on; the user is needed.
 *
 * @public
 */
export class StepUpRequiredError extends TokenError {
  readonly code = 'ERR_STEP_UP_REQUIRED'
  readonly isTransient = false
  /** The `acr_values` to send in the authorization request; empty if the API named none. */
  readonly acrValues: readonly string[]
  /** The `max_age` to send, in seconds, if the API named one. */
  readonly maxAgeSeconds: number | undefined
  /** The `claims` to send, as JSON text, if the API named any (a claims challenge). */
  readonly claims: string | undefined
  /** The scope that the API asks for (RFC 6750 §3.1), if it named one. */
  readonly scope: string | undefined

  constructor(
    message = 'The API requires a stronger or a more recent login (RFC 9470)',
    options: {
      acrValues?: readonly string[]
      maxAgeSeconds?: number
      claims?: string
      scope?: string
      cause?: unknown
    } = {},
  ) {
    super('StepUpRequiredError', message, options)
    this.acrValues = options.acrValues ?? []
    this.maxAgeSeconds = options.maxAgeSeconds
    this.claims = options.claims
    this.scope = options.scope
  }
}
