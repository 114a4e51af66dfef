import { now } from '../clock.js'
import type { TokenError } from '../errors.js'
import type { JournalEntry, StoredSession } from '../stores/token-store.js'

const MOST_ENTRIES = 12

/** What is known of one thing that happened. */
export type Facts = Omit<JournalEntry, 'at' | 'by' | 'what'>

/** @internal */
export function journalEntry(what: JournalEntry['what'], facts: Facts = {}): JournalEntry {
  return Object.freeze({ at: now(), by: writerName(), what, ...facts })
}

/** A journal with more entries; only the last dozen are kept. @internal */
export function withEntries(
  journal: readonly JournalEntry[] | undefined,
  ...entries: readonly JournalEntry[]
): JournalEntry[] {
  return [...(journal ?? []), ...entries].slice(-MOST_ENTRIES)
}

/**
 * Whether a record's tokens came from a refresh and not from a login. Without a journal, one that
 * follows others is taken for refreshed.
 *
 * @internal
 */
export function wasRefreshed({ journal, ancestors }: StoredSession): boolean {
  const origin = journal?.findLast(({ what }) => what === 'refreshed' || what === 'logged-in')
  return origin ? origin.what === 'refreshed' : Boolean(ancestors?.length)
}

/** What the server said, as far as it may be kept: the texts were scrubbed when they came. */
export function factsOf(error: TokenError): Facts {
  const {
    status,
    error: code = (error as { providerError?: unknown }).providerError,
    errorDescription,
    reason,
  } = error as Partial<Record<'status' | 'error' | 'errorDescription' | 'reason', unknown>>
  return {
    ...(typeof status === 'number' && { status }),
    error: typeof code === 'string' ? code : typeof reason === 'string' ? reason : error.code,
    ...(typeof errorDescription === 'string' && { errorDescription }),
  }
}

/** The process and the host, where the runtime tells: `41@web-3`. */
export function writerName(): string {
  const { process } = globalThis as {
    process?: { pid?: number; getBuiltinModule?: (name: string) => unknown }
  }
  const os = process?.getBuiltinModule?.('os') as { hostname?: () => string } | undefined
  return `${process?.pid ?? 'unknown'}@${os?.hostname?.() ?? 'unknown'}`
}
