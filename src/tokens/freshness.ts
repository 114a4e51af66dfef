import type { TokenFields } from './token-set.js'

const MAX_WINDOW_MS = 5 * 60_000
const MAX_MARGIN_MS = 10_000
const MAX_QUIET_MS = 10_000

/** What the user may set; each counts for no more than half the lifetime. */
export interface Windows {
  refreshWindowMs?: number | undefined
  expiryMarginMs?: number | undefined
}

/** The instants and durations by which one token set is judged. `Infinity`: nobody knows. */
export interface Freshness {
  /** From here on it is renewed in the background, epoch milliseconds. */
  dueAt: number
  /** From here on it is not sent any more, epoch milliseconds. */
  usableUntil: number
  /** The most that a `minValidityMs` counts for, so that a fresh token meets every wish. */
  longestWishMs: number
  /** How long a rejection of it, fresh from the server, keeps further ones from costing. */
  quietMs: number
}

/**
 * Law 15: the windows shrink with the lifetime, so that no token is due from the start. The window
 * begins up to 10 % of itself earlier, at random: a fleet must not renew in the same second.
 *
 * @internal
 */
export function freshnessOf(
  tokens: TokenFields,
  windows: Windows,
  random = Math.random(),
): Freshness {
  const { expiresAt, issuedAt } = tokens
  if (expiresAt === undefined) {
    return {
      dueAt: Infinity,
      usableUntil: Infinity,
      longestWishMs: Infinity,
      quietMs: MAX_QUIET_MS,
    }
  }
  const lifetimeMs = Math.max(expiresAt - issuedAt, 0)
  const marginMs = windowOf(windows.expiryMarginMs, MAX_MARGIN_MS, 0.05, lifetimeMs)
  const windowMs = Math.max(
    windowOf(windows.refreshWindowMs, MAX_WINDOW_MS, 0.2, lifetimeMs),
    marginMs,
  )
  // Who wants no window gets none: nothing is then renewed behind a call.
  const scatter = windows.refreshWindowMs === 0 ? 0 : 0.1 * random
  return {
    dueAt: expiresAt - windowMs * (1 + scatter),
    usableUntil: expiresAt - marginMs,
    longestWishMs:
      lifetimeMs - Math.max(windowMs, windowOf(undefined, MAX_WINDOW_MS, 0.2, lifetimeMs)) * 1.1,
    quietMs: Math.min(MAX_QUIET_MS, 0.2 * lifetimeMs),
  }
}

function windowOf(set: number | undefined, most: number, share: number, lifetimeMs: number) {
  return set === undefined ? Math.min(most, share * lifetimeMs) : Math.min(set, lifetimeMs / 2)
}
