import type { Emitter } from 'mitt'
import mitt from 'mitt'
import {
  TokenOptionsError,
  type LoginRequiredError,
  type TokenError,
  type TokenStoreError,
} from './errors.js'

/** Why a refresh was made. @public */
export type RefreshReason = 'due' | 'expired' | 'rejected' | 'forced' | 'timer' | 'missing'

/** For which resource, where it was not for the session's own access token. @public */
export interface ForResource {
  resource?: string | readonly string[] | undefined
}

/**
 * What happened, without secrets. Delivered after the state has settled: a listener may call back
 * into the manager; one that throws or hangs breaks nothing.
 *
 * @public
 */
export interface TokenEvents {
  /** A token request is about to be sent. */
  refreshing: { reason: RefreshReason } & ForResource
  /** New tokens are in force. `expiresAt` in epoch milliseconds. */
  refreshed: {
    reason: RefreshReason
    durationMs: number
    expiresAt: number | undefined
  } & ForResource
  /** A refresh ended without new tokens; `retryInMs` is the cool-down. */
  refreshFailed: {
    reason: RefreshReason
    durationMs: number
    error: TokenError
    retryInMs: number
  } & ForResource
  /** Newer tokens were found in the store and taken over. */
  adopted: { expiresAt: number | undefined; isOtherSession: boolean }
  /** Somebody logged in through this manager. */
  tokensSet: { expiresAt: number | undefined }
  /** Nothing is renewed any more until a login. */
  sessionEnded: { reason: LoginRequiredError['reason'] }
  /** Tokens are in force but not stored; saving is tried again. */
  saveFailed: { error: TokenStoreError }
}

const NAMES: Record<keyof TokenEvents, true> = {
  refreshing: true,
  refreshed: true,
  refreshFailed: true,
  adopted: true,
  tokensSet: true,
  sessionEnded: true,
  saveFailed: true,
}

/**
 * @throws TokenOptionsError for an unknown event, or a listener that is no function
 * @internal
 */
export function assertListener(event: string, listener: unknown): void {
  if (!Object.hasOwn(NAMES, event)) {
    const known = Object.keys(NAMES).join(', ')
    throw new TokenOptionsError(`on(): one of ${known} wanted, got ${JSON.stringify(event)}`)
  }
  if (typeof listener === 'function') return
  throw new TokenOptionsError(`on('${event}'): a function wanted, got ${typeof listener}`)
}

/** @internal */
export class Events<E extends Record<keyof TokenEvents, unknown> = TokenEvents> {
  #emitter: Emitter<Record<keyof TokenEvents, unknown>> | undefined

  /** @returns its own undo */
  on<K extends keyof TokenEvents>(type: K, listener: (event: E[K]) => unknown): () => void {
    this.#emitter ??= createEmitter()
    const emitter = this.#emitter
    const guarded = (event: unknown) => callSafely(listener, event as E[K])
    emitter.on(type, guarded)
    return () => emitter.off(type, guarded)
  }

  /** Told in a microtask of its own, outside whatever is being decided now. */
  emit<K extends keyof TokenEvents>(type: K, event: E[K]): void {
    const emitter = this.#emitter
    if (emitter) queueMicrotask(() => emitter.emit(type, event))
  }
}

type CreateEmitter = () => Emitter<Record<keyof TokenEvents, unknown>>

/** mitt's types and its CommonJS build disagree about what its default export is. */
const createEmitter = ((mitt as { default?: unknown }).default ?? mitt) as CreateEmitter

function callSafely<T>(listener: (event: T) => unknown, event: T): void {
  try {
    Promise.resolve(listener(event)).catch(() => undefined)
  } catch {
    // A listener's failure is its own: it must not reach the session.
  }
}
