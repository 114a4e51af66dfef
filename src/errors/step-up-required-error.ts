import { TokenError } from './token-error.js'

/**
 * The API requires more than a new token: a stronger or a more recent login (RFC 9470), certain
 * claims, or another scope (RFC 6750 §3.1). Or the authorization server requires consent or a second
 * factor (`interaction_required`, `mfa_required`, Entra's `suberror`). The session continues; the
 * user must log in again.
 *
 * @public
 */
export class StepUpRequiredError extends TokenError<'ERR_STEP_UP_REQUIRED'> {
  readonly isTransient = false
  /** The `acr_values` to send in the authorization request; empty if the API named none. */
  readonly acrValues: readonly string[]
  /** The `max_age` to send, in seconds, if the API named one. */
  readonly maxAgeSeconds: number | undefined
  /** The `claims` to send, as JSON text, if the API named any (a claims challenge). */
  readonly claims: string | undefined
  /** The scope that the API asks for (RFC 6750 §3.1), if it named one. */
  readonly scope: string | undefined
  /** The resource of the rejected token, if it was a token of `tokens.for`. */
  readonly resource: string | readonly string[] | undefined
  /** The authorization server's `error`, if the authorization server refused, and not the API. */
  readonly error: string | undefined
  /** The authorization server's `error_description`, without secrets. */
  readonly errorDescription: string | undefined
  /**
   * Auth0's `mfa_token`, to be sent back with the second factor. It is a secret, so it is not shown
   * when the error is printed.
   */
  declare readonly mfaToken: string | undefined

  constructor(
    message = 'The API requires a stronger or a more recent login (RFC 9470)',
    options: {
      acrValues?: readonly string[]
      maxAgeSeconds?: number
      claims?: string | undefined
      scope?: string | undefined
      resource?: string | readonly string[] | undefined
      error?: string | undefined
      errorDescription?: string | undefined
      mfaToken?: string | undefined
      cause?: unknown
    } = {},
  ) {
    super('ERR_STEP_UP_REQUIRED', 'StepUpRequiredError', message, options)
    this.acrValues = options.acrValues ?? []
    this.maxAgeSeconds = options.maxAgeSeconds
    this.claims = options.claims
    this.scope = options.scope
    this.resource = options.resource
    this.error = options.error
    this.errorDescription = options.errorDescription
    hideMfaToken(this, options.mfaToken)
  }
}

/** A getter, which not even `inspect` with `showHidden` calls. */
function hideMfaToken(error: StepUpRequiredError, mfaToken: string | undefined): void {
  Object.defineProperty(error, 'mfaToken', { get: () => mfaToken })
}
