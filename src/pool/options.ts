import { describeValue } from '../checks.js'
import { InvalidSessionIdError, TokenOptionsError } from '../errors.js'
import type { TokenManagerOptions } from '../options.js'

/** @public */
export interface TokenManagerPoolOptions {
  /**
   * The options of one session's manager. Called when the session is used and not in memory: its
   * `store` must be one that still has the session by then, and `keepFresh` is refused, since a
   * session that nobody uses is not renewed.
   */
  options: (sessionId: string) => TokenManagerOptions
  /**
   * How many sessions are kept in memory. Of more, the one goes that was not used for the longest
   * time; it is loaded again at its next use.
   *
   * @default 10_000
   */
  max?: number
  /**
   * How long a session that nobody uses is kept in memory, in milliseconds. Looked at when the pool
   * is used: no timer runs.
   *
   * @default 600_000
   */
  idleMs?: number
  /**
   * The `recheckMs` of sessions that name none: how long at most another process's logout or login
   * goes unnoticed, in milliseconds.
   *
   * @default 5_000
   */
  recheckMs?: number
}

const DEFAULTS = { max: 10_000, idleMs: 600_000, recheckMs: 5_000 }

/** What the cache makes room for at once. */
const MOST_SESSIONS = 10_000_000

/** @throws TokenOptionsError naming the option, what was given and what is wanted */
export function readOptions(given: TokenManagerPoolOptions): Required<TokenManagerPoolOptions> {
  if (typeof given !== 'object' || given === null) {
    throw new TokenOptionsError(`TokenManagerPool: options wanted, got ${shown(given)}`)
  }
  const {
    options,
    max = DEFAULTS.max,
    idleMs = DEFAULTS.idleMs,
    recheckMs = DEFAULTS.recheckMs,
    ...rest
  } = given
  const [unknown] = Object.keys(rest)
  if (unknown !== undefined) {
    const known = ['options', ...Object.keys(DEFAULTS)].join(', ')
    throw new TokenOptionsError(
      `TokenManagerPool: unknown option \`${unknown}\`, known are ${known}`,
    )
  }
  if (typeof options !== 'function') throw unwanted('options', 'a function', options)
  const isCount = Number.isInteger(max) && max >= 1 && max <= MOST_SESSIONS
  if (!isCount) throw unwanted('max', `a whole number from 1 to ${MOST_SESSIONS}`, max)
  if (!isPositive(idleMs)) throw unwanted('idleMs', 'milliseconds, more than 0', idleMs)
  if (!isPositive(recheckMs)) throw unwanted('recheckMs', 'milliseconds, more than 0', recheckMs)
  return { options, max, idleMs, recheckMs }
}

/**
 * What `options(sessionId)` gave, made fit for a manager that comes and goes.
 *
 * @throws TokenOptionsError
 */
export function sessionOptions(given: TokenManagerOptions, recheckMs: number): TokenManagerOptions {
  if (typeof given !== 'object' || given === null) {
    throw new TokenOptionsError(`options(sessionId): an object wanted, got ${shown(given)}`)
  }
  if (given.store === undefined) {
    throw new TokenOptionsError(
      'options(sessionId): `store` wanted, got none: what leaves the memory of a pool is loaded again',
    )
  }
  if (given.keepFresh) {
    throw new TokenOptionsError(
      'options(sessionId): `keepFresh` is not for a pool, which renews sessions when they are used',
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
    `A session id must be a string of 1 to ${LONGEST_ID} characters, got ${describeValue(sessionId)}`,
  )
}

function isPositive(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value) && value > 0
}

function unwanted(name: string, wanted: string, given: unknown): TokenOptionsError {
  return new TokenOptionsError(`\`${name}\`: ${wanted} wanted, got ${shown(given)}`)
}

function shown(value: unknown): string {
  if (value === null) return 'null'
  return typeof value === 'number' ? String(value) : typeof value
}
