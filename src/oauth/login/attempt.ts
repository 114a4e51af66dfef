import { LoginError, RefreshUnavailableError } from '../../errors.js'
import { untilAborted, withTimeout } from '../../wait.js'

/** One request of a login; a manager bounds its own. */
const ATTEMPT_TIMEOUT_MS = 10_000

/**
 * Runs one request of a login, which no manager bounds: for 10 s at most, and until the caller
 * aborts.
 *
 * @throws LoginError `aborted`
 * @throws RefreshUnavailableError `unknown` after 10 s
 * @internal
 */
export async function withinAttempt<T>(
  signal: AbortSignal | undefined,
  task: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (signal?.aborted) throw aborted(signal)
  const controller = new AbortController()
  const stop = () => controller.abort(signal?.reason)
  signal?.addEventListener('abort', stop, { once: true })
  const onTimeout = () => {
    const error = new RefreshUnavailableError(`No response within ${ATTEMPT_TIMEOUT_MS} ms`)
    controller.abort(error)
    return error
  }
  try {
    const attempt = withTimeout(() => task(controller.signal), ATTEMPT_TIMEOUT_MS, onTimeout)
    return await untilAborted(attempt, signal)
  } catch (error) {
    throw signal?.aborted ? aborted(signal) : error
  } finally {
    signal?.removeEventListener('abort', stop)
  }
}

/**
 * Waits, holding the process: a login is under way.
 *
 * @throws LoginError `aborted`
 * @internal
 */
export async function pause(durationMs: number, signal: AbortSignal | undefined): Promise<void> {
  if (signal?.aborted) throw aborted(signal)
  let timer: ReturnType<typeof setTimeout> | undefined
  try {
    await untilAborted(new Promise((resolve) => (timer = setTimeout(resolve, durationMs))), signal)
  } catch {
    throw aborted(signal!)
  } finally {
    clearTimeout(timer)
  }
}

function aborted(signal: AbortSignal): LoginError {
  return new LoginError('The login was aborted', { reason: 'aborted', cause: signal.reason })
}
