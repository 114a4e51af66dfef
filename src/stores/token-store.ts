import type { TokenSet } from '../tokens/token-set.js'

/**
 * The record a store keeps: plain JSON, to be stored whole, unknown fields included.
 *
 * @public
 */
export interface StoredSession {
  /** New at each login. */
  readonly sessionId: string
  /**
   * Names this state of the record. It grows by a random step at each change, so that no number
   * comes again after a store was set back to an older state.
   */
  readonly version: number
  /** `null`: signed out, or ended by the authorization server. */
  readonly tokens: TokenSet | null
  /**
   * The versions that this record descends from, the latest first, those of a replaced login
   * included: they decide which of two records is newer. Absent in records of older releases.
   */
  readonly ancestors?: readonly number[]
  /** The sessions that this one took the place of, the latest last: none of them comes back. */
  readonly formerSessions?: readonly string[]
  /** The version that brought the refresh token; absent: this one. */
  readonly refreshTokenVersion?: number
  /** Written before the refresh token is sent, and gone once the outcome is saved. */
  readonly spending?: SpendMark
  /** What the authorization server asked all clients of this session to wait for. */
  readonly coolDown?: StoredCoolDown
  /** Why the session ended, where `tokens` is `null`. */
  readonly ended?: SessionEnd
  /**
   * The session while `moveSession` takes it to another store: nobody renews it here any more, and
   * a move that was interrupted is finished from it. `tokens` is `null` then.
   */
  readonly moving?: StoredSession
  /** The last things that happened to the session, the latest last: see `tokens.explain()`. */
  readonly journal?: readonly JournalEntry[]
}

/** Whoever finds it knows that the refresh token may have been used. @public */
export interface SpendMark {
  /** Epoch milliseconds. */
  readonly since: number
  /** The process and host that sent it, such as `41@web-3`. */
  readonly by: string
  /** How many times it was sent without a known outcome, this time included. */
  readonly attempts: number
}

/** A cool-down that all who share the store keep. @public */
export interface StoredCoolDown {
  /** When it began, epoch milliseconds. */
  readonly since: number
  readonly durationMs: number
  /** The failures in a row that it comes from. */
  readonly failures: number
  /** The server refused, which does not pass by itself: the journal's last entry says how. */
  readonly isRefusal?: true
}

/** @public */
export interface SessionEnd {
  readonly reason: 'signed-out' | 'invalid-grant'
  /** The version that brought the refresh token of which the server spoke. */
  readonly refreshTokenVersion?: number
}

/** One thing that happened to a session, without secrets. @public */
export interface JournalEntry {
  /** Epoch milliseconds. */
  readonly at: number
  /** The process and host, such as `41@web-3`. */
  readonly by: string
  readonly what:
    | 'logged-in'
    | 'spent'
    | 'refreshed'
    | 'failed'
    | 'adopted'
    | 'restored'
    | 'superseded'
    | 'not-saved'
    | 'signed-out'
    | 'ended'
  /** The version that brought the refresh token that was sent. */
  readonly refreshTokenVersion?: number
  /** What the authorization server said. */
  readonly status?: number
  readonly error?: string
  readonly errorDescription?: string
}

/** @public */
export interface Lease {
  /** Whether the lease is still ours, judged by the monotonic clock. */
  isHeld(): boolean
}

/** How someone waits for the lease. @public */
export interface LeaseWait {
  /** Once aborted, nobody waits any more: a store that polls for the lease may give up. */
  signal?: AbortSignal | undefined
  /**
   * While another has the lease: run the task as soon as other tokens are stored, with a lease that
   * is not held, to adopt them. A store that cannot tell ignores it.
   */
  wakeOnChange?: boolean | undefined
}

/**
 * Where a session lives. Two methods make a store; the third makes it safe for several processes.
 *
 * @public
 */
export interface TokenStore {
  /**
   * What is stored, or `undefined` if nothing is. Rejects with a `TokenStoreError` of reason
   * `damaged` if what is stored cannot be read, or `undecryptable`: that is not "nothing".
   */
  load(): Promise<StoredSession | undefined>

  /**
   * Resolves to `false`, atomically and changing nothing, if what is stored is not `ifVersion`
   * (`undefined`: nothing is stored). A record that is damaged or undecryptable counts as nothing
   * here, and its bytes are kept aside: only a login or logout saves over it.
   *
   * The record that is there may come again as it is (`session.version` is `ifVersion`): so a store
   * that is shared and cannot be written is found out before a refresh token is spent. Write it as
   * any other, and reject with a `TokenStoreError` of reason `unwritable` where you know why not.
   */
  save(session: StoredSession, condition: { ifVersion: number | undefined }): Promise<boolean>

  /**
   * Runs the task while nobody else that shares this store may spend the refresh token. Settles as
   * the task does. A store without it must say `singleProcess: true`.
   *
   * @param wait - hints, which a store may ignore
   */
  exclusive?<T>(task: (lease: Lease) => Promise<T>, wait?: LeaseWait): Promise<T>

  /** Says knowingly that there is no protection across processes. */
  readonly singleProcess?: boolean

  /**
   * Says that a record stays in this process's memory as it is: then a DPoP key that cannot be
   * exported may be in it.
   */
  readonly inMemory?: boolean
}
