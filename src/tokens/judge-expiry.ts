import { now } from '../clock.js'
import { jwtExpiry, remainingOfOldJwt } from './expiry.js'
import {
  expiryOf,
  issueOf,
  lifetimeOf,
  refreshTokenExpiryOf,
  refreshTokenLifetimeOf,
  unreadableExpiries,
  type Members,
} from './input-fields.js'
import { MAX_INSTANT } from './token-set.js'

/** When what is judged was received, epoch milliseconds; absent: it may have lain in a store. */
interface ReceptionTimes {
  receivedAt?: number | undefined
  serverTime?: number | undefined
}

/** From when the lifetimes count. @internal */
export function judgeIssue(members: Members, { receivedAt }: ReceptionTimes): number {
  return instantAt(receivedAt ?? issueOf(members) ?? now())
}

/**
 * Law 15: the seconds that a response says, then an absolute time, then the JWT's `exp` as a hint,
 * else unknown. What was not just received may have lain in a store: there the absolute time is
 * first, because nobody knows from when the seconds count.
 *
 * @internal
 */
export function judgeExpiry(
  accessToken: string,
  members: Members,
  issuedAt: number,
  reception: ReceptionTimes,
): number | undefined {
  const { receivedAt } = reception
  const lifetimeMs = lifetimeOf(members)
  const counted = lifetimeMs === undefined ? undefined : issuedAt + lifetimeMs
  if (receivedAt !== undefined && counted !== undefined) {
    return instantAt(Math.min(counted, remainingOfOldJwt(accessToken, receivedAt) ?? Infinity))
  }
  const instant = expiryOf(members)
  // Just received and already over: some clock is off, and believing it would renew forever.
  const isBelievable = receivedAt === undefined || (instant ?? 0) > receivedAt
  const said = (isBelievable ? instant : undefined) ?? counted
  const expiresAt = said ?? jwtExpiry(accessToken, receivedAt ?? now(), reception)
  return expiresAt === undefined ? undefined : instantAt(expiresAt)
}

/** Seconds count only in what was just received, unless nothing else is said. @internal */
export function judgeRefreshTokenExpiry(
  members: Members,
  issuedAt: number,
  { receivedAt }: ReceptionTimes,
): number | undefined {
  const lifetimeMs = refreshTokenLifetimeOf(members)
  const said = refreshTokenExpiryOf(members)
  const counted = lifetimeMs === undefined ? undefined : issuedAt + lifetimeMs
  const expiresAt = receivedAt === undefined ? (said ?? counted) : (counted ?? said)
  return expiresAt === undefined ? undefined : instantAt(expiresAt)
}

/** What a store could not be read back with is of no use, whoever said it. @internal */
export function instantAt(epochMs: number): number {
  return Math.min(Math.max(epochMs, -MAX_INSTANT), MAX_INSTANT)
}

/** What is wrong where nobody knows when the access token ends, in a sentence. @internal */
export function flawOfExpiry(members: Members): string | undefined {
  const names = unreadableExpiries(members)
  if (names.length === 0) return undefined
  const shown = names.map((name) => `\`${name}\``).join(' and ')
  return `The expiry of the access token cannot be read: ${shown} must be a number of seconds or an instant (epoch seconds, milliseconds, ISO text, a Date)`
}
