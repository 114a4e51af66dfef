import { afterEach, beforeEach, vi } from 'vitest'

export const START = Date.parse('2026-03-01T12:00:00Z')
export const DAY_MS = 24 * 60 * 60_000

/** Fakes the clocks and the timers for every test of the file, from `START` on: nothing is slept for. */
export function fakeTime(): void {
  beforeEach(() => void vi.useFakeTimers({ now: START }))
  afterEach(() => void vi.useRealTimers())
}

/** Lets everything happen that waits for no timer. */
export async function settle(): Promise<void> {
  await vi.advanceTimersByTimeAsync(0)
}

/** Lets so much time pass, and everything that is due meanwhile happen. */
export async function pass(durationMs: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(durationMs)
}

/** The wall clock jumps, as after sleep or when somebody sets it: no timer fires for it. */
export function jump(offsetMs: number): void {
  vi.setSystemTime(Date.now() + offsetMs)
}
