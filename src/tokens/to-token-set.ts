import { optionError } from '../checks.js'
import { now } from '../clock.js'
import { InvalidTokenResponseError } from '../errors.js'
import { checkedDpopKey, type DpopKey } from './dpop-key.js'
import { jwtExpiry, remainingOfOldJwt } from './expiry.js'
import { carryRefreshToken } from './rotated.js'
import { describe, readFields, type Fields } from './input-fields.js'
import type { TokenInput } from './token-input.js'
import {
  isInstant,
  isSendable,
  MAX_INSTANT,
  NO_ACCESS_TOKEN,
  tokenSet,
  warningsOf,
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
  receivedAt?: number | undefined
  /** The server's clock at `receivedAt` (its `Date` header), in epoch milliseconds. */
  serverTime?: number | undefined
  /** The key that the token request was proved with, unless the input has its own. */
  dpopKey?: DpopKey | undefined
}

/**
 * Turns what a login or a token request gave into a `TokenSet`. `expires_in` counts from this call
 * unless `receivedAt` is given, so convert when you receive it. Beside a refresh token, the access
 * token may be empty, if it is not of a response just received: then it counts as expired.
 *
 * @throws InvalidTokenResponseError if there is no access token, it cannot be sent in a header, its
 * expiry cannot be read, or the token type is wrong (DPoP if and only if there is a key)
 * @throws TokenOptionsError if `dpopKey` is no private key
 * @public
 */
export function toTokenSet(input: TokenInput, options: ToTokenSetOptions = {}): TokenSet {
  for (const name of ['receivedAt', 'serverTime'] as const) {
    const value = options[name]
    if (value === undefined || isInstant(value)) continue
    throw optionError('toTokenSet', name, 'epoch milliseconds', value)
  }
  return tokenSet(readTokens(input, options))
}

/**
 * The set that a refresh brought. What cannot be read and is not needed is left out, and told: the
 * server may have rotated the refresh token, and a response thrown away is a session lost.
 *
 * @throws InvalidTokenResponseError if there is no usable access token; it carries the refresh token
 * @internal
 */
export function tokenSetOfAnswer(
  answer: TokenInput,
  options: ToTokenSetOptions & { receivedAt: number },
): TokenSet {
  const warnings: string[] = []
  const tokens = readTokens(answer, options, (warning) => void warnings.push(warning))
  return tokenSet(tokens, [...warningsOf(answer), ...warnings])
}

/** What is done about a member that cannot be read, and is not needed. */
type OnUnreadable = (problem: string, isExpiry: boolean) => void

/**
 * The fields of the set that `toTokenSet` makes, all checked.
 *
 * @throws as `toTokenSet`; whatever it is, it carries the refresh token
 * @internal
 */
export function readTokens(
  input: TokenInput,
  options: ToTokenSetOptions,
  onUnreadable: OnUnreadable = refuse,
): TokenFields {
  const fields = readFields(input)
  try {
    return checkedFields(fields, options, onUnreadable)
  } catch (thrown) {
    throw carryRefreshToken(thrown as Error, fields.refreshToken)
  }
}

function checkedFields(
  fields: Fields,
  options: ToTokenSetOptions,
  onUnreadable: OnUnreadable,
): TokenFields {
  const isReceived = options.receivedAt !== undefined
  const isNone = fields.accessToken === '' && !!fields.refreshToken && !isReceived
  const accessToken = isNone ? '' : sendable(fields.accessToken, 'access token')
  const countedFrom = options.receivedAt ?? now()
  const { expiresAt, issuedAt } = isNone
    ? NO_ACCESS_TOKEN
    : judgeExpiry(accessToken, fields, countedFrom, options)
  if (expiresAt === undefined && fields.unreadable.length > 0) {
    onUnreadable(unreadableExpiry(fields.unreadable), true)
  }
  const givenKey = fields.dpopKey ?? options.dpopKey
  const dpopKey = givenKey === undefined ? undefined : checkedDpopKey(givenKey)
  const text = (value: unknown, what: string) => optional(value, what, onUnreadable)
  const tokens: TokenFields = {
    accessToken,
    tokenType: knownType(fields.tokenType, dpopKey),
    refreshToken: text(fields.refreshToken, 'refresh token'),
    expiresAt,
    issuedAt,
    scope: text(fields.scope, 'scope'),
    idToken: text(fields.idToken, 'ID token'),
    dpopKey,
  }
  // Apart, since a manager that nobody uses keeps this: eight bytes for each field that is rare.
  const refreshTokenExpiresAt = refreshTokenExpiry(fields, issuedAt, options)
  const hasExtra = fields.extra !== undefined && Object.keys(fields.extra).length > 0
  if (refreshTokenExpiresAt === undefined && !hasExtra) return tokens
  return { ...tokens, refreshTokenExpiresAt, extra: hasExtra ? fields.extra : undefined }
}

function optional(value: unknown, what: string, onUnreadable: OnUnreadable): string | undefined {
  if (value === undefined || value === '') return undefined
  if (typeof value === 'string') return value
  onUnreadable(`The ${what} must be a string, got ${describe(value)}`, false)
  return undefined
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
  const { lifetimeMs } = fields
  const saidIssuedAt = isJustReceived ? undefined : fields.issuedAt
  const issuedAt = instantAt(saidIssuedAt ?? countedFrom)
  const counted = lifetimeMs === undefined ? undefined : issuedAt + lifetimeMs
  if (isJustReceived && counted !== undefined) {
    const remaining = remainingOfOldJwt(accessToken, countedFrom)
    return { expiresAt: instantAt(Math.min(counted, remaining ?? Infinity)), issuedAt }
  }
  // Just received and already over: some clock is off, and believing it would renew forever.
  const isBelievable = !isJustReceived || (fields.expiresAt ?? 0) > countedFrom
  const said = (isBelievable ? fields.expiresAt : undefined) ?? counted
  const expiresAt = said ?? jwtExpiry(accessToken, countedFrom, options)
  return { expiresAt: expiresAt === undefined ? undefined : instantAt(expiresAt), issuedAt }
}

/** Seconds count only in what was just received, unless nothing else is said. */
function refreshTokenExpiry(
  { refreshTokenLifetimeMs: lifetimeMs, refreshTokenExpiresAt: said }: Fields,
  issuedAt: number,
  { receivedAt }: ToTokenSetOptions,
): number | undefined {
  const counted = lifetimeMs === undefined ? undefined : issuedAt + lifetimeMs
  const expiresAt = receivedAt === undefined ? (said ?? counted) : (counted ?? said)
  return expiresAt === undefined ? undefined : instantAt(expiresAt)
}

/** What a store could not be read back with is of no use, whoever said it. @internal */
export function instantAt(epochMs: number): number {
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

function unreadableExpiry(names: readonly string[]): string {
  const members = names.map((name) => `\`${name}\``).join(' and ')
  return `The expiry of the access token cannot be read: ${members} must be a number of seconds or an instant (epoch seconds, milliseconds, ISO text, a Date)`
}

/** @throws InvalidTokenResponseError @internal */
export function refuse(problem: string): never {
  throw new InvalidTokenResponseError(problem)
}
