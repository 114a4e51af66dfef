import type { LoginRequiredError } from '../errors.js'
import type { TokenEvents } from '../events.js'
import { formerSessionsOf, storedSession } from '../stores/stored-session.js'
import type { JournalEntry, StoredSession } from '../stores/token-store.js'
import type { TokenSet } from '../tokens/token-set.js'
import type { TokenOrigin } from './held.js'
import type { LocalSession, Unsaved } from './compare.js'
import { withEntries } from './journal.js'

/** All that a process knows of a session, apart from its access tokens. */
export interface SessionState extends LocalSession {
  /** In force here. */
  readonly record: StoredSession | undefined
  /** Set while the record is not in the store. */
  readonly unsaved: Unsaved | undefined
  readonly lost: StoredSession | undefined
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
    lost: undefined,
    ended: undefined,
    storeRead: false,
    isClosed: false,
    canEnd,
    epoch: 0,
    notes: [],
  }
}

/** Puts a record in force. @internal */
export function withRecord(
  state: SessionState,
  next: StoredSession,
  unsaved: Unsaved | undefined,
): SessionState {
  const epoch = state.epoch + 1
  const record = afterFormer(state.record, next)
  return { ...state, record, unsaved, lost: undefined, ended: undefined, storeRead: true, epoch }
}

/** What was in force here is over, also where whoever wrote the next record does not say so. @internal */
export function afterFormer(before: StoredSession | undefined, next: StoredSession): StoredSession {
  const formerSessions = formerSessionsOf(next.sessionId, before, next)
  if (formerSessions?.length === next.formerSessions?.length) return next
  return storedSession({ ...next, formerSessions })
}

/** Notes what happened here and stands in no record. @internal */
export function noted(state: SessionState, entry: JournalEntry): SessionState {
  return { ...state, notes: withEntries(state.notes, entry) }
}
