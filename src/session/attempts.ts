import { delay, monotonicNow, now } from '../clock.js'
import { isTokenError, RefreshUnavailableError, type TokenError } from '../errors.js'
import type { StoredCoolDown } from '../stores/token-store.js'
import type { EndpointTurn } from '../token-endpoint.js'
import { isOver } from './cool-down.js'
import type { RefreshWork } from './refresh.js'
import { isUnknown, pauseBeforeRetry, pauseBeforeSave } from './retry-policy.js'
import { assertMaySpend, noteFailure } from './spend-mark.js'
import type { RefreshBase } from './sync.js'

const MOST_RESTARTS = 5
/** Of an attempt's time: with less of it left, none is begun. */
const LEAST_SHARE = 0.1

interface SentRequest {
  readonly version: number | undefined
  /** How many before it have an unknown outcome. */
  readonly unresolved: number
  /** When it ended, epoch milliseconds. */
  readonly endedAt: number
  readonly error: TokenError | undefined
}

/**
 * What one refresh knows of its own requests, under whichever lease they were sent, how much of its
 * time is left, and what the store is told when it gives up.
 *
 * @internal
 */
export class Attempts {
  /** At the endpoint that all sessions of the client share. */
  turn: EndpointTurn | undefined
  readonly #work: RefreshWork
  readonly #requests: SentRequest[] = []
  /** By the monotonic clock. */
  #deadline = Infinity
  #restarts = 0
  #hasDoubted = false

  constructor(work: RefreshWork) {
    this.#work = work
  }

  /** The budget counts from the first lease that is held: waiting for it is bounded by itself. */
  begin(): void {
    const { cycleBudgetMs } = this.#work.core.timing
    if (this.#deadline === Infinity) this.#deadline = monotonicNow() + cycleBudgetMs
  }

  /** How long the next request may take. */
  get timeoutMs(): number {
    return Math.min(this.#work.core.timing.attemptTimeoutMs, this.#remainingMs)
  }

  /**
   * Why no request is to be sent any more: a slow store left too little time. Who spends a refresh
   * token and hangs up right away loses the response.
   */
  get tooLate(): TokenError | undefined {
    const leastMs = LEAST_SHARE * this.#work.core.timing.attemptTimeoutMs
    return this.timeoutMs >= leastMs ? undefined : (this.#failures.at(-1) ?? tooLate())
  }

  /**
   * How many requests with the refresh token at hand have an unknown outcome, except for one that is
   * running still. The mark in the store counts the last one of ours too: where its outcome is
   * known, what was counted before it is right.
   */
  unresolved({ stored }: RefreshBase, isRunning: boolean): number {
    const sent = this.#requests.at(-1)
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
    const failure = this.#failures.at(-1)
    const sent = { unresolved, endedAt: this.#requests.at(-1)?.endedAt }
    try {
      assertMaySpend(this.#work.access, base, sent, failure)
      const isLate = await this.turn?.ready(this.timeoutMs)
      if (this.tooLate) throw this.tooLate
      return isLate ?? false
    } catch (error) {
      if (failure) return this.#giveUp(base, unresolved, failure)
      throw error
    }
  }

  /** A request ended: what is known of it when the next one is considered. */
  ended({ record }: RefreshBase, unresolved: number, error: TokenError | undefined): void {
    this.turn?.ended(error)
    this.#requests.push({ version: record?.version, unresolved, endedAt: now(), error })
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

  /**
   * The session was changed by others in the meantime: begin again from the store, but not forever.
   *
   * @throws the error itself if that happened too often
   */
  restart(error: TokenError): void {
    this.#restarts += 1
    if (this.#restarts > MOST_RESTARTS) throw error
  }

  /**
   * Waits until the next attempt.
   *
   * @throws the error itself if there is none
   */
  async backOff(base: RefreshBase, unresolved: number, error: TokenError): Promise<void> {
    const pauseMs = pauseBeforeRetry(error, this.#failures, this.#work.core.timing)
    if (pauseMs === undefined || pauseMs >= this.#remainingMs) {
      await this.#giveUp(base, unresolved, error)
    } else await delay(pauseMs)
  }

  /** How long to wait before a failed save is tried again; `undefined`: no time is left for it. */
  savePauseMs(failures: number): number | undefined {
    const pauseMs = pauseBeforeSave(failures, this.#work.core.timing)
    return pauseMs < this.#remainingMs ? pauseMs : undefined
  }

  /** An end that is doubted is none of them. */
  get #failures(): TokenError[] {
    return this.#requests.flatMap(({ error }) =>
      error && !isTokenError(error, 'ERR_LOGIN_REQUIRED') ? [error] : [],
    )
  }

  get #remainingMs(): number {
    return Math.max(this.#deadline - monotonicNow(), 0)
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
  if (!refresh.wasSent && !isOver(access.coolDown)) return undefined // that is why it was not sent
  const bindsCallers = refresh.wasSent && (refresh.hasCallers || !access.isUsable)
  const shared = access.failed(error, bindsCallers)
  return access === core.own ? shared : undefined
}

function tooLate(): RefreshUnavailableError {
  return new RefreshUnavailableError(
    'The store was too slow: no time was left to send the token request, so it was not sent',
    { outcome: 'not-sent' },
  )
}
