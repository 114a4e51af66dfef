import { optionError } from '../checks.js'
import { NotReplayedError, TokenOptionsError } from '../errors.js'
import { hideFromInspect } from '../inspect.js'
import type { Credential, RenewOptions, TokenSource } from '../token-source.js'
import { isSendable } from '../tokens/token-set.js'

/** @public */
export interface FakeTokensOptions {
  /**
   * The tokens to return, one after the other. After the last one, numbered tokens follow.
   *
   * @default 'fake-token-1', 'fake-token-2', ...
   */
  tokens?: readonly string[] | undefined
}

/**
 * A `TokenSource` for unit tests, without network or timers. It does at once what the test says, and
 * `util.inspect` shows no token.
 *
 * @public
 */
export interface FakeTokens extends TokenSource {
  current(): Credential | undefined
  renew(rejected: Credential | undefined, options?: RenewOptions): Promise<Credential>
  peek(): string | undefined
  refresh(options?: { rejected?: string; signal?: AbortSignal }): Promise<string>
  /** The token that would be sent now, whatever is scripted. Reading it is not counted as a call. */
  readonly accessToken: string
  /** How often each method was called, and how often a `refresh` returned a new token. */
  readonly calls: FakeTokenCalls
  /**
   * Puts a new token in place of the current one, as a refresh elsewhere would.
   *
   * @param token - default: the next one
   * @returns the new token
   * @throws TokenOptionsError if the token cannot be sent in a header
   */
  rotate(token?: string): string
  /** Ends the current token: `peek` is `undefined` until `getAccessToken` or `refresh` renews it. */
  expire(): void
  /**
   * Makes the calls that return a token reject with this error.
   *
   * @param options.times - how many calls reject. Default: all, until `recover()`
   * @param options.only - `refresh`: only refreshes reject, and the current token stays in use.
   * Default: all calls reject
   */
  fail(error: unknown, options?: { times?: number; only?: 'refresh' }): void
  /** Ends the effect of `fail`. */
  recover(): void
}

/** @public */
export interface FakeTokenCalls {
  readonly getAccessToken: number
  /** Of `peek` and `current`. */
  readonly peek: number
  /** Of `refresh`, and of `renew` with a rejected credential. */
  readonly refresh: number
  /** Of `renew` for a request that was a replay already. */
  readonly replayRejected: number
  /** New tokens returned by `refresh`: one, however many callers reported the same rejected token. */
  readonly refreshed: number
}

interface Failure {
  readonly error: unknown
  readonly isRefreshOnly: boolean
  timesLeft: number
}

/**
 * Makes a fake source of tokens.
 *
 * @throws TokenOptionsError if a token cannot be sent in a header
 * @public
 */
export function fakeTokens(options: FakeTokensOptions = {}): FakeTokens {
  const listed = [...(options.tokens ?? [])]
  listed.forEach(check)
  const calls = { getAccessToken: 0, peek: 0, refresh: 0, replayRejected: 0, refreshed: 0 }
  let given = 0
  let failure: Failure | undefined
  let isExpired = false
  let current = following()

  function following(): string {
    given++
    return listed[given - 1] ?? `fake-token-${given}`
  }

  function rotate(token = following()): string {
    current = check(token)
    isExpired = false
    return current
  }

  function failIfScripted(isRefresh: boolean): void {
    if (!failure || (failure.isRefreshOnly && !isRefresh)) return
    const { error } = failure
    failure.timesLeft--
    if (failure.timesLeft <= 0) failure = undefined
    throw error
  }

  const fake: FakeTokens = {
    get accessToken() {
      return current
    },
    get calls() {
      return { ...calls }
    },
    async getAccessToken({ signal } = {}) {
      calls.getAccessToken++
      signal?.throwIfAborted()
      failIfScripted(isExpired)
      return isExpired ? rotate() : current
    },
    peek() {
      calls.peek++
      const isWithheld = isExpired || (failure && !failure.isRefreshOnly)
      return isWithheld ? undefined : current
    },
    async refresh({ rejected, signal } = {}) {
      calls.refresh++
      signal?.throwIfAborted()
      const isStale = rejected !== undefined && rejected !== current && !isExpired
      failIfScripted(!isStale)
      if (isStale) return current
      calls.refreshed++
      return rotate()
    },
    current() {
      const token = fake.peek()
      return token === undefined ? undefined : { token }
    },
    async renew(rejected, { isReplay = false, signal } = {}) {
      const options = signal && { signal }
      if (!rejected) return { token: await fake.getAccessToken(options) }
      if (!isReplay) return { token: await fake.refresh({ ...options, rejected: rejected.token }) }
      calls.replayRejected++
      throw new NotReplayedError('The replay, with another token, was rejected too', {
        reason: 'already-replayed',
      })
    },
    rotate,
    expire() {
      isExpired = true
    },
    fail(error, { times = Infinity, only } = {}) {
      if (!(times > 0)) throw optionError('fail', 'times', 'a number above 0', times)
      failure = { error, isRefreshOnly: only === 'refresh', timesLeft: times }
    },
    recover() {
      failure = undefined
    },
  }
  // axios copies plain objects when it merges configs: a copy's `accessToken` would never change.
  Object.setPrototypeOf(fake, fakePrototype)
  return hideFromInspect(fake, () => `FakeTokens { calls: ${JSON.stringify(calls)} }`)
}

const fakePrototype = Object.freeze({})

function check(token: string): string {
  if (isSendable(token)) return token
  throw new TokenOptionsError(
    'fakeTokens: each token must be a non-empty string of visible ASCII, got something else',
  )
}
