import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { RefreshUnavailableError } from '../../../src/errors.js'
import { waitFor } from '../../../src/refresh/wait.js'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

const never = new Promise<never>(() => undefined)

describe("one caller's wait", () => {
  it('ends with what it waited for', async () => {
    await expect(waitFor(Promise.resolve(1), 100, undefined)).resolves.toBe(1)
    await expect(waitFor(Promise.reject(new Error('no')), 100, undefined)).rejects.toThrow('no')
    expect(vi.getTimerCount()).toBe(0)
  })

  it('ends when its patience does', async () => {
    const wait = expect(waitFor(never, 100, undefined)).rejects.toThrow(RefreshUnavailableError)
    await vi.advanceTimersByTimeAsync(100)
    await wait
  })

  it('ends with its signal, and leaves no listener there', async () => {
    const { signal, controller } = watchedSignal()
    const wait = waitFor(never, 100, signal)
    controller.abort('enough')
    await expect(wait).rejects.toBe('enough')
    await waitFor(Promise.resolve(1), 100, watchedSignal().signal)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('takes its listener away when all went well', async () => {
    const { signal, listeners } = watchedSignal()
    await waitFor(Promise.resolve(1), 100, signal)
    expect(listeners.added).toBe(1)
    expect(listeners.removed).toBe(1)
  })

  it('does not begin under an aborted signal', async () => {
    await expect(waitFor(never, 100, AbortSignal.abort('early'))).rejects.toBe('early')
  })
})

function watchedSignal() {
  const controller = new AbortController()
  const { signal } = controller
  const listeners = { added: 0, removed: 0 }
  const { addEventListener, removeEventListener } = signal
  signal.addEventListener = (...args: unknown[]) => {
    listeners.added++
    Reflect.apply(addEventListener, signal, args)
  }
  signal.removeEventListener = (...args: unknown[]) => {
    listeners.removed++
    Reflect.apply(removeEventListener, signal, args)
  }
  return { controller, signal, listeners }
}
