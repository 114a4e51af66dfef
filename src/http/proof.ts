import { NotReplayedError, type TokenError } from '../errors.js'
import type { ProvenAnswer, TokenSource } from '../token-source.js'
import { isOtherSession, sessionChanged, type Grant } from './authorization.js'
import { canBeSentTwice } from './body.js'

/** A request as it was sent with a proof, and answered. */
export interface ProvenRequest {
  readonly source: TokenSource
  readonly grant: Grant
  readonly body: unknown
  /** Whether another proof was tried already. */
  readonly isProofRetry: boolean
}

/**
 * What an answer says of the proof that the request had: `prove` it again, once, or why that is not
 * done although it might help; `undefined`: nothing, or the request had none. It is no replay: the
 * token was not refused.
 *
 * @internal
 */
export function meaningForProof(
  { source, grant, body, isProofRetry }: ProvenRequest,
  answer: ProvenAnswer,
): 'prove' | TokenError | undefined {
  const mayHelp = grant.prover?.learn(answer) === true
  if (!mayHelp || isProofRetry) return undefined
  if (isOtherSession(grant.sessionId, source.sessionId)) return sessionChanged()
  return canBeSentTwice(body) ? 'prove' : sentOnce()
}

function sentOnce(): TokenError {
  return new NotReplayedError(
    'The server wants another DPoP proof, and the body is a stream, which cannot be sent again',
    { reason: 'body' },
  )
}
