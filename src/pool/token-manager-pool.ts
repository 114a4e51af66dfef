import type { Closing } from '../disposable.js'
import { ManagerClosedError, TokenOptionsError } from '../errors.js'
import { assertListener, Events, type TokenEvents } from '../events.js'
import { INSPECT } from '../inspect.js'
import { TokenManager } from '../token-manager.js'
import {
  assertSessionId,
  readOptions,
  sessionOptions,
  type TokenManagerPoolOptions,
} from './options.js'
import { ManagerCache } from './manager-cache.js'
import { PooledEndpoints } from './pooled-endpoints.js'

/**
 * What happened to one of the sessions, without tokens. `sessionId` is the ID that was passed to
 * `get`. If it is the value of a cookie, anyone who reads it can act as that user.
 *
 * @public
 */
export type PoolEvents = {
  [K in keyof TokenEvents]: TokenEvents[K] & { sessionId: string }
}

/**
 * The sessions of many users in one process. There is one manager for each session. It is in memory
 * while it is used, and is loaded from its store when it is used again. A pool has no timer and keeps
 * no process running.
 *
 * @example
 * const pool = new TokenManagerPool({
 *   options: (id) => ({ refresh, store: redisStore({ client, key: `session:${id}` }) }),
 * })
 * await api.get('/me', { tokens: pool.get(session.id) })
 *
 * @public
 */
export class TokenManagerPool implements Closing {
  readonly #settings: Required<TokenManagerPoolOptions>
  readonly #cache: ManagerCache
  readonly #endpoints: PooledEndpoints
  readonly #events = new Events<PoolEvents>()
  /** The events that someone listens to: nobody else's are passed on. */
  readonly #heard = new Set<keyof TokenEvents>()
  #closing: Promise<void> | undefined

  /** @throws TokenOptionsError that names the option, what was received and what was expected */
  constructor(options: TokenManagerPoolOptions) {
    this.#settings = readOptions(options)
    this.#cache = new ManagerCache(this.#settings.max, this.#settings.idleMs)
    this.#endpoints = new PooledEndpoints(this.#settings.maxTokenRequests)
  }

  /**
   * Returns the manager of the session, the same one for all callers. It is not loaded from the store
   * yet. Call `get` at each use, and do not keep the manager.
   *
   * @throws InvalidSessionIdError for an ID that is empty, longer than 1,024 characters or not a
   * string: respond with 400
   * @throws TokenOptionsError for bad options of the session
   * @throws ManagerClosedError after `close()`
   */
  get(sessionId: string): TokenManager {
    assertSessionId(sessionId)
    if (this.#closing) throw new ManagerClosedError('This TokenManagerPool is closed')
    return this.#cache.find(sessionId) ?? this.#make(sessionId)
  }

  /**
   * A logout, whether the session is in memory or not: see `TokenManager.signOut`.
   *
   * @throws TokenStoreError if it could not be stored. The session has ended in this process anyway,
   * and the manager tries again to save the logout
   * @throws TokenOptionsError, ManagerClosedError as `get`
   */
  async signOut(sessionId: string, options?: { revoke?: boolean }): Promise<void> {
    try {
      await this.get(sessionId).signOut(options)
    } finally {
      this.#cache.release(sessionId)
    }
  }

  /**
   * Listens to all sessions.
   *
   * @returns a function that removes the listener
   * @throws TokenOptionsError for an unknown event, or a listener that is not a function
   */
  on<K extends keyof TokenEvents>(
    event: K,
    listener: (event: PoolEvents[K]) => unknown,
  ): () => void {
    assertListener(event, listener)
    if (!this.#heard.has(event)) {
      this.#heard.add(event)
      for (const [sessionId, manager] of this.#cache.entries()) {
        this.#passOn(event, sessionId, manager)
      }
    }
    return this.#events.on(event, listener)
  }

  /**
   * Waits for all refreshes in progress to be saved; refreshes that still wait for their turn fail.
   * Afterwards, every call fails with `ManagerClosedError`. The sessions stay in their stores. Call it
   * before the process ends (SIGTERM).
   */
  async close(): Promise<void> {
    const managers = [...this.#cache.entries()].map(([, manager]) => manager)
    if (managers.some((manager) => manager.isInsideRefresh())) {
      throw new TokenOptionsError('`refresh` closed its own pool and would wait for itself')
    }
    this.#endpoints.close()
    const close = () => Promise.all(managers.map((manager) => manager.close()))
    this.#closing ??= close().then(() => undefined)
    await this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** @internal */
  [INSPECT](): string {
    return `TokenManagerPool { ${this.#cache.size} in memory }`
  }

  #make(sessionId: string): TokenManager {
    const { options, recheckMs } = this.#settings
    const given = sessionOptions(options(sessionId), recheckMs)
    const manager = new TokenManager(this.#endpoints.shared(given))
    for (const event of this.#heard) this.#passOn(event, sessionId, manager)
    this.#cache.add(sessionId, manager)
    return manager
  }

  #passOn(event: keyof TokenEvents, sessionId: string, manager: TokenManager): void {
    manager.on(event, (payload) => this.#events.emit(event, { ...payload, sessionId }))
  }
}
