import { isTokenError, TokenOptionsError } from '../errors.js'
import type { TokenProver } from '../token-source.js'
import type { DpopKey } from '../tokens/dpop-key.js'
import type { DpopClaims, DpopSigner } from '../tokens/dpop-signer.js'
import { isSendable } from '../tokens/token-set.js'
import { parseChallenges } from './challenge.js'
import type { DpopNonceCache } from './dpop-nonce-cache.js'

/** What all proofs of a session share. */
export interface DpopContext {
  readonly signer: DpopSigner
  readonly memory: DpopNonceCache
}

/**
 * The prover of one DPoP token (RFC 9449 §7).
 *
 * @internal
 */
export function dpopProver(
  { signer, memory }: DpopContext,
  key: DpopKey,
  token: string,
): TokenProver {
  return {
    prove: ({ method, url }) =>
      sign(signer, key, { method, url, accessToken: token, ...memory.claimsFor(url) }),
    onResponse: ({ url, status, header }) =>
      memory.learn({
        url,
        error: status === 401 ? errorOf(header('www-authenticate')) : undefined,
        nonce: textOf(header('dpop-nonce')),
        date: textOf(header('date')),
      }),
  }
}

/** @throws TokenOptionsError if the key does not do, or the signer fails */
async function sign(signer: DpopSigner, key: DpopKey, claims: DpopClaims): Promise<string> {
  let proof: unknown
  try {
    proof = await signer(key, claims)
  } catch (cause) {
    if (isTokenError(cause)) throw cause
    throw new TokenOptionsError('`dpopKey`: no proof could be signed with it', { cause })
  }
  if (isSendable(proof)) return proof
  throw new TokenOptionsError(
    '`dpop` must return a proof that can be sent in a header, and did not',
  )
}

function errorOf(header: string | readonly string[] | null | undefined): string | undefined {
  const ours = parseChallenges(header).filter(({ scheme }) => scheme === 'dpop')
  return ours.map(({ params }) => params.get('error')).find((error) => error !== undefined)
}

function textOf(header: string | readonly string[] | null | undefined): string | undefined {
  return typeof header === 'string' ? header : header?.[0]
}
