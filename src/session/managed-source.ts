import { aSignal, aText, checkOptions, isObject, milliseconds } from '../checks.js'
import { NotReplayedError } from '../errors.js'
import { INSPECT } from '../inspect.js'
import type {
  Credential,
  RefreshOptions,
  RenewOptions,
  TokenProver,
  RenewableTokenSource,
} from '../token-source.js'
import type { TokenSupply } from './token-supply.js'
import { loginRequired } from './login-required.js'
import { waitForToken } from './wait-for-token.js'
import type { WaitRequest } from './wait-request.js'

const ACCESS_TOKEN_OPTIONS = { minValidityMs: milliseconds, signal: aSignal }
const REFRESH_OPTIONS = { rejected: aText, sessionId: aText, signal: aSignal }

/**
 * A source of tokens over a session: its own access token, or one resource's. There may be a hundred
 * thousand: it has no private method, since each costs a field.
 *
 * @internal
 */
export class ManagedTokenSource implements RenewableTokenSource {
  readonly #supply: TokenSupply

  constructor(supply: TokenSupply) {
    this.#supply = supply
  }

  /**
   * The access token to send now. While it is fresh: one promise, the same for everyone. In its
   * refresh window: at once, renewed behind it. Expired: after the one refresh that all share.
   *
   * @param options.minValidityMs - wait for a token that is valid this long, in milliseconds. A
   * token at hand that is not costs one refresh, and what the server then gives is taken
   * @param options.signal - ends this call's wait only
   * @throws LoginRequiredError if nothing can be renewed without the user
   * @throws RefreshUnavailableError, RefreshRejectedError, InvalidTokenResponseError,
   * TokenStoreError as the refresh failed, the same for all who shared it
   * @throws ManagerClosedError after `close()`
   */
  getAccessToken(options?: { minValidityMs?: number; signal?: AbortSignal }): Promise<string> {
    const supply = this.#supply
    if (options !== undefined) return checkedWait(supply, options)
    return supply.isFast ? supply.promise : wait(supply, {})
  }

  /**
   * The access token, if it may be sent now. Never waits, never throws; like any use, it renews a
   * due token in the background.
   */
  peek(): string | undefined {
    const supply = this.#supply
    if (supply.isFast) return supply.token
    const session = supply.session()
    const access = supply.access()
    if (!session.isServable(access, {})) return undefined
    session.attend(access)
    return access.token
  }

