import type { TokenSet } from '../tokens/token-set.js'

/**
 * The record that a store keeps. It is plain JSON; store all of it, including unknown fields.
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
  /** `null`: the session has ended, by a logout or by the authorization server. See `ended`. */
  readonly tokens: TokenSet | null
  /**
   * The earlier versions of this record, the latest first, including those of a replaced login. They
   * decide which of two records is newer. Absent in records of older releases.
   */
  readonly ancestors?: readonly number[]
  /** The IDs of the sessions that this one replaced, the latest last: none of them comes back. */
  readonly formerSessions?: readonly string[]
  /** The version with which the refresh token was first stored; absent: this one. */
  readonly refreshTokenVersion?: number
  /** Written before the refresh token is sent, and gone once the outcome is saved. */
  readonly spending?: SpendMark
  /** A pause that the authorization server requires, for all processes that use this session. */
  readonly coolDown?: StoredCoolDown
  /** Why the session ended, where `tokens` is `null`. */
  readonly ended?: SessionEnd
  /**
   * The session while `moveSession` moves it to another store. `tokens` is `null` then, so no process
   * renews the session here. A move that was interrupted continues from this copy.
   */
  readonly moving?: StoredSession
  /** Where `moving` is on its way to: the path of a file, or `another store`. */
  readonly movingTo?: string
  /** The last things that happened to the session, the latest last: see `tokens.explain()`. */
  readonly journal?: readonly JournalEntry[]
}

/** A note that the refresh token has been sent and may have been used. @public */
export interface SpendMark {
  /** Epoch milliseconds. */
  readonly since: number
  /** The process and host that sent it, such as `41@web-3`. */
  readonly by: string
  /** How many times it was sent without a known outcome, including this time. */
  readonly attempts: number
}

/** A cool-down (a pause after a failed refresh) for all processes that share the store. @public */
export interface StoredCoolDown {
  /** When it began, epoch milliseconds. */
  readonly since: number
  readonly durationMs: number
  /** How many refreshes have failed in a row. */
  readonly failures: number
  /** The server refused the client, as the last entry of the journal says. Waiting does not help. */
  readonly isRefusal?: true
}

/** @public */
export interface SessionEnd {
  readonly reason: 'signed-out' | 'invalid-grant'
  /** The version with which the refused refresh token was first stored. */
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
  /** The version with which the sent refresh token was first stored. */
  readonly refreshTokenVersion?: number
  /** The HTTP status of the authorization server's response. */
  readonly status?: number
  /** The authorization server's `error`. */
  readonly error?: string
  /** The authorization server's `error_description`, without secrets. */
  readonly errorDescription?: string
}

/** @public */
export interface Lease {
  /** Whether this process still holds the lease, by the monotonic clock. */
  isHeld(): boolean
}

/** How a caller waits for the lease. @public */
export interface LeaseWait {
  /** When it is aborted, no caller waits any more: a store that polls for the lease may give up. */
  signal?: AbortSignal | undefined
  /**
   * If another process holds the lease, the store may run the task early, as soon as it sees newer
   * tokens; `lease.isHeld()` is then false, and the task only reads. Optional: stores that cannot
   * watch the record may ignore it.
   */
  wakeOnChange?: boolean | undefined
}

/**
 * Where a session is kept. A store needs two methods; the third makes it safe for several processes.
 *
 * @public
 */
export interface TokenStore {
  /**
   * Resolves to the stored record, or to `undefined` if there is none. If there is a record that
   * cannot be read, it rejects with a `TokenStoreError` of reason `damaged` or `undecryptable`.
   */
  load(): Promise<StoredSession | undefined>

  /**
   * Checks and writes in one atomic step. If the stored record has the version `ifVersion`, the new
   * record replaces it, and the result is `true`. Otherwise nothing is changed, and the result is
   * `false`. `ifVersion: undefined` means that nothing may be stored yet. A record that is damaged or
   * undecryptable counts as nothing here, and its bytes are kept aside: only a login or logout saves
   * over it.
   *
   * A record with a `spending` mark is saved just before a refresh token is sent, so that a store
   * which cannot be written is noticed in time. Save it like any other record. If you know that the
   * store cannot be written, reject with a `TokenStoreError` of reason `unwritable`.
   */
  save(session: StoredSession, condition: { ifVersion: number | undefined }): Promise<boolean>

  /**
   * Runs the task while no other process that shares this store may use the refresh token. It settles
   * as the task does. A store without this method must set `singleProcess: true`.
   *
   * @param wait - hints, which a store may ignore
   */
  exclusive?<T>(task: (lease: Lease) => Promise<T>, wait?: LeaseWait): Promise<T>

  /** Confirms that only one process uses the store: there is no protection across processes. */
  readonly singleProcess?: boolean

  /**
   * Says that a record stays in this process's memory as it is: then a DPoP key that cannot be
   * exported may be in it.
   */
  readonly inMemory?: boolean
}
