import { atInstant, now } from '../clock.js'
import type { Flights } from './flights.js'
import type { HeldSession } from './held-session.js'

/**
 * With `keepFresh`: the timer for the next renewal. It never keeps the process alive.
 *
 * @internal
 */
export class KeepFresh {
  readonly #held: HeldSession
  readonly #flights: Flights
  #cancel: (() => void) | undefined

  constructor(held: HeldSession, flights: Flights) {
    this.#held = held
    this.#flights = flights
  }

  /** Sets the timer anew, after whatever may have changed when it is due. */
  schedule(): void {
    this.#cancel?.()
    this.#cancel = undefined
    if (!this.#isWanted) return
    const { dueAt, coolDown } = this.#held
    const instant = Math.max(dueAt, now() + coolDown.remainingMs)
    if (instant === Infinity) return
    this.#cancel = atInstant(instant, () => {
      if (!this.#isWanted) return
      if (coolDown.isOver && this.#held.isDue) this.#flights.launch('timer')
      else this.schedule()
    })
  }

  get #isWanted(): boolean {
    const { isClosed, token } = this.#held
    return !isClosed && token !== undefined && !this.#flights.current
  }
}
