import { now } from '../clock.js'
import { isTokenError, NotReplayedError, StepUpRequiredError, type TokenError } from '../errors.js'
import type { Credential, TokenSource } from '../token-source.js'
import { credentialLater } from './credential.js'
import type { Rejection } from './rejection.js'
import type { WaitBounds } from './wait-bounds.js'

/** A request as it was sent and refused. */
export interface RefusedRequest {
  readonly source: TokenSource
  readonly credential: Credential
  readonly isReplay: boolean
  /** Whether its body can be sent a second time. */
  readonly isRepeatable: boolean
  readonly rejection: Rejection
}

/** So near its end, a token may be refused for its age by a server whose clock is another. */
const NEAR_MS = 60_000

/** Sources whose renewed token, too, was rejected with challenges of other schemes only. */
const unhelped = new WeakSet<TokenSource>()

/**
 * Another credential for a refused request, or why there is none; `undefined`: the source cannot
 * renew, and there is nothing to say.
 *
 * @throws the reason of the bounds, if they end the wait
 * @internal
 */
export async function renewal(
  request: RefusedRequest,
  openBounds: () => WaitBounds | undefined,
): Promise<Credential | TokenError | undefined> {
  const { source, credential, isReplay, rejection } = request
  const { claims, otherSchemes } = rejection
  if (otherSchemes !== undefined && !mayBeExpired(request)) return otherCredentials(otherSchemes)
  if (!source.renew) return undefined
  if (isReplay && otherSchemes !== undefined) unhelped.add(source)
  if (!request.isRepeatable && !isReplay) {
    // So that the next request has a good token. Nobody waits for it: this one cannot use it.
    credentialLater(source, credential, {}, unbounded).catch(() => {})
    return sentOnce()
  }
  const options = { ...(isReplay && { isReplay }), ...(claims !== undefined && { claims }) }
  const renewed = await credentialLater(source, credential, options, openBounds)
  if (!isReplay) return 'code' in renewed ? withClaims(renewed, claims) : renewed
  return withClaims('code' in renewed ? renewed : alreadyReplayed(), claims)
}

/** A challenge of other schemes only says little: it counts once, where the token may be at its end. */
function mayBeExpired({ source, credential, isReplay }: RefusedRequest): boolean {
  if (isReplay) return true
  if (unhelped.has(source)) return false
  return credential.expiresAt === undefined || credential.expiresAt - now() < NEAR_MS
}

function withClaims(reason: TokenError, claims: string | undefined): TokenError {
  if (claims === undefined || reason.isTransient) return reason
  // The authorization server's own claims are newer.
  const ofServer = isTokenError(reason, 'ERR_STEP_UP_REQUIRED') ? reason : undefined
  if (ofServer?.claims !== undefined) return ofServer
  return new StepUpRequiredError('The API asks for a token with claims that need the user', {
    claims,
    error: ofServer?.error,
    errorDescription: ofServer?.errorDescription,
    cause: reason,
  })
}

const unbounded = () => undefined

function otherCredentials(schemes: string): TokenError {
  return new NotReplayedError(`The API asks for other credentials than a token: ${schemes}`, {
    reason: 'scope',
  })
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
