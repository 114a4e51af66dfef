import { now } from '../clock.js'
import { NotReplayedError, TokenOptionsError } from '../errors.js'
import { INSPECT } from '../inspect.js'
import { assertCallOptions, assertSignal, isDuration } from '../option-checks.js'
import type { RefreshOptions, TokenProver, TokenSource } from '../token-source.js'
import type { Kept } from './obtain.js'
import { toldWait } from './told-wait.js'

const ACCESS_TOKEN_OPTIONS = ['minValidityMs', 'signal']
const REFRESH_OPTIONS = ['rejected', 'sessionId', 'signal']

/**
 * What adapters need, over whoever keeps the token: the session's own, or another resource's.
 *
 * @internal
 */
export class KeptTokens implements TokenSource {
  readonly #kept: Kept

  constructor(kept: Kept) {
    this.#kept = kept
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
    const kept = this.#kept
    if (options !== undefined) return obtain(kept, options)
    return now() < kept.attentionAt ? kept.answer : toldWait(kept.keeper(), {})
  }

  /**
   * The access token, if it may be sent now. Never waits, never throws; like any use, it renews a
   * due token in the background.
   */
  peek(): string | undefined {
    const kept = this.#kept
    if (now() < kept.attentionAt) return kept.token
    const keeper = kept.keeper()
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
   * @throws TokenOptionsError for a token in place of `{ rejected: token }`
   * @throws LoginRequiredError `session-changed` if the rejected token was another login's; and as
   * `getAccessToken`
   */
  async refresh(options: RefreshOptions = {}): Promise<string> {
    assertCallOptions('refresh', options, REFRESH_OPTIONS)
    const { rejected, signal } = options
    assertSignal(signal)
    if (rejected !== undefined && typeof rejected !== 'string') {
      throw new TokenOptionsError(`\`rejected\`: a token wanted, got ${typeof rejected}`)
    }
    const keeper = this.#kept.keeper()
    const { served } = keeper
    if (rejected === undefined) return toldWait(keeper, { isForced: true, signal })
    const isCurrent = rejected === served.token
    const former = rejected === served.former?.token ? served.former.sessionId : undefined
    const sessionId = options.sessionId ?? (isCurrent ? served.sessionId : former)
    if (isCurrent) {
      if (served.quietMs > 0) throw quiet()
      served.reject(rejected)
    }
    const token = await toldWait(keeper, { rejected, sessionId, signal })
    if (token !== rejected) return token
    served.rejectReplay(token) // the server stands by it: sending it again would change nothing
    throw quiet()
  }

  /** Names the session whose tokens are handed out now. */
  get sessionId(): string | undefined {
    return this.#kept.sessionId
  }

  /** Told by an adapter: the replay with this token was answered 401 too. */
  replayRejected(token: string): void {
    this.#kept.keeper().served.rejectReplay(token)
  }

  /** Whether the caller runs inside this session's own `refresh` function. */
  isInsideRefresh(): boolean {
    return this.#kept.isInsideRefresh()
  }

  /** Where the session's tokens are bound to a key, what proves that it is ours (RFC 9449). */
  proverFor(token: string): TokenProver | undefined {
    const { dpopKey } = this.#kept
    return dpopKey && this.#kept.keeper().desk.proving.proverFor(dpopKey, token)
  }

  [INSPECT](): string {
    return `${this.constructor.name} { ${this.#kept.token === undefined ? 'no session' : 'signed in'} }`
  }
}

async function obtain(
  kept: Kept,
  options: { minValidityMs?: number; signal?: AbortSignal },
): Promise<string> {
  assertCallOptions('getAccessToken', options, ACCESS_TOKEN_OPTIONS)
  const { minValidityMs, signal } = options
  assertSignal(signal)
  if (minValidityMs !== undefined && !isDuration(minValidityMs)) {
    const given = typeof minValidityMs === 'number' ? minValidityMs : typeof minValidityMs
    throw new TokenOptionsError(`\`minValidityMs\`: milliseconds, 0 or more wanted, got ${given}`)
  }
  return toldWait(kept.keeper(), { minValidityMs, signal })
}

function quiet(): NotReplayedError {
  return new NotReplayedError('A token fresh from the server was rejected a moment ago', {
    reason: 'cool-down',
  })
}
