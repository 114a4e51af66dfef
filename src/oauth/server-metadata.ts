/**
 * What an authorization server says of itself (RFC 8414 §2, OpenID Connect Discovery §3), by the
 * names of the wire.
 *
 * @public
 */
export interface AuthorizationServerMetadata {
  /** Compared with what was asked for, where it was discovered. */
  readonly issuer: string
  readonly token_endpoint?: string
  readonly [name: string]: unknown
}
