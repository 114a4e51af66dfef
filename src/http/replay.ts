import { heard } from '../diagnostics/channels.js'
import type { RejectionMessage } from '../diagnostics/messages.js'
import { NotReplayedError, type TokenError } from '../errors.js'
import type { RefreshOptions, TokenSource } from '../token-source.js'
import {
  asTokenError,
  grantOf,
  isOtherSession,
  sessionChanged,
  type Grant,
} from './authorization.js'
import { canBeSentTwice } from './body.js'
import { WaitEnded, waitWithin, type WaitBounds } from './wait.js'

/** A request as it was sent and refused. */
export interface RefusedRequest {
  readonly source: TokenSource
  readonly grant: Grant
  readonly body: unknown
  /** Whether this was the replay already. */
  readonly isReplay: boolean
  /** Whether the answer came from where the token was not sent: a redirect's target. */
  readonly isStray: boolean
}

/** Send it again with this grant, or pass the refusal on and say why. */
export type ReplayDecision =
  | { readonly grant: Grant }
  /** `undefined`: there is nothing to say, the source cannot renew. */
  | { readonly reason: TokenError | undefined }

/**
 * What to do about a refused request (laws 9 and 10): renew at most once, replay at most once.
 *
 * @param meaning - what the refusal says of the token
 * @throws the reason of the bounds, if they end the wait for a new token
 * @internal
 */
export async function decideReplay(
  request: RefusedRequest,
  meaning: 'renew' | TokenError,
  bounds: WaitBounds | undefined,
): Promise<ReplayDecision> {
  const decision = await decide(request, meaning, bounds)
  const channel = heard('rejection')
  if (channel) channel.publish(messageOf(request, decision))
  return decision
}

function messageOf({ grant }: RefusedRequest, decision: ReplayDecision): RejectionMessage {
  const { sessionId } = grant
  return 'grant' in decision
    ? { sessionId, outcome: 'replayed', error: undefined }
    : { sessionId, outcome: 'passed-on', error: decision.reason }
}

async function decide(
  request: RefusedRequest,
  meaning: 'renew' | TokenError,
  bounds: WaitBounds | undefined,
): Promise<ReplayDecision> {
  const { source, grant } = request
  if (request.isStray) return { reason: stray() }
  if (meaning !== 'renew') return { reason: meaning }
  if (!canRenew(source)) return { reason: undefined }
  if (request.isReplay) {
    source.replayRejected?.(grant.token)
    return { reason: alreadyReplayed() }
  }
  if (source.sessionId !== undefined && isOtherSession(grant.sessionId, source.sessionId)) {
    return { reason: sessionChanged() }
  }
  if (!canBeSentTwice(request.body)) {
    reportRejected(source, grant)
    return { reason: sentOnce() }
  }
  return renew(source, grant, bounds)
}

type RenewableSource = TokenSource & Required<Pick<TokenSource, 'refresh'>>

function canRenew(source: TokenSource): source is RenewableSource {
  return typeof source.refresh === 'function'
}

async function renew(
  source: RenewableSource,
  grant: Grant,
  bounds: WaitBounds | undefined,
): Promise<ReplayDecision> {
  try {
    const token = await waitWithin(bounds, (signal) =>
      source.refresh({ ...rejection(grant), ...(signal && { signal }) }),
    )
    const renewed = grantOf({ source, sessionId: grant.sessionId }, token)
    if (token !== grant.token) return { grant: renewed }
    source.replayRejected?.(token) // sending it again would change nothing
    return { reason: sameToken() }
  } catch (thrown) {
    if (thrown instanceof WaitEnded) throw thrown.reason
    return { reason: asTokenError(thrown, grant.token) }
  }
}

/** So that the next request has a good token. Nobody waits for it: this request cannot use it. */
function reportRejected(source: RenewableSource, grant: Grant): void {
  waitWithin(undefined, () => source.refresh(rejection(grant))).catch(() => {})
}

function rejection({ token, sessionId }: Grant): RefreshOptions {
  return sessionId === undefined ? { rejected: token } : { rejected: token, sessionId }
}

function stray(): TokenError {
  return new NotReplayedError(
    'The 401 came from where a redirect led, and the token was not sent there',
    { reason: 'origin' },
  )
}

function sentOnce(): TokenError {
  return new NotReplayedError('The body is a stream, which cannot be sent a second time', {
    reason: 'body',
  })
}

function alreadyReplayed(): TokenError {
  return new NotReplayedError('The replay, with another token, was rejected too', {
    reason: 'already-replayed',
  })
}

function sameToken(): TokenError {
  return new NotReplayedError('The source gave the rejected token again', {
    reason: 'already-replayed',
  })
}
