import { NotReplayedError, StepUpRequiredError, type TokenError } from '../errors.js'
import { redact } from '../redact.js'
import { parseChallenges, type Challenge } from './challenge.js'

/** A response that another token may help. */
export interface Rejection {
  /** What is to be asked of the new token, as JSON text (a claims challenge). */
  readonly claims?: string
  /** The schemes that the API asked for, where none of them is the token's. */
  readonly otherSchemes?: string
}

/** @internal */
export const REJECTED: Rejection = Object.freeze({})

const MOST_CLAIMS = 8_192

/** What is shorter is no secret, and may be a part of any word. */
const SHORTEST_TOKEN = 8

/**
 * What a response says of the token that was sent (RFC 6750 §3.1, RFC 9470 §3): that another may
 * help, or why not; `undefined`: nothing.
 *
 * @param wwwAuthenticate - the header, as one string or as its lines; none is a bare 401
 * @param schemes - in lower case, those whose challenges are about our token
 * @param token - that was sent: an API may quote it
 * @internal
 */
export function meaningOfResponse(
  status: number,
  wwwAuthenticate: string | readonly string[] | null | undefined,
  schemes: readonly string[] = ['bearer'],
  token?: string,
): Rejection | TokenError | undefined {
  if (status !== 401 && status !== 403) return undefined
  const challenges = parseChallenges(without(token, wwwAuthenticate))
  const ours = challenges.filter(({ scheme }) => schemes.includes(scheme))
  if (status === 403) return missingScope(ours)
  if (challenges.length === 0) return REJECTED
  // A dead token comes first, whichever scheme the server calls it by (WSO2: `OAuth2`).
  if (find(challenges, 'invalid_token')) return REJECTED
  if (ours.length === 0) return { otherSchemes: schemesIn(challenges) }
  return meaningOfOurs(ours)
}

/** What names an error says more than a challenge without one. */
function meaningOfOurs(ours: readonly Challenge[]): Rejection | TokenError {
  const claims = claimsOf(find(ours, 'insufficient_claims'))
  if (claims !== undefined) return { claims }
  const stepUp = find(ours, 'insufficient_user_authentication')
  if (stepUp) return stepUpRequired(stepUp)
  const refused = ours.map(errorOf).find((error) => error !== undefined)
  return missingScope(ours) ?? (refused === undefined ? REJECTED : refusedFor(refused))
}

function find(challenges: readonly Challenge[], error: string): Challenge | undefined {
  return challenges.find((challenge) => errorOf(challenge) === error)
}

function errorOf(challenge: Challenge): string | undefined {
  return challenge.params.get('error')
}

/** Base64 of JSON (Microsoft Entra's continuous access evaluation), or the JSON itself. */
function claimsOf(challenge: Challenge | undefined): string | undefined {
  const given = challenge?.params.get('claims')
  if (given === undefined || given.length > MOST_CLAIMS) return undefined
  return [given, decoded(given)].find(isJsonObject)
}

function decoded(base64: string): string {
  try {
    const bytes = atob(base64.replace(/-/g, '+').replace(/_/g, '/'))
    return new TextDecoder().decode(Uint8Array.from(bytes, (character) => character.charCodeAt(0)))
  } catch {
    return ''
  }
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null
  } catch {
    return false
  }
}

function missingScope(ours: readonly Challenge[]): StepUpRequiredError | undefined {
  const challenge = find(ours, 'insufficient_scope')
  if (!challenge) return undefined
  const scope = visible(challenge.params.get('scope'))
  const which = scope === undefined ? 'another scope' : `the scope "${shown(scope)}"`
  return new StepUpRequiredError(`A new token would not help: the API asks for ${which}`, {
    ...(scope !== undefined && { scope }),
  })
}

function refusedFor(error: string): TokenError {
  return new NotReplayedError(
    `A new token would not help: the API responded with ${shown(error)}`,
    {
      reason: 'scope',
    },
  )
}

function stepUpRequired({ params }: Challenge): TokenError {
  const acrValues = visible(params.get('acr_values'))?.split(' ').filter(Boolean)
  const maxAge = params.get('max_age')
  return new StepUpRequiredError(undefined, {
    ...(acrValues && { acrValues }),
    ...(maxAge !== undefined && /^\d{1,15}$/.test(maxAge) && { maxAgeSeconds: Number(maxAge) }),
  })
}

/** What RFC 6749 §3.3 allows in a scope; other text is not sent on to the authorization server. */
function visible(said: string | undefined): string | undefined {
  return said !== undefined && /^[\x20-\x7e]{1,4000}$/.test(said) ? said : undefined
}

function schemesIn(challenges: readonly Challenge[]): string {
  return shown([...new Set(challenges.map(({ scheme }) => scheme))].join(', '))
}

/** The server's own words, in a message: short, and without what looks like a token. */
function shown(text: string): string {
  return redact(text.slice(0, 80).replace(/[^\x20-\x7e]/g, '?'))
}

/** An API may quote the token that it refused, and a short one does not look like one. */
function without(
  token: string | undefined,
  header: string | readonly string[] | null | undefined,
): string | readonly string[] | null | undefined {
  if (!header || token === undefined || token.length < SHORTEST_TOKEN) return header
  if (typeof header !== 'string') return header.map((line) => without(token, line) as string)
  return header.split(token).join('[redacted]')
}
