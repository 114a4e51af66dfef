import { isObject } from '../checks.js'
import { InvalidTokenResponseError } from '../errors.js'
import { instantOf } from './instant.js'

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
  return {
    accessToken: said(members, ACCESS_TOKEN),
    tokenType: said(members, TOKEN_TYPE),
    refreshToken: said(members, REFRESH_TOKEN),
    lifetimeMs: expiry(members, LIFETIME, durationOf, unreadable),
    expiresAt:
      expiry(members, EXPIRY, instantOf, unreadable) ??
      expiry(members, EXPIRY_MS, millisecondsOf, unreadable),
    issuedAt: instantOf(timeSaid(members, ISSUE)) ?? millisecondsOf(timeSaid(members, ISSUE_MS)),
    refreshTokenLifetimeMs: durationOf(timeSaid(members, REFRESH_TOKEN_LIFETIME)),
    refreshTokenExpiresAt:
      instantOf(timeSaid(members, REFRESH_TOKEN_EXPIRY)) ??
      millisecondsOf(timeSaid(members, REFRESH_TOKEN_EXPIRY_MS)),
    scope: scopeOf(said(members, SCOPE)),
    idToken: said(members, ID_TOKEN),
    dpopKey: said(members, DPOP_KEY),
    extra: isObject(members.extra) ? (members.extra as Fields['extra']) : undefined,
    unreadable,
  }
}

type Names = readonly string[]

/** The first of the names by which the input says something. A loop: a closure for each costs more than all else. */
function nameSaid(members: Members, names: Names, says: (value: unknown) => boolean) {
  for (const name of names) if (says(members[name])) return name
  return undefined
}

function said(members: Members, names: Names): unknown {
  const name = nameSaid(members, names, isSaid)
  return name === undefined ? undefined : members[name]
}

function timeSaid(members: Members, names: Names): unknown {
  const name = nameSaid(members, names, isTimeSaid)
  return name === undefined ? undefined : members[name]
}

/** @param unreadable - to which the name is added, where what it says cannot be read */
function expiry(
  members: Members,
  names: Names,
  read: (value: unknown) => number | undefined,
  unreadable: string[],
): number | undefined {
  const name = nameSaid(members, names, isTimeSaid)
  if (name === undefined) return undefined
  const value = read(members[name])
  if (value === undefined) unreadable.push(name)
  return value
}

const ACCESS_TOKEN = ['access_token', 'accessToken']
const REFRESH_TOKEN = ['refresh_token', 'refreshToken']
const TOKEN_TYPE = ['token_type', 'tokenType']
const SCOPE = ['scope']
const DPOP_KEY = ['dpopKey']
const ID_TOKEN = ['id_token', 'idToken']
const LIFETIME = ['expires_in', 'expiresIn']
const EXPIRY = ['expires_at', 'expiry_date', 'expires_on', 'expires', 'expiresOn']
const EXPIRY_MS = ['expiresAt']
const ISSUE = ['created_at', 'issued_at']
const ISSUE_MS = ['issuedAt']
const REFRESH_TOKEN_EXPIRY = ['refresh_token_expires_at']
const REFRESH_TOKEN_EXPIRY_MS = ['refreshTokenExpiresAt']
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
  if (nameSaid(input, ACCESS_TOKEN, isSaid)) return input
  const holders = [input, ...NESTS.map((name) => input[name])].filter(isObject) as Members[]
  const holding = (names: Names) => holders.find((holder) => nameSaid(holder, names, isSaid))
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
