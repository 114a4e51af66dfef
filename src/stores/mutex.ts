/** One task at a time, in the order in which they came. */
export interface Mutex {
  run<T>(this: void, task: () => Promise<T>): Promise<T>
  /** Whether a task is running or waits for its turn. */
  readonly isBusy: boolean
  /** When none is. */
  idle(this: void): Promise<void>
}

/** @internal */
export function createMutex(): Mutex {
  let last: Promise<unknown> = Promise.resolve()
  let pending = 0
  return {
    async run(task) {
      pending += 1
      const result = last.then(task)
      last = result.catch(() => undefined)
      try {
        return await result
      } finally {
        pending -= 1
      }
    },
    get isBusy() {
      return pending > 0
    },
    async idle() {
      while (pending > 0) await last
    },
  }
}
