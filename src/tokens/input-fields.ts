import { isObject, isPolluted } from '../checks.js'
import { InvalidTokenResponseError } from '../errors.js'
import { instantOf } from './instant.js'

/**
 * The members of what a login, a refresh or a user has given. The functions below read them, by
 * whichever names; whether a text is sound is not judged here. Each member is read by its name and
 * none is copied: there may be a hundred thousand sessions.
 */
export type Members = Readonly<Record<string, unknown>>

/** Where servers put the tokens, if not at the top. */
const NESTS = ['authed_user', 'data']

/**
 * A refresh token alone is worth looking for too: the server may have rotated it.
 *
 * @throws InvalidTokenResponseError if it is no object
 * @internal
 */
export function membersOf(input: unknown): Members {
  if (!isObject(input)) {
    throw new InvalidTokenResponseError(`Token response expected, got ${describe(input)}`)
  }
  const members = input as Members
  return unpolluted(accessTokenOf(members) === undefined ? withNested(members) : members)
}

function withNested(input: Members): Members {
  const holders = [input, ...NESTS.map((name) => input[name])].filter(isObject) as Members[]
  const holding = (read: (holder: Members) => unknown) =>
    holders.find((holder) => read(holder) !== undefined)
  const holder = holding(accessTokenOf) ?? holding(refreshTokenOf) ?? input
  return holder === input ? input : { ...input, ...holder }
}

/** What someone has put on all objects is no part of a response. */
function unpolluted(members: Members): Members {
  return isPolluted() ? { __proto__: null, ...members } : members
}

/** @internal */
export function accessTokenOf(members: Members): unknown {
  return members.access_token ?? members.accessToken ?? undefined
}

/** @internal */
export function refreshTokenOf(members: Members): unknown {
  return members.refresh_token ?? members.refreshToken ?? undefined
}

/** @internal */
export function tokenTypeOf(members: Members): unknown {
  return members.token_type ?? members.tokenType ?? undefined
}

/** @internal */
export function idTokenOf(members: Members): unknown {
  return members.id_token ?? members.idToken ?? undefined
}

/** Some servers send a list where RFC 6749 §3.3 has words between spaces. @internal */
export function scopeOf({ scope }: Members): unknown {
  const isList = Array.isArray(scope) && scope.every((word) => typeof word === 'string')
  return isList ? scope.join(' ') : (scope ?? undefined)
}

/** @internal */
export function extraOf({ extra }: Members): Members | undefined {
  return isObject(extra) && Object.keys(extra).length > 0 ? (extra as Members) : undefined
}

/**
 * How long the access token lives, in milliseconds. The wire's name comes first: openid-client's
 * result also has a function named `expiresIn`.
 *
 * @internal
 */
export function lifetimeOf(members: Members): number | undefined {
  return durationOf(time(members.expires_in) ?? time(members.expiresIn))
}

/** When the access token ends, epoch milliseconds. @internal */
export function expiryOf(members: Members): number | undefined {
  return instantOf(wireExpiry(members)) ?? millisecondsOf(time(members.expiresAt))
}

function wireExpiry(members: Members): unknown {
  return (
    time(members.expires_at) ??
    time(members.expiry_date) ??
    time(members.expires_on) ??
    time(members.expires) ??
    time(members.expiresOn)
  )
}

/** The names of the members that say when the access token ends, in a way that nobody can read. @internal */
export function unreadableExpiries(members: Members): string[] {
  const said = (...names: string[]) => names.find((name) => time(members[name]) !== undefined)
  const unread = [
    lifetimeOf(members) ?? said('expires_in', 'expiresIn'),
    instantOf(wireExpiry(members)) ??
      said('expires_at', 'expiry_date', 'expires_on', 'expires', 'expiresOn'),
    expiryOf(members) ?? said('expiresAt'),
  ]
  return unread.filter((name) => typeof name === 'string')
}

/** From when the lifetimes count, epoch milliseconds. @internal */
export function issueOf(members: Members): number | undefined {
  return (
    instantOf(time(members.created_at) ?? time(members.issued_at)) ??
    millisecondsOf(time(members.issuedAt))
  )
}

/** In milliseconds. @internal */
export function refreshTokenLifetimeOf(members: Members): number | undefined {
  return durationOf(
    time(members.refresh_token_expires_in) ??
      time(members.refresh_expires_in) ??
      time(members.x_refresh_token_expires_in) ??
      time(members.refreshTokenExpiresIn),
  )
}

/** Epoch milliseconds. @internal */
export function refreshTokenExpiryOf(members: Members): number | undefined {
  return (
    instantOf(time(members.refresh_token_expires_at)) ??
    millisecondsOf(time(members.refreshTokenExpiresAt))
  )
}

/**
 * The value, if it says a time. A 0 or less is how some servers say that there is no end, or that
 * they do not know.
 */
function time(value: unknown): unknown {
  if (value === undefined || value === null || value === '' || typeof value === 'function') {
    return undefined
  }
  const isNoEnd = (typeof value === 'number' || typeof value === 'string') && Number(value) <= 0
  return isNoEnd ? undefined : value
}

/** The fields of a `TokenSet` are milliseconds by contract, small numbers too. */
function millisecondsOf(value: unknown): number | undefined {
  return typeof value === 'number' ? positive(value) : instantOf(value)
}

/** Seconds, also as text (PHP and databases send those), in milliseconds. */
function durationOf(seconds: unknown): number | undefined {
  const number = positive(seconds)
  return number === undefined ? undefined : number * 1000
}

/** A number above 0, also as text; all else says nothing. */
function positive(value: unknown): number | undefined {
  if (typeof value !== 'number' && typeof value !== 'string') return undefined
  const number = value === '' ? NaN : Number(value)
  return Number.isFinite(number) && number > 0 ? number : undefined
}

/** What a value is, for a message: a secret may be in it. @internal */
export function describe(value: unknown): string {
  if (value === null) return 'null'
  if (value === '') return 'an empty string'
  return typeof value
}
