import type { Patch } from '../core-bundle.js'

/** A fault put into the core, which the simulation must find. */
export interface Fault {
  readonly name: string
  /** The seed that found it last: where to look first. */
  readonly seed: number
  readonly patches: readonly Patch[]
}
