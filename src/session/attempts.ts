import { now } from '../clock.js'
import type { TokenError } from '../errors.js'
import type { StoredCoolDown } from '../stores/token-store.js'
import type { EndpointTurn } from '../token-endpoint.js'
import type { RefreshWork } from './refresh.js'
import { RetryPolicy } from './retry-policy.js'
import { assertMaySpend, isUnknown, noteFailure } from './spend-mark.js'
import type { RefreshBase } from './sync.js'

interface SentRequest {
  readonly version: number | undefined
  /** How many before it have an unknown outcome. */
  readonly unresolved: number
  /** When it ended, epoch milliseconds. */
  readonly endedAt: number
  readonly error: TokenError | undefined
}

/**
 * What one refresh knows of its own requests, under whichever lease they were sent, and what the
 * store is told of them when it gives up.
 *
 * @internal
 */
export class Attempts {
  readonly retry: RetryPolicy
  #sent: SentRequest | undefined
  /** At the endpoint that all sessions of the client share. */
  turn: EndpointTurn | undefined
  #hasDoubted = false
  readonly #work: RefreshWork

  constructor(work: RefreshWork) {
    this.#work = work
    this.retry = new RetryPolicy(work.core.timing)
  }

  /**
   * How many requests with the refresh token at hand have an unknown outcome, except for one that is
   * running still. The mark in the store counts the last one of ours too: where its outcome is
   * known, what was counted before it is right.
   */
  unresolved({ stored }: RefreshBase, isRunning: boolean): number {
    const sent = this.#sent
    const isOurs = sent?.error && !isUnknown(sent.error) && sent.version === stored?.version
    if (isOurs) return sent.unresolved
    const counted = stored?.spending?.attempts ?? 0
    return isRunning ? Math.max(counted - 1, 0) : counted
  }

  /** Waits for its turn at the endpoint that all sessions of the client share, if they do. */
  async takeTurn(): Promise<void> {
    const { core, refresh } = this.#work
    if (!core.endpoint || !refresh.mustRenew) return
    this.turn ??= await core.endpoint.enter(refresh, core, core.timing.waitTimeoutMs)
  }

  /**
   * Whether the refresh token may be sent now.
   *
   * @returns whether it waited for that, so that all is to be looked at again
   * @throws TokenError where it must not be sent, or too little time is left
   */
  async isReadyLate(base: RefreshBase, unresolved: number): Promise<boolean> {
    const { retry } = this
    const { failure } = retry
    const sent = { unresolved, endedAt: this.#sent?.endedAt }
    try {
      assertMaySpend(this.#work.access, base, sent, failure)
      const isLate = await this.turn?.ready(retry.timeoutMs)
      if (retry.tooLate) throw retry.tooLate
      return isLate ?? false
    } catch (error) {
      if (failure) return this.#giveUp(base, unresolved, failure)
      throw error
    }
  }

  /** A request ended: what is known of it when the next one is considered. */
  ended({ record }: RefreshBase, unresolved: number, error: TokenError | undefined): void {
    this.turn?.ended(error)
    this.#sent = { version: record?.version, unresolved, endedAt: now(), error }
  }

  /**
   * Whether the end of the session is asked for once more: one node of a server may be behind, and a
   * good token is not given up yet.
   */
  mayDoubtEnd(): boolean {
    const { access, refresh } = this.#work
    if (this.#hasDoubted || refresh.hasCallers || !access.isUsable) return false
    this.#hasDoubted = true
    return true
  }

  /** @throws the error, if there is no next attempt */
  async backOff(base: RefreshBase, unresolved: number, failure: TokenError): Promise<void> {
    try {
      await this.retry.backOff(failure)
    } catch (error) {
      await this.#giveUp(base, unresolved, error as TokenError)
    }
  }

  /** @throws the error, once the store says how it ended */
  async #giveUp(base: RefreshBase, unresolved: number, error: TokenError): Promise<never> {
    const coolDown = coolDownAfter(this.#work, error)
    await noteFailure(this.#work.core, base, error, unresolved, coolDown)
    throw error
  }
}

/**
 * @returns what all who share the store are to wait for; a refusal of one resource is its own
 * @internal
 */
export function coolDownAfter(
  { core, access, refresh }: RefreshWork,
  error: TokenError,
): StoredCoolDown | undefined {
  if (refresh.isSuperseded || !refresh.mustRenew || core.state.ended) return undefined
  if (!refresh.wasSent && !access.coolDown.isOver) return undefined // that is why it was not sent
  const bindsCallers = refresh.wasSent && (refresh.hasCallers || !access.isUsable)
  const coolDown = access.coolDown.fail(error, bindsCallers)
  return access === core.own ? coolDown : undefined
}
