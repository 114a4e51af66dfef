import { asTokenError, type Grant } from './authorization.js'

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
 * @throws TokenError if no proof can be signed: as a rejection
 * @internal
 */
export function fieldsFor(
  grant: Grant,
  fieldFor: (token: string) => string,
  request: { readonly method: string; readonly url: string },
): TokenFields | Promise<TokenFields> {
  const { prover, token } = grant
  if (!prover) return { field: fieldFor(token) }
  return prover.prove({ method: request.method, url: request.url }).then(
    (proof) => ({ field: `DPoP ${token}`, proof }),
    (thrown: unknown) => Promise.reject(asTokenError(thrown)),
  )
}