  /**
   * A renewed token. With `rejected`, one other than that: a token that was replaced already costs
   * nothing. Shares the refresh under way; bound by the cool-down after a failed one.
   *
   * @throws NotReplayedError `cool-down` if the token came fresh from the server a moment ago and
   * was rejected all the same, or if the server gives out the rejected one again
   * @throws TokenOptionsError for a token in place of `{ rejected: token }`
   * @throws LoginRequiredError `session-changed` if the rejected token was another login's; and as
   * `getAccessToken`
   */
  async refresh(options: RefreshOptions = {}): Promise<string> {
    const { rejected, sessionId, signal } = { ...options }
    checkOptions('refresh', isObject(options) ? { ...options } : options, REFRESH_OPTIONS)
    if (rejected === undefined) return wait(this.#supply, { isForced: true, signal })
    return replace(this.#supply, { rejected, sessionId, signal })
  }

  /** For adapters: what to send now, whose it is and what proves it. */
  current(): Credential | 'inside' | undefined {
    if (this.#supply.isInsideRefresh()) return 'inside'
    const token = this.peek()
    return token === undefined ? undefined : credentialOf(this.#supply, token)
  }

  /** For adapters: waits for a credential, in the place of a rejected one or of none. */
  async renew(
    rejected: Credential | undefined,
    { isReplay = false, claims, signal }: RenewOptions = {},
  ): Promise<Credential> {
    const supply = this.#supply
    if (!rejected) return firstCredential(supply, signal)
    const { token, sessionId = sessionOf(supply, token) } = rejected
    if (!isReplay) {
      const request = { rejected: token, sessionId, claims, signal }
      return credentialInForce(supply, () => replace(supply, request))
    }
    this.replayRejected(token)
    throw new NotReplayedError('The request was already sent again, and rejected again', {
      reason: 'already-replayed',
    })
  }

  /** Names the session whose tokens are handed out now. */
  get sessionId(): string | undefined {
    return this.#supply.sessionId
  }

  /** Told by an adapter: the API rejected the replay with this token too (401). */
  replayRejected(token: string): void {
    this.#supply.session().rejectReplay(this.#supply.access(), token)
  }

  /** Whether the caller runs inside this session's own `refresh` function. */
  isInsideRefresh(): boolean {
    return this.#supply.isInsideRefresh()
  }

  /** Where the session's tokens are bound to a key, what proves that it is ours (RFC 9449). */
  proverFor(token: string): TokenProver | undefined {
    return proverOf(this.#supply, token)
  }

  [INSPECT](): string {
    const state = this.#supply.token === undefined ? 'no session' : 'logged in'
    return `${this.constructor.name} { ${state} }`
  }
}

async function checkedWait(
  supply: TokenSupply,
  options: { minValidityMs?: number; signal?: AbortSignal },
): Promise<string> {
  const given = isObject(options) ? { ...options } : options
  checkOptions('getAccessToken', given, ACCESS_TOKEN_OPTIONS)
  return wait(supply, { minValidityMs: given.minValidityMs, signal: given.signal })
}

/** A token in the place of a rejected one. */
async function replace(
  supply: TokenSupply,
  request: WaitRequest & { rejected: string },
): Promise<string> {
  const { rejected } = request
  const session = supply.session()
  const access = supply.access()
  const sessionId = request.sessionId ?? sessionOf(supply, rejected)
  if (rejected === access.token) {
    if (access.areRejectionsIgnored) throw rejectedFresh()
    session.reject(access, rejected)
  }
  const token = await wait(supply, { ...request, sessionId })
  if (token !== rejected) return token
  session.rejectReplay(access, token) // the server stands by it: another try would change nothing
  throw rejectedFresh()
}

/** Whose the token is, if it is the one in force or the last of the session before. */
function sessionOf(supply: TokenSupply, token: string): string | undefined {
  const { token: current, sessionId, former } = supply.access()
  if (token === current) return sessionId
  return token === former?.token ? former.sessionId : undefined
}

function wait(supply: TokenSupply, request: WaitRequest): Promise<string> {
  return waitForToken(supply.session(), supply.access(), request)
}

function proverOf(supply: TokenSupply, token: string): TokenProver | undefined {
  const { dpopKey } = supply
  return dpopKey && supply.session().proving.proverFor(dpopKey, token)
}

/** A wait begun under one session is not served with another's token. */
async function firstCredential(
  supply: TokenSupply,
  signal: AbortSignal | undefined,
): Promise<Credential> {
  const { sessionId } = supply
  return credentialInForce(supply, async () => {
    const token = await wait(supply, { signal })
    if (sessionId === undefined || sessionId === supply.sessionId) return token
    throw loginRequired('session-changed')
  })
}

/**
 * A token has a few steps to go from who got it to who waits: one that a login has replaced on its
 * way is not told with the login's key, facts and name.
 */
async function credentialInForce(
  supply: TokenSupply,
  obtain: () => Promise<string>,
): Promise<Credential> {
  for (;;) {
    const token = await obtain()
    if (token === supply.token) return credentialOf(supply, token)
  }
}

function credentialOf(supply: TokenSupply, token: string): Credential {
  const { sessionId } = supply
  const { expiresAt, extra } = supply.facts
  return { token, sessionId, expiresAt, extra, prover: proverOf(supply, token) }
}

function rejectedFresh(): NotReplayedError {
  return new NotReplayedError('A token fresh from the server was rejected a moment ago', {
    reason: 'cool-down',
  })
}
