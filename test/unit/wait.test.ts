import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { throwIfAborted, untilAborted, withDeadline, withTimeout } from '../../src/wait.js'

beforeEach(() => vi.useFakeTimers({ now: 1_000_000 }))
afterEach(() => vi.useRealTimers())

describe('withTimeout', () => {
  const timeout = () => new Error('too long')

  it('gives the outcome of the task, and leaves no timer', async () => {
    await expect(withTimeout(() => Promise.resolve(1), 100, timeout)).resolves.toBe(1)
    await expect(withTimeout(() => 2, 100, timeout)).resolves.toBe(2)
    await expect(withTimeout(() => Promise.reject(new Error('no')), 100, timeout)).rejects.toThrow('no') // prettier-ignore
    const throwing = () => {
      throw new Error('at once')
    }
    await expect(withTimeout(throwing, 100, timeout)).rejects.toThrow('at once')
    expect(vi.getTimerCount()).toBe(0)
  })

  it('gives up after its time', async () => {
    const outcome = expect(withTimeout(() => new Promise(() => undefined), 100, timeout)).rejects.toThrow('too long') // prettier-ignore
    await vi.advanceTimersByTimeAsync(100)
    await outcome
  })

  it('does not take a duration beyond a timer for none', async () => {
    const settled = vi.fn()
    withTimeout(() => new Promise(() => undefined), 1e12, timeout).then(settled, settled)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(settled).not.toHaveBeenCalled()
  })
})

describe('a timer that fires late', () => {
  const timeout = () => new Error('too long')

  /** The process stood still: so much passed before its timers could fire. */
  function freeze(durationMs: number): void {
    const { now } = performance
    const frozen = vi.spyOn(performance, 'now')
    frozen.mockImplementation(() => now.call(performance) + durationMs)
  }

  afterEach(() => void vi.restoreAllMocks())

  it('proves nothing: the response that is there by then is read first', async () => {
    let respond!: (response: string) => void
    const response = new Promise<string>((resolve) => (respond = resolve))
    const outcome = withTimeout(() => response, 10_000, timeout)
    freeze(15_000)
    await vi.advanceTimersByTimeAsync(10_000) // the timer fires before the socket is read
    respond('tokens')
    await expect(outcome).resolves.toBe('tokens')
    expect(vi.getTimerCount()).toBe(0)
  })

  it('gives what is there a second to be read, and no more', async () => {
    const settled = vi.fn()
    withTimeout(() => new Promise(() => undefined), 10_000, timeout).then(settled, settled)
    freeze(15_000)
    await vi.advanceTimersByTimeAsync(10_999)
    expect(settled).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    expect(settled).toHaveBeenCalledWith(timeout())
  })

  it('gives no more than the whole time again, where that is shorter', async () => {
    const outcome = expect(withTimeout(() => new Promise(() => undefined), 50, timeout)).rejects.toThrow('too long') // prettier-ignore
    freeze(15_000)
    await vi.advanceTimersByTimeAsync(100)
    await outcome
  })

  it('gives a process that is late every time an answer all the same', async () => {
    const settled = vi.fn()
    withTimeout(() => new Promise(() => undefined), 10_000, timeout).then(settled, settled)
    const { now } = performance
    let readings = 1
    // Each look at the clock finds it another second ahead of the timers.
    vi.spyOn(performance, 'now').mockImplementation(
      () => now.call(performance) + 1_000 * readings++,
    )
    await vi.advanceTimersByTimeAsync(60_000)
    expect(settled).toHaveBeenCalledWith(timeout())
    expect(vi.getTimerCount()).toBe(0)
  })

  it.each([1, 100])('gives a process that was only busy one more turn (%i ms)', async (lateMs) => {
    const settled = vi.fn()
    withTimeout(() => new Promise(() => undefined), 10_000, timeout).then(settled, settled)
    freeze(lateMs)
    await vi.advanceTimersByTimeAsync(10_000)
    expect(settled).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    expect(settled).toHaveBeenCalledOnce()
  })
})

describe('withDeadline', () => {
  it('tells the task to stop, with the very error that its caller gets', async () => {
    let told: AbortSignal | undefined
    const task = (signal: AbortSignal) => {
      told = signal
      return new Promise<never>(() => undefined)
    }
    const outcome = withDeadline(task, 100, () => new Error('too long')).catch(
      (error: unknown) => error,
    )
    await vi.advanceTimersByTimeAsync(100)
    expect(told?.aborted).toBe(true)
    expect(await outcome).toBe(told?.reason)
  })
})

describe('untilAborted', () => {
  it('gives the shared result, and leaves no listener on the signal', async () => {
    const { signal } = new AbortController()
    const remove = vi.spyOn(signal, 'removeEventListener')
    expect(await untilAborted(Promise.resolve(1), signal)).toBe(1)
    expect(remove).toHaveBeenCalledOnce()
    expect(await untilAborted(Promise.resolve(2), undefined)).toBe(2)
  })

  it('ends the wait with the signal’s own reason, before or during it', async () => {
    const controller = new AbortController()
    const reason = new Error('enough')
    const wait = untilAborted(new Promise(() => undefined), controller.signal)
    controller.abort(reason)
    await expect(wait).rejects.toBe(reason)
    await expect(untilAborted(Promise.resolve(1), controller.signal)).rejects.toBe(reason)
  })

  it('puts one listener on a signal, however many wait', async () => {
    const controller = new AbortController()
    const add = vi.spyOn(controller.signal, 'addEventListener')
    const never = new Promise(() => undefined)
    const waits = Array.from({ length: 20 }, () => untilAborted(never, controller.signal))
    const done = untilAborted(Promise.resolve('done'), controller.signal)
    expect(await done).toBe('done')
    expect(add).toHaveBeenCalledOnce()
    controller.abort('enough')
    const reasons = await Promise.allSettled(waits)
    expect(new Set(reasons.map((wait) => (wait as PromiseRejectedResult).reason as unknown))).toEqual(new Set(['enough'])) // prettier-ignore
  })

  it('listens again, to a signal that nobody waited on for a while', async () => {
    const controller = new AbortController()
    await untilAborted(Promise.resolve(1), controller.signal)
    const wait = untilAborted(new Promise(() => undefined), controller.signal)
    controller.abort('enough')
    await expect(wait).rejects.toBe('enough')
  })

  it('takes the signal of a polyfill, which has no reason and throws nothing', async () => {
    const { signal, abort } = polyfilledController()
    expect(await untilAborted(Promise.resolve(1), signal)).toBe(1)
    const wait = untilAborted(new Promise(() => undefined), signal)
    abort()
    await expect(wait).rejects.toMatchObject({ name: 'AbortError' })
    const late = untilAborted(Promise.resolve(1), signal)
    await expect(late).rejects.toMatchObject({ name: 'AbortError' })
    expect(() => throwIfAborted(signal)).toThrow('aborted')
    expect(() => throwIfAborted(undefined)).not.toThrow()
  })
})

/** What abort-controller and other polyfills make: events, `aborted`, and no more. */
function polyfilledController(): { signal: AbortSignal; abort: () => void } {
  const target = new EventTarget()
  const signal = Object.assign(target, { aborted: false }) as unknown as AbortSignal
  const abort = () => {
    Object.assign(target, { aborted: true })
    target.dispatchEvent(new Event('abort'))
  }
  return { signal, abort }
}
