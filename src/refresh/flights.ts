import { monotonicNow } from '../clock.js'
import { TokenOptionsError, type LoginRequiredError, type TokenError } from '../errors.js'
import type { RefreshReason } from '../events.js'
import type { CycleDesk } from './cycle.js'
import { asTokenError, Flight, type Landing } from './flight.js'
import type { HeldSession } from './held-session.js'
import type { Request } from './obtain.js'
import type { Target } from './target.js'
import { tracedRefresh } from './traced-refresh.js'

/**
 * The one refresh at a time of one target: begins it, lets callers share it, and cools down after a
 * failure.
 *
 * @internal
 */
export class Flights {
  current: Flight | undefined
  readonly #desk: CycleDesk
  readonly #target: Target
  /** How the target's access token stands, and its cool-down. */
  readonly #served: HeldSession
  readonly #onLanded: () => void

  constructor(desk: CycleDesk, target: Target, served: HeldSession, onLanded: () => void) {
    this.#desk = desk
    this.#target = target
    this.#served = served
    this.#onLanded = onLanded
  }

  /** Why none may be started now, if so. One in flight may always be shared. */
  get refusal(): TokenError | undefined {
    return this.current ? undefined : this.#served.coolDown.refusal()
  }

  /**
   * The refresh that the caller shares: the one in flight, or a new one.
   *
   * @throws TokenOptionsError if the caller is that refresh itself
   */
  board(request: Request): Promise<Landing> {
    if (this.#desk.calls.isInside()) throw insideRefresh()
    const flight = this.current ?? this.launch(this.#reasonFor(request))
    flight.join(request)
    return flight.landed
  }

  launch(reason: RefreshReason, mustRenew = true): Flight {
    const flight = new Flight(reason, this.#target.record, mustRenew)
    this.current = flight
    void this.#desk.track(this.#fly(flight))
    return flight
  }

  /** A login or logout was made here: it takes the place of whatever is under way. */
  interrupt(end?: LoginRequiredError): void {
    this.current?.orphan(end)
    this.current = undefined
    this.#served.coolDown.clear()
  }

  async #fly(flight: Flight): Promise<void> {
    const startedAt = monotonicNow()
    try {
      const landing = await tracedRefresh(this.#desk, this.#target, flight)
      this.#leave(flight)
      if (flight.mustRenew && !flight.isOrphan) this.#served.coolDown.clear()
      flight.land(landing)
    } catch (thrown) {
      const error = asTokenError(thrown)
      this.#leave(flight)
      if (!flight.isOrphan && flight.mustRenew) this.#failed(flight, error, startedAt)
      flight.fail(error)
    }
    this.#onLanded()
  }

  /** Only its own place: a login may have made room for another flight. */
  #leave(flight: Flight): void {
    if (this.current === flight) this.current = undefined
  }

  #failed({ reason, wasSent }: Flight, error: TokenError, startedAt: number): void {
    const { coolDown } = this.#served
    if (!this.#desk.held.ended) coolDown.fail(error, wasSent)
    const durationMs = monotonicNow() - startedAt
    const { resource } = this.#target.parameters
    const retryInMs = coolDown.remainingMs
    this.#desk.events.emit('refreshFailed', { reason, durationMs, error, retryInMs, resource })
  }

  #reasonFor(request: Request): RefreshReason {
    if (request.isForced) return 'forced'
    if (this.#target.token === undefined) return 'missing'
    return this.#served.isRejected ? 'rejected' : 'expired'
  }
}

function insideRefresh(): TokenOptionsError {
  return new TokenOptionsError(
    '`refresh` asked its own manager for a token and would wait for itself: make that request ' +
      'with `{ tokens: false }` or through an instance without tokens',
  )
}
