import { setImmediate } from 'node:timers/promises'

interface Timer {
  readonly at: number
  readonly task: () => void
  unref(): Timer
}

/**
 * Time that passes only when the test lets it: hours of ten thousand sessions in seconds, which fake
 * timers that look after every timer by itself do not give.
 *
 * @returns what lets it pass, and what puts the real clocks back
 */
export function virtualTime(startAt: number) {
  const real = { setTimeout, clearTimeout, dateNow: Date.now }
  const timers: Timer[] = []
  const cancelled = new WeakSet<Timer>()
  let nowMs = 1_000

  const setVirtual = (task: () => void, delayMs = 0) => {
    const timer: Timer = { at: nowMs + Math.max(delayMs, 0), task, unref: () => timer }
    insert(timers, timer)
    return timer
  }
  Object.assign(globalThis, {
    setTimeout: setVirtual,
    clearTimeout: (timer?: Timer) => timer && cancelled.add(timer),
  })
  Date.now = () => startAt + nowMs
  performance.now = () => nowMs

  return {
    now: () => nowMs,
    after: setVirtual,
    async pass(durationMs: number): Promise<void> {
      const until = nowMs + durationMs
      await setImmediate()
      for (let next = timers[0]; next && next.at <= until; next = timers[0]) {
        removeFirst(timers)
        nowMs = Math.max(nowMs, next.at)
        if (cancelled.has(next)) continue
        next.task()
        if (timers[0]?.at !== next.at) await setImmediate() // all that waits for no timer
      }
      nowMs = until
    },
    restore() {
      const { setTimeout, clearTimeout, dateNow } = real
      Object.assign(globalThis, { setTimeout, clearTimeout })
      Date.now = dateNow
      Reflect.deleteProperty(performance, 'now')
    },
  }
}

export type VirtualTime = ReturnType<typeof virtualTime>

/** A binary heap, by the time that each is due. */
function insert(heap: Timer[], timer: Timer): void {
  let at = heap.push(timer) - 1
  while (at > 0) {
    const parent = (at - 1) >> 1
    if (heap[parent]!.at <= timer.at) break
    heap[at] = heap[parent]!
    at = parent
  }
  heap[at] = timer
}

function removeFirst(heap: Timer[]): void {
  const last = heap.pop()
  if (heap.length === 0 || !last) return
  let at = 0
  for (;;) {
    let child = 2 * at + 1
    if (child >= heap.length) break
    if (child + 1 < heap.length && heap[child + 1]!.at < heap[child]!.at) child += 1
    if (heap[child]!.at >= last.at) break
    heap[at] = heap[child]!
    at = child
  }
  heap[at] = last
}
