import { NotReplayedError, StepUpRequiredError, type TokenError } from '../errors.js'
import { redact } from '../redact.js'
import { parseChallenges, type Challenge } from './challenge.js'

/**
 * The schemes whose challenges are about our token. One that is bound to a key is told so by
 * either: an API that takes both may ask for `Bearer` whatever it was sent (RFC 9449 §7.2).
 */
const OUR_SCHEMES = { bearer: ['bearer'], proven: ['dpop', 'bearer'] }

/**
 * What a 401 says of the token that was sent (RFC 6750 §3.1, RFC 9470 §3): `renew`, or why
 * renewing it would not help.
 *
 * @param wwwAuthenticate - the header, as one string or as its lines; none is a bare 401
 * @param isProven - whether the token was sent with a proof (DPoP)
 * @internal
 */
export function meaningOf401(
  wwwAuthenticate: string | readonly string[] | null | undefined,
  isProven = false,
): 'renew' | TokenError {
  const challenges = parseChallenges(wwwAuthenticate)
  if (challenges.length === 0) return 'renew'
  const schemes = isProven ? OUR_SCHEMES.proven : OUR_SCHEMES.bearer
  const ours = challenges.filter(({ scheme }) => schemes.includes(scheme))
  if (ours.length === 0) return notOurs(challenges)
  // What names an error says more than a challenge without one, and a dead token comes first.
  if (ours.some((challenge) => errorOf(challenge) === 'invalid_token')) return 'renew'
  const stepUp = ours.find((challenge) => errorOf(challenge) === 'insufficient_user_authentication')
  if (stepUp) return stepUpRequired(stepUp)
  const refused = ours.map(errorOf).find((error) => error !== undefined)
  return refused === undefined ? 'renew' : refusedFor(refused)
}

function errorOf(challenge: Challenge): string | undefined {
  return challenge.params.get('error')
}

function notOurs(challenges: readonly Challenge[]): TokenError {
  const schemes = [...new Set(challenges.map(({ scheme }) => shown(scheme)))].join(', ')
  return new NotReplayedError(`The API asks for other credentials than a token: ${schemes}`, {
    reason: 'scope',
  })
}

function refusedFor(error: string): TokenError {
  return new NotReplayedError(`A new token would not help: the API answered ${shown(error)}`, {
    reason: 'scope',
  })
}

function stepUpRequired({ params }: Challenge): TokenError {
  const acrValues = params.get('acr_values')?.split(' ').filter(Boolean)
  const maxAge = params.get('max_age')
  return new StepUpRequiredError(undefined, {
    ...(acrValues && { acrValues }),
    ...(maxAge !== undefined && /^\d{1,15}$/.test(maxAge) && { maxAgeSeconds: Number(maxAge) }),
  })
}

/** The server's own words, in a message: short, and without what looks like a token. */
function shown(text: string): string {
  return redact(text.slice(0, 80).replace(/[^\x20-\x7e]/g, '?'))
}
