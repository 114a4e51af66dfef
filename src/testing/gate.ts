import { checkFault } from './check-fault.js'
import type { Fault } from './fault.js'

/**
 * Holds one request, so that a test decides what happens in the meantime.
 *
 * @public
 */
export interface Gate {
  /** Settles when the request has come to the gate; `when: 'after'`: and has been processed. */
  readonly arrived: Promise<void>
  /**
   * Lets the request go on: to its ordinary response, or into a fault. It may be called before the
   * request arrives; only the first call counts.
   *
   * @throws TokenOptionsError if the fault is none
   */
  release(fault?: Fault): void
}

/** The gate as the held request sees it. */
export interface Held {
  readonly arrive: () => void
  readonly released: Promise<Fault | undefined>
}

export function createGate(): { gate: Gate; held: Held } {
  let arrive!: () => void
  let open!: (fault: Fault | undefined) => void
  const arrived = new Promise<void>((resolve) => (arrive = resolve))
  const released = new Promise<Fault | undefined>((resolve) => (open = resolve))
  const release = (fault?: Fault) => open(fault && checkFault(fault))
  return { gate: { arrived, release }, held: { arrive, released } }
}
