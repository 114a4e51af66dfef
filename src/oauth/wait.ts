import { RefreshUnavailableError } from '../errors.js'

/**
 * The shared result, or this caller's abort, whichever comes first: the signal ends the wait and
 * nothing else.
 *
 * @throws RefreshUnavailableError (`not-sent`) at the abort
 * @internal
 */
export function untilAborted<T>(shared: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return shared
  return new Promise<T>((resolve, reject) => {
    const giveUp = () => reject(abortedBeforeSending(signal))
    signal.addEventListener('abort', giveUp, { once: true })
    const done = () => signal.removeEventListener('abort', giveUp)
    shared.then(resolve, reject).then(done, done)
  })
}

export function abortedBeforeSending(signal: AbortSignal): RefreshUnavailableError {
  return new RefreshUnavailableError('Aborted before the token request was sent', {
    outcome: 'not-sent',
    cause: signal.reason,
  })
}

/**
 * Runs a task that must answer in time, also where it ignores its signal.
 *
 * @throws whatever `late` makes when the time is over
 * @internal
 */
export async function within<T>(
  durationMs: number,
  task: (signal: AbortSignal) => Promise<T>,
  late: () => Error,
): Promise<T> {
  const controller = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const error = late()
      reject(error)
      controller.abort(error)
    }, durationMs)
  })
  try {
    return await Promise.race([task(controller.signal), timeout])
  } finally {
    clearTimeout(timer)
  }
}
