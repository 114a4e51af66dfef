import type { StoredSession, TokenStore } from '../../../src/index.js'
import { SimulatedLease, type LeaseHolder } from './lease.js'
import type { SimulatedProcess } from './process.js'
import type { World } from './world.js'

type Fault =
  'fails before' | 'fails after' | 'hangs before' | 'hangs after' | 'slow' | 'outage' | undefined

/** Longer than a few tries, and shorter than a refresh may take. */
const OUTAGE_MS = 15_000

/** Fields that releases before this one did not know and did not write. */
const NEW_FIELDS = [
  'ancestors',
  'formerSessions',
  'refreshTokenVersion',
  'spending',
  'coolDown',
  'ended',
  'journal',
]

/** The one store that all processes share; it holds one session's record as text. */
export class SimulatedStore {
  /** What it holds, for those who look at it from outside; nobody changes it. */
  record: StoredSession | undefined
  /** When the record was written that it holds. */
  writtenAt = 0
  /** When it was last set back or emptied. */
  setBackAt = -Infinity
  emptiedAt = -Infinity
  /** Until then every operation fails. */
  downUntil = 0
  readonly history: StoredSession[] = []
  readonly lease: SimulatedLease
  readonly #world: World

  constructor(world: World) {
    this.#world = world
    this.lease = new SimulatedLease(world)
  }

  leaseOf(process: SimulatedProcess): LeaseHolder | undefined {
    return this.lease.heldBy(process)
  }

  /** What this process has of it. */
  storeFor(process: SimulatedProcess): TokenStore {
    const { keepsAll, lease } = this.#world.options
    const whole: TokenStore = {
      load: () => this.#load(process),
      save: (session, { ifVersion }) => this.#save(process, session, ifVersion),
    }
    const store = keepsAll ? whole : process.core.keepInMemory(whole, 'refresh-token')
    if (lease === 'none') return { ...store, singleProcess: true }
    return { ...store, exclusive: (task, wait) => this.lease.run(process, task, wait) }
  }

  /** A failover or a snapshot: what was written last is gone. */
  setBack(steps: number): void {
    const index = this.history.length - 1 - steps
    if (index < 0) return
    this.record = this.history[index]
    this.history.length = index + 1
    this.setBackAt = this.#world.scheduler.now
    this.#world.tell(`the store is set back to ${this.#world.nameOfRecord(this.record)}`)
  }

  restartEmpty(): void {
    this.record = undefined
    this.history.length = 0
    this.emptiedAt = this.setBackAt = this.#world.scheduler.now
    this.#world.tell('the store restarts empty')
    this.lease.lose()
  }

  goDown(durationMs: number): void {
    this.downUntil = this.#world.scheduler.now + durationMs
    this.#world.tell(`the store fails until ${this.downUntil} ms`)
  }

  #load(process: SimulatedProcess): Promise<StoredSession | undefined> {
    return this.#operation(process, 'load', () => {
      const { record } = this
      return {
        value: copied(isOld(this.#world, process) ? stripped(record) : record),
        told: () => {
          this.#world.tell(`process ${process.place} loads ${this.#world.nameOfRecord(record)}`)
          this.#world.laws.shown(process, record)
        },
      }
    })
  }

  #save(
    process: SimulatedProcess,
    session: StoredSession,
    ifVersion: number | undefined,
  ): Promise<boolean> {
    const next = copied(isOld(this.#world, process) ? stripped(session) : session)
    this.#world.laws.saving(process)
    const saving = this.#operation(process, 'save', () => {
      const before = this.record
      const isSaved = before?.version === ifVersion
      this.#world.reaches('save', process.place)
      const what = this.#world.nameOfRecord(next)
      if (isSaved) {
        this.#world.tell(`process ${process.place} saves ${what}`)
        this.record = next
        this.writtenAt = this.#world.scheduler.now
        this.history.push(next)
        this.#world.laws.saved(process, before, next)
        this.lease.recordChanged(process, before, next)
      } else {
        this.#world.tell(`the store refuses to let process ${process.place} save ${what}`)
      }
      return { value: isSaved, told: () => {} }
    })
    saving.catch(() => this.#world.laws.saveFailed(process))
    return saving
  }

  #operation<T>(
    process: SimulatedProcess,
    what: 'load' | 'save',
    effect: () => { value: T; told: () => void },
  ): Promise<T> {
    const world = this.#world
    const name = world.decisions.next(`${what} by ${process.place}`)
    const fault = this.#faultOf(name)
    const thereMs = world.latency(`${name} there`) + (fault === 'slow' ? 3_500 : 0)
    const backMs = world.latency(`${name} back`)
    if (fault) world.faultAt(process, what)
    return new Promise((resolve, reject) => {
      const fail = (why: string) => {
        world.scheduler.after(backMs, () => {
          process.receive(() => {
            world.tell(`the ${what} of process ${process.place} fails${why}`)
            reject(new Error(`the store's ${what} failed`))
          })
        })
      }
      world.scheduler.after(thereMs, () => {
        if (fault === 'outage') this.goDown(OUTAGE_MS)
        const isDown = world.scheduler.now < this.downUntil
        if (isDown) world.faultAt(process, what)
        if (isDown || fault === 'fails before') return fail('')
        if (fault === 'hangs before') {
          return world.tell(`the ${what} of process ${process.place} hangs`)
        }
        const { value, told } = effect()
        if (fault === 'fails after') return fail(', though it has been done')
        if (fault === 'hangs after') {
          return world.tell(
            `the store never tells process ${process.place} that its ${what} is done`,
          )
        }
        world.scheduler.after(backMs, () => {
          process.receive(() => {
            told()
            resolve(value)
          })
        })
      })
    })
  }

  #faultOf(name: string): Fault {
    const share = this.#world.options.storeFaults / 6
    return this.#world.decisions.weighted<Fault>(`${name} fault`, undefined, [
      [share * 2, 'fails before'],
      [share, 'fails after'],
      [share / 2, 'hangs before'],
      [share / 2, 'hangs after'],
      [share, 'slow'],
      [share, 'outage'],
    ])
  }
}

/** Nothing but data goes in or out. */
function copied<T extends StoredSession | undefined>(record: T): T {
  return record && (JSON.parse(JSON.stringify(record)) as T)
}

function isOld(world: World, process: SimulatedProcess): boolean {
  return process.place === world.options.oldPlace
}

function stripped<T extends StoredSession | undefined>(record: T): T {
  if (!record) return record
  const others = Object.entries(record).filter(([field]) => !NEW_FIELDS.includes(field))
  return Object.fromEntries(others) as unknown as T
}
