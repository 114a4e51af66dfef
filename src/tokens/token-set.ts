import { now } from '../clock.js'
import { InvalidTokenResponseError, TokenOptionsError } from '../errors.js'
import { veil } from '../inspect.js'
import { checkedDpopKey, readDpopKey, type DpopKey } from './dpop-key.js'
import { jwtExpiry } from './expiry.js'

/**
 * One immutable result of a token request: plain JSON. `util.inspect` shows no token.
 *
 * @public
 */
export interface TokenSet {
  readonly accessToken: string
  /** `Bearer`, or `DPoP`: then there is a `dpopKey`. */
  readonly tokenType: string
  readonly refreshToken?: string
  /** Epoch milliseconds; absent if nobody knows. */
  readonly expiresAt?: number
  /** Epoch milliseconds: the instant from which the lifetime counts. */
  readonly issuedAt: number
  readonly scope?: string
  readonly idToken?: string
  /** The private key that the tokens are bound to (RFC 9449); a session's tokens all have the same. */
  readonly dpopKey?: DpopKey
}

/**
 * What users hand in: a `TokenSet`; the wire form of RFC 6749 §5.1; openid-client's result; an
 * Auth.js account; or `{ accessToken, refreshToken, expiresIn }`. Only the access token is
 * required. `expires_in` and `expiresIn` are in seconds, `expires_at` in epoch seconds,
 * `expiresAt` in epoch milliseconds; an absolute time outranks a relative one.
 *
 * @public
 */
export type TokenInput = WireTokens | NamedTokens

/** @public */
export interface WireTokens {
  readonly access_token?: string | null
  readonly token_type?: string | null
  readonly refresh_token?: string | null
  readonly expires_in?: number | string | null
  readonly expires_at?: number | string | null
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
  readonly expiresAt?: number | null
  readonly issuedAt?: number | null
  readonly scope?: string | null
  readonly idToken?: string | null
  /** The key that the token request was proved with, where the type is DPoP. */
  readonly dpopKey?: DpopKey | null
}

/** @public */
export interface ToTokenSetOptions {
  /**
   * When the token request was sent, in epoch milliseconds: `expires_in` counts from it, and a
   * JWT's `iat` is compared with it to see whether the local clock is off.
   *
   * @default now
   */
  receivedAt?: number
  /** The server's clock at `receivedAt` (its `Date` header), in epoch milliseconds. */
  serverTime?: number
  /** The key that the token request was proved with, unless the input has its own. */
  dpopKey?: DpopKey
}

const MAX_INSTANT = 8.64e15
const SENDABLE = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/

/**
 * Turns what a login or a token request gave into a `TokenSet`. `expires_in` counts from this call
 * unless `receivedAt` is given, so convert when you receive it.
 *
 * @throws InvalidTokenResponseError if there is no access token, it cannot stand in a header, or
 * the token type is neither Bearer nor, with a key, DPoP
 * @throws TokenOptionsError if `dpopKey` is no private key
 * @public
 */
export function toTokenSet(input: TokenInput, options: ToTokenSetOptions = {}): TokenSet {
  for (const name of ['receivedAt', 'serverTime'] as const) {
    const value = options[name]
    if (value === undefined || isInstant(value)) continue
    throw new TokenOptionsError(`toTokenSet: \`${name}\`: epoch milliseconds wanted, got ${value}`)
  }
  return convert(input, options, refuse)
}

/**
 * The set that a refresh brought. Where an optional field is ill-typed it is left out: the server
 * may have rotated the refresh token, and an answer thrown away is a session lost.
 *
 * @throws InvalidTokenResponseError if there is no usable access token
 * @internal
 */
export function tokenSetOfAnswer(
  answer: TokenInput,
  receivedAt: number,
  dpopKey?: DpopKey,
): TokenSet {
  return convert(answer, { receivedAt, dpopKey }, () => undefined)
}

type OnIllTyped = (value: unknown, what: string) => undefined

