import type { WaitBounds } from '../wait-bounds.js'

/** What bounds a request's wait for a token: its signal, with its own reason. */
export function boundsOf(signal: AbortSignal | null | undefined): WaitBounds | undefined {
  return signal ? { signal, release: () => {} } : undefined
}
