/** What waits inside the server, to be interrupted when the server is reset. */
export type Interruptions = Set<(reason: unknown) => void>

/**
 * Waits for what `start` begins, but no longer than the caller does, or until the server is reset.
 * Whatever ends the wait, what `start` returned is called, to clear its timer.
 *
 * @throws the reason of the signal or of the reset
 */
export async function waitInterruptibly<T>(
  signal: AbortSignal,
  interruptions: Interruptions,
  start: (resolve: (value: T) => void) => (() => void) | void,
): Promise<T> {
  signal.throwIfAborted()
  let interrupt!: (reason: unknown) => void
  let cleanUp: (() => void) | void = undefined
  const onAbort = () => interrupt(signal.reason)
  try {
    return await new Promise<T>((resolve, reject) => {
      interrupt = reject
      interruptions.add(interrupt)
      signal.addEventListener('abort', onAbort, { once: true })
      cleanUp = start(resolve)
    })
  } finally {
    cleanUp?.()
    signal.removeEventListener('abort', onAbort)
    interruptions.delete(interrupt)
  }
}

/** Ends every wait. */
export function interruptAll(interruptions: Interruptions, reason: unknown): void {
  for (const interrupt of [...interruptions]) interrupt(reason)
}
