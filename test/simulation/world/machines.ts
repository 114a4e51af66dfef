import { Client } from './client.js'
import { SimulatedProcess } from './process.js'
import type { World } from './world.js'

/** The places where processes run, and what may befall them. */
export class Machines {
  readonly #world: World
  readonly #clients = new Map<number, Client>()
  #pid = 0
  #isHealed = false

  constructor(world: World) {
    this.#world = world
    for (let place = 1; place <= world.options.places; place++) this.#start(place)
  }

  /** Whoever runs there now. */
  at(place: number): Client {
    return this.#clients.get(place)!
  }

  get all(): Iterable<Client> {
    return this.#clients.values()
  }

  /** As soon as it sends a token request or has saved something, or a moment later. */
  ambush(
    point: 'request' | 'save',
    place: number,
    name: string,
    strike: (client: Client) => void,
  ): void {
    const { ambushes, decisions, scheduler } = this.#world
    const delayMs = decisions.between(`${name}: delay`, 0, 4)
    ambushes.set(`${point} by ${place}`, () => {
      scheduler.after(delayMs, () => {
        if (!this.#isHealed) strike(this.at(place))
      })
    })
  }

  kill({ process }: Client): void {
    if (process.state === 'dead') return
    const { server, store } = this.#world
    this.#world.tell(`process ${process.place} is killed`)
    process.kill()
    for (const request of server.requests) {
      if (request.by !== process || request.outcome !== 'under way') continue
      request.outcome = 'unknown'
      request.endedAt = this.#world.scheduler.now
    }
    for (const act of this.#world.laws.history.acts) {
      if (act.by === process) act.settledAt = Math.min(act.settledAt, this.#world.step)
    }
    store.lease.processDied(process)
  }

  restart(place: number): void {
    this.kill(this.at(place))
    this.#world.tell(`process ${place} is started again`)
    this.#start(place)
  }

  freeze({ process }: Client, name: string): void {
    if (process.state !== 'running') return
    const { decisions, options, scheduler } = this.#world
    const longMs = options.clockStands ? 0.97 * options.lifetimeS * 1_000 : 40_000
    const durationMs = decisions.oneOf(`${name}: time`, [15_000, 200, 3_000, 6_000, longMs])
    this.#world.tell(`process ${process.place} is frozen for ${durationMs} ms`)
    process.freeze(options.clockStands)
    scheduler.after(durationMs, () => this.#thaw(process, name))
  }

  /** Everybody is there, and awake. */
  heal(): void {
    this.#isHealed = true
    for (const [place, { process, isGone }] of this.#clients) {
      if (process.state === 'frozen') this.#thaw(process, `thaw of ${place}`)
      if (process.state === 'dead' || isGone) this.restart(place)
    }
  }

  #thaw(process: SimulatedProcess, name: string): void {
    if (process.state !== 'frozen') return
    this.#world.tell(`process ${process.place} goes on`)
    process.thaw(this.#world.decisions.isSo(`${name}: reads first`, 0.3))
    this.#world.store.lease.processThawed()
  }

  #start(place: number): void {
    const process = new SimulatedProcess(this.#world, place, ++this.#pid)
    this.#clients.set(place, new Client(this.#world, process))
  }
}
