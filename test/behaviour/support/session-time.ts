import { afterEach, beforeEach, vi } from 'vitest'

/** Fakes the clocks and the timers for every test of the file. */
export function fakeTime(): void {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())
}

/** Lets everything happen that needs no time. */
export async function settle(): Promise<void> {
  await vi.advanceTimersByTimeAsync(0)
}

/** Lets time pass. */
export async function pass(durationMs: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(durationMs)
}

/** The wall clock jumps; no timer fires, nothing times out. */
export function jump(durationMs: number): void {
  vi.setSystemTime(Date.now() + durationMs)
}

/** What became of a promise so far, without waiting for it. */
export interface Outcome<T> {
  status: 'pending' | 'resolved' | 'rejected'
  value?: T
  error?: unknown
}

export function watch<T>(promise: Promise<T>): Outcome<T> {
  const outcome: Outcome<T> = { status: 'pending' }
  promise.then(
    (value) => Object.assign(outcome, { status: 'resolved', value }),
    (error: unknown) => Object.assign(outcome, { status: 'rejected', error }),
  )
  return outcome
}
