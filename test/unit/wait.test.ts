import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { untilAborted, withDeadline, withTimeout } from '../../src/wait.js'

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
})
