import { afterAll, vi } from 'vitest'

const { setTimeout, clearTimeout, setInterval, clearInterval, setImmediate, queueMicrotask } =
  globalThis
const clocks = {
  setTimeout,
  clearTimeout,
  setInterval,
  clearInterval,
  setImmediate,
  queueMicrotask,
}

/**
 * Files of the quick projects share a worker: what one has faked, the next must not find. A spy on a
 * faked timer puts the fake back when it is restored, after the real ones were back: hence the last
 * line.
 */
afterAll(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
  vi.unstubAllGlobals()
  vi.unstubAllEnvs()
  Object.assign(globalThis, clocks)
})
