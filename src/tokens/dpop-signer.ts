import type { DpopKey } from './dpop-key.js'

/** What the proof of a request to an API says (RFC 9449 §4.2), beside its own id. @public */
export interface DpopClaims {
  /** The request's method (`htm`). */
  readonly method: string
  /** The request's URL; its query and fragment are left out (`htu`). */
  readonly url: string
  /** When it was made, by the server's clock as far as that is known, in epoch seconds (`iat`). */
  readonly issuedAt: number
  /** The access token that goes with it (`ath`). */
  readonly accessToken: string
  /** What the server asked to put in (`nonce`). */
  readonly nonce?: string
}

/**
 * Makes one proof, another at each call: a signed JWT, the value of the `DPoP` header. The one of
 * `tokenward/oauth` is `dpopSigner`.
 *
 * @public
 */
export type DpopSigner = (key: DpopKey, claims: DpopClaims) => Promise<string>
