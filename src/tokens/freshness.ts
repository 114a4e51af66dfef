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

/** Law 15: the windows shrink with the lifetime, so that no token is due from the start. @internal */
export function freshnessOf(tokens: TokenFields, windows: Windows, random?: number): Freshness {
  const lifetimeMs = lifetimeOf(tokens, windows)
  const windowMs = Math.max(
    refreshWindowOf(tokens, windows),
    windowOf(undefined, MAX_WINDOW_MS, 0.2, lifetimeMs),
  )
  return {
    refreshAt: refreshAtOf(tokens, windows, random),
    expiresAt: expiryOf(tokens, windows) - marginOf(tokens, windows),
    maxMinValidityMs: lifetimeMs - windowMs * 1.1,
    rejectionCooldownMs: Math.min(MAX_REJECTION_COOLDOWN_MS, 0.2 * lifetimeMs),
  }
}

/**
 * From here on it is renewed in the background, epoch milliseconds. The window begins up to 10 % of
 * itself earlier, at random: a fleet must not renew in the same second.
 *
 * @internal
 */
export function refreshAtOf(tokens: TokenFields, windows: Windows, random = Math.random()): number {
  // Who wants no window gets none: nothing is then renewed behind a call.
  const scatter = windows.refreshWindowMs === 0 ? 0 : 0.1 * random
  return expiryOf(tokens, windows) - refreshWindowOf(tokens, windows) * (1 + scatter)
}

function expiryOf({ expiresAt, issuedAt }: TokenFields, windows: Windows): number {
  return expiresAt ?? issuedAt + (windows.assumedLifetimeMs ?? Infinity)
}

function lifetimeOf(tokens: TokenFields, windows: Windows): number {
  return Math.max(expiryOf(tokens, windows) - tokens.issuedAt, 0)
}

function marginOf(tokens: TokenFields, windows: Windows): number {
  return windowOf(windows.expiryMarginMs, MAX_MARGIN_MS, 0.05, lifetimeOf(tokens, windows))
}

function refreshWindowOf(tokens: TokenFields, windows: Windows): number {
  const set = windows.refreshWindowMs ?? windowBefore(tokens)
  const windowMs = windowOf(set, MAX_WINDOW_MS, 0.2, lifetimeOf(tokens, windows))
  return Math.max(windowMs, marginOf(tokens, windows))
}

/**
 * A refresh token that ends no later than the access token (Meta's, which are one) is of no use
 * when that one has expired: half of the lifetime is left to renew in.
 */
function windowBefore({ expiresAt, refreshTokenExpiresAt }: TokenFields): number | undefined {
  const isKnown = expiresAt !== undefined && refreshTokenExpiresAt !== undefined
  return isKnown && refreshTokenExpiresAt <= expiresAt ? Infinity : undefined
}

function windowOf(set: number | undefined, most: number, share: number, lifetimeMs: number) {
  return set === undefined ? Math.min(most, share * lifetimeMs) : Math.min(set, lifetimeMs / 2)
}
