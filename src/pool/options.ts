import {
  aFunction,
  anObject,
  check,
  checkOptions,
  checkValue,
  describeValue,
  positiveMilliseconds,
} from '../checks.js'
import { InvalidSessionIdError, TokenOptionsError } from '../errors.js'
import type { TokenManagerOptions } from '../options.js'

/** @public */
export interface TokenManagerPoolOptions {
  /**
   * Returns the options of one session's manager. It is called when the session is used and not in
   * memory. The options must include a `store` that keeps the session, and must not include
   * `keepFresh`, because a pool renews a session only when it is used.
   */
  options: (sessionId: string) => TokenManagerOptions
  /**
   * How many sessions are kept in memory. If there are more, the least recently used one is removed
   * from memory; it is loaded again at its next use.
   *
   * @default 10_000
   */
  max?: number | undefined
  /**
   * How long an unused session is kept in memory, in milliseconds. This is checked when the pool is
   * used, and not by a timer.
   *
   * @default 600_000
   */
  idleMs?: number | undefined
  /**
   * How long a login or logout in another process may go unnoticed, in milliseconds. A `recheckMs`
   * in the options of a session is used instead.
   *
   * @default 5_000
   */
  recheckMs?: number | undefined
  /**
   * How many sessions of one client may refresh at the same time. The others wait for their turn;
   * refreshes that a caller waits for come first. Sessions have the same client if their grants are
   * of the same `oauthClient`, or if they have the very same `refresh` or `acquire` function. A good
   * value is the number of requests that the endpoint allows in a second, multiplied by the seconds
   * that a response takes.
   *
   * @default 50
   */
  maxTokenRequests?: number | undefined
}

const DEFAULTS = { max: 10_000, idleMs: 600_000, recheckMs: 5_000, maxTokenRequests: 50 }

/** What the cache makes room for at once. */
const MOST_SESSIONS = 10_000_000

const CHECKS = {
  options: aFunction,
  max: check(
    `a whole number from 1 to ${MOST_SESSIONS}`,
    (value) => Number.isInteger(value) && Number(value) >= 1 && Number(value) <= MOST_SESSIONS,
  ),
  idleMs: positiveMilliseconds,
  recheckMs: positiveMilliseconds,
  maxTokenRequests: check(
    'a whole number of 1 or more',
    (value) => Number.isInteger(value) && Number(value) >= 1,
  ),
} as const

/** @throws TokenOptionsError naming the option, what it must be and what was given */
export function readOptions(given: TokenManagerPoolOptions): Required<TokenManagerPoolOptions> {
  checkOptions('TokenManagerPool', given, CHECKS)
  const { options, max, idleMs, recheckMs, maxTokenRequests } = given
  checkValue('TokenManagerPool', 'options', options, aFunction)
  return {
    options,
    max: max ?? DEFAULTS.max,
    idleMs: idleMs ?? DEFAULTS.idleMs,
    recheckMs: recheckMs ?? DEFAULTS.recheckMs,
    maxTokenRequests: maxTokenRequests ?? DEFAULTS.maxTokenRequests,
  }
}

/**
 * What `options(sessionId)` gave, made fit for a manager that comes and goes.
 *
 * @throws TokenOptionsError
 */
export function sessionOptions(given: TokenManagerOptions, recheckMs: number): TokenManagerOptions {
  checkValue('TokenManagerPool', 'options(sessionId)', given, anObject)
  if (given.store === undefined) {
    throw new TokenOptionsError(
      'TokenManagerPool: `options(sessionId)` must include a `store`, from which a session that has left the memory is loaded again',
    )
  }
  if (given.keepFresh) {
    throw new TokenOptionsError(
      'TokenManagerPool: `options(sessionId)` must not include `keepFresh`: a pool renews a session when it is used',
    )
  }
  return { ...given, recheckMs: given.recheckMs ?? recheckMs }
}

/** A store's key is made of it, and as many are in memory as the pool keeps sessions. */
const LONGEST_ID = 1_024

/** @throws InvalidSessionIdError for what cannot name a session: it comes from outside */
export function assertSessionId(sessionId: unknown): asserts sessionId is string {
  const isId = typeof sessionId === 'string' && sessionId !== '' && sessionId.length <= LONGEST_ID
  if (isId) return
  throw new InvalidSessionIdError(
    `A session ID must be a string of 1 to ${LONGEST_ID} characters, got ${describeValue(sessionId)}`,
  )
}
