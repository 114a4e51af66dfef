import type { TokenError } from '../errors.js'
import type { StoredCoolDown } from '../stores/token-store.js'
import type { EndpointTurn } from '../token-endpoint.js'
import type { RefreshWork } from './refresh-work.js'
import { RetryPolicy } from './retry-policy.js'
import { assertMaySpend, isUnknown, noteFailure } from './spend-mark.js'
import type { RefreshBase } from './sync.js'

interface SentRequest {
  readonly version: number | undefined
  /** How many before it have an unknown outcome. */
  readonly open: number
  /** When it ended, epoch milliseconds. */
  readonly at: number
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
  sent: SentRequest | undefined
  /** At the endpoint that all sessions of the client share. */
  turn: EndpointTurn | undefined
  /** Whether an end was held back once. */
  isDoubted = false
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
  open({ stored }: RefreshBase, isRunning: boolean): number {
    const { sent } = this
    const isOurs = sent?.error && !isUnknown(sent.error) && sent.version === stored?.version
    if (isOurs) return sent.open
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
  async isReadyLate(base: RefreshBase, open: number): Promise<boolean> {
    const { retry, sent } = this
    const { failure } = retry
    try {
      assertMaySpend(this.#work.access, base, { open, sentAt: sent?.at }, failure)
      const isLate = await this.turn?.ready(retry.timeoutMs)
      if (retry.tooLate) throw retry.tooLate
      return isLate ?? false
    } catch (error) {
      if (failure) return this.#giveUp(base, open, failure)
      throw error
    }
  }

  /** @throws the error, if there is no next attempt */
  async backOff(base: RefreshBase, open: number, failure: TokenError): Promise<void> {
    try {
      await this.retry.backOff(failure)
    } catch (error) {
      await this.#giveUp(base, open, error as TokenError)
    }
  }

  /** @throws the error, once the store says how it ended */
  async #giveUp(base: RefreshBase, open: number, error: TokenError): Promise<never> {
    await noteFailure(this.#work.core, base, error, open, coolDownAfter(this.#work, error))
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
  if (!access.coolDown.isOver) return undefined // it has just begun, or was found in the store
  const bindsCallers = refresh.wasSent && (refresh.hasCallers || !access.isUsable)
  const coolDown = access.coolDown.fail(error, bindsCallers)
  return access === core.own ? coolDown : undefined
}
