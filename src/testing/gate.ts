import { checkFault } from './check-fault.js'
import type { Fault } from './fault.js'

/**
 * Holds one request, so that a test decides what happens in the meantime.
 *
 * @public
 */
export interface Gate {
  /** Settles when the request is at the gate; with `when: 'after'`, it has been processed by then. */
  readonly arrived: Promise<void>
  /**
   * Lets the request continue, to its ordinary response or to the given fault. It may be called before
   * the request arrives; only the first call counts.
   *
   * @throws TokenOptionsError if the fault is not valid
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
