import type { EmulatedProvider } from './providers/index.js'

/**
 * How the authorization server of a test behaves. The defaults are those of a strict server.
 *
 * @public
 */
export interface AuthorizationServerOptions {
  /**
   * Behaves as this provider does: its paths, names, types and refusals. Other options keep their
   * meaning; some have the provider's own default, such as `issuer` and `rotation`.
   *
   * @default as RFC 6749 has it
   */
  as?: EmulatedProvider | undefined
  /**
   * The issuer identifier, an absolute URL without query or fragment (RFC 8414 §2). While the
   * server listens on loopback, its issuer is the loopback address instead.
   *
   * @default 'https://auth.example.com'
   */
  issuer?: string | undefined
  /** The one client that the server knows. Without it, client authentication is not checked. */
  clientId?: string | undefined
  /** The client's secret. With a `clientId` and no secret, the client is a public one. */
  clientSecret?: string | undefined
  /**
   * How the client must authenticate (RFC 6749 §2.3).
   *
   * @default either of `client_secret_basic` and `client_secret_post`; `none` for a public client
   */
  clientAuth?: 'client_secret_basic' | 'client_secret_post' | 'none' | undefined
  /**
   * `jwt`: three parts with `iss`, `sub`, `aud`, `iat`, `exp` and `jti`, `exp` rounded down to the
   * second as real servers do, and a dummy signature. `opaque`: a random string.
   *
   * @default 'jwt'
   */
  accessTokenFormat?: 'jwt' | 'opaque' | undefined
  /**
   * How long an access token is valid, in milliseconds. `expires_in` is this in seconds.
   *
   * @default 300_000
   */
  accessTokenLifetimeMs?: number | undefined
  /** Leaves `expires_in` out of every response (RFC 6749 §5.1 only recommends it). @default false */
  omitExpiresIn?: boolean | undefined
  /**
   * Whether each refresh returns a new refresh token and the old one counts as used. A used one that
   * is sent again ends the session with all its tokens (RFC 9700 §4.14.2).
   *
   * @default true
   */
  rotation?: boolean | undefined
  /**
   * How long after its first use a refresh token is accepted again, in milliseconds.
   *
   * @default 0
   */
  reuseGraceMs?: number | undefined
  /** Without rotation: whether a response repeats the refresh token. @default false */
  repeatRefreshToken?: boolean | undefined
  /**
   * How far the server's clock is ahead of the local one, in milliseconds; negative: behind. It
   * shows in the `Date` header and in `iat` and `exp`.
   *
   * @default 0
   */
  clockOffsetMs?: number | undefined
  /** The scope of a session that does not name its own; space-separated. @default none */
  scope?: string | undefined
  /**
   * The redirect URIs that the client has registered, each matched as a whole, except the port of
   * a loopback address (RFC 8252 §7.3).
   *
   * @default any
   */
  redirectUris?: readonly string[] | undefined
  /** Whether a login must use PKCE (RFC 7636, S256). @default true for a public client (a `clientId` without a secret) */
  requirePkce?: boolean | undefined
  /** Whether a login's request must be pushed (RFC 9126). @default false */
  requirePushedRequests?: boolean | undefined
  /**
   * How long a device must wait between two polls, in milliseconds. A poll that comes sooner gets
   * `slow_down` (RFC 8628 §3.5).
   *
   * @default 5_000
   */
  deviceIntervalMs?: number | undefined
}
