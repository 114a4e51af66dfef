import type { TokenFields } from './token-set.js'

const MAX_WINDOW_MS = 5 * 60_000
const MAX_MARGIN_MS = 10_000
const MAX_REJECTION_COOLDOWN_MS = 10_000

/** What the user may set; each window counts for no more than half the lifetime. */
export interface Windows {
  refreshWindowMs?: number | undefined
  expiryMarginMs?: number | undefined
  /** How long a token lives of which nobody says when it ends. */
  assumedLifetimeMs?: number | undefined
}

/** The instants and durations by which one token set is judged. `Infinity`: nobody knows. */
export interface Freshness {
  /** From here on it is renewed in the background, epoch milliseconds. */
  refreshAt: number
  /** From here on it is not sent any more, epoch milliseconds. */
  expiresAt: number
  /** The most that a `minValidityMs` counts for, so that a fresh token meets every caller. */
  maxMinValidityMs: number
  /** How long a rejection of it, fresh from the server, keeps further ones from costing. */
  rejectionCooldownMs: number
}

/** How no token is judged. @internal */
export const NO_TOKEN: Freshness = {
  refreshAt: -Infinity,
  expiresAt: -Infinity,
  maxMinValidityMs: 0,
  rejectionCooldownMs: 0,
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
  const { issuedAt } = tokens
  const { assumedLifetimeMs = Infinity } = windows
  const expiresAt = tokens.expiresAt ?? issuedAt + assumedLifetimeMs
  if (expiresAt === Infinity) {
    return {
      refreshAt: Infinity,
      expiresAt: Infinity,
      maxMinValidityMs: Infinity,
      rejectionCooldownMs: MAX_REJECTION_COOLDOWN_MS,
    }
  }
  const lifetimeMs = Math.max(expiresAt - issuedAt, 0)
  const marginMs = windowOf(windows.expiryMarginMs, MAX_MARGIN_MS, 0.05, lifetimeMs)
  const windowMs = Math.max(
    windowOf(windows.refreshWindowMs ?? windowBefore(tokens), MAX_WINDOW_MS, 0.2, lifetimeMs),
    marginMs,
  )
  // Who wants no window gets none: nothing is then renewed behind a call.
  const scatter = windows.refreshWindowMs === 0 ? 0 : 0.1 * random
  return {
    refreshAt: expiresAt - windowMs * (1 + scatter),
    expiresAt: expiresAt - marginMs,
    maxMinValidityMs:
      lifetimeMs - Math.max(windowMs, windowOf(undefined, MAX_WINDOW_MS, 0.2, lifetimeMs)) * 1.1,
    rejectionCooldownMs: Math.min(MAX_REJECTION_COOLDOWN_MS, 0.2 * lifetimeMs),
  }
}

/**
 * A refresh token that ends no later than the access token (Meta's, which are one) is of no use
 * when that one has expired: half of the lifetime is left to renew in.
 */
function windowBefore({ expiresAt, refreshTokenExpiresAt }: TokenFields): number | undefined {
  const isTooLate = refreshTokenExpiresAt !== undefined && refreshTokenExpiresAt <= (expiresAt ?? 0)
  return isTooLate ? Infinity : undefined
}

function windowOf(set: number | undefined, most: number, share: number, lifetimeMs: number) {
  return set === undefined ? Math.min(most, share * lifetimeMs) : Math.min(set, lifetimeMs / 2)
}
