import { now } from '../clock.js'
import { NotReplayedError, TokenOptionsError } from '../errors.js'
import { INSPECT } from '../inspect.js'
import { assertSignal, isDuration } from '../option-checks.js'
import type { RefreshOptions, TokenProver, TokenSource } from '../token-source.js'
import { obtainToken, type Keeper } from './obtain.js'

/**
 * What adapters need, over whoever keeps the token: the session's own, or another resource's.
 *
 * @internal
 */
export class KeptTokens implements TokenSource {
  readonly #keeper: Keeper

  constructor(keeper: Keeper) {
    this.#keeper = keeper
  }

  /**
   * The access token to send now. While it is fresh: one promise, the same for everybody. In its
   * refresh window: at once, renewed behind it. Expired: after the one refresh that all share.
   *
   * @param options.minValidityMs - wait for a token that is valid this long, in milliseconds;
   * counts for no more than a fresh token has before its refresh window
   * @param options.signal - ends this call's wait only
   * @throws LoginRequiredError if nothing can be renewed without the user
   * @throws RefreshUnavailableError, RefreshRejectedError, InvalidTokenResponseError,
   * TokenStoreError as the refresh failed, the same for all who shared it
   * @throws ManagerClosedError after `close()`
   */
  getAccessToken(options?: { minValidityMs?: number; signal?: AbortSignal }): Promise<string> {
    const keeper = this.#keeper
    if (options === undefined && now() < keeper.attentionAt) return keeper.served.answer
    return this.#obtain(options)
  }

  /**
   * The access token, if it may be sent now. Never waits, never throws; like any use, it renews a
   * due token in the background.
   */
  peek(): string | undefined {
    const keeper = this.#keeper
    if (now() < keeper.attentionAt) return keeper.served.token
    if (!keeper.isServable({})) return undefined
    keeper.attend()
    return keeper.served.token
  }

  /**
   * A renewed token. With `rejected`, one other than that: a token that was replaced already costs
   * nothing. Shares the refresh in flight; bound by the cool-down after a failed one.
   *
   * @throws NotReplayedError `cool-down` if the token came fresh from the server a moment ago and
   * was rejected all the same, or if the server gives out the rejected one again
   * @throws LoginRequiredError `session-changed` if the rejected token was another login's; and as
   * `getAccessToken`
   */
  async refresh(options: RefreshOptions = {}): Promise<string> {
    const { rejected, signal } = options
    assertSignal(signal)
    const { served } = this.#keeper
    if (rejected === undefined) return obtainToken(this.#keeper, { isForced: true, signal })
    const isCurrent = rejected === served.token
    const former = rejected === served.former?.token ? served.former.sessionId : undefined
    const sessionId = options.sessionId ?? (isCurrent ? served.sessionId : former)
    if (isCurrent) {
      if (served.quietMs > 0) throw quiet()
      served.reject(rejected)
    }
    const token = await obtainToken(this.#keeper, { rejected, sessionId, signal })
    if (token !== rejected) return token
    served.rejectReplay(token) // the server stands by it: sending it again would change nothing
    throw quiet()
  }

  /** Names the session whose tokens are handed out now. */
  get sessionId(): string | undefined {
    return this.#keeper.held.sessionId
  }

  /** Told by an adapter: the replay with this token was answered 401 too. */
  replayRejected(token: string): void {
    this.#keeper.served.rejectReplay(token)
  }

  /** Whether the caller runs inside this session's own `refresh` function. */
  isInsideRefresh(): boolean {
    return this.#keeper.desk.calls.isInside()
  }

  /** Where the session's tokens are bound to a key, what proves that it is ours (RFC 9449). */
  proverFor(token: string): TokenProver | undefined {
    const { held, desk } = this.#keeper
    return desk.proving.proverFor(held.record?.tokens?.dpopKey, token)
  }

  [INSPECT](): string {
    return `${this.constructor.name} { ${this.sessionId === undefined ? 'no session' : 'signed in'} }`
  }

  async #obtain(options: { minValidityMs?: number; signal?: AbortSignal } = {}): Promise<string> {
    const { minValidityMs, signal } = options
    assertSignal(signal)
    if (minValidityMs !== undefined && !isDuration(minValidityMs)) {
      const given = typeof minValidityMs === 'number' ? minValidityMs : typeof minValidityMs
      throw new TokenOptionsError(`\`minValidityMs\`: milliseconds, 0 or more wanted, got ${given}`)
    }
    return obtainToken(this.#keeper, { minValidityMs, signal })
  }
}

function quiet(): NotReplayedError {
  return new NotReplayedError('A token fresh from the server was rejected a moment ago', {
    reason: 'cool-down',
  })
}
