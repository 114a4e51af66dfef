import type { LoginRequiredError, TokenStoreError } from '../errors.js'
import type { StoredSession } from '../stores/token-store.js'
import type { Change } from './change.js'
import type { Comparison, Unsaved } from './compare.js'
import { mergeJournals, sentenceOf } from './explain.js'
import { factsOf, journalEntry, wasRefreshed } from './journal.js'
import { endOf, loginRequired } from './login-required.js'
import { revocable } from './revocation.js'
import { afterFormer, noted, withRecord, type SessionState, type Transition } from './state.js'
import { lastDays, refreshed, saveFailed } from './told.js'

/**
 * What a change makes of the state, what is to be told, and which tokens are to be revoked. Pure.
 *
 * @internal
 */
export function next(state: SessionState, change: Change): Transition {
  switch (change.type) {
    case 'read':
      return afterRead(state, change.comparison, change.stored)
    case 'seeded':
      return {
        state: notedFailure(withRecord(state, change.record, unsavedAfter(state, change)), change),
        told: saveFailed(change.error),
        origin: 'login',
      }
    case 'sending':
      return { state, told: [{ name: 'refreshing', event: change.event }] }
    case 'refreshed':
      return {
        state: notedFailure(withRecord(state, change.record, unsavedAfter(state, change)), change),
        told: [
          ...saveFailed(change.error),
          ...refreshed(change.event),
          ...lastDays(state.record, change.record),
        ],
        ...(change.isOwn && { origin: 'refresh' as const }),
      }
    case 'refresh-failed':
      return {
        state: noted(state, journalEntry('failed', factsOf(change.event.error))),
        told: [{ name: 'refreshFailed', event: change.event }],
      }
    case 'logged-in':
      return afterLogin(state, change)
    case 'logged-out':
      return ended(state, change.error, change.record, change.unsaved)
    case 'saved': {
      const { record } = change
      return { state: { ...state, record, unsaved: undefined, storeRead: true }, told: [] }
    }
    case 'not-saved':
      return {
        state: { ...notedFailure(state, change), unsaved: change.unsaved },
        told: saveFailed(change.error),
      }
    case 'ended':
      return withSaveError(
        ended(state, change.error, change.record, change.saveError && {}),
        change.saveError,
      )
    case 'dropped':
      return {
        state: noted(state, journalEntry('superseded')),
        told: [],
        revoke: revocable(change.tokens, change.inForce ?? state.record),
      }
    case 'closed':
      return { state: { ...state, isClosed: true }, told: [] }
  }
}

function afterRead(
  state: SessionState,
  comparison: Comparison,
  stored: StoredSession | undefined,
): Transition {
  const read = { ...state, storeRead: true }
  switch (comparison) {
    case 'same':
      return {
        state: { ...read, record: afterFormer(state.record, stored!), unsaved: undefined },
        told: [],
      }
    case 'ours':
      return state.record ? { state: restored(read), told: [] } : cameBack(state)
    case 'theirs':
      return adopted(state, stored!)
    case 'signed-out':
      return ended(state, endOf(stored!), stored)
    case 'gone':
      return state.canEnd ? lost(state) : { state: read, told: [] }
    case 'nothing':
      return { state: read, told: [] }
  }
}

/** The store was set back, or is: what is in force is to be saved again. */
function restored(state: SessionState): SessionState {
  return state.unsaved ? state : noted({ ...state, unsaved: {} }, journalEntry('restored'))
}

function lost(state: SessionState): Transition {
  const transition = ended(state, loginRequired('gone'))
  return { ...transition, state: { ...transition.state, lost: state.record } }
}

/** Someone has saved what is older than the session whose record was gone. */
function cameBack(state: SessionState): Transition {
  const record = state.lost!
  const event = { expiresAt: record.tokens?.expiresAt, isOtherSession: false }
  const next = noted(withRecord(state, record, {}), journalEntry('restored'))
  return { state: next, told: [{ name: 'adopted', event }] }
}

function adopted(state: SessionState, stored: StoredSession): Transition {
  const isOtherSession = stored.sessionId !== state.record?.sessionId
  const isFirstRead = !state.storeRead
  const next = withRecord(state, stored, undefined)
  const event = { expiresAt: stored.tokens?.expiresAt, isOtherSession }
  const isLost = state.unsaved && state.record?.tokens && isOtherSession
  return {
    state: isFirstRead ? next : noted(next, journalEntry('adopted')),
    told: isFirstRead ? [] : [{ name: 'adopted', event }],
    origin: wasRefreshed(stored) ? 'refresh-elsewhere' : 'login',
    revoke: isLost ? revocable(state.record.tokens, stored) : undefined,
  }
}

function afterLogin(
  state: SessionState,
  { record, unsaved, error }: Extract<Change, { type: 'logged-in' }>,
): Transition {
  const { tokens } = record
  const event = { expiresAt: tokens?.expiresAt, hasRefreshToken: !!tokens?.refreshToken }
  return {
    state: notedFailure(withRecord(state, record, unsaved), { error }),
    told: [{ name: 'tokensSet', event }, ...saveFailed(error)],
    origin: 'login',
  }
}

/** Ends the session: nothing is handed out until a login. */
function ended(
  state: SessionState,
  error: LoginRequiredError,
  record?: StoredSession,
  unsaved?: Unsaved,
): Transition {
  const { reason } = error
  const { notes } = record ? state : noted(state, journalEntry('ended', { error: reason }))
  const epoch = state.epoch + 1
  const end = record && afterFormer(state.record, record)
  const next = { ...state, record: end, unsaved, lost: undefined, notes, storeRead: true, epoch }
  const history = historyOf(next, state.record)
  error.history = history
  const wasLive = Boolean(state.record?.tokens)
  return {
    state: { ...next, ended: state.canEnd ? error : undefined },
    told: wasLive ? [{ name: 'sessionEnded', event: { reason, history } }] : [],
  }
}

/** What led here, in sentences: for whoever has to find out why a user was logged out. */
function historyOf(state: SessionState, former: StoredSession | undefined): string[] {
  const { journal = former?.journal ?? [] } = state.record ?? {}
  return mergeJournals(journal, state.notes).slice(-LAST_LINES).map(sentenceOf)
}

const LAST_LINES = 5

function withSaveError(transition: Transition, error: TokenStoreError | undefined): Transition {
  const state = notedFailure(transition.state, { error })
  return { ...transition, state, told: [...transition.told, ...saveFailed(error)] }
}

/** What is in force without being saved: what a login replaced is remembered until it is. */
function unsavedAfter({ record, unsaved }: SessionState, { error }: Failure): Unsaved | undefined {
  return error && { over: record?.tokens ? record : undefined, ...unsaved }
}

interface Failure {
  readonly error?: TokenStoreError | undefined
}

function notedFailure(state: SessionState, { error }: Failure): SessionState {
  return error ? noted(state, journalEntry('not-saved', factsOf(error))) : state
}
