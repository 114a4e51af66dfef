import type { WaitBounds } from '../wait.js'

/** What bounds a request's wait for a token: its signal, with its own reason. */
export function boundsOf(signal: AbortSignal | null | undefined): WaitBounds | undefined {
  if (!signal) return undefined
  return {
    watch(end) {
      const onAbort = () => end(signal.reason)
      if (signal.aborted) onAbort()
      signal.addEventListener('abort', onAbort, { once: true })
      return () => signal.removeEventListener('abort', onAbort)
    },
  }
}
