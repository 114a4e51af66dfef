/** `setTimeout` fires at once for a longer delay than this. */
const LONGEST_DELAY_MS = 2 ** 31 - 1

/** The wall clock, in epoch milliseconds. Looked up at each call, so that fake timers work. */
export function now(): number {
  return Date.now()
}

/** A clock that nobody sets: for cool-downs, budgets and leases. Milliseconds from some origin. */
export function monotonicNow(): number {
  return performance.now()
}

/** Waits; holds the process, since whoever calls this is in the middle of something. */
export function delay(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.min(durationMs, LONGEST_DELAY_MS)))
}

/**
 * Runs the task at an instant of the wall clock, without keeping the process alive. The clock is
 * read again whenever the timer fires: a laptop sleeps, a clock is set, a delay is longer than a
 * timer can hold.
 *
 * @returns undoes it
 */
export function atInstant(instant: number, task: () => void): () => void {
  let timer: ReturnType<typeof setTimeout>
  const arm = () => {
    const remainingMs = instant - now()
    if (remainingMs <= 0) return void task()
    timer = setTimeout(arm, Math.min(remainingMs, LONGEST_DELAY_MS))
    unref(timer)
  }
  timer = setTimeout(arm, Math.min(Math.max(instant - now(), 0), LONGEST_DELAY_MS))
  unref(timer)
  return () => clearTimeout(timer)
}

/**
 * Runs the task again and again, without keeping the process alive.
 *
 * @returns undoes it
 */
export function every(intervalMs: number, task: () => void): () => void {
  const timer = setInterval(task, intervalMs)
  unref(timer)
  return () => clearInterval(timer)
}

/** Timers of Node, Bun and Deno can be told not to hold the process; a browser's is a number. */
function unref(timer: unknown): void {
  if (typeof timer === 'object' && timer !== null && 'unref' in timer) {
    ;(timer as { unref: () => void }).unref()
  }
}
