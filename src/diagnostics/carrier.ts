import type { RefreshMessage } from './messages.js'

/** Runs what a refresh does in an asynchronous context of a listener's choice. */
export type Carrier = (run: () => Promise<void>) => Promise<void>

/** The same in whichever copy of the package. */
const CARRIER = Symbol.for('tokenward.carrier')

type Carried = RefreshMessage & { [CARRIER]?: Carrier }

/**
 * For a listener of `start` that cannot bind a store to the channel: OpenTelemetry keeps its
 * asynchronous context to itself, and lets only a function run in it.
 *
 * @internal
 */
export function setCarrier(message: RefreshMessage, carrier: Carrier): void {
  Object.defineProperty(message, CARRIER, { value: carrier, configurable: true })
}

/** @internal */
export function carry(message: Carried, run: () => Promise<void>): Promise<void> {
  return message[CARRIER]?.(run) ?? run()
}
