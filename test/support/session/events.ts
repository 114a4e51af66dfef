import type { TokenEvents, TokenManager } from 'tokenward'

/** Those that every session may tell; `refreshTokenExpiring` takes a server that says when. */
export const EVENTS: (keyof TokenEvents)[] = [
  'refreshing',
  'refreshed',
  'refreshFailed',
  'adopted',
  'tokensSet',
  'sessionEnded',
  'saveFailed',
]

/** All that a manager tells, in order. */
export function eventsOf(manager: TokenManager): { type: keyof TokenEvents; event: unknown }[] {
  const seen: { type: keyof TokenEvents; event: unknown }[] = []
  for (const type of EVENTS) manager.on(type, (event) => seen.push({ type, event }))
  return seen
}
