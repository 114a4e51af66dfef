import { LoginRequiredError, type TokenStoreError } from '../errors.js'
import { storedSession } from '../stores/stored-session.js'
import type { StoredSession } from '../stores/token-store.js'
import { relate, unsavedOver, type Unsaved } from './claim.js'
import type { Desk, Stock } from './stock.js'

/** What an end leaves behind: the record that says so, and whether that is saved. */
export interface End {
  readonly record?: StoredSession | undefined
  readonly unsaved?: Unsaved | undefined
  /** Where the server told why. */
  readonly error?: LoginRequiredError | undefined
}

/**
 * Ends the session here. An `acquire` manager has no end: it holds nothing, and acquires again.
 *
 * @internal
 */
export function endSession(
  desk: Pick<Desk, 'held' | 'events' | 'needsRefreshToken'>,
  reason: LoginRequiredError['reason'],
  end: End = {},
): void {
  const { held, events, needsRefreshToken } = desk
  const wasLive = held.token !== undefined
  const error = end.error ?? new LoginRequiredError(MESSAGES[reason], { reason })
  held.end(needsRefreshToken ? error : undefined, end.record, end.unsaved)
  if (wasLive) events.emit('sessionEnded', { reason })
}

const MESSAGES: Partial<Record<LoginRequiredError['reason'], string>> = {
  'no-session': 'Nobody has logged in yet',
  'signed-out': 'The user has logged out',
  gone: 'The session is gone from its store: the user must log in again',
}

/**
 * The server refused the refresh token. That means something only for the one now in the store: a
 * loser of a race is refused too, and the winner's tokens are there (law 8).
 *
 * @returns `false` if the store holds something else by now
 * @throws TokenStoreError if it cannot be told
 * @internal
 */
export async function endIfStill(
  desk: Desk,
  spent: Stock,
  error: LoginRequiredError,
  isWanted: () => boolean,
): Promise<boolean> {
  const current = await desk.store.load()
  const relation = relate(spent, current)
  if (relation !== 'same' && relation !== 'ours') return false
  if (!isWanted()) return true
  const { reason } = error
  const version = Math.max(spent.record!.version, current?.version ?? 0) + 1
  const record = storedSession({ ...spent.record!, version, tokens: null })
  try {
    if (!(await desk.store.save(record, current?.version))) return false
    if (isWanted()) endSession(desk, reason, { error, record })
  } catch (cause) {
    desk.events.emit('saveFailed', { error: cause as TokenStoreError })
    if (isWanted())
      endSession(desk, reason, { error, record, unsaved: unsavedOver(spent, current) })
  }
  return true
}
