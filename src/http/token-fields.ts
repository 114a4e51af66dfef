import type { Credential } from '../token-source.js'
import { checkedToken } from './checked-token.js'
import { asTokenError } from './credential.js'

/** What a request carries. */
export interface TokenFields {
  /** The value of the token's header. */
  readonly field: string
  /** That of the header `DPoP`, where the token is bound to a key. */
  readonly proof?: string | undefined
}

/** The header of a proof (RFC 9449 §4.1). */
export const PROOF_HEADER = 'DPoP'

/**
 * What one sending carries, at once unless it is to be proved.
 *
 * @param fieldFor - the value of the header for a bearer token
 * @param request.method - as it is sent
 * @throws TokenError if no proof can be signed, or there is no token: as a rejection
 * @internal
 */
export function fieldsFor(
  { token, prover }: Credential,
  fieldFor: (token: string) => string,
  request: { readonly method: string; readonly url: string },
): TokenFields | Promise<TokenFields> {
  try {
    if (!prover) return { field: fieldFor(token) }
    const field = `DPoP ${checkedToken(token)}`
    return prover.prove({ method: request.method, url: request.url }).then(
      (proof) => ({ field, proof }),
      (thrown: unknown) => Promise.reject(asTokenError(thrown)),
    )
  } catch (thrown) {
    return Promise.reject(asTokenError(thrown))
  }
}

/**
 * The schemes whose challenges are about our token, in lower case. One that is bound to a key is
 * told so by either. An API that takes both may ask for `Bearer` whatever it was sent (RFC 9449
 * §7.2); so may one that was sent another scheme of its own.
 *
 * @internal
 */
export function schemesOf({ field }: TokenFields): string[] {
  const scheme = /^[^\s,]+(?= )/.exec(field)?.[0].toLowerCase()
  return scheme === undefined || scheme === 'bearer' ? ['bearer'] : [scheme, 'bearer']
}

/** What nobody else is to read of them. @internal */
export function secretsIn({ field, proof }: TokenFields): string[] {
  const token = field.slice(field.lastIndexOf(' ') + 1)
  return proof === undefined ? [token] : [token, proof]
}
