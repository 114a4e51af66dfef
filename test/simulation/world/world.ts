import type { StoredSession } from '../../../src/index.js'
import type { Decisions } from '../decisions.js'
import { Laws } from '../laws.js'
import { Scheduler } from '../scheduler.js'
import { decideWorld, type WorldOptions } from './options.js'
import type { SimulatedProcess } from './process.js'
import { nameOf, SimulatedServer } from './server.js'
import { SimulatedStore } from './store.js'

export interface Line {
  readonly at: number
  readonly text: string
}

/** All that one run is made of. */
export class World {
  readonly decisions: Decisions
  readonly options: WorldOptions
  readonly scheduler = new Scheduler()
  readonly store: SimulatedStore
  readonly server: SimulatedServer
  readonly laws: Laws
  /** The core, bundled. */
  readonly code: string
  readonly lines: Line[] = []
  /** How many steps were made: what came first, where the clock says the same. */
  step = 0
  /** Whether a wall clock was off or set: what is shared through the store by time may be off too. */
  hasClockTrouble = false
  /** What is to happen to the process at a place as soon as it does this. */
  readonly ambushes = new Map<string, () => void>()
  readonly #clockOffsets = new Map<number, number>()
  readonly #isTold: boolean

  constructor(code: string, decisions: Decisions, isTold: boolean) {
    this.code = code
    this.decisions = decisions
    this.#isTold = isTold
    this.options = decideWorld(decisions)
    this.laws = new Laws(this)
    this.server = new SimulatedServer(this)
    this.store = new SimulatedStore(this)
  }

  tell(text: string): void {
    if (this.#isTold) this.lines.push({ at: this.scheduler.now, text })
  }

  /** How long a message is on its way. */
  latency(kind: string): number {
    return this.decisions.between(
      this.decisions.next(`time of ${kind}`),
      1,
      this.options.slownessMs,
    )
  }

  clockOffset(place: number): number {
    return this.#clockOffsets.get(place) ?? 0
  }

  setClock(place: number, offsetMs: number): void {
    this.hasClockTrouble = true
    this.#clockOffsets.set(place, offsetMs)
  }

  faultAt(process: SimulatedProcess, _what: string): void {
    this.laws.storeFault(process)
  }

  /** A process does what somebody may have been waiting for. */
  reaches(point: 'request' | 'save', place: number): void {
    const name = `${point} by ${place}`
    this.ambushes.get(name)?.()
    this.ambushes.delete(name)
  }

  microtask(task: () => void): void {
    queueMicrotask(() => {
      try {
        task()
      } catch (error) {
        this.laws.crashed(`a microtask threw ${String(error)}`)
      }
    })
  }

  nameOfRecord(record: StoredSession | undefined): string {
    if (!record) return 'nothing'
    if (!record.tokens) return 'a record that says that the session has ended'
    const token = this.server.refreshTokens.get(record.tokens.refreshToken ?? '')
    const mark = record.spending ? `, marked as being spent (${record.spending.attempts})` : ''
    return token ? `${nameOf(token)}${mark}` : 'tokens without a refresh token'
  }
}
