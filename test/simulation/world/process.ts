import type * as Index from '../../../src/index.js'
import type { keepInMemory } from '../../../src/stores/file/keep.js'
import type { Scheduled } from '../scheduler.js'
import type { World } from './world.js'

export type Core = typeof Index & { keepInMemory: typeof keepInMemory }

/** Virtual time begins here, epoch milliseconds. */
const EPOCH = Date.UTC(2026, 10, 27, 12)

/** What the core finds instead of the platform's globals: those of whichever process runs in it. */
class CoreSlot {
  process!: SimulatedProcess
  readonly exports: Core

  constructor(code: string) {
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- a class made in a method needs it
    const slot = this
    class SlotDate extends Date {
      constructor(...values: [] | [number]) {
        super(...((values.length > 0 ? values : [slot.process.wallNow()]) as [number]))
      }
      static override now = () => slot.process.wallNow()
    }
    const globals: Record<string, unknown> = {
      Date: SlotDate,
      performance: { now: () => slot.process.monotonicNow() },
      setTimeout: (run: () => void, delayMs?: number) => slot.process.setTimer(run, delayMs, false),
      setInterval: (run: () => void, delayMs?: number) => slot.process.setTimer(run, delayMs, true),
      clearTimeout: (timer?: Timer) => timer?.clear(),
      clearInterval: (timer?: Timer) => timer?.clear(),
      queueMicrotask: (task: () => void) => slot.process.world.microtask(task),
      Math: Object.create(Math, { random: { value: () => slot.process.random() } }) as Math,
      crypto: { randomUUID: () => slot.process.randomUUID() },
      process: {
        get pid() {
          return slot.process.pid
        },
      },
    }
    globals.globalThis = globals
    const names = Object.keys(globals)
    // eslint-disable-next-line @typescript-eslint/no-implied-eval -- the core, with other globals
    const evaluate = new Function(...names, code) as (...values: unknown[]) => Core
    this.exports = evaluate(...Object.values(globals))
  }
}

const slots = new Map<string, CoreSlot[]>()

/** The core keeps no state of its own, so that it is evaluated once for all runs. */
function slotOf(code: string, index: number): CoreSlot {
  let those = slots.get(code)
  if (!those) slots.set(code, (those = []))
  return (those[index] ??= new CoreSlot(code))
}

class Timer {
  readonly #process: SimulatedProcess
  readonly #run: () => void
  readonly #everyMs: number | undefined
  #dueAt: number
  #scheduled: Scheduled | undefined

  constructor(process: SimulatedProcess, run: () => void, delayMs: number, repeats: boolean) {
    this.#process = process
    this.#run = run
    this.#everyMs = repeats ? delayMs : undefined
    this.#dueAt = process.monotonicNow() + delayMs
    if (process.state === 'dead') return
    process.timers.add(this)
    this.#arm()
  }

  unref(): this {
    return this
  }

  clear(): void {
    this.#process.timers.delete(this)
    if (this.#scheduled) this.#scheduled.isCancelled = true
  }

  #arm(): void {
    const { scheduler } = this.#process.world
    const remainingMs = Math.max(this.#dueAt - this.#process.monotonicNow(), 0)
    this.#scheduled = scheduler.after(remainingMs, () => this.#fire())
  }

  #fire(): void {
    const process = this.#process
    if (process.state === 'dead') return
    if (process.state === 'frozen') return void process.overdueTimers.push(() => this.#fire())
    if (!process.timers.has(this)) return
    if (process.monotonicNow() < this.#dueAt) return this.#arm()
    if (this.#everyMs === undefined) {
      process.timers.delete(this)
    } else {
      this.#dueAt = process.monotonicNow() + this.#everyMs
      this.#arm()
    }
    this.#run()
  }
}

/**
 * A process from its start to its death: a memory, a wall clock, a clock that nobody sets, timers.
 * What is sent to it while it is frozen waits in its sockets; what is sent to a dead one is lost.
 */
export class SimulatedProcess {
  readonly world: World
  /** The machine that it runs on, from 1 on; a restarted process has the same. */
  readonly place: number
  readonly pid: number
  readonly core: Core
  state: 'running' | 'frozen' | 'dead' = 'running'
  /** Whether it has ever stood still. */
  wasFrozen = false
  timesFrozen = 0
  /** Whether it is about to end, its manager being closed. */
  isClosing = false
  readonly timers = new Set<Timer>()
  readonly overdueTimers: (() => void)[] = []
  readonly random: () => number
  /** For how long it has run, frozen time left out. */
  #frozenMs = 0
  /** By how much its monotonic clock has stood still. */
  #standstillMs = 0
  #frozenAt: number | undefined
  #clockStands = false
  readonly #sockets: (() => void)[] = []

  constructor(world: World, place: number, pid: number) {
    this.world = world
    this.place = place
    this.pid = pid
    this.random = world.decisions.stream(`random of ${pid}`)
    const slot = slotOf(world.code, place)
    slot.process = this
    this.core = slot.exports
  }

  wallNow(): number {
    return EPOCH + this.world.scheduler.now + this.world.clockOffset(this.place)
  }

  monotonicNow(): number {
    const { now } = this.world.scheduler
    const standing = this.#clockStands && this.#frozenAt !== undefined ? now - this.#frozenAt : 0
    return now - this.#standstillMs - standing
  }

  /** The time that it has been running, which is what its callers have waited. */
  runningNow(): number {
    const { now } = this.world.scheduler
    return now - this.#frozenMs - (this.#frozenAt === undefined ? 0 : now - this.#frozenAt)
  }

  randomUUID(): string {
    const hex = () => Math.floor(this.random() * 2 ** 32).toString(16)
    return `${this.pid}-${hex()}-${hex()}`
  }

  setTimer(run: () => void, delayMs = 0, repeats: boolean): Timer {
    const wholeMs = delayMs >= 1 ? Math.trunc(delayMs) : 1
    return new Timer(this, run, wholeMs, repeats)
  }

  /** Something arrives from outside. */
  receive(handle: () => void): void {
    if (this.state === 'running') handle()
    else if (this.state === 'frozen') this.#sockets.push(handle)
  }

  kill(): void {
    this.state = 'dead'
    for (const timer of this.timers) timer.clear()
  }

  /** @param clockStands - the machine sleeps: even the monotonic clock and the timers stand still */
  freeze(clockStands: boolean): void {
    if (this.state !== 'running') return
    this.state = 'frozen'
    this.wasFrozen = true
    this.timesFrozen += 1
    this.#frozenAt = this.world.scheduler.now
    this.#clockStands = clockStands
  }

  /** The overdue timers fire before what came meanwhile is read, as in Node's event loop. */
  thaw(readsFirst: boolean): void {
    if (this.state !== 'frozen') return
    const frozenMs = this.world.scheduler.now - this.#frozenAt!
    this.#frozenMs += frozenMs
    if (this.#clockStands) this.#standstillMs += frozenMs
    this.#frozenAt = undefined
    this.state = 'running'
    const timers = this.overdueTimers.splice(0)
    const arrived = this.#sockets.splice(0).map((handle) => () => this.receive(handle))
    for (const run of readsFirst ? [...arrived, ...timers] : [...timers, ...arrived]) {
      this.world.scheduler.after(0, run)
    }
  }
}
