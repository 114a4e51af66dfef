import { Decisions } from './decisions.js'
import type { Broken } from './laws/statements.js'
import { happen } from './world/happen.js'
import { Machines } from './world/machines.js'
import { decidePlan } from './world/plan.js'
import { askAgain, askAll } from './world/questions.js'
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
  play(world)
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

function play(world: World): void {
  const { decisions, options, scheduler } = world
  const machines = new Machines(world)
  const plan = decidePlan(decisions, options)
  scheduler.after(0, () => machines.at(1).login('alice'))
  for (const planned of plan) {
    scheduler.after(planned.at, () => happen(world, machines, planned))
  }
  const plannedMs = Math.max(100, ...plan.map(({ at }) => at))
  scheduler.after(plannedMs, () => heal(world, machines))
  const healedMs = plannedMs + HEALING_MS
  scheduler.after(healedMs, () => askAll(world, machines))
  scheduler.after(healedMs + RECHECKED_MS, () => askAgain(world, machines))
  scheduler.after(healedMs + ANSWERING_MS, () => {
    for (const client of machines.all) client.close()
  })
  runUntil(world, machines, healedMs + ANSWERING_MS + CLOSING_MS)
  checkRest(world, machines)
}

function runUntil(world: World, machines: Machines, end: number): void {
  const { scheduler, laws } = world
  while (!laws.broken && world.step < MOST_STEPS && scheduler.nextAt <= end) {
    world.step += 1
    scheduler.step()
    drain()
    for (const client of machines.all) client.afterStep()
  }
}

/** All trouble ends: from here on everything works, and everybody is there. */
function heal(world: World, machines: Machines): void {
  const { decisions, server, store } = world
  world.tell('from here on nothing goes wrong any more')
  decisions.calmDown()
  store.downUntil = server.unavailableUntil = server.deniesUntil = 0
  machines.heal()
}

function checkRest({ laws, step }: World, machines: Machines): void {
  if (laws.broken || step >= MOST_STEPS) return
  for (const { process } of machines.all) {
    if (process.timers.size > 0) laws.stillScheduled(process, process.timers.size)
  }
}
