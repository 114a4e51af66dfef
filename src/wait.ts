import { monotonicNow } from './clock.js'

const LONGEST_DELAY_MS = 2 ** 31 - 1
/** A timer that fires so late was held up: the process was frozen, and not only busy. */
const FROZEN_MS = 100
/** How long what is already in the sockets is given to be read after that. */
const ONE_TURN_MS = 1
const CATCH_UP_MS = 1_000
/** After so many turns the sockets have been read: a process that is always late gives up too. */
const MOST_CATCH_UPS = 5

/**
 * The task's outcome, or after the duration what `onTimeout` makes; a throw before the task's first
 * await counts as a rejection. The task itself goes on: what becomes of it is its caller's
 * responsibility. Holds the process in the meantime.
 *
 * A timer that fires late proves nothing: the process may have been frozen behind a response that
 * has arrived since. So what is there is read first.
 *
 * @internal
 */
export async function withTimeout<T>(
  task: () => T | PromiseLike<T>,
  durationMs: number,
  onTimeout: () => Error,
): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const timeout = new Promise<never>((_resolve, reject) => {
    let catchUps = 0
    const arm = (delayMs: number, isLastTurn = false) => {
      const expectedAt = monotonicNow() + delayMs
      timer = setTimeout(() => {
        const lateMs = monotonicNow() - expectedAt
        const wasFrozen = lateMs > FROZEN_MS && catchUps++ < MOST_CATCH_UPS
        if (wasFrozen) arm(Math.min(CATCH_UP_MS, durationMs))
        else if (lateMs > 0 && !isLastTurn) arm(ONE_TURN_MS, true)
        else reject(onTimeout())
      }, delayMs)
    }
    arm(Math.min(Math.max(durationMs, 0), LONGEST_DELAY_MS))
  })
  try {
    return await Promise.race([task(), timeout])
  } finally {
    clearTimeout(timer)
  }
}

/**
 * Like `withTimeout`, for a task that can be told to stop: its signal is aborted with the error.
 *
 * @internal
 */
export function withDeadline<T>(
  task: (signal: AbortSignal) => T | PromiseLike<T>,
  durationMs: number,
  onTimeout: () => Error,
): Promise<T> {
  const controller = new AbortController()
  const stop = () => {
    const error = onTimeout()
    controller.abort(error)
    return error
  }
  return withTimeout(() => task(controller.signal), durationMs, stop)
}

/**
 * The shared result, or this caller's abort, whichever comes first: the signal ends the wait and
 * nothing else.
 *
 * @throws the signal's own reason, as `fetch` does
 * @internal
 */
export async function untilAborted<T>(
  shared: Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  if (!signal) return shared
  throwIfAborted(signal)
  let stop: (() => void) | undefined
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = onAbort(signal, () => reject(reasonOf(signal)))
  })
  try {
    return await Promise.race([shared, aborted])
  } finally {
    stop?.()
  }
}

/** A polyfill may have neither `throwIfAborted` nor a reason. @internal */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw reasonOf(signal)
}

/** @internal */
export function reasonOf(signal: AbortSignal): unknown {
  return signal.reason ?? new DOMException('This operation was aborted', 'AbortError')
}

interface AbortListeners {
  readonly callbacks: Set<() => void>
  readonly tell: () => void
}

/** Ten thousand waits put one listener on a signal that they share. */
const abortListeners = new WeakMap<AbortSignal, AbortListeners>()

/** @returns its own undo */
function onAbort(signal: AbortSignal, callback: () => void): () => void {
  const listeners = abortListeners.get(signal) ?? listenTo(signal)
  listeners.callbacks.add(callback)
  return () => {
    listeners.callbacks.delete(callback)
    if (listeners.callbacks.size > 0) return
    signal.removeEventListener('abort', listeners.tell)
    if (abortListeners.get(signal) === listeners) abortListeners.delete(signal)
  }
}

function listenTo(signal: AbortSignal): AbortListeners {
  const callbacks = new Set<() => void>()
  const tell = () => {
    for (const callback of callbacks) callback()
  }
  const listeners = { callbacks, tell }
  abortListeners.set(signal, listeners)
  signal.addEventListener('abort', tell, { once: true })
  return listeners
}
