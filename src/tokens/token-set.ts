import { isObject } from '../checks.js'
import { hideFromInspect } from '../inspect.js'
import { readDpopKey, type DpopKey } from './dpop-key.js'
import { isTypeFor } from './token-type.js'

/**
 * One immutable result of a token request: plain JSON. `util.inspect` shows no token.
 *
 * @public
 */
export interface TokenSet {
  /** Empty where only the refresh token is known (`keep: 'refresh-token'`): it has then expired. */
  readonly accessToken: string
  /** `DPoP`: then there is a `dpopKey`. Any other, as the server said it, is sent as Bearer. */
  readonly tokenType: string
  readonly refreshToken?: string
  /** Epoch milliseconds; absent if nobody knows. */
  readonly expiresAt?: number
  /** Epoch milliseconds: the instant from which the lifetime counts. */
  readonly issuedAt: number
  /** When the refresh token ends, epoch milliseconds; absent if the server does not say. */
  readonly refreshTokenExpiresAt?: number
  readonly scope?: string
  readonly idToken?: string
  /** The private key that the tokens are bound to (RFC 9449); a session's tokens all have the same. */
  readonly dpopKey?: DpopKey
  /** What else the response said and was to be kept, such as `instance_url`: plain JSON. */
  readonly extra?: Readonly<Record<string, unknown>>
}

/** Where only the refresh token is known: what stands here has expired, and is never sent. @internal */
export const NO_ACCESS_TOKEN = { accessToken: '', issuedAt: 0, expiresAt: 0 } as const

/** A set before it is made: what is not known may be there as `undefined`. */
export type TokenFields = Pick<TokenSet, Known> & {
  readonly [K in Exclude<keyof TokenSet, Known>]?: TokenSet[K] | undefined
}

type Known = 'accessToken' | 'tokenType' | 'issuedAt'

/** The last instant that a `Date` can hold, epoch milliseconds. @internal */
export const MAX_INSTANT = 8.64e15
const SENDABLE = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/

const WARNINGS = Symbol.for('tokenward.warnings')

/**
 * Makes a set that holds only what is known, cannot be changed, and shows no token when inspected.
 *
 * @param warnings - what of the response could not be read, in sentences: see `warningsOf`
 * @internal
 */
export function tokenSet(fields: TokenFields, warnings: readonly string[] = []): TokenSet {
  const set = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
  if (warnings.length > 0) Object.defineProperty(set, WARNINGS, { value: warnings })
  return Object.freeze(hideFromInspect(set as unknown as TokenSet, showTokenSet))
}

/** What of the response that made this set could not be read, and was not needed. @internal */
export function warningsOf(tokens: object): readonly string[] {
  return (tokens as { [WARNINGS]?: readonly string[] })[WARNINGS] ?? []
}

/**
 * The next set of a session: what the response leaves out is kept (RFC 6749 §6: the refresh token;
 * §5.1: a scope that did not change).
 *
 * @internal
 */
export function withKept(previous: TokenSet | null | undefined, next: TokenSet): TokenSet {
  if (!previous) return next
  const extra = next.extra && previous.extra && { ...previous.extra, ...next.extra }
  return tokenSet({
    ...next,
    ...refreshTokenOf(previous, next),
    scope: next.scope ?? previous.scope,
    idToken: next.idToken ?? previous.idToken,
    extra: extra ?? next.extra ?? previous.extra,
  })
}

/** The refresh token that is good after the response, and its end. */
function refreshTokenOf(previous: TokenSet, { refreshToken, refreshTokenExpiresAt }: TokenSet) {
  const isSame = refreshToken === undefined || refreshToken === previous.refreshToken
  return {
    refreshToken: refreshToken ?? previous.refreshToken,
    refreshTokenExpiresAt:
      refreshTokenExpiresAt ?? (isSame ? previous.refreshTokenExpiresAt : undefined),
  }
}

/**
 * The session's set after a refresh for another resource: nothing but the refresh token is new.
 *
 * @internal
 */
export function withRefreshTokenOf(tokens: TokenSet, answer: TokenSet): TokenSet {
  return tokenSet({ ...tokens, ...refreshTokenOf(tokens, answer) })
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
  const isKnownType = isTypeFor(tokens.tokenType, dpopKey)
  const isNone = tokens.accessToken === '' && tokens.expiresAt === NO_ACCESS_TOKEN.expiresAt
  if (!(isSendable(tokens.accessToken) || isNone) || !isKnownType) return undefined
  if (!isInstant(tokens.issuedAt)) return undefined
  if (tokens.expiresAt !== undefined && !isInstant(tokens.expiresAt)) return undefined
  const texts = [tokens.refreshToken, tokens.scope, tokens.idToken]
  if (!texts.every((text) => text === undefined || typeof text === 'string')) return undefined
  const { refreshTokenExpiresAt, extra } = value as TokenSet
  return tokenSet({
    ...(value as TokenSet),
    dpopKey,
    refreshTokenExpiresAt: isInstant(refreshTokenExpiresAt) ? refreshTokenExpiresAt : undefined,
    extra: isObject(extra) ? extra : undefined,
  })
}

/**
 * Whether the value can stand in a header as it is: a string of RFC 6749's VSCHAR, no CR or LF.
 *
 * @internal
 */
export function isSendable(value: unknown): value is string {
  return typeof value === 'string' && SENDABLE.test(value)
}

/** An instant that a `Date` can hold. @internal */
export function isInstant(value: unknown): boolean {
  return typeof value === 'number' && Math.abs(value) <= MAX_INSTANT
}

function showTokenSet(this: TokenSet): string {
  const expiry = this.expiresAt === undefined ? 'unknown' : new Date(this.expiresAt).toISOString()
  return `TokenSet { expiresAt: ${expiry}, refreshToken: ${this.refreshToken ? 'yes' : 'no'} }`
}
