import { optionError } from '../checks.js'
import { InvalidTokenResponseError } from '../errors.js'
import { checkedDpopKey, type DpopKey } from './dpop-key.js'
import { carryRefreshToken } from './rotated.js'
import {
  accessTokenOf,
  describe,
  extraOf,
  idTokenOf,
  membersOf,
  refreshTokenOf,
  scopeOf,
  tokenTypeOf,
  type Members,
} from './input-fields.js'
import { flawOfExpiry, judgeExpiry, judgeIssue, judgeRefreshTokenExpiry } from './judge-expiry.js'
import type { TokenInput } from './token-input.js'
import {
  isInstant,
  isSendable,
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
  options: ToTokenSetOptions = NOTHING_KNOWN,
  onUnreadable: OnUnreadable = refuse,
): TokenFields {
  const members = membersOf(input)
  const refreshToken = refreshTokenOf(members)
  try {
    return checkedFields(members, refreshToken, options, onUnreadable)
  } catch (thrown) {
    throw carryRefreshToken(thrown as Error, refreshToken)
  }
}

const NOTHING_KNOWN: ToTokenSetOptions = {}

function checkedFields(
  members: Members,
  refreshToken: unknown,
  options: ToTokenSetOptions,
  onUnreadable: OnUnreadable,
): TokenFields {
  const givenToken = accessTokenOf(members)
  const isNone = givenToken === '' && !!refreshToken && options.receivedAt === undefined
  const accessToken = isNone ? '' : sendable(givenToken, 'access token')
  const issuedAt = isNone ? NO_ACCESS_TOKEN.issuedAt : judgeIssue(members, options)
  const expiresAt = isNone
    ? NO_ACCESS_TOKEN.expiresAt
    : judgeExpiry(accessToken, members, issuedAt, options)
  const flaw = expiresAt === undefined && flawOfExpiry(members)
  if (flaw) onUnreadable(flaw, true)
  const givenKey = members.dpopKey ?? options.dpopKey
  const dpopKey = givenKey === undefined ? undefined : checkedDpopKey(givenKey)
  const tokens: TokenFields = {
    accessToken,
    tokenType: knownType(tokenTypeOf(members), dpopKey),
    refreshToken: optional(refreshToken, 'refresh token', onUnreadable),
    expiresAt,
    issuedAt,
    scope: optional(scopeOf(members), 'scope', onUnreadable),
    idToken: optional(idTokenOf(members), 'ID token', onUnreadable),
    dpopKey,
  }
  // Apart, since a manager that nobody uses keeps this: eight bytes for each field that is rare.
  const refreshTokenExpiresAt = judgeRefreshTokenExpiry(members, issuedAt, options)
  const extra = extraOf(members)
  if ((refreshTokenExpiresAt ?? extra) === undefined) return tokens
  return { ...tokens, refreshTokenExpiresAt, extra }
}

function optional(value: unknown, what: string, onUnreadable: OnUnreadable): string | undefined {
  if (value === undefined || value === '') return undefined
  if (typeof value === 'string') return value
  onUnreadable(`The ${what} must be a string, got ${describe(value)}`, false)
  return undefined
}

function sendable(value: unknown, what: string): string {
  if (isSendable(value)) return value
  const given =
    typeof value === 'string' && value !== '' ? 'one with forbidden characters' : describe(value)
  throw new InvalidTokenResponseError(
    `The ${what} must be a non-empty string of visible ASCII, got ${given}`,
  )
}

/** @throws InvalidTokenResponseError @internal */
export function refuse(problem: string): never {
  throw new InvalidTokenResponseError(problem)
}
