import { jwtDecode } from 'jwt-decode'
import { instantOf } from './instant.js'

/** A `Date` header has whole seconds and a request takes time: less than this is no offset. */
const CLOCK_LEEWAY_MS = 5_000

/** Issued longer ago than this, a token was handed out again. */
const OLD_JWT_MS = 5 * 60_000

/**
 * When a JWT ends by the local clock, in epoch milliseconds; `undefined` for an opaque token, one
 * without `exp`, or one that no clock here makes sense of.
 *
 * A hint only: RFC 9068 §6 tells clients not to look inside, so it never throws, and what the
 * server says (`expires_in`) outranks it.
 *
 * @internal
 */
export function jwtExpiry(
  token: string,
  countedFrom: number,
  reception: { receivedAt?: number; serverTime?: number },
): number | undefined {
  const { exp, iat } = readTimes(token)
  if (exp === undefined) return undefined

  if (reception.serverTime !== undefined) {
    const offsetMs = reception.serverTime - countedFrom
    return Math.abs(offsetMs) > CLOCK_LEEWAY_MS ? exp - offsetMs : exp
  }
  const lifetimeMs = iat === undefined ? undefined : exp - iat
  const isJustIssued = reception.receivedAt !== undefined
  if (iat !== undefined && lifetimeMs !== undefined && lifetimeMs > 0) {
    // Issued in the future: the local clock is slow. Issued long ago, yet just received: it is fast.
    const isClockSlow = iat > countedFrom + CLOCK_LEEWAY_MS
    const isClockFast = isJustIssued && (iat < countedFrom - CLOCK_LEEWAY_MS || exp <= countedFrom)
    return isClockSlow || isClockFast ? countedFrom + lifetimeMs : exp
  }
  // Just issued and already over: believing it would renew forever.
  return isJustIssued && exp <= countedFrom ? undefined : exp
}

/**
 * When a JWT that was issued well before it was received ends: a server that hands out the same
 * token again may repeat its whole lifetime. `undefined` where the token is new, or where so
 * little is left that a fast local clock is the likelier reason.
 *
 * @internal
 */
export function remainingOfOldJwt(token: string, countedFrom: number): number | undefined {
  const { exp, iat } = readTimes(token)
  if (exp === undefined || iat === undefined) return undefined
  const isOld = iat < countedFrom - OLD_JWT_MS && exp > countedFrom + OLD_JWT_MS
  return isOld ? exp : undefined
}

/** What is longer stands in no header of any server. */
const LONGEST_JWT = 65_536

function readTimes(token: string): { exp?: number | undefined; iat?: number | undefined } {
  if (token.length > LONGEST_JWT || token.split('.').length !== 3) return {}
  try {
    const claims = jwtDecode(token)
    return { exp: instantOf(claims.exp), iat: instantOf(claims.iat) }
  } catch {
    return {}
  }
}
