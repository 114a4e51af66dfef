import { faultKind, type FaultKind } from './check-fault.js'
import type { Endpoint, Fault, FaultPlace } from './fault.js'
import type { Held } from './gate.js'

/** What awaits one request: a fault, or a gate at which it is held. */
export type Scripted = Fault | HeldFault

interface HeldFault extends FaultPlace {
  held: Held
}

/** What awaits the next requests. */
export interface Script {
  /** Each for one request, in this order. */
  readonly queue: Scripted[]
  /** For every request while they stand, once the queue is empty; the newest counts. */
  readonly standing: Fault[]
}

export function createScript(): Script {
  return { queue: [], standing: [] }
}

/** Takes what is scripted for the next request to this endpoint. */
export function takeScripted(script: Script, endpoint: Endpoint): Scripted | undefined {
  const isHere = (fault: Scripted) => (fault.at ?? 'token') === endpoint
  const index = script.queue.findIndex(isHere)
  if (index >= 0) return script.queue.splice(index, 1)[0]
  return script.standing.findLast(isHere)
}

/** Adds a fault that stands until it is undone. */
export function addStanding(script: Script, fault: Fault): () => void {
  const own = { ...fault }
  script.standing.push(own)
  return () => {
    const index = script.standing.indexOf(own)
    if (index >= 0) script.standing.splice(index, 1)
  }
}

export function scriptedKind(scripted: Scripted): FaultKind | 'hold' {
  return 'held' in scripted ? 'hold' : faultKind(scripted)
}
