import type { Lease, LeaseWait, StoredSession } from '../../../src/index.js'
import type { SimulatedProcess } from './process.js'
import type { World } from './world.js'

const TERM_MS = 5_000
const RENEWED_EVERY_MS = 1_500

/** Who has the lease, or had it. */
export class LeaseHolder {
  readonly process: SimulatedProcess
  readonly since: number
  /** By the holder's own clock. */
  validUntil: number
  /** When it ran out, or the store forgot it, while the holder believed to have it. */
  lostAt: number | undefined
  expiresAt: number
  isReleased = false

  constructor(process: SimulatedProcess, since: number, sentAt: number, hasTerm: boolean) {
    this.process = process
    this.since = since
    this.validUntil = hasTerm ? sentAt + TERM_MS : Infinity
    this.expiresAt = hasTerm ? since + TERM_MS : Infinity
  }
}

interface Waiter {
  readonly process: SimulatedProcess
  readonly wait: LeaseWait | undefined
  readonly enter: (holder: LeaseHolder | undefined) => void
}

/** The exclusive right to spend the refresh token: with a term as in Redis, or a kernel's lock. */
export class SimulatedLease {
  holder: LeaseHolder | undefined
  /** The last that each process got. */
  readonly lastOf = new Map<SimulatedProcess, LeaseHolder>()
  readonly #world: World
  #waiters: Waiter[] = []

  constructor(world: World) {
    this.#world = world
  }

  heldBy(process: SimulatedProcess): LeaseHolder | undefined {
    return this.holder?.process === process ? this.holder : undefined
  }

  async run<T>(
    process: SimulatedProcess,
    task: (lease: Lease) => Promise<T>,
    wait?: LeaseWait,
  ): Promise<T> {
    const holder = await this.#acquire(process, wait)
    if (!holder) return task({ isHeld: () => false })
    const isHeld = () =>
      !holder.isReleased &&
      holder.lostAt === undefined &&
      process.monotonicNow() < holder.validUntil
    const renewal = this.#hasTerm
      ? process.setTimer(() => this.#renew(holder), RENEWED_EVERY_MS, true)
      : undefined
    try {
      return await task({ isHeld })
    } finally {
      renewal?.clear()
      holder.isReleased = true
      await this.#release(holder)
    }
  }

  /** Those who wait with `wakeOnChange` are let in to adopt what was saved. */
  recordChanged(by: SimulatedProcess, before: StoredSession | undefined, now: StoredSession): void {
    if (before?.tokens?.accessToken === now.tokens?.accessToken) return
    const told = this.#waiters.filter(
      ({ process, wait }) => wait?.wakeOnChange && process !== by && process.state === 'running',
    )
    this.#waiters = this.#waiters.filter((waiter) => !told.includes(waiter))
    for (const { process, wait, enter } of told) {
      this.#later(`notice to ${process.place}`, () =>
        process.receive(() => {
          if (!wait?.signal?.aborted) enter(undefined)
        }),
      )
    }
  }

  /** The store lost it. */
  lose(): void {
    if (this.holder) this.holder.lostAt = this.#world.scheduler.now
    this.holder = undefined
    this.#offer()
  }

  /** A kernel frees a dead process's locks. */
  processDied(process: SimulatedProcess): void {
    this.#waiters = this.#waiters.filter((waiter) => waiter.process !== process)
    if (this.#hasTerm || this.holder?.process !== process) return
    this.holder = undefined
    this.#offer()
  }

  processThawed(): void {
    this.#offer()
  }

  get #hasTerm(): boolean {
    return this.#world.options.lease === 'term'
  }

  #acquire(process: SimulatedProcess, wait?: LeaseWait): Promise<LeaseHolder | undefined> {
    return new Promise((enter) => {
      this.#later(`lease request by ${process.place}`, () => {
        if (process.state === 'dead') return
        this.#waiters.push({ process, wait, enter })
        this.#offer()
      })
    })
  }

  #offer(): void {
    if (this.holder) return
    this.#waiters = this.#waiters.filter(({ wait }) => !wait?.signal?.aborted)
    const waiter = this.#waiters.find(({ process }) => process.state === 'running')
    if (!waiter) return
    this.#waiters = this.#waiters.filter((other) => other !== waiter)
    const { process, enter } = waiter
    const { now } = this.#world.scheduler
    const holder = new LeaseHolder(process, now, process.monotonicNow(), this.#hasTerm)
    this.holder = holder
    this.lastOf.set(process, holder)
    this.#world.tell(`process ${process.place} gets the lease`)
    if (this.#hasTerm) this.#watchExpiry(holder)
    this.#later(`lease to ${process.place}`, () => process.receive(() => enter(holder)))
  }

  #watchExpiry(holder: LeaseHolder): void {
    const { scheduler } = this.#world
    scheduler.after(holder.expiresAt - scheduler.now, () => {
      if (this.holder !== holder) return
      if (scheduler.now < holder.expiresAt) return this.#watchExpiry(holder)
      this.#world.tell(`the lease of process ${holder.process.place} runs out`)
      this.lose()
    })
  }

  #renew(holder: LeaseHolder): void {
    const { process } = holder
    const sentAt = process.monotonicNow()
    this.#later(`lease renewal by ${process.place}`, () => {
      if (this.holder !== holder) return
      holder.expiresAt = this.#world.scheduler.now + TERM_MS
      this.#later(`lease renewed for ${process.place}`, () =>
        process.receive(() => (holder.validUntil = sentAt + TERM_MS)),
      )
    })
  }

  #release(holder: LeaseHolder): Promise<void> {
    return new Promise((resolve) => {
      const { process } = holder
      this.#later(`lease release by ${process.place}`, () => {
        if (this.holder === holder) {
          this.holder = undefined
          this.#offer()
        }
        this.#later(`lease released by ${process.place}`, () => process.receive(resolve))
      })
    })
  }

  #later(kind: string, run: () => void): void {
    this.#world.scheduler.after(this.#world.latency(kind), run)
  }
}
