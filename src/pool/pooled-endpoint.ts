import { monotonicNow } from '../clock.js'
import type { RefreshUnavailableError, TokenError } from '../errors.js'
import type { EndpointTurn, TokenEndpoint, WaitingRefresh } from '../token-endpoint.js'
import { withTimeout } from '../wait.js'
import { healthAfter, WELL, type EndpointHealth } from './endpoint-health.js'
import { QueuePace } from './queue-pace.js'
import { closed, crowded, unavailable } from './refusals.js'

/** Who would wait longer than this for the next probe is told so at once. */
const PATIENCE_MS = 5_000
/** The part of a caller's wait in which it is to be served: how long others take is an estimate. */
const SHARE = 0.8

interface Waiter {
  readonly go: (turn: PooledTurn) => void
  readonly refuse: (error: TokenError) => void
  readonly turn: PooledTurn
  /** Where it did not get its turn at once. */
  waitsSince?: number
}

/**
 * The token endpoint of one client, shared by all its sessions in this process. It allows a number of
 * requests at once, callers before renewals in the background, and one probe at a time for an
 * endpoint that fails.
 *
 * @internal
 */
export class PooledEndpoint implements TokenEndpoint {
  readonly #most: number
  readonly #inUse: Set<PooledEndpoint>
  #health: EndpointHealth = WELL
  #probe: PooledTurn | undefined
  #isClosed = false
  readonly #turns = new Set<PooledTurn>()
  /** They have a turn, and were about to send when the endpoint began to fail. */
  readonly #ready = new Set<Waiter>()
  readonly #callers = new Set<Waiter>()
  readonly #background = new Set<Waiter>()
  readonly #pace = new QueuePace()
  #timer: ReturnType<typeof setTimeout> | undefined

  /**
   * @param most - how many may have a turn at once
   * @param inUse - where it stands as long as anyone has a turn, or waits for one
   */
  constructor(most: number, inUse: Set<PooledEndpoint>) {
    this.#most = most
    this.#inUse = inUse
  }

  get isPaused(): boolean {
    return this.#health.pausedUntil !== undefined
  }

  refusal(waitMs: number): RefreshUnavailableError | undefined {
    const leftMs = this.#pauseLeftMs
    return leftMs > PATIENCE_MS ? unavailable(leftMs) : this.#crowded(waitMs)
  }

  enter(refresh: WaitingRefresh, session: object, waitMs: number): Promise<EndpointTurn> {
    this.#inUse.add(this)
    return new Promise<EndpointTurn>((resolve, reject) => {
      const waiter: Waiter = { go: resolve, refuse: reject, turn: new PooledTurn(this, session) }
      const asCaller = () => {
        const crowded = this.#crowded(waitMs) // since it was asked, others may have come
        if (crowded) reject(crowded)
        else this.#callers.add(waiter)
      }
      refresh.onCaller = () => {
        if (this.#background.delete(waiter)) asCaller()
      }
      if (refresh.isAwaited) asCaller()
      else this.#background.add(waiter)
      this.#next()
      waiter.waitsSince = monotonicNow() // unless it is over
    }).finally(() => (refresh.onCaller = undefined))
  }

  /** Nobody waits any more. Who has a turn and has sent its request keeps it to the end. */
  close(): void {
    this.#isClosed = true
    this.#next()
  }

  /** @internal */
  maySend(turn: PooledTurn): boolean {
    return !this.isPaused || this.#probe === turn
  }

  /** @internal */
  async whenReady(turn: PooledTurn, waitMs: number): Promise<void> {
    const wait = () =>
      new Promise<void>((resolve, reject) => {
        this.#ready.add({ go: () => resolve(), refuse: reject, turn })
        this.#next()
      })
    await withTimeout(wait, waitMs, () => unavailable(this.#pauseLeftMs))
  }

  /** @internal */
  ended(turn: PooledTurn, error: TokenError | undefined): void {
    const isProbe = this.#probe === turn
    const { session } = turn
    this.#health = healthAfter(this.#health, { error, session, isProbe, at: monotonicNow() })
    if (isProbe) this.#probe = undefined
    this.#next()
  }

  /** @internal */
  left(turn: PooledTurn): void {
    this.#turns.delete(turn)
    for (const waiter of this.#ready) if (waiter.turn === turn) this.#ready.delete(waiter)
    if (this.#probe === turn) this.#probe = undefined // it found out nothing
    this.#next()
  }

  /** Why a caller does not wait who would wait in vain. Nobody ahead: however slow it was, it may be well now. */
  #crowded(waitMs: number): RefreshUnavailableError | undefined {
    if (this.#callers.size === 0) return undefined
    const turns = this.#callers.size + 1 + this.#most // what is left of one, and its own
    const endsInMs = this.#pauseLeftMs + turns * this.#pace.betweenTurnsMs
    const tooLongMs = endsInMs - SHARE * waitMs
    return tooLongMs > 0 ? crowded(tooLongMs) : undefined
  }

  get #pauseLeftMs(): number {
    return Math.max((this.#health.pausedUntil ?? 0) - monotonicNow(), 0)
  }

  #next(): void {
    clearTimeout(this.#timer)
    if (this.#isClosed) this.#refuseAll(closed)
    else if (this.isPaused) this.#nextProbe()
    else {
      for (const waiter of this.#ready) this.#let(waiter, this.#ready)
      while (this.#turns.size < this.#most && this.#letFirst()) continue
    }
    if (this.#turns.size + this.#callers.size + this.#background.size === 0) {
      this.#inUse.delete(this)
    }
  }

  #nextProbe(): void {
    if (this.#probe) return
    const leftMs = this.#pauseLeftMs
    if (leftMs === 0) return this.#letProbe()
    refuse(this.#background, () => unavailable())
    if (leftMs > PATIENCE_MS) this.#refuseAll(() => unavailable(leftMs))
    const isAwaited = this.#ready.size + this.#callers.size > 0
    if (isAwaited) this.#timer = setTimeout(() => this.#next(), leftMs)
  }

  #letProbe(): void {
    const [ready] = this.#ready
    if (ready) this.#let((this.#probe = ready.turn) && ready, this.#ready)
    else if (this.#turns.size < this.#most) this.#probe = this.#letFirst()
  }

  #letFirst(): PooledTurn | undefined {
    const queue = this.#callers.size > 0 ? this.#callers : this.#background
    const [first] = queue
    if (first) this.#let(first, queue)
    return first?.turn
  }

  #let(waiter: Waiter, queue: Set<Waiter>): void {
    queue.delete(waiter)
    if (queue !== this.#ready) this.#pace.onTurn(waiter.waitsSince)
    this.#turns.add(waiter.turn)
    waiter.go(waiter.turn)
  }

  #refuseAll(error: () => TokenError): void {
    for (const queue of [this.#ready, this.#callers, this.#background]) refuse(queue, error)
  }
}

class PooledTurn implements EndpointTurn {
  readonly #endpoint: PooledEndpoint
  readonly session: object

  constructor(endpoint: PooledEndpoint, session: object) {
    this.#endpoint = endpoint
    this.session = session
  }

  async ready(waitMs: number): Promise<boolean> {
    if (this.#endpoint.maySend(this)) return false
    await this.#endpoint.whenReady(this, waitMs)
    return true
  }

  ended(error: TokenError | undefined): void {
    this.#endpoint.ended(this, error)
  }

  leave(): void {
    this.#endpoint.left(this)
  }
}

function refuse(queue: Set<Waiter>, error: () => TokenError): void {
  for (const waiter of queue) {
    queue.delete(waiter)
    waiter.refuse(error())
  }
}