function convert(input: TokenInput, options: ToTokenSetOptions, onIllTyped: OnIllTyped): TokenSet {
  const optional = (value: unknown, what: string) => {
    if (value === undefined || value === null || value === '') return undefined
    return typeof value === 'string' ? value : onIllTyped(value, what)
  }
  const fields = readFields(input)
  const accessToken = sendable(fields.accessToken, 'access token')
  const countedFrom = options.receivedAt ?? now()
  const { expiresAt, issuedAt } = judgeExpiry(accessToken, fields, countedFrom, options)
  const givenKey = fields.dpopKey ?? options.dpopKey
  const dpopKey = givenKey === undefined ? undefined : checkedDpopKey(givenKey)
  return tokenSet({
    accessToken,
    tokenType: knownType(fields.tokenType, dpopKey),
    refreshToken: optional(fields.refreshToken, 'refresh token'),
    expiresAt,
    issuedAt,
    scope: optional(scopeOf(fields.scope), 'scope'),
    idToken: optional(fields.idToken, 'ID token'),
    dpopKey,
  })
}

/**
 * The next set of a session: what the answer leaves out is kept (RFC 6749 §6: the refresh token;
 * §5.1: a scope that did not change).
 *
 * @internal
 */
export function withKept(previous: TokenSet | null | undefined, next: TokenSet): TokenSet {
  if (!previous) return next
  return tokenSet({
    ...next,
    refreshToken: next.refreshToken ?? previous.refreshToken,
    scope: next.scope ?? previous.scope,
    idToken: next.idToken ?? previous.idToken,
  })
}

/**
 * The session's set after a refresh for another resource: nothing but the refresh token is new.
 *
 * @internal
 */
export function withRefreshTokenOf(tokens: TokenSet, answer: TokenSet): TokenSet {
  return tokenSet({ ...tokens, refreshToken: answer.refreshToken ?? tokens.refreshToken })
}

/**
 * A set as it came out of a store, checked. What cannot be one, a relative `expires_in` included
 * (nobody knows from when it counts), is `undefined`.
 *
 * @internal
 */
export function readStoredTokens(value: unknown): TokenSet | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  if ('expires_in' in value || 'expiresIn' in value) return undefined
  const tokens = value as Record<keyof TokenSet, unknown>
  const dpopKey = tokens.dpopKey === undefined ? undefined : readDpopKey(tokens.dpopKey)
  const isKnownType = isType(tokens.tokenType, dpopKey ? 'DPoP' : 'Bearer')
  if (!isSendable(tokens.accessToken) || !isKnownType) return undefined
  if (!isInstant(tokens.issuedAt)) return undefined
  if (tokens.expiresAt !== undefined && !isInstant(tokens.expiresAt)) return undefined
  const texts = [tokens.refreshToken, tokens.scope, tokens.idToken]
  if (!texts.every((text) => text === undefined || typeof text === 'string')) return undefined
  return tokenSet({ ...(value as TokenSet), dpopKey })
}

/**
 * Whether the value can stand in a header as it is: a string of RFC 6749's VSCHAR, no CR or LF.
 *
 * @internal
 */
export function isSendable(value: unknown): value is string {
  return typeof value === 'string' && SENDABLE.test(value)
}

function tokenSet(fields: { [K in keyof TokenSet]: TokenSet[K] | undefined }): TokenSet {
  const set = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
  return Object.freeze(veil(set as unknown as TokenSet, showTokenSet))
}

function showTokenSet(this: TokenSet): string {
  const expiry = this.expiresAt === undefined ? 'unknown' : new Date(this.expiresAt).toISOString()
  return `TokenSet { expiresAt: ${expiry}, refreshToken: ${this.refreshToken ? 'yes' : 'no'} }`
}

interface Fields {
  accessToken: unknown
  tokenType: unknown
  refreshToken: unknown
  expiresInSeconds: unknown
  expiresAt: number | undefined
  issuedAt: unknown
  scope: unknown
  idToken: unknown
  dpopKey: unknown
}

