import { InvalidTokenResponseError } from '../errors.js'
import type { DpopKey } from './dpop-key.js'
import { instantOf } from './instant.js'

/**
 * What users hand in: a `TokenSet`; the wire form of RFC 6749 §5.1; openid-client's result; an
 * Auth.js account; or `{ accessToken, refreshToken, expiresIn }`. Only the access token is
 * required. `expires_in` and `expiresIn` are in seconds, `expires_at` in epoch seconds or
 * milliseconds, `expiresAt` in epoch milliseconds; each instant may also be ISO text or a `Date`.
 * In a response just received the seconds outrank an absolute time, in all else they do not.
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
  readonly expires?: Instant | null
  /** From when `expires_in` counts, in a stored login. */
  readonly created_at?: Instant | null
  readonly issued_at?: Instant | null
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
  readonly issuedAt?: Instant | null
  readonly scope?: string | null
  readonly idToken?: string | null
  /** The key that the token request was proved with, where the type is DPoP. */
  readonly dpopKey?: DpopKey | null
}

/** What was handed in, by one set of names; whether each field is sound is not judged yet. */
export interface Fields {
  accessToken: unknown
  tokenType: unknown
  refreshToken: unknown
  expiresInSeconds: unknown
  expiresAt: number | undefined
  issuedAt: number | undefined
  scope: unknown
  idToken: unknown
  dpopKey: unknown
}

/**
 * openid-client's result carries a function named `expiresIn`: the wire names are read first.
 *
 * @throws InvalidTokenResponseError if it is no object
 * @internal
 */
export function readFields(input: unknown): Fields {
  if (typeof input !== 'object' || input === null) {
    throw new InvalidTokenResponseError(`Token response expected, got ${describe(input)}`)
  }
  const wire = input as WireTokens
  const named = input as NamedTokens
  if ('access_token' in input) {
    return {
      accessToken: wire.access_token,
      tokenType: wire.token_type,
      refreshToken: wire.refresh_token,
      expiresInSeconds: wire.expires_in,
      expiresAt: instantOf(wire.expires_at ?? wire.expiry_date ?? wire.expires),
      issuedAt: instantOf(wire.created_at ?? wire.issued_at),
      scope: scopeOf(wire.scope),
      idToken: wire.id_token,
      dpopKey: wire.dpopKey ?? undefined,
    }
  }
  return {
    accessToken: named.accessToken,
    tokenType: named.tokenType,
    refreshToken: named.refreshToken,
    expiresInSeconds: named.expiresIn,
    expiresAt: millisecondsOf(named.expiresAt),
    issuedAt: millisecondsOf(named.issuedAt),
    scope: scopeOf(named.scope),
    idToken: named.idToken,
    dpopKey: named.dpopKey ?? undefined,
  }
}

/** The fields of a `TokenSet` are milliseconds by contract, small numbers too. */
function millisecondsOf(value: unknown): number | undefined {
  return typeof value === 'number' ? positive(value) : instantOf(value)
}

/**
 * A number above 0, also as a string (PHP and databases send those); all else says nothing.
 *
 * @internal
 */
export function positive(value: unknown): number | undefined {
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
