import { Decisions } from './decisions.js'
import type { Broken } from './laws.js'
import { Client } from './world/client.js'
import { decidePlan, type Planned } from './world/plan.js'
import { SimulatedProcess } from './world/process.js'
import { World, type Line } from './world/world.js'

/** What became of one run. */
export interface Result {
  readonly seed: number
  readonly broken: Broken | undefined
  /** The decisions that were not plain. */
  readonly taken: readonly string[]
  readonly steps: number
  readonly lines: readonly Line[]
}

export interface RunOptions {
  /** The decisions that may be other than plain; without, all that the seed says. */
  readonly allowed?: ReadonlySet<string>
  /** Whether the story is written down. */
  readonly isTold?: boolean
}

const MOST_STEPS = 6_000
/** Longer than any cool-down. */
const HEALING_MS = 130_000
const ANSWERING_MS = 40_000
const RECHECKED_MS = 10_000
const CLOSING_MS = 95_000

/** Runs all microtasks that wait, and theirs: the end of the step. */
const drain = (process as unknown as { _tickCallback: () => void })._tickCallback.bind(process)

let current: World | undefined
let isListening = false

/**
 * One run of one seed. Must be called from a macrotask: inside a microtask no other can run.
 *
 * @param code - the core, see `bundleCore`
 */
export function run(code: string, seed: number, options: RunOptions = {}): Result {
  listenForRejections()
  const decisions = new Decisions(seed, options.allowed)
  const world = new World(code, decisions, options.isTold ?? false)
  current = world
  const simulation = new Simulation(world)
  simulation.play()
  current = undefined
  const { broken } = world.laws
  return { seed, broken, taken: decisions.taken, steps: world.step, lines: world.lines }
}

function listenForRejections(): void {
  if (isListening) return
  isListening = true
  process.on('unhandledRejection', (reason) => {
    current?.laws.crashed(`a rejection was left unhandled: ${String(reason)}`)
  })
}

class Simulation {
  readonly #world: World
  readonly #clients = new Map<number, Client>()
  #pid = 0
  #isHealed = false

  constructor(world: World) {
    this.#world = world
  }

