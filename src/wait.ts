const LONGEST_DELAY_MS = 2 ** 31 - 1

/**
 * The task's outcome, or after the duration what `onTimeout` makes; a throw before the task's first
 * await counts as a rejection. The task itself goes on: what becomes of it is its caller's affair.
 * Holds the process meanwhile.
 *
 * @internal
 */
export async function withTimeout<T>(
  task: () => T | PromiseLike<T>,
  durationMs: number,
  onTimeout: () => Error,
): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(onTimeout()), Math.min(durationMs, LONGEST_DELAY_MS))
  })
  try {
    return await Promise.race([task(), timeout])
  } finally {
    clearTimeout(timer)
  }
}

/**
 * Like `withTimeout`, for a task that can be told to stop: its signal is aborted with the error.
 *
 * @internal
 */
export function withDeadline<T>(
  task: (signal: AbortSignal) => T | PromiseLike<T>,
  durationMs: number,
  onTimeout: () => Error,
): Promise<T> {
  const controller = new AbortController()
  const stop = () => {
    const error = onTimeout()
    controller.abort(error)
    return error
  }
  return withTimeout(() => task(controller.signal), durationMs, stop)
}

/**
 * The shared result, or this caller's abort, whichever comes first: the signal ends the wait and
 * nothing else, and no listener is left on it.
 *
 * @throws the signal's own reason, as `fetch` does
 * @internal
 */
export async function untilAborted<T>(
  shared: Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  if (!signal) return shared
  signal.throwIfAborted()
  let abort: (() => void) | undefined
  const aborted = new Promise<never>((_resolve, reject) => {
    abort = () => reject(signal.reason as Error)
    signal.addEventListener('abort', abort, { once: true })
  })
  try {
    return await Promise.race([shared, aborted])
  } finally {
    signal.removeEventListener('abort', abort!)
  }
}
