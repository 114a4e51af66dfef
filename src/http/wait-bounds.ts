/**
 * What ends one caller's wait for a token before its time: an abort, a timeout.
 *
 * @internal
 */
export interface WaitBounds {
  /** Aborted with what the caller is to get. */
  readonly signal: AbortSignal
  /** The wait is over: no timer, no listener stays. */
  release(): void
}
