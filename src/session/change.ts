import type { LoginRequiredError, TokenStoreError } from '../errors.js'
import type { TokenEvents } from '../events.js'
import type { StoredSession } from '../stores/token-store.js'
import type { TokenSet } from '../tokens/token-set.js'
import type { Comparison, Unsaved } from './compare.js'

/** What can happen to a session. */
export type Change =
  /** The store was read. */
  | { type: 'read'; comparison: Comparison; stored: StoredSession | undefined }
  /** The initial tokens came in force. */
  | { type: 'seeded'; record: StoredSession; error?: TokenStoreError }
  | { type: 'sending'; event: TokenEvents['refreshing'] }
  /** New tokens are in force; with an error, they are not saved yet. */
  | {
      type: 'refreshed'
      record: StoredSession
      /** Whether the session's own access token is new, and not one resource's. */
      isOwn: boolean
      /** Absent for a response that came when nobody waited for it any more. */
      event?: TokenEvents['refreshed'] | undefined
      error?: TokenStoreError | undefined
    }
  | { type: 'refresh-failed'; event: TokenEvents['refreshFailed'] }
  | {
      type: 'logged-in'
      record: StoredSession
      unsaved?: Unsaved | undefined
      error?: TokenStoreError | undefined
    }
  | { type: 'logged-out'; record: StoredSession; unsaved: Unsaved; error: LoginRequiredError }
  /** The record in force is in the store now, as this one. */
  | { type: 'saved'; record: StoredSession }
  | { type: 'not-saved'; unsaved: Unsaved; error: TokenStoreError }
  /** The server ended it, or there is nobody to begin with. */
  | {
      type: 'ended'
      error: LoginRequiredError
      record?: StoredSession
      saveError?: TokenStoreError
    }
  /** A refresh brought tokens that nobody wants any more. */
  | { type: 'dropped'; tokens: TokenSet; inForce: StoredSession | undefined }
  | { type: 'closed' }
