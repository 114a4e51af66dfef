import { monotonicNow, now } from '../clock.js'
import type { Freshness } from '../tokens/freshness.js'
import type { Held } from './held.js'

/** What the server and the APIs have said of the token in force. */
export interface Repute {
  /** An API rejected it with 401. */
  readonly isRejected: boolean
  /** When the server gave it out, by the monotonic clock. */
  readonly issuedAt: number
  /** A rejection before that, by the monotonic clock, is not the token's fault. */
  readonly rejectionsIgnoredUntil: number
  /** Whether this process asked for it without any claims. */
  readonly isWithoutClaims: boolean
}

/** Of a token that nobody has said anything of. @internal */
export const UNKNOWN: Repute = {
  isRejected: false,
  issuedAt: -Infinity,
  rejectionsIgnoredUntil: -Infinity,
  isWithoutClaims: false,
}

/** Of other tokens than before. @internal */
export function reputeOf(held: Held): Repute {
  return { ...UNKNOWN, issuedAt: issuedElsewhereAt(held) }
}

/** @param claims - what the server was asked to say of it @internal */
export function freshFromServer(repute: Repute, claims: string | undefined): Repute {
  const isWithoutClaims = claims === undefined
  return { ...repute, isRejected: false, issuedAt: monotonicNow(), isWithoutClaims }
}

/** @internal */
export function isJustIssued({ issuedAt }: Repute, { rejectionCooldownMs }: Freshness): boolean {
  return monotonicNow() - issuedAt <= rejectionCooldownMs
}

/** Further rejections of it cost nothing for a while. @internal */
export function ignoringRejections(repute: Repute, { rejectionCooldownMs }: Freshness): Repute {
  const rejectionsIgnoredUntil = monotonicNow() + rejectionCooldownMs
  return { ...repute, isRejected: false, rejectionsIgnoredUntil }
}

/** When another process got it from the server, by this one's monotonic clock. */
function issuedElsewhereAt({ tokens, origin }: Held): number {
  if (origin !== 'refresh-elsewhere' || !tokens) return -Infinity
  return monotonicNow() - Math.abs(now() - tokens.issuedAt)
}
