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
   * One more at each change. The first record of a store begins at a random number, so that the
   * version alone names a record even where an older one was deleted in between.
   */
  readonly version: number
  /** `null`: signed out, or ended by the authorization server. */
  readonly tokens: TokenSet | null
}

/** @public */
export interface Lease {
  /** Whether the lease is still ours, judged by the monotonic clock. */
  isHeld(): boolean
}

/** How somebody waits for the lease. @public */
export interface LeaseWait {
  /** Once aborted, nobody waits any more: a store that polls for the lease may give up. */
  signal?: AbortSignal | undefined
  /**
   * While another has the lease: run the task as soon as other tokens are stored, with a lease that
   * is not held, to adopt them. A store that cannot tell ignores it.
   */
  orWhenChanged?: boolean | undefined
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
