import type { LoginRequiredError } from '../errors.js'
import type { TokenEvents } from '../events.js'
import type { JournalEntry, StoredSession } from '../stores/token-store.js'
import type { TokenSet } from '../tokens/token-set.js'
import type { TokenOrigin } from './access-token.js'
import type { LocalSession, Unsaved } from './compare.js'

/** All that a process knows of a session, apart from its access tokens. */
export interface SessionState extends LocalSession {
  /** In force here. */
  readonly record: StoredSession | undefined
  /** Set while the record is not in the store. */
  readonly unsaved: Unsaved | undefined
  /** Set once nothing can be renewed until a login: the one error that every caller gets. */
  readonly ended: LoginRequiredError | undefined
  /** Whether the store was read, or cannot hold anything that is not known here. */
  readonly storeRead: boolean
  readonly isClosed: boolean
  /** Whether it can end: `acquire` needs no refresh token, and acquires again. */
  readonly canEnd: boolean
  /** Moves when another record comes in force: whoever waited can tell that it was overtaken. */
  readonly epoch: number
  /** What happened here and stands in no record. */
  readonly notes: readonly JournalEntry[]
}

/** An event to be told. */
export type Told = {
  [K in keyof TokenEvents]: { name: K; event: TokenEvents[K] }
}[keyof TokenEvents]

export interface Transition {
  readonly state: SessionState
  readonly told: readonly Told[]
  /** Where the tokens in force came from, if they are others than before. */
  readonly origin?: TokenOrigin
  /** Tokens that the server should forget. */
  readonly revoke?: TokenSet | undefined
}

/** @internal */
export function initialState(canEnd: boolean): SessionState {
  return {
    record: undefined,
    unsaved: undefined,
    ended: undefined,
    storeRead: false,
    isClosed: false,
    canEnd,
    epoch: 0,
    notes: [],
  }
}
