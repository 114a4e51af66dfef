import type { LoginRequiredError } from '../errors.js'
import { foreignText } from '../foreign-text.js'
import type { JournalEntry, StoredSession } from '../stores/token-store.js'
import type { SessionState } from './state.js'

/** What happened to a session, without secrets: see `tokens.explain()`. @public */
export interface Explanation {
  /** The session's own name; `undefined`: there is none. */
  readonly sessionId: string | undefined
  readonly state: 'signed-in' | 'ended' | 'no-session'
  /** Why it ended. */
  readonly reason?: LoginRequiredError['reason']
  /** Since when the refresh token is being used by a process that has not told the outcome. */
  readonly spending?: StoredSession['spending']
  /** What is known of the last things that happened, the latest last. */
  readonly entries: readonly JournalEntry[]
  /** The same in sentences, times in UTC. */
  readonly sentences: readonly string[]
}

/**
 * What is known of a session, told.
 *
 * @internal
 */
export function explanationOf({ record, ended, notes }: SessionState): Explanation {
  const entries = mergeJournals(record?.journal ?? [], notes)
  return {
    sessionId: record?.sessionId,
    state: ended ? 'ended' : record?.tokens ? 'signed-in' : 'no-session',
    ...(ended && { reason: ended.reason }),
    ...(record?.spending && { spending: shown(record.spending) }),
    entries: entries.map(shown),
    sentences: entries.map(sentenceOf),
  }
}

/** A record may have been written by someone else, and a server's texts are longer in it. */
function shown<T extends object>(told: T): T {
  const members = Object.entries(told).map(([name, value]: [string, unknown]) => [
    name,
    typeof value === 'string' ? foreignText(value) : value,
  ])
  return Object.freeze(Object.fromEntries(members) as T)
}

/**
 * The entries of several journals of one session, in the order in which they happened.
 *
 * @internal
 */
export function mergeJournals(...journals: readonly (readonly JournalEntry[])[]): JournalEntry[] {
  const byText = new Map(journals.flat().map((entry) => [JSON.stringify(entry), entry]))
  return [...byText.values()].sort((one, other) => one.at - other.at)
}

/** @internal */
export function sentenceOf(entry: JournalEntry): string {
  const time = new Date(entry.at).toISOString()
  // A newer version of ours, or someone else, may have written it.
  const happened = Object.hasOwn(HAPPENED, entry.what) ? HAPPENED[entry.what](entry) : entry.what
  return foreignText(`${time}: ${happened} (process ${entry.by}).`)
}

const HAPPENED: Record<JournalEntry['what'], (entry: JournalEntry) => string> = {
  'logged-in': () => 'The user logged in',
  spent: (entry) => `The refresh token${nameOf(entry)} was sent to the authorization server`,
  refreshed: () => 'New tokens were received and saved',
  failed: (entry) => `The refresh failed${saidBy(entry)}`,
  adopted: () => 'Newer tokens were found in the store and taken over',
  restored: () => 'The store held an older state and was brought up to date',
  superseded: () => 'A login or logout replaced a refresh, whose tokens were dropped',
  'not-saved': (entry) => `Tokens could not be saved${saidBy(entry)}`,
  'signed-out': () => 'The user logged out',
  ended: (entry) => `The session ended${saidBy(entry)}`,
}

/** A version is a long random number: its last digits tell one refresh token from the next. */
function nameOf({ refreshTokenVersion }: JournalEntry): string {
  return refreshTokenVersion === undefined ? '' : ` #${String(refreshTokenVersion).slice(-6)}`
}

function saidBy({ status, error, errorDescription }: JournalEntry): string {
  const facts = [status && `HTTP ${status}`, error, errorDescription && `"${errorDescription}"`]
  const said = facts.filter(Boolean).join(', ')
  return said && `: ${said}`
}
