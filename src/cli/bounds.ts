import { isTokenError, LoginError, type TokenError } from '../errors.js'
import { untilAborted } from '../wait.js'

/** `setTimeout` fires at once for a longer delay than this. */
const LONGEST_DELAY_MS = 2 ** 31 - 1

/**
 * One signal for the caller's abort and for the time that a login may take. The task is waited for
 * whatever happens: when this settles, it has cleaned up.
 *
 * @throws the caller's own reason, a `LoginError`, or another error of ours
 * @internal
 */
export async function withinBounds<T>(
  { signal, timeoutMs }: { signal?: AbortSignal | undefined; timeoutMs?: number | undefined },
  task: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted()
  const controller = new AbortController()
  const abort = () => controller.abort(signal?.reason)
  signal?.addEventListener('abort', abort, { once: true })
  const timer =
    timeoutMs === undefined
      ? undefined
      : setTimeout(
          () => controller.abort(timeoutError(timeoutMs)),
          Math.min(timeoutMs, LONGEST_DELAY_MS),
        )
  try {
    return await task(controller.signal)
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', abort)
    controller.abort() // whatever still runs
  }
}

/**
 * One step of the task, given up at once when the signal is aborted.
 *
 * @throws the signal's reason, an error of ours as it is, or a `LoginError` with the reason `failed`
 * @internal
 */
export async function step<T>(signal: AbortSignal, act: () => T | PromiseLike<T>): Promise<T> {
  signal.throwIfAborted()
  try {
    const acting = Promise.resolve(act())
    acting.catch(() => {}) // the act itself may have aborted
    return await untilAborted(acting, signal)
  } catch (thrown) {
    // A client that minds the signal rejects with words of its own.
    if (signal.aborted) throw signal.reason
    throw asLoginError(thrown)
  }
}

function asLoginError(thrown: unknown): TokenError {
  if (isTokenError(thrown)) return thrown
  return new LoginError('The login failed: see the cause', { reason: 'failed', cause: thrown })
}

function timeoutError(timeoutMs: number): LoginError {
  return new LoginError(
    `The login was not finished within ${timeoutMs / 1000} s: try again, or set a longer \`timeoutMs\``,
    { reason: 'timeout' },
  )
}
