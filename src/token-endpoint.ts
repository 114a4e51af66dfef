import type { TokenError } from './errors.js'

/**
 * Under this name a pool gives its managers what all sessions of a client share of their token
 * endpoint.
 *
 * @internal
 */
export const TOKEN_ENDPOINT = Symbol('tokenward.tokenEndpoint')

/** A refresh that waits for its turn; one that callers wait for goes before those in the background. */
export interface WaitingRefresh {
  readonly isAwaited: boolean
  /** Called when a caller joins. */
  onCaller: (() => void) | undefined
}

/** A token endpoint, as all sessions that ask it know it together. @internal */
export interface TokenEndpoint {
  /** Whether nothing is to be begun in the background: the endpoint is failing, or asked to wait. */
  readonly isPaused: boolean
  /**
   * What a caller gets who would have to wait too long before anything is sent.
   *
   * @param waitMs - how long a caller waits at most
   */
  refusal(waitMs: number): TokenError | undefined
  /**
   * Waits for a turn. Nothing is locked, read or marked yet.
   *
   * @param session - any object that stands for it
   * @param waitMs - how long a caller waits at most
   * @throws RefreshUnavailableError if none is available for now, or within `waitMs`: nothing was sent
   */
  enter(refresh: WaitingRefresh, session: object, waitMs: number): Promise<EndpointTurn>
}

/** The right to send the token requests of one refresh. @internal */
export interface EndpointTurn {
  /**
   * To be asked just before a refresh token is marked as being spent: the endpoint may have begun to
   * fail since.
   *
   * @returns whether time has passed: all is to be looked at again
   * @throws RefreshUnavailableError if nothing may be sent for now, or within `waitMs`
   */
  ready(waitMs: number): Promise<boolean>
  /** What the request came to; `undefined`: to tokens. */
  ended(error: TokenError | undefined): void
  /** Nothing more will be sent. */
  leave(): void
}
