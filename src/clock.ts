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

/** A wait that can be ended before its time; holds the process like `delay`. */
export interface Pause {
  /** Resolves to whether it lasted to its end. */
  readonly over: Promise<boolean>
  end(this: void): void
}

export function pause(durationMs: number): Pause {
  let end!: () => void
  const over = new Promise<boolean>((resolve) => {
    const timer = setTimeout(() => resolve(true), Math.min(durationMs, LONGEST_DELAY_MS))
    end = () => {
      clearTimeout(timer)
      resolve(false)
    }
  })
  return { over, end }
}

/**
 * A timer stands still while the machine sleeps: after waking all is judged again within a minute.
 * Where more than a day remains, a minute for each day does.
 */
const NAP_MS = 60_000
const NAPS_A_DAY = 1_440

function napMs(leftMs: number): number {
  return Math.min(Math.max(leftMs, 0), Math.max(NAP_MS, leftMs / NAPS_A_DAY), LONGEST_DELAY_MS)
}

/**
 * Runs the task when no time remains, without keeping the process alive. What remains is asked
 * again whenever the timer fires: a laptop sleeps, a clock is set.
 *
 * @param remainingMs - by whichever clock counts; `Infinity`: not yet known
 * @returns undoes it
 */
export function whenOver(remainingMs: () => number, task: () => void): () => void {
  let timer: ReturnType<typeof setTimeout>
  const arm = (leftMs: number) => {
    timer = setTimeout(fire, napMs(leftMs))
    unref(timer)
  }
  const fire = () => {
    const leftMs = remainingMs()
    if (leftMs > 0) arm(leftMs)
    else task()
  }
  arm(remainingMs())
  return () => clearTimeout(timer)
}

/** The same, for an instant of the wall clock, in epoch milliseconds. */
export function atInstant(instant: number, task: () => void): () => void {
  return whenOver(() => instant - now(), task)
}

/**
 * The wall clock as it would be had nobody set it back: since this call at least as much time has
 * passed as the monotonic clock says. Lifetimes are durations, and end although a clock was set.
 */
export function steadyClock(): () => number {
  const [startedAt, startedMonotonic] = [now(), monotonicNow()]
  return () => Math.max(now(), startedAt + monotonicNow() - startedMonotonic)
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
