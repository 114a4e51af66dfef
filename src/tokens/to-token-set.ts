import { now } from '../clock.js'
import { InvalidTokenResponseError, TokenOptionsError } from '../errors.js'
import { checkedDpopKey, type DpopKey } from './dpop-key.js'
import { jwtExpiry, remainingOfOldJwt } from './expiry.js'
import { describe, positive, readFields, type Fields, type TokenInput } from './token-input.js'
import {
  isInstant,
  isSendable,
  MAX_INSTANT,
  tokenSet,
  type TokenFields,
  type TokenSet,
} from './token-set.js'
import { knownType } from './token-type.js'

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

/**
 * Turns what a login or a token request gave into a `TokenSet`. `expires_in` counts from this call
 * unless `receivedAt` is given, so convert when you receive it.
 *
 * @throws InvalidTokenResponseError if there is no access token, it cannot stand in a header, or
 * the token type is DPoP without a key, or another with one
 * @throws TokenOptionsError if `dpopKey` is no private key
 * @public
 */
export function toTokenSet(input: TokenInput, options: ToTokenSetOptions = {}): TokenSet {
  for (const name of ['receivedAt', 'serverTime'] as const) {
    const value = options[name]
    if (value === undefined || isInstant(value)) continue
    throw new TokenOptionsError(`toTokenSet: \`${name}\`: epoch milliseconds wanted, got ${value}`)
  }
  return tokenSet(readTokens(input, options))
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
  return tokenSet(readTokens(answer, { receivedAt, dpopKey }, () => undefined))
}

type OnIllTyped = (value: unknown, what: string) => undefined

/**
 * The fields of the set that `toTokenSet` makes, all checked.
 *
 * @throws as `toTokenSet`
 * @internal
 */
export function readTokens(
  input: TokenInput,
  options: ToTokenSetOptions,
  onIllTyped: OnIllTyped = refuse,
): TokenFields {
  const fields = readFields(input)
  const accessToken = sendable(fields.accessToken, 'access token')
  const countedFrom = options.receivedAt ?? now()
  const { expiresAt, issuedAt } = judgeExpiry(accessToken, fields, countedFrom, options)
  const givenKey = fields.dpopKey ?? options.dpopKey
  const dpopKey = givenKey === undefined ? undefined : checkedDpopKey(givenKey)
  return {
    accessToken,
    tokenType: knownType(fields.tokenType, dpopKey),
    refreshToken: optional(fields.refreshToken, 'refresh token', onIllTyped),
    expiresAt,
    issuedAt,
    scope: optional(fields.scope, 'scope', onIllTyped),
    idToken: optional(fields.idToken, 'ID token', onIllTyped),
    dpopKey,
  }
}

function optional(value: unknown, what: string, onIllTyped: OnIllTyped): string | undefined {
  if (value === undefined || value === null || value === '') return undefined
  return typeof value === 'string' ? value : onIllTyped(value, what)
}

/**
 * Law 15: the seconds that a response says, then an absolute time, then the JWT's `exp` as a hint,
 * else unknown. What was not just received may have lain in a store: there the absolute time is
 * first, because nobody knows from when the seconds count.
 */
function judgeExpiry(
  accessToken: string,
  fields: Fields,
  countedFrom: number,
  options: ToTokenSetOptions,
): { expiresAt: number | undefined; issuedAt: number } {
  const isJustReceived = options.receivedAt !== undefined
  const lifetimeMs = durationMs(fields.expiresInSeconds)
  const saidIssuedAt = isJustReceived ? undefined : fields.issuedAt
  const issuedAt = instantAt(saidIssuedAt ?? countedFrom)
  const counted = lifetimeMs === undefined ? undefined : issuedAt + lifetimeMs
  if (isJustReceived && counted !== undefined) {
    const remaining = remainingOfOldJwt(accessToken, countedFrom)
    return { expiresAt: instantAt(Math.min(counted, remaining ?? Infinity)), issuedAt }
  }
  // Just received and already over: some clock is off, and believing it would renew for ever.
  const isBelievable = !isJustReceived || (fields.expiresAt ?? 0) > countedFrom
  const said = (isBelievable ? fields.expiresAt : undefined) ?? counted
  const expiresAt = said ?? jwtExpiry(accessToken, countedFrom, options)
  return { expiresAt: expiresAt === undefined ? undefined : instantAt(expiresAt), issuedAt }
}

function durationMs(seconds: unknown): number | undefined {
  const number = positive(seconds)
  return number === undefined ? undefined : number * 1000
}

/** What a store could not be read back with is of no use, whoever said it. */
function instantAt(epochMs: number): number {
  return Math.min(Math.max(epochMs, -MAX_INSTANT), MAX_INSTANT)
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
