import { isObject } from '../checks.js'
import { InvalidTokenResponseError } from '../errors.js'
import type { DpopKey } from './dpop-key.js'
import { instantOf } from './instant.js'

/**
 * What users hand in: a `TokenSet`; the wire form of RFC 6749 §5.1; openid-client's result; an
 * Auth.js account; or `{ accessToken, refreshToken, expiresIn }`. Only the access token is
 * required. `expires_in` and `expiresIn` are in seconds, `expires_at` in epoch seconds or
 * milliseconds, `expiresAt` in epoch milliseconds; each instant may also be ISO text or a `Date`.
 * In a response just received the seconds outrank an absolute time, in all else they do not. Names
 * of both kinds may be mixed, and the tokens may be in an object `authed_user` or `data`.
 *
 * @public
 */
export type TokenInput = WireTokens | NamedTokens

/** Epoch seconds or milliseconds, either also as text, ISO text, or a `Date`. */
type Instant = number | string | Date

/** @public */
export interface WireTokens {
  readonly access_token?: string | null
  readonly token_type?: string | null
  readonly refresh_token?: string | null
  readonly expires_in?: number | string | null
  readonly expires_at?: Instant | null
  /** What googleapis calls `expires_at`. */
  readonly expiry_date?: Instant | null
  /** What Entra's first version and Azure's managed identities call it. */
  readonly expires_on?: Instant | null
  readonly expires?: Instant | null
  /** From when `expires_in` counts, in a stored login. */
  readonly created_at?: Instant | null
  readonly issued_at?: Instant | null
  /** The lifetime of the refresh token, in seconds. */
  readonly refresh_token_expires_in?: number | string | null
  readonly refresh_expires_in?: number | string | null
  readonly x_refresh_token_expires_in?: number | string | null
  readonly refresh_token_expires_at?: Instant | null
  readonly scope?: string | null
  readonly id_token?: string | null
  /** The key that the token request was proved with, where the type is DPoP. */
  readonly dpopKey?: DpopKey | null
}

/** @public */
export interface NamedTokens {
  readonly accessToken: string
  readonly tokenType?: string | null
  readonly refreshToken?: string | null
  readonly expiresIn?: number | string | null
  readonly expiresAt?: Instant | null
  /** What MSAL calls it. */
  readonly expiresOn?: Instant | null
  readonly issuedAt?: Instant | null
  /** The lifetime of the refresh token, in seconds. */
  readonly refreshTokenExpiresIn?: number | string | null
  readonly refreshTokenExpiresAt?: Instant | null
  readonly scope?: string | null
  readonly idToken?: string | null
  /** Kept beside the tokens as it is: plain JSON. */
  readonly extra?: Readonly<Record<string, unknown>> | null
  /** The key that the token request was proved with, where the type is DPoP. */
  readonly dpopKey?: DpopKey | null
}

/**
 * As much of the response of `fetch` as is read: a `refresh` or `acquire` may return it as it is.
 *
 * @public
 */
export interface FetchResponse {
  readonly status: number
  readonly headers: { get(name: string): string | null }
  /** Read as a stream where it is one, up to 1 MB. */
  readonly body?: unknown
  text(): Promise<string>
}

/** What was handed in, by one set of names; whether each text is sound is not judged yet. */
export interface Fields {
  accessToken: unknown
  tokenType: unknown
  refreshToken: unknown
  lifetimeMs: number | undefined
  expiresAt: number | undefined
  issuedAt: number | undefined
  refreshTokenLifetimeMs: number | undefined
  refreshTokenExpiresAt: number | undefined
  scope: unknown
  idToken: unknown
  dpopKey: unknown
  extra: Readonly<Record<string, unknown>> | undefined
  /** The members that say when the access token ends, in a way that nobody can read. */
  unreadable: readonly string[]
}

type Members = Readonly<Record<string, unknown>>

/**
 * The one reading of what a login, a refresh or a user has given, by whichever names. The wire's
 * come first: openid-client's result also has a function named `expiresIn`.
 *
 * @throws InvalidTokenResponseError if it is no object
 * @internal
 */
