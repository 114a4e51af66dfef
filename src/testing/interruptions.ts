/** What waits inside the server, to be interrupted when the server is reset. */
export type Interruptions = Set<(reason: Error) => void>

/**
 * Waits for what `start` begins, but no longer than the caller does, or until the server is reset.
 * Whatever ends the wait, the undo that `start` returned is called, to clear its timer.
 *
 * @throws the reason of the signal or of the reset
 */
export function waitInterruptibly<T>(
  signal: AbortSignal,
  interruptions: Interruptions,
  start: (resolve: (value: T) => void) => (() => void) | undefined,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason as Error)
    let undo: (() => void) | undefined = undefined
    const settle = (finish: () => void) => {
      undo?.()
      signal.removeEventListener('abort', onAbort)
      interruptions.delete(interrupt)
      finish()
    }
    const interrupt = (reason: Error) => settle(() => reject(reason))
    const onAbort = () => interrupt(signal.reason as Error)
    interruptions.add(interrupt)
    signal.addEventListener('abort', onAbort)
    undo = start((value) => settle(() => resolve(value)))
  })
}

/** Ends every wait. */
export function interruptAll(interruptions: Interruptions, reason: Error): void {
  for (const interrupt of [...interruptions]) interrupt(reason)
}
