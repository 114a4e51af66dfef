import type { TokenError } from '../errors.js'
import type { RefreshReason, TokenEvents } from '../events.js'

/**
 * Whose it is: the session's own name, a random one that each login makes (`StoredSession`). It
 * opens nothing, but there is one for each login: good for a log line, not for a metric.
 * `undefined`: there is no session yet.
 */
interface OfSession {
  sessionId: string | undefined
}

/**
 * The message of the tracing channel `tokenward:refresh`: one object from `start` to `asyncEnd`,
 * filled in on the way. Without secrets.
 *
 * @public
 */
export interface RefreshMessage extends OfSession {
  readonly reason: RefreshReason
  /** For which resource, where it is not for the session's own access token. */
  readonly resource: string | readonly string[] | undefined
  /**
   * How long the token at hand is still valid when the refresh begins, in milliseconds; below 0:
   * expired since. `undefined`: there is none, or nobody knows.
   */
  readonly timeToExpiryMs: number | undefined
  /**
   * At `asyncEnd`:
   * - `refreshed`: the server gave new tokens, and they are in force
   * - `adopted`: the store held newer ones; nothing was spent
   * - `failed`: no new tokens; `error` says why
   * - `superseded`: a login or logout took its place
   * - `not-needed`: it was only begun to save what was unsaved
   */
  outcome: 'refreshed' | 'adopted' | 'failed' | 'superseded' | 'not-needed' | undefined
  /** At `asyncEnd`: waiting for the lease included. */
  durationMs: number | undefined
  /** At `asyncEnd`: until when the token now in force is valid, epoch milliseconds. */
  expiresAt: number | undefined
  /** Where the outcome is `failed`. */
  error?: TokenError | undefined
  /**
   * Runs a task in the asynchronous context of the caller who began the refresh: the refresh itself
   * is shared, and runs outside of it. Not enumerable.
   */
  readonly inCallerContext: <T>(task: () => T) => T
}

/** What happens to a session, except its refreshes. */
type SessionEvent = Exclude<keyof TokenEvents, 'refreshing' | 'refreshed' | 'refreshFailed'>

/**
 * The message of the channel `tokenward:session`: the manager's event of that name. A login is
 * `tokensSet`, a logout `sessionEnded` with the reason `signed-out`.
 *
 * @public
 */
export type SessionMessage = {
  [K in SessionEvent]: OfSession & { readonly event: K } & Readonly<TokenEvents[K]>
}[SessionEvent]

/**
 * The message of the channel `tokenward:wait`: a caller whom no token at hand could serve, told
 * when its wait has ended.
 *
 * @public
 */
export interface WaitMessage extends Readonly<OfSession> {
  readonly durationMs: number
  /** `aborted`: by the caller's own signal. */
  readonly outcome: 'served' | 'failed' | 'aborted'
  /** Where the outcome is `failed`. */
  readonly error: TokenError | undefined
}

/**
 * The message of the channel `tokenward:rejection`: an API refused a request's token, with 401 or
 * what counts as one. Not told where the caller's own abort ended the wait for another.
 *
 * @public
 */
export interface RejectionMessage extends Readonly<OfSession> {
  /** `passed-on`: the caller gets the refusal. */
  readonly outcome: 'replayed' | 'passed-on'
  /** Why it was passed on; `undefined` too for a source that cannot renew. */
  readonly error: TokenError | undefined
}

/**
 * The message of the channel `tokenward:use`: an adapter puts a token on a request, or on its
 * replay.
 *
 * @public
 */
export type UseMessage = Readonly<OfSession>
