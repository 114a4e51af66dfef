import { TokenError } from './token-error.js'

/**
 * RFC 9470: the API wants a stronger or a more recent login.
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

  constructor(
    message = 'The API requires a stronger or a more recent login (RFC 9470)',
    options: { acrValues?: readonly string[]; maxAgeSeconds?: number; cause?: unknown } = {},
  ) {
    super('StepUpRequiredError', message, options)
    this.acrValues = options.acrValues ?? []
    this.maxAgeSeconds = options.maxAgeSeconds
  }
}
