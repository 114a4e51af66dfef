import { monotonicNow, now } from '../clock.js'
import { RefreshRejectedError, type TokenError } from '../errors.js'
import {
  ancestorsOf,
  nextVersion,
  refreshTokenVersionOf,
  storedSession,
} from '../stores/stored-session.js'
import type {
  JournalEntry,
  SpendMark,
  StoredCoolDown,
  StoredSession,
} from '../stores/token-store.js'
import type { AccessToken } from './access-token.js'
import { afterFailureElsewhere, coolingDown, leftOfStored } from './cool-down.js'
import type { SessionCore } from './core.js'
import { factsOf, journalEntry, withEntries, writerName } from './journal.js'
import { isUnknown } from './retry-policy.js'
import type { RefreshBase } from './sync.js'

/** A refresh token whose outcome is unknown is sent once more at once; then only after a pause. */
const MOST_WITHOUT_PAUSE = 2
const FIRST_PAUSE_MS = 1_000
const LONGEST_PAUSE_MS = 60_000
/** A mark that was saved too slowly to say when the refresh token is sent is written once more. */
const LATE_MARK_MS = 500
const MOST_MARKS = 2

/**
 * Whether all who share the store are to wait: the server asked for it, or the outcome of the last
 * requests is unknown.
 *
 * @param sent.unresolved - how many requests with this refresh token have an unknown outcome
 * @param sent.endedAt - when the last one that this process sent ended, if it sent one
 * @throws the last error of this refresh, the refusal that another process got, or
 * RefreshUnavailableError with the time that is left
 * @internal
 */
export function assertMaySpend(
  access: AccessToken,
  { stored }: RefreshBase,
  { unresolved, endedAt }: { unresolved: number; endedAt: number | undefined },
  failure: TokenError | undefined,
): void {
  for (const coolDown of [stored?.coolDown, pauseAfter(stored?.spending, unresolved, endedAt)]) {
    const remainingMs = coolDown ? leftOfStored(access.coolDown, coolDown) : 0
    if (!coolDown || remainingMs === 0) continue
    if (failure) throw failure
    const refusal = coolDown.isRefusal && refusedElsewhere(stored?.journal)
    access.coolDown = afterFailureElsewhere(access.coolDown, coolDown, refusal)
    throw refusal ?? coolingDown(remainingMs)
  }
}

/** As the process that asked was told, in its words. */
function refusedElsewhere(
  journal: readonly JournalEntry[] | undefined,
): RefreshRejectedError | undefined {
  const last = journal?.at(-1)
  if (last?.what !== 'failed') return undefined
  const { status, errorDescription } = last
  const error = last.error === 'ERR_REFRESH_REJECTED' ? undefined : last.error
  return new RefreshRejectedError(
    `The token request was rejected (${error ?? `HTTP ${status}`}) in another process`,
    { status, error, errorDescription },
  )
}

function pauseAfter(
  spending: SpendMark | undefined,
  unresolved: number,
  endedAt = -Infinity,
): StoredCoolDown | undefined {
  if (!spending || unresolved < MOST_WITHOUT_PAUSE) return undefined
  const failures = unresolved - MOST_WITHOUT_PAUSE
  const durationMs = Math.min(FIRST_PAUSE_MS * 2 ** failures, LONGEST_PAUSE_MS)
  return { since: Math.max(spending.since, endedAt), durationMs, failures }
}

/**
 * Says in the store, before the refresh token is sent, that it is being spent: whoever finds that
 * knows that the outcome is open. It also proves that the store can be written, and that nobody
 * wrote since it was read.
 *
 * @param unresolved - how many requests before this one have an unknown outcome
 * @returns the base to send from; `undefined` if the session changed: begin again
 * @throws TokenStoreError if the store cannot be written: nothing is to be spent
 * @internal
 */
export async function markSpending(
  core: SessionCore,
  base: RefreshBase,
  unresolved: number,
): Promise<RefreshBase | undefined> {
  const { record, stored, unsaved, saveError } = base
  if (!core.needsRefreshToken) return base // what is acquired can be acquired again
  if (saveError) throw saveError
  if (unsaved || !stored || record !== stored) return undefined
  if (core.store.isInMemory) return base
  let marked = stored
  for (let round = 0; round < MOST_MARKS; round++) {
    const { record: before } = core.state
    const startedAt = monotonicNow()
    const next = withMark(marked, stored.journal, unresolved)
    if (!(await core.store.save(next, marked.version))) return undefined
    if (core.state.record !== before) return undefined
    core.apply({ type: 'saved', record: next })
    marked = next
    if (monotonicNow() - startedAt < LATE_MARK_MS) break
  }
  return { ...base, record: marked, stored: marked }
}

function withMark(
  record: StoredSession,
  journal: StoredSession['journal'],
  unresolved: number,
): StoredSession {
  const refreshTokenVersion = refreshTokenVersionOf(record)
  return successor(record, {
    refreshTokenVersion,
    spending: { since: now(), by: writerName(), attempts: unresolved + 1 },
    coolDown: undefined,
    journal: withEntries(journal, journalEntry('spent', { refreshTokenVersion })),
  })
}

/**
 * Says in the store how a refresh failed, where the outcome is known: that the refresh token was
 * not spent, and what the server asks all to wait for. A store that fails here costs no more than
 * a needless pause.
 *
 * @param unresolved - how many requests before have an unknown outcome
 * @internal
 */
export async function noteFailure(
  core: SessionCore,
  base: RefreshBase,
  error: TokenError,
  unresolved: number,
  coolDown: StoredCoolDown | undefined,
): Promise<void> {
  const { record, stored } = base
  if (!record?.tokens || record !== stored || !record.spending || isUnknown(error)) return
  if (core.state.record !== record) return
  const noted = successor(record, {
    spending: unresolved > 0 ? { ...record.spending, attempts: unresolved } : undefined,
    coolDown: coolDown ?? record.coolDown, // another process may have been told to wait
    journal: withEntries(record.journal, journalEntry('failed', factsOf(error))),
  })
  const isSaved = await core.store.save(noted, record.version).catch(() => false)
  if (isSaved && core.state.record === record) core.apply({ type: 'saved', record: noted })
}

/** The same tokens, with other notes beside them. */
function successor(record: StoredSession, notes: Partial<StoredSession>): StoredSession {
  const version = nextVersion(record.version)
  return storedSession({ ...record, version, ancestors: ancestorsOf(record), ...notes })
}
