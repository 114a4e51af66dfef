import { LoginError } from '../../errors.js'

/** A code lives for 10 minutes at most (RFC 6749 §4.1.2); this many logins of them are remembered. */
const MOST = 10_000

/**
 * The logins whose response was taken. A code sent twice, as by a page loaded again, makes the server
 * take the session back that it brought (RFC 6749 §4.1.2).
 *
 * @internal
 */
export class SpentAnswers {
  readonly #states = new Set<string>()

  /** @throws LoginError `state` if it was taken before */
  take(state: string): void {
    if (this.#states.has(state)) {
      throw new LoginError('The response to this login was already used: log in again', {
        reason: 'state',
      })
    }
    this.#states.add(state)
    if (this.#states.size <= MOST) return
    const [oldest] = this.#states
    this.#states.delete(oldest!)
  }

  /** The code was not sent after all. */
  giveBack(state: string): void {
    this.#states.delete(state)
  }
}