export function readFields(input: unknown): Fields {
  if (!isObject(input)) {
    throw new InvalidTokenResponseError(`Token response expected, got ${describe(input)}`)
  }
  const members = unpolluted(membersOf(input as Members))
  const unreadable: string[] = []
  const expiry = (read: (value: unknown) => number | undefined, names: readonly string[]) => {
    const name = names.find((each) => isTimeSaid(members[each]))
    const value = name === undefined ? undefined : read(members[name])
    if (name !== undefined && value === undefined) unreadable.push(name)
    return value
  }
  const first = (...names: readonly string[]) => names.map((name) => members[name]).find(isSaid)
  const lasting = (...names: readonly string[]) =>
    names.map((name) => members[name]).find(isTimeSaid)
  return {
    accessToken: first(...ACCESS_TOKEN),
    tokenType: first('token_type', 'tokenType'),
    refreshToken: first(...REFRESH_TOKEN),
    lifetimeMs: expiry(durationOf, ['expires_in', 'expiresIn']),
    expiresAt:
      expiry(instantOf, ['expires_at', 'expiry_date', 'expires_on', 'expires', 'expiresOn']) ??
      expiry(millisecondsOf, ['expiresAt']),
    issuedAt: instantOf(lasting('created_at', 'issued_at')) ?? millisecondsOf(lasting('issuedAt')),
    refreshTokenLifetimeMs: durationOf(lasting(...REFRESH_TOKEN_LIFETIME)),
    refreshTokenExpiresAt:
      instantOf(lasting('refresh_token_expires_at')) ??
      millisecondsOf(lasting('refreshTokenExpiresAt')),
    scope: scopeOf(first('scope')),
    idToken: first('id_token', 'idToken'),
    dpopKey: first('dpopKey'),
    extra: isObject(members.extra) ? (members.extra as Fields['extra']) : undefined,
    unreadable,
  }
}

const ACCESS_TOKEN = ['access_token', 'accessToken']
const REFRESH_TOKEN = ['refresh_token', 'refreshToken']
const REFRESH_TOKEN_LIFETIME = [
  'refresh_token_expires_in',
  'refresh_expires_in',
  'x_refresh_token_expires_in',
  'refreshTokenExpiresIn',
]
/** Where servers put the tokens, if not at the top. */
const NESTS = ['authed_user', 'data']

/** A refresh token alone is worth looking for too: the server may have rotated it. */
function membersOf(input: Members): Members {
  const holders = [input, ...NESTS.map((name) => input[name])].filter(isObject) as Members[]
  const holding = (names: readonly string[]) =>
    holders.find((holder) => names.some((name) => isSaid(holder[name])))
  const holder = holding(ACCESS_TOKEN) ?? holding(REFRESH_TOKEN) ?? input
  return holder === input ? input : { ...input, ...holder }
}

/** What someone has put on all objects is no part of a response. */
function unpolluted(members: Members): Members {
  return Object.keys(Object.prototype).length === 0 ? members : { __proto__: null, ...members }
}

function isSaid(value: unknown): boolean {
  return value !== undefined && value !== null
}

/** A 0 or less is how some servers say that there is no end, or that they do not know. */
function isTimeSaid(value: unknown): boolean {
  if (value === undefined || value === null || value === '' || typeof value === 'function') {
    return false
  }
  return !(typeof value === 'number' || typeof value === 'string') || !(Number(value) <= 0)
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

/** Some servers send a list where RFC 6749 §3.3 has words between spaces. */
function scopeOf(scope: unknown): unknown {
  const isList = Array.isArray(scope) && scope.every((word) => typeof word === 'string')
  return isList ? scope.join(' ') : scope
}

/** What a value is, for a message: a secret may be in it. @internal */
export function describe(value: unknown): string {
  if (value === null) return 'null'
  if (value === '') return 'an empty string'
  return typeof value
}
