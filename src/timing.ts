import type { TokenManagerOptions } from './options.js'

/** The options that are numbers, with their defaults in place. */
export interface Timing {
  readonly refreshWindowMs: number | undefined
  readonly expiryMarginMs: number | undefined
  readonly assumedLifetimeMs: number | undefined
  readonly attemptTimeoutMs: number
  readonly cycleBudgetMs: number
  readonly waitTimeoutMs: number
  readonly attempts: number
  readonly baseDelayMs: number
  readonly recheckMs: number
}

const CYCLE_BUDGET_FACTOR = 2.5

const DEFAULT_TIMING: Timing = {
  refreshWindowMs: undefined,
  expiryMarginMs: undefined,
  assumedLifetimeMs: undefined,
  attemptTimeoutMs: 10_000, // nobody waits forever
  cycleBudgetMs: 10_000 * CYCLE_BUDGET_FACTOR,
  waitTimeoutMs: 20_000, // shorter than a load balancer's patience
  attempts: 3,
  baseDelayMs: 200,
  recheckMs: Infinity,
}

/** One object for all managers that set no number: there may be a hundred thousand. @internal */
export function timingOf(options: TokenManagerOptions): Timing {
  const { refreshWindowMs, expiryMarginMs, assumedLifetimeMs } = options
  const { refreshTimeoutMs, waitTimeoutMs, retry, recheckMs } = options
  const window = refreshWindowMs ?? expiryMarginMs ?? assumedLifetimeMs
  const bound = refreshTimeoutMs ?? waitTimeoutMs ?? retry ?? recheckMs
  if ((window ?? bound) === undefined) return DEFAULT_TIMING
  const attemptTimeoutMs = refreshTimeoutMs ?? DEFAULT_TIMING.attemptTimeoutMs
  return {
    refreshWindowMs,
    expiryMarginMs,
    assumedLifetimeMs,
    attemptTimeoutMs,
    cycleBudgetMs: attemptTimeoutMs * CYCLE_BUDGET_FACTOR,
    waitTimeoutMs: waitTimeoutMs ?? DEFAULT_TIMING.waitTimeoutMs,
    attempts: retry?.attempts ?? DEFAULT_TIMING.attempts,
    baseDelayMs: retry?.baseDelayMs ?? DEFAULT_TIMING.baseDelayMs,
    recheckMs: recheckMs ?? DEFAULT_TIMING.recheckMs,
  }
}
