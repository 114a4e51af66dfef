import { now } from '../clock.js'
import type { TokenStoreError } from '../errors.js'
import type { TokenEvents } from '../events.js'
import type { StoredSession } from '../stores/token-store.js'
import type { Told } from './state.js'

/** @internal */
export function refreshed(event: TokenEvents['refreshed'] | undefined): Told[] {
  return event ? [{ name: 'refreshed', event }] : []
}

/** Told at a refresh that has not put it off: with a rotating refresh token that is rare. @internal */
export function lastDays(before: StoredSession | undefined, after: StoredSession): Told[] {
  const refreshTokenExpiresAt = after.tokens?.refreshTokenExpiresAt
  const earlier = before?.tokens?.refreshTokenExpiresAt
  if (refreshTokenExpiresAt === undefined || earlier === undefined) return []
  const isPutOff = refreshTokenExpiresAt > earlier + ROUNDING_MS
  if (isPutOff || refreshTokenExpiresAt - now() > LAST_DAYS_MS) return []
  return [{ name: 'refreshTokenExpiring', event: { refreshTokenExpiresAt } }]
}

const LAST_DAYS_MS = 7 * 24 * 60 * 60_000
/** A lifetime in whole seconds, counted again from each response, moves by itself. */
const ROUNDING_MS = 60_000

/** @internal */
export function saveFailed(error: TokenStoreError | undefined): Told[] {
  return error ? [{ name: 'saveFailed', event: { error } }] : []
}
