/** What a token request asks for beside the session's own tokens (RFC 8707, RFC 6749 §6). @public */
export interface TargetParameters {
  readonly resource?: string | readonly string[]
  readonly scope?: string
  /** For servers that call it so (Auth0). */
  readonly audience?: string
}
