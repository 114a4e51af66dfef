import { withTimeout } from '../clock.js'
import { RefreshUnavailableError } from '../errors.js'

/**
 * One caller's wait for what others wait for too: its signal and its patience end the wait, never
 * the work (law 5).
 *
 * @throws the signal's own reason, as `fetch` does
 * @internal
 */
export async function waitFor<T>(
  shared: Promise<T>,
  patienceMs: number,
  signal: AbortSignal | undefined,
): Promise<T> {
  signal?.throwIfAborted()
  let stopListening: (() => void) | undefined
  const aborted =
    signal &&
    new Promise<never>((_resolve, reject) => {
      const abort = () => reject(signal.reason as Error)
      signal.addEventListener('abort', abort, { once: true })
      stopListening = () => signal.removeEventListener('abort', abort)
    })
  try {
    const ends = aborted ? Promise.race([shared, aborted]) : shared
    return await withTimeout(() => ends, patienceMs, tooLong)
  } finally {
    stopListening?.()
  }
}

function tooLong(): RefreshUnavailableError {
  return new RefreshUnavailableError('No token came within waitTimeoutMs; the refresh goes on', {
    outcome: 'unknown',
  })
}
