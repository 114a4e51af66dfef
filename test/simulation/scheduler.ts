/** Something that is to happen at an instant of virtual time. */
export interface Scheduled {
  readonly at: number
  readonly run: () => void
  isCancelled: boolean
}

interface Entry extends Scheduled {
  readonly order: number
}

/**
 * Virtual time: what is scheduled happens one after another, the earliest first, what is due at the
 * same millisecond in the order in which it was scheduled. A heap, since runs are many.
 */
export class Scheduler {
  /** Milliseconds since the run began. */
  now = 0
  readonly #heap: Entry[] = []
  #order = 0

  after(delayMs: number, run: () => void): Scheduled {
    const entry = { at: this.now + delayMs, run, isCancelled: false, order: this.#order++ }
    this.#heap.push(entry)
    this.#rise(this.#heap.length - 1)
    return entry
  }

  get nextAt(): number {
    while (this.#heap[0]?.isCancelled) this.#take()
    return this.#heap[0]?.at ?? Infinity
  }

  /** @returns whether there was something left to happen */
  step(): boolean {
    if (this.nextAt === Infinity) return false
    const entry = this.#take()!
    this.now = Math.max(this.now, entry.at)
    entry.run()
    return true
  }

  #take(): Entry | undefined {
    const heap = this.#heap
    const first = heap[0]
    const last = heap.pop()
    if (last && last !== first) {
      heap[0] = last
      this.#sink(0)
    }
    return first
  }

  #rise(index: number): void {
    const heap = this.#heap
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (isBefore(heap[parent]!, heap[index]!)) return
      ;[heap[parent], heap[index]] = [heap[index]!, heap[parent]!]
      index = parent
    }
  }

  #sink(index: number): void {
    const heap = this.#heap
    for (;;) {
      const left = 2 * index + 1
      const right = left + 1
      let least = index
      if (left < heap.length && isBefore(heap[left]!, heap[least]!)) least = left
      if (right < heap.length && isBefore(heap[right]!, heap[least]!)) least = right
      if (least === index) return
      ;[heap[least], heap[index]] = [heap[index]!, heap[least]!]
      index = least
    }
  }
}

function isBefore(one: Entry, other: Entry): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order)
}
