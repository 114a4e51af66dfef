import { isTokenError, TokenStoreError } from '../errors.js'
import { withTimeout } from '../wait.js'
import { createScrubber } from '../redact.js'
import { processLease } from './process-lease.js'
import { readSession, type Found } from './stored-session.js'
import type { Lease, LeaseWait, StoredSession, TokenStore } from './token-store.js'

const STORE_TIMEOUT_MS = 5_000

/**
 * A user's store made safe to build on. Each operation ends in bounded time, what comes out is
 * checked, and what is thrown is a `TokenStoreError`. There is always an `exclusive` (without the
 * store's own: within this one manager).
 *
 * @internal
 */
export class StoreAccess {
  readonly #store: TokenStore
  readonly #exclusive: NonNullable<TokenStore['exclusive']>
  /** Whose secrets are taken out of what the store throws. */
  #lastSeen: StoredSession | undefined
  readonly #releases = new Set<Promise<unknown>>()

  constructor(store: TokenStore) {
    this.#store = store
    this.#exclusive = store.exclusive
      ? (task, wait) => store.exclusive!(task, wait)
      : processLease()
  }

  /** Whether what it holds is gone with this process. */
  get isInMemory(): boolean {
    return this.#store.inMemory === true
  }

  async load(): Promise<StoredSession | undefined> {
    const found = await this.inspect()
    if (found.damage) throw found.damage
    return found.session
  }

  /** Like `load`, but damage is told rather than thrown: a login must be able to replace it. */
  async inspect(): Promise<Found> {
    try {
      const found = readSession(await this.#attempt('load', () => this.#store.load()))
      this.#lastSeen = found.session ?? this.#lastSeen
      return found
    } catch (error) {
      if (!isTokenError(error, 'ERR_TOKEN_STORE') || !isUnreadable(error)) throw error
      return { version: undefined, damage: error }
    }
  }

  /** `false`: what is stored is not `ifVersion`. */
  async save(session: StoredSession, ifVersion: number | undefined): Promise<boolean> {
    this.#lastSeen = session
    const saved: unknown = await this.#attempt('save', () =>
      this.#store.save(session, { ifVersion }),
    )
    if (typeof saved === 'boolean') return saved
    throw new TokenStoreError(`save must resolve to a boolean, got ${typeof saved}`, {
      operation: 'save',
    })
  }

  /**
   * Settles as soon as the task has: a release that is slow, hangs or fails changes nothing about
   * what the task did.
   *
   * @throws TokenStoreError `locked` if the lease was not available within `waitMs`
   */
  async exclusive<T>(
    task: (lease: Lease) => Promise<T>,
    waitMs: number,
    { wakeOnChange }: Pick<LeaseWait, 'wakeOnChange'> = {},
  ): Promise<T> {
    let begun: Promise<T> | undefined
    const waiting = new AbortController()
    const { signal } = waiting
    let entered: () => void
    const entry = new Promise<void>((resolve) => (entered = resolve))

    const released = callAsync(() =>
      this.#exclusive(
        async (lease) => {
          if (signal.aborted) return
          assertLease(lease)
          begun ??= task(lease)
          entered()
          await begun.catch(() => undefined)
        },
        { signal, wakeOnChange },
      ),
    )
    this.#awaitRelease(released)

    const refused = released.then(() => {
      throw new TokenStoreError('exclusive settled without running its task', EXCLUSIVE)
    })
    try {
      await withTimeout(() => Promise.race([entry, refused]), waitMs, leaseTimeout(waitMs))
    } catch (error) {
      if (begun === undefined) {
        waiting.abort()
        throw this.#storeError(error, 'exclusive')
      }
    }
    return begun!
  }

  /** When every lease that was taken has been given back, or a store operation's time has passed. */
  async allReleased(): Promise<void> {
    const released = () => Promise.all(this.#releases)
    await withTimeout(released, STORE_TIMEOUT_MS, leaseTimeout(STORE_TIMEOUT_MS)).catch(
      () => undefined,
    )
  }

  /** Nobody waits for a release that never comes, now or later. */
  #awaitRelease(released: Promise<unknown>): void {
    const settled = released.then(
      () => undefined,
      () => undefined,
    )
    this.#releases.add(settled)
    void settled.then(() => this.#releases.delete(settled))
  }

  /** A database driver likes to quote what it could not store. */
  #storeError(error: unknown, operation: TokenStoreError['operation']): TokenStoreError {
    const tokens = this.#lastSeen?.tokens
    const scrubber = createScrubber([tokens?.accessToken, tokens?.refreshToken, tokens?.idToken])
    if (isTokenError(error, 'ERR_TOKEN_STORE')) return scrubber.error(error)
    const cause = scrubber.cause(error)
    return new TokenStoreError(`The store's ${operation} failed`, { operation, cause })
  }

  async #attempt<T>(operation: 'load' | 'save', run: () => Promise<T>): Promise<T> {
    try {
      return await withTimeout(run, STORE_TIMEOUT_MS, () => {
        const message = `The store's ${operation} took longer than ${STORE_TIMEOUT_MS} ms`
        return new TokenStoreError(message, { operation })
      })
    } catch (error) {
      throw this.#storeError(error, operation)
    }
  }
}

/** What no key opens is of no more use than what is damaged: a login must be possible. */
function isUnreadable({ reason }: TokenStoreError): boolean {
  return reason === 'damaged' || reason === 'undecryptable'
}

function assertLease(lease: Partial<Lease> | undefined): void {
  if (typeof lease?.isHeld === 'function') return
  throw new TokenStoreError('exclusive must give its task a lease with isHeld()', EXCLUSIVE)
}

const EXCLUSIVE = { operation: 'exclusive' } as const

/** A throw before the first await becomes a rejection. */
async function callAsync<T>(run: () => Promise<T>): Promise<T> {
  return run()
}

function leaseTimeout(waitMs: number): () => TokenStoreError {
  return () =>
    new TokenStoreError(`Could not acquire the store's lock within ${waitMs} ms`, {
      operation: 'exclusive',
      reason: 'locked',
    })
}
