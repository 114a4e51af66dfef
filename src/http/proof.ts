import { NotReplayedError, type TokenError } from '../errors.js'
import type { Credential, ResponseInfo, TokenSource } from '../token-source.js'
import { canBeSentTwice } from './body.js'
import { credentialNow, isOtherSession, sessionChanged } from './credential.js'

/** A request as it was sent with a proof, and its response. */
export interface ProvenRequest {
  readonly source: TokenSource
  readonly credential: Credential
  readonly body: unknown
  /** Whether another proof was tried already. */
  readonly isProofRetry: boolean
}

/**
 * What a response says of the proof that the request had. `prove`: send it again once, with another
 * proof. An error: why that is not done, although it might help. `renew`: the token must not be sent
 * any more. `undefined`: nothing, or the request had no proof. Sending with another proof is no
 * replay: the token was not refused.
 *
 * @internal
 */
export function meaningForProof(
  { source, credential, body, isProofRetry }: ProvenRequest,
  response: ResponseInfo,
): 'prove' | 'renew' | TokenError | undefined {
  const mayHelp = credential.prover?.onResponse(response) === true
  if (!mayHelp || isProofRetry) return undefined
  const current = credentialNow(source)
  // Expired, or logged out: whether there is another token of this session is the source's to say.
  if (source.current && current === undefined) return 'renew'
  if (typeof current === 'object' && isOtherSession(credential.sessionId, current.sessionId)) {
    return sessionChanged()
  }
  return canBeSentTwice(body) ? 'prove' : sentOnce()
}

function sentOnce(): TokenError {
  return new NotReplayedError(
    'The server wants another DPoP proof, and the body is a stream, which cannot be sent again',
    { reason: 'body' },
  )
}
