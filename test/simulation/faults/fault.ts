import type { Patch } from '../core-bundle.js'

/** A fault put into the core, which the simulation must find. */
export interface Fault {
  readonly name: string
  readonly patches: readonly Patch[]
}
