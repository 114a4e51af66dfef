/**
 * What ends one caller's wait before its time: an abort, a timeout.
 *
 * @internal
 */
export interface WaitBounds {
  /** Calls `end` with the reason, at most once, maybe at once; returns its own undo. */
  watch(end: (reason: unknown) => void): () => void
}

/** The wait was ended by its bounds; `reason` is what the caller is to get. */
export class WaitEnded extends Error {
  constructor(readonly reason: unknown) {
    super('The wait was ended')
  }
}

/**
 * Waits for what `start` promises, within bounds. `start` gets a signal that tells it that nobody
 * waits any more; whether it listens or not, the wait ends. A throw or a value that is no promise
 * counts like a promise's.
 *
 * @throws WaitEnded if the bounds ended it
 * @internal
 */
export function waitWithin<T>(
  bounds: WaitBounds | undefined,
  start: (signal?: AbortSignal) => Promise<T>,
): Promise<T> {
  if (!bounds) return new Promise((resolve) => resolve(start()))
  const nobodyWaits = new AbortController()
  const { signal } = nobodyWaits
  return new Promise((resolve, reject) => {
    const unwatch = bounds.watch((reason) => nobodyWaits.abort(reason))
    const end = () => {
      unwatch()
      reject(new WaitEnded(signal.reason))
    }
    if (signal.aborted) return end()
    signal.addEventListener('abort', end)
    const started = new Promise<T>((settle) => settle(start(signal)))
    void started.then(resolve, reject).finally(unwatch)
  })
}
