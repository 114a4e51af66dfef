import { RefreshUnavailableError } from '../errors.js'
import { untilAborted, withTimeout } from '../wait.js'

/**
 * One caller's wait for what others wait for too: its signal and its patience end the wait, never
 * the work (law 5).
 *
 * @throws the signal's own reason, as `fetch` does
 * @internal
 */
export function waitFor<T>(
  shared: Promise<T>,
  patienceMs: number,
  signal: AbortSignal | undefined,
): Promise<T> {
  return withTimeout(() => untilAborted(shared, signal), patienceMs, tooLong)
}

function tooLong(): RefreshUnavailableError {
  return new RefreshUnavailableError('No token came within waitTimeoutMs; the refresh goes on', {
    outcome: 'unknown',
  })
}
