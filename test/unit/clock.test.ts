import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { atInstant, delay, every, pause, steadyClock, whenOver } from '../../src/clock.js'

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

describe('whenOver', () => {
  it('judges again within a minute, since a timer stands still while the machine sleeps', async () => {
    const task = vi.fn()
    let leftMs = 55 * 60_000
    whenOver(() => leftMs, task)
    leftMs = 0 // the lid was closed for an hour
    await vi.advanceTimersByTimeAsync(59_999)
    expect(task).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    expect(task).toHaveBeenCalledOnce()
  })

  it('judges rarely what is far: once a minute for each day', async () => {
    const remaining = vi.fn(() => 30 * 86_400_000)
    whenOver(remaining, () => undefined)
    remaining.mockClear()
    await vi.advanceTimersByTimeAsync(30 * 60_000 - 1)
    expect(remaining).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    expect(remaining).toHaveBeenCalledOnce()
  })

  it('waits on where more remains than there was', async () => {
    const task = vi.fn()
    let leftMs = 1_000
    whenOver(() => leftMs, task)
    leftMs = 5_000
    await vi.advanceTimersByTimeAsync(1_000)
    leftMs = 0
    await vi.advanceTimersByTimeAsync(4_999)
    expect(task).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    expect(task).toHaveBeenCalledOnce()
  })

  it('takes what is not known yet for long, and is undone', async () => {
    const task = vi.fn()
    const undo = whenOver(() => Infinity, task)
    await vi.advanceTimersByTimeAsync(LONGEST_DELAY_MS)
    undo()
    expect(task).not.toHaveBeenCalled()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('keeps no process alive', () => {
    const { setTimeout } = globalThis
    const unref = vi.fn()
    vi.spyOn(globalThis, 'setTimeout').mockImplementation(((run: () => void, ms: number) =>
      Object.assign(setTimeout(run, ms), { unref })) as never)
    whenOver(() => 1_000, () => undefined) // prettier-ignore
    expect(unref).toHaveBeenCalledOnce()
    vi.restoreAllMocks()
  })
})

describe('the steady clock', () => {
  it('tells the wall clock’s time', async () => {
    const clock = steadyClock()
    await vi.advanceTimersByTimeAsync(5_000)
    expect(clock()).toBe(1_005_000)
  })

  it('goes on where the wall clock is set back', async () => {
    const clock = steadyClock()
    vi.setSystemTime(Date.now() - 3_600_000)
    await vi.advanceTimersByTimeAsync(5_000)
    expect(clock()).toBe(1_005_000)
  })

  it('follows the wall clock where it is set forward, as after a sleep', () => {
    const clock = steadyClock()
    vi.setSystemTime(Date.now() + 3_600_000)
    expect(clock()).toBe(4_600_000)
  })
})

describe('a pause', () => {
  it('lasts to its end, or is ended before', async () => {
    const [whole, cut] = [pause(1_000), pause(1_000)]
    cut.end()
    expect(await cut.over).toBe(false)
    const over = vi.fn()
    void whole.over.then(over)
    await vi.advanceTimersByTimeAsync(999)
    expect(over).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    expect(over).toHaveBeenCalledWith(true)
    whole.end()
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('every', () => {
  it('runs again and again until it is undone', async () => {
    const task = vi.fn()
    const undo = every(1_000, task)
    await vi.advanceTimersByTimeAsync(3_500)
    undo()
    await vi.advanceTimersByTimeAsync(3_500)
    expect(task).toHaveBeenCalledTimes(3)
  })
})