/** openid-client's result carries a function named `expiresIn`: the wire names are read first. */
function readFields(input: unknown): Fields {
  if (typeof input !== 'object' || input === null) {
    throw new InvalidTokenResponseError(`Token response expected, got ${describe(input)}`)
  }
  const wire = input as WireTokens
  const named = input as NamedTokens
  if ('access_token' in input) {
    const expiresAtSeconds = positive(wire.expires_at)
    return {
      accessToken: wire.access_token,
      tokenType: wire.token_type,
      refreshToken: wire.refresh_token,
      expiresInSeconds: wire.expires_in,
      expiresAt: expiresAtSeconds && millisecondsOf(expiresAtSeconds),
      issuedAt: undefined,
      scope: wire.scope,
      idToken: wire.id_token,
      dpopKey: wire.dpopKey ?? undefined,
    }
  }
  return {
    accessToken: named.accessToken,
    tokenType: named.tokenType,
    refreshToken: named.refreshToken,
    expiresInSeconds: named.expiresIn,
    expiresAt: positive(named.expiresAt),
    issuedAt: named.issuedAt,
    scope: named.scope,
    idToken: named.idToken,
    dpopKey: named.dpopKey ?? undefined,
  }
}

/** Law 15: what the server said in seconds, else the JWT's `exp` as a hint, else unknown. */
function judgeExpiry(
  accessToken: string,
  fields: Fields,
  countedFrom: number,
  options: ToTokenSetOptions,
): { expiresAt: number | undefined; issuedAt: number } {
  const issuedAt = positive(fields.issuedAt) ?? countedFrom
  // Just received and already over: some clock is off, and believing it would renew for ever.
  const isBelievable = options.receivedAt === undefined || (fields.expiresAt ?? 0) > countedFrom
  if (fields.expiresAt !== undefined && isBelievable) {
    return { expiresAt: Math.min(fields.expiresAt, MAX_INSTANT), issuedAt }
  }
  const lifetimeSeconds = positive(fields.expiresInSeconds)
  if (lifetimeSeconds !== undefined) {
    return { expiresAt: Math.min(countedFrom + lifetimeSeconds * 1000, MAX_INSTANT), issuedAt }
  }
  return { expiresAt: jwtExpiry(accessToken, countedFrom, options), issuedAt }
}

/** Epoch seconds; who sends milliseconds is taken to mean them, and not the year 58,000. */
function millisecondsOf(instant: number): number {
  return instant > 1e11 ? instant : instant * 1000
}

/** A number above 0, also as a string (PHP and databases send those); all else says nothing. */
function positive(value: unknown): number | undefined {
  if (typeof value !== 'number' && typeof value !== 'string') return undefined
  const number = value === '' ? NaN : Number(value)
  return Number.isFinite(number) && number > 0 ? number : undefined
}

function sendable(value: unknown, what: string): string {
  if (isSendable(value)) return value
  const given =
    typeof value === 'string' && value !== '' ? 'one with forbidden characters' : describe(value)
  throw new InvalidTokenResponseError(
    `The ${what} must be a non-empty string of visible ASCII, got ${given}`,
  )
}

function refuse(value: unknown, what: string): undefined {
  throw new InvalidTokenResponseError(`The ${what} must be a string, got ${describe(value)}`)
}

/**
 * A DPoP token is nothing without its key; and who asked for one is not content with a token that
 * any thief can use (RFC 9449 §5: then the answer must be discarded).
 */
function knownType(value: unknown, dpopKey: DpopKey | undefined): string {
  const wanted = dpopKey ? 'DPoP' : 'Bearer'
  if (value === undefined || value === null || value === '' || isType(value, wanted)) return wanted
  if (isType(value, 'Bearer')) {
    throw new InvalidTokenResponseError(
      'A DPoP token was asked for and the token_type is Bearer: does the server do DPoP (RFC 9449 §5)?',
    )
  }
  throw new InvalidTokenResponseError(
    isType(value, 'DPoP')
      ? 'The token_type is DPoP, and there is no `dpopKey` that the token is bound to (RFC 9449)'
      : 'Unknown token_type: only Bearer and DPoP are supported',
  )
}

/** Some servers send a list where RFC 6749 §3.3 has words between spaces. */
function scopeOf(scope: unknown): unknown {
  const isList = Array.isArray(scope) && scope.every((word) => typeof word === 'string')
  return isList ? scope.join(' ') : scope
}

function isType(value: unknown, type: string): boolean {
  return typeof value === 'string' && value.toLowerCase() === type.toLowerCase()
}

/** An instant that a `Date` can hold. */
function isInstant(value: unknown): boolean {
  return typeof value === 'number' && Math.abs(value) <= MAX_INSTANT
}

function describe(value: unknown): string {
  if (value === null) return 'null'
  if (value === '') return 'an empty string'
  return typeof value
}
