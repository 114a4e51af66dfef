import type { DpopKey } from './dpop-key.js'

/**
 * What users hand in: a `TokenSet`; the wire form of RFC 6749 §5.1; openid-client's result; an
 * Auth.js account; or `{ accessToken, refreshToken, expiresIn }`. Only the access token is
 * required, and beside a refresh token it may be empty. `expires_in` and `expiresIn` are in
 * seconds, `expires_at` in epoch seconds or milliseconds, `expiresAt` in epoch milliseconds; each
 * instant may also be ISO text or a `Date`. In a response just received the seconds outrank an
 * absolute time, in all else they do not. Names of both kinds may be mixed, and the tokens may be in
 * an object `authed_user` or `data`.
 *
 * @public
 */
export type TokenInput = WireTokens | NamedTokens

/** Epoch seconds or milliseconds, either also as text, ISO text, or a `Date`. */
type Instant = number | string | Date

/** @public */
export interface WireTokens {
  readonly access_token?: string | null | undefined
  readonly token_type?: string | null | undefined
  readonly refresh_token?: string | null | undefined
  readonly expires_in?: number | string | null | undefined
  readonly expires_at?: Instant | null | undefined
  /** What googleapis calls `expires_at`. */
  readonly expiry_date?: Instant | null | undefined
  /** What Entra's first version and Azure's managed identities call it. */
  readonly expires_on?: Instant | null | undefined
  readonly expires?: Instant | null | undefined
  /** From when `expires_in` counts, in a stored login. */
  readonly created_at?: Instant | null | undefined
  readonly issued_at?: Instant | null | undefined
  /** The lifetime of the refresh token, in seconds. */
  readonly refresh_token_expires_in?: number | string | null | undefined
  readonly refresh_expires_in?: number | string | null | undefined
  readonly x_refresh_token_expires_in?: number | string | null | undefined
  readonly refresh_token_expires_at?: Instant | null | undefined
  readonly scope?: string | null | undefined
  readonly id_token?: string | null | undefined
  /** The key that the token request was proved with, where the type is DPoP. */
  readonly dpopKey?: DpopKey | null | undefined
}

/** @public */
export interface NamedTokens {
  readonly accessToken: string
  readonly tokenType?: string | null | undefined
  readonly refreshToken?: string | null | undefined
  readonly expiresIn?: number | string | null | undefined
  readonly expiresAt?: Instant | null | undefined
  /** What MSAL calls it. */
  readonly expiresOn?: Instant | null | undefined
  readonly issuedAt?: Instant | null | undefined
  /** The lifetime of the refresh token, in seconds. */
  readonly refreshTokenExpiresIn?: number | string | null | undefined
  readonly refreshTokenExpiresAt?: Instant | null | undefined
  readonly scope?: string | null | undefined
  readonly idToken?: string | null | undefined
  /** Kept beside the tokens as it is: plain JSON. */
  readonly extra?: Readonly<Record<string, unknown>> | null | undefined
  /** The key that the token request was proved with, where the type is DPoP. */
  readonly dpopKey?: DpopKey | null | undefined
}

/**
 * As much of the response of `fetch` as is read: a `refresh` or `acquire` may return it as it is.
 *
 * @public
 */
export interface FetchResponse {
  readonly status: number
  readonly headers: { get(name: string): string | null }
  /** Read as a stream where it is one, up to 1 MB. */
  readonly body?: unknown
  text(): Promise<string>
}
