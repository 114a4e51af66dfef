import type { TokenError } from '../errors.js'
import type { RefreshReason, TokenEvents } from '../events.js'

/**
 * `sessionId` identifies the session. It is created at random at each login and is not a credential:
 * use it in logs, but not as a label of a metric. `undefined`: there is no session yet.
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
  /** The resource, if the refresh is not for the session's own access token. */
  readonly resource: string | readonly string[] | undefined
  /**
   * How long the current token is still valid when the refresh begins, in milliseconds; negative if
   * it has expired. `undefined`: there is no token, or its expiry is not known.
   */
  readonly timeToExpiryMs: number | undefined
  /**
   * At `asyncEnd`:
   * - `refreshed`: the server issued new tokens, and they are used from now on
   * - `adopted`: the store contained newer tokens; no refresh token was sent
   * - `failed`: there are no new tokens; `error` says why
   * - `superseded`: a login or logout replaced the session
   * - `not-needed`: the refresh only saved tokens that were still unsaved
   */
  outcome: 'refreshed' | 'adopted' | 'failed' | 'superseded' | 'not-needed' | undefined
  /** At `asyncEnd`: how long it took, including the wait for the lease, in milliseconds. */
  durationMs: number | undefined
  /** At `asyncEnd`: when the current token expires, in epoch milliseconds. */
  expiresAt: number | undefined
  /** Set if the outcome is `failed`. */
  error?: TokenError | undefined
  /**
   * Runs a task in the asynchronous context of the caller that started the refresh. The refresh
   * itself is shared and runs outside of that context. Not enumerable.
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
 * The message of the channel `tokenward:wait`: the wait of a caller that had to wait for a token has
 * ended.
 *
 * @public
 */
export interface WaitMessage extends Readonly<OfSession> {
  readonly durationMs: number
  /** `aborted`: by the caller's own signal. */
  readonly outcome: 'served' | 'failed' | 'aborted'
  /** Set if the outcome is `failed`. */
  readonly error: TokenError | undefined
}

/**
 * The message of the channel `tokenward:rejection`: an API rejected a request's token, with 401 or a
 * response for which `isRejected` returned `true`. Not published if the caller aborted the wait for
 * a new token.
 *
 * @public
 */
export interface RejectionMessage extends Readonly<OfSession> {
  /** `replayed`: the request is sent again. `passed-on`: the caller gets the API's response. */
  readonly outcome: 'replayed' | 'passed-on'
  /** Why the response was passed on; `undefined` also for a source that cannot renew. */
  readonly error: TokenError | undefined
}

/**
 * The message of the channel `tokenward:use`: `attachTokens` or `createFetch` puts a token on a
 * request or on its replay.
 *
 * @public
 */
export type UseMessage = Readonly<OfSession>