  play(): void {
    const world = this.#world
    const { places } = world.options
    for (let place = 1; place <= places; place++) this.#start(place)
    world.scheduler.after(0, () => this.#clients.get(1)!.login('alice'))
    const plan = decidePlan(world.decisions, world.options)
    for (const planned of plan) {
      world.scheduler.after(planned.at, () => this.#happen(planned))
    }
    const plannedMs = Math.max(100, ...plan.map(({ at }) => at))
    world.scheduler.after(plannedMs, () => this.#heal())
    world.scheduler.after(plannedMs + HEALING_MS, () => this.#askAll())
    world.scheduler.after(plannedMs + HEALING_MS + RECHECKED_MS, () => this.#askAgain())
    world.scheduler.after(plannedMs + HEALING_MS + ANSWERING_MS, () => this.#closeAll())
    this.#runUntil(plannedMs + HEALING_MS + ANSWERING_MS + CLOSING_MS)
    this.#checkRest()
  }

  #runUntil(end: number): void {
    const { scheduler, laws } = this.#world
    while (!laws.broken && this.#world.step < MOST_STEPS && scheduler.nextAt <= end) {
      this.#world.step += 1
      scheduler.step()
      drain()
      for (const client of this.#clients.values()) client.afterStep()
    }
  }

  #start(place: number): void {
    const process = new SimulatedProcess(this.#world, place, ++this.#pid)
    this.#clients.set(place, new Client(this.#world, process))
  }

  #happen({ place, what, name }: Planned): void {
    const { decisions, scheduler, store, server } = this.#world
    const client = this.#clients.get(place)!
    const { process } = client
    const isUp = process.state === 'running' && !client.isClosed
    switch (what) {
      case 'kill':
        return this.#kill(client)
      case 'restart':
        this.#kill(client)
        return this.#restart(place)
      case 'freeze':
        return this.#freeze(client, name)
      case 'kill in request':
        return this.#ambush('request', place, name, (there) => this.#kill(there))
      case 'freeze in request':
        return this.#ambush('request', place, name, (there) => this.#freeze(there, name))
      case 'freeze in save':
        return this.#ambush('save', place, name, (there) => this.#freeze(there, name))
      case 'close':
        if (isUp) client.close()
        return
      case 'store down':
        store.downUntil = scheduler.now + decisions.oneOf(`${name}: time`, [300, 3_000, 40_000])
        return this.#world.tell(`the store fails until ${store.downUntil} ms`)
      case 'set back':
        return store.setBack(decisions.oneOf(`${name}: steps`, [1, 2, 3, 5]))
      case 'empty':
        return store.restartEmpty()
      case 'lose lease':
        this.#world.tell('the store loses the lease')
        return store.lease.lose()
      case 'server down':
        server.unavailableUntil =
          scheduler.now + decisions.oneOf(`${name}: time`, [2_000, 20_000, 100, 90_000])
        return this.#world.tell(`the server answers 503 until ${server.unavailableUntil} ms`)
      case 'API denies':
        server.deniesUntil = scheduler.now + decisions.oneOf(`${name}: time`, [1_000, 10_000])
        return this.#world.tell(`the API answers 401 to everything until ${server.deniesUntil} ms`)
      case 'revoke access':
        for (const token of server.accessTokens.values()) token.isRevoked = true
        return this.#world.tell('the server revokes all access tokens')
      case 'revoke session':
        for (const family of server.families) family.revokedBy ??= 'server'
        return this.#world.tell('the server revokes all sessions')
      case 'clock': {
        const minutes = decisions.oneOf(`${name}: amount`, [-1, 1, -60, 10])
        this.#world.setClock(place, minutes * 60_000)
        return this.#world.tell(`the clock of process ${place} is off by ${minutes} minutes`)
      }
      default:
        if (isUp) this.#use(client, what, name)
    }
  }

  #use(client: Client, what: Planned['what'], name: string): void {
    const { decisions, options } = this.#world
    switch (what) {
      case 'get':
        return client.get()
      case 'get long':
        return client.get(Math.round(options.lifetimeS * 1_000 * 0.5))
      case 'burst':
        client.get()
        client.request()
        client.request()
        return client.get()
      case 'request':
        return client.request()
      case 'refresh':
        return client.refresh()
      case 'resource':
        return client.resource(false)
      case 'refused resource':
        return client.resource(true)
      case 'read':
        return client.read()
      case 'login':
        return client.login('alice')
      case 'other login':
        return client.login(decisions.oneOf(`${name}: user`, ['bob', 'carol']))
      case 'login again':
        return client.loginAgain()
      case 'logout':
        return client.logout()
      default:
        throw new Error(`nobody does this: ${what}`)
    }
  }

  /** As soon as it sends a token request or has saved something, or a moment later. */
  #ambush(
    point: 'request' | 'save',
    place: number,
    name: string,
    strike: (client: Client) => void,
  ): void {
    const { ambushes, decisions, scheduler } = this.#world
    const delayMs = decisions.between(`${name}: delay`, 0, 4)
    ambushes.set(`${point} by ${place}`, () => {
      scheduler.after(delayMs, () => {
        if (!this.#isHealed) strike(this.#clients.get(place)!)
      })
    })
  }

  #kill({ process }: Client): void {
    if (process.state === 'dead') return
    const { server, store } = this.#world
    this.#world.tell(`process ${process.place} is killed`)
    process.kill()
    for (const request of server.requests) {
      if (request.by !== process || request.outcome !== 'under way') continue
      request.outcome = 'unknown'
      request.endedAt = this.#world.scheduler.now
    }
    for (const act of this.#world.laws.acts) {
      if (act.by === process) act.settledAt = Math.min(act.settledAt, this.#world.step)
    }
    store.lease.processDied(process)
  }

  #restart(place: number): void {
    this.#clients.get(place)!.process.kill()
    this.#world.tell(`process ${place} is started again`)
    this.#start(place)
  }

  #freeze({ process }: Client, name: string): void {
    if (process.state !== 'running') return
    const { decisions, options, scheduler } = this.#world
    const longMs = options.clockStands ? 0.97 * options.lifetimeS * 1_000 : 40_000
    const durationMs = decisions.oneOf(`${name}: time`, [15_000, 200, 3_000, 6_000, longMs])
    this.#world.tell(`process ${process.place} is frozen for ${durationMs} ms`)
    process.freeze(options.clockStands)
    scheduler.after(durationMs, () => this.#thaw(process, name))
  }

  #thaw(process: SimulatedProcess, name: string): void {
    if (process.state !== 'frozen') return
    this.#world.tell(`process ${process.place} goes on`)
    process.thaw(this.#world.decisions.isSo(`${name}: reads first`, 0.3))
    this.#world.store.lease.processThawed()
  }

  /** All trouble ends: from here on everything works, and everybody is there. */
  #heal(): void {
    const { decisions, server, store } = this.#world
    this.#world.tell('from here on nothing goes wrong any more')
    this.#isHealed = true
    decisions.calmDown()
    store.downUntil = server.unavailableUntil = server.deniesUntil = 0
    for (const [place, { process, isGone }] of this.#clients) {
      if (process.state === 'frozen') this.#thaw(process, `thaw of ${place}`)
      if (process.state === 'dead' || isGone) this.#restart(place)
    }
  }

  #askAll(): void {
    const { laws, server, store, options } = this.#world
    for (const client of this.#clients.values()) {
      if (client.isClosed) continue
      const isFresh = !options.keepFresh || client.wasRejected || client.hasUsableToken
      const { served } = client
      client.getAtLast((result) => {
        if (
          !isFresh &&
          served &&
          typeof result === 'string' &&
          served === server.familyOf(result)
        ) {
          laws.notFresh(client.process)
        }
        if (typeof result === 'string') return
        const [act, ...others] = laws.actsInForce()
        if (!act || others.length > 0 || act.what === 'logout') return
        const family = server.families.find((each) => each.act === act)
        if (
          !family ||
          family.handedInAt !== undefined ||
          !laws.isReachable(family) ||
          store.setBackAt > -Infinity
        )
          return
        const isStored = store.record?.tokens?.refreshToken === family.current.value
        const known = laws.knows(client.process).generations.get(family)
        if (server.requests.some(({ outcome }) => outcome === 'under way')) {
          return // it ignores its signal, and is never run twice at once
        }
        if (!isStored && known !== family.current.generation) return
        laws.notAlive(client.process, `${family.name} is alive, and it gets ${result.message}`)
      })
    }
  }

  #askAgain(): void {
    const { laws, server, options } = this.#world
    if (options.recheckMs === undefined) return
    for (const client of this.#clients.values()) {
      if (client.isClosed) continue
      client.getAtLast((result) => {
        if (typeof result !== 'string') return
        const [act, ...others] = laws.actsInForce()
        const token = server.accessTokens.get(result)!
        const isKnown = act === token.family.act || !act?.counts || others.length > 0
        if (!isKnown && laws.isStored(act)) laws.notRechecked(client.process, token, act)
      })
    }
  }

  #closeAll(): void {
    for (const client of this.#clients.values()) client.close()
  }

  #checkRest(): void {
    const { laws } = this.#world
    if (laws.broken || this.#world.step >= MOST_STEPS) return
    for (const { process } of this.#clients.values()) {
      if (process.timers.size > 0) laws.stillScheduled(process, process.timers.size)
    }
  }
}
