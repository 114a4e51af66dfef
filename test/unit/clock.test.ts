import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { atInstant, delay } from '../../src/clock.js'

const LONGEST_DELAY_MS = 2 ** 31 - 1

beforeEach(() => vi.useFakeTimers({ now: 1_000_000 }))
afterEach(() => vi.useRealTimers())

describe('delay', () => {
  it('waits, and does not take a duration beyond a timer for none', async () => {
    const over = vi.fn()
    void delay(1e12).then(over)
    await vi.advanceTimersByTimeAsync(LONGEST_DELAY_MS - 1)
    expect(over).not.toHaveBeenCalled()
  })
})

describe('atInstant', () => {
  it('runs at its instant, however far it is', async () => {
    const task = vi.fn()
    const instant = Date.now() + LONGEST_DELAY_MS * 3 + 5
    atInstant(instant, task)
    await vi.advanceTimersByTimeAsync(LONGEST_DELAY_MS * 3 + 4)
    expect(task).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    expect(task).toHaveBeenCalledOnce()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('runs an instant that is over in a turn of its own', async () => {
    const task = vi.fn()
    atInstant(Date.now() - 5_000, task)
    expect(task).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(0)
    expect(task).toHaveBeenCalledOnce()
  })

  it('looks at the clock again: set back, it waits on; set forward, it runs', async () => {
    const task = vi.fn()
    atInstant(Date.now() + 10_000, task)
    vi.setSystemTime(Date.now() - 60_000)
    await vi.advanceTimersByTimeAsync(10_000)
    expect(task).not.toHaveBeenCalled()
    vi.setSystemTime(Date.now() + 3_600_000)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(task).toHaveBeenCalledOnce()
  })

  it('is undone', async () => {
    const task = vi.fn()
    const undo = atInstant(Date.now() + LONGEST_DELAY_MS * 2, task)
    await vi.advanceTimersByTimeAsync(LONGEST_DELAY_MS)
    undo()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('works where timers are numbers', async () => {
    const { setTimeout } = globalThis
    vi.spyOn(globalThis, 'setTimeout').mockImplementation(
      ((run: () => void, ms: number) => (setTimeout(run, ms), 7)) as never,
    )
    const task = vi.fn()
    atInstant(Date.now() + 10, task)
    await vi.advanceTimersByTimeAsync(10)
    expect(task).toHaveBeenCalledOnce()
  })
})
