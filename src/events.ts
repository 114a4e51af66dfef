import type { Emitter } from 'mitt'
import mitt from 'mitt'
import { aFunction, checkValue } from './checks.js'
import { heard } from './diagnostics/channels.js'
import {
  TokenOptionsError,
  type LoginRequiredError,
  type TokenError,
  type TokenStoreError,
} from './errors.js'

/**
 * Why a refresh was made:
 * - `due`: a call used a token inside its refresh window
 * - `timer`: the timer of `keepFresh` found such a token
 * - `expired`: the token has expired, or is not valid for the `minValidityMs` of a call
 * - `rejected`: an API rejected the token
 * - `forced`: `refresh()` was called without `rejected`
 * - `missing`: there is no access token yet
 *
 * @public
 */
export type RefreshReason = 'due' | 'expired' | 'rejected' | 'forced' | 'timer' | 'missing'

/** The resource, if the refresh was not for the session's own access token. @public */
export interface ForResource {
  resource?: string | readonly string[] | undefined
}

/**
 * What happened, without secrets. Listeners are called after the state has changed, and may call the
 * manager. A listener that throws or hangs does not affect it.
 *
 * @public
 */
export interface TokenEvents {
  /** A token request is about to be sent. */
  refreshing: { reason: RefreshReason } & ForResource
  /** New tokens are in use. `expiresAt` is in epoch milliseconds. */
  refreshed: {
    reason: RefreshReason
    durationMs: number
    expiresAt: number | undefined
    /** The parts of the response that could not be read and were not needed, in sentences. */
    warnings?: readonly string[]
  } & ForResource
  /**
   * The refresh token expires within a week, and the last refresh has not extended it: the user will
   * have to log in again. The time is in epoch milliseconds.
   */
  refreshTokenExpiring: { refreshTokenExpiresAt: number }
  /**
   * A refresh ended without new tokens. `retryInMs`: the time until the earliest next attempt, or
   * `undefined` if only a login helps.
   */
  refreshFailed: {
    reason: RefreshReason
    durationMs: number
    error: TokenError
    retryInMs: number | undefined
  } & ForResource
  /**
   * Other tokens came in force because of what was found in the store: newer ones; or those of before,
   * where their record had been gone, and something older came back.
   */
  adopted: { expiresAt: number | undefined; isOtherSession: boolean }
  /**
   * Someone logged in through this manager. Without a refresh token, the session ends with its
   * access token: most servers require the scope `offline_access` with `prompt=consent`, or
   * `access_type=offline`.
   */
  tokensSet: { expiresAt: number | undefined; hasRefreshToken: boolean }
  /** The session has ended until someone logs in; `history` tells in sentences what led to this. */
  sessionEnded: { reason: LoginRequiredError['reason']; history: readonly string[] }
  /** Tokens are in use but could not be stored; the manager tries again to save them. */
  saveFailed: { error: TokenStoreError }
}

const NAMES: Record<keyof TokenEvents, true> = {
  refreshing: true,
  refreshed: true,
  refreshTokenExpiring: true,
  refreshFailed: true,
  adopted: true,
  tokensSet: true,
  sessionEnded: true,
  saveFailed: true,
}

/** Told by the channel `tokenward:refresh`. */
const REFRESHES: ReadonlySet<keyof TokenEvents> = new Set([
  'refreshing',
  'refreshed',
  'refreshFailed',
])

/**
 * @throws TokenOptionsError for an unknown event, or a listener that is no function
 * @internal
 */
export function assertListener(event: string, listener: unknown): void {
  if (!Object.hasOwn(NAMES, event)) throw unknownEvent(event)
  checkValue(`on('${event}')`, 'listener', listener, aFunction)
}

function unknownEvent(event: string): TokenOptionsError {
  const known = Object.keys(NAMES).join(', ')
  return new TokenOptionsError(
    `on(): the event must be one of ${known}, got ${JSON.stringify(event)}`,
  )
}

/** A turn of its own comes by a promise: test runners that fake time also fake `queueMicrotask`. */
const settled = Promise.resolve()

/** @internal */
export class Events<E extends Record<keyof TokenEvents, object> = TokenEvents> {
  readonly #sessionId: (() => string | undefined) | undefined
  #emitter: Emitter<Record<keyof TokenEvents, unknown>> | undefined

  /** @param sessionId - without, no channel is told: who passes events on has no news */
  constructor(sessionId?: () => string | undefined) {
    this.#sessionId = sessionId
  }

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
    if (emitter) void settled.then(() => emitter.emit(type, event))
    if (this.#sessionId && !REFRESHES.has(type)) publish(type, event, this.#sessionId())
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

/** On the channel `tokenward:session`. */
function publish(type: keyof TokenEvents, event: object, sessionId: string | undefined): void {
  const channel = heard('session')
  if (!channel) return
  void settled.then(() => channel.publish({ ...event, event: type, sessionId }))
}
