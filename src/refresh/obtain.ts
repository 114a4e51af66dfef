import { monotonicNow } from '../clock.js'
import { isTokenError, LoginRequiredError, type TokenError } from '../errors.js'
import type { DpopKey } from '../tokens/dpop-key.js'
import type { CycleDesk } from './cycle.js'
import type { Landing } from './flight.js'
import type { HeldSession, Wish } from './held-session.js'
import type { SharedWait } from './shared-wait.js'
import { waitFor } from './wait.js'

/** What one caller wants, and for how long it waits. */
export interface Request extends Wish {
  /** The current token will not do, whatever its state. */
  isForced?: boolean
  /** The session that the caller began with; by default the one in force now. */
  sessionId?: string | undefined
  signal?: AbortSignal | undefined
}

/** An access token that is handed out: the session's own, or another resource's. */
export interface Kept {
  /** Up to here the token is handed out without a second thought, epoch milliseconds. */
  readonly attentionAt: number
  readonly token: string | undefined
  /** One promise for everybody while the token is the same. */
  readonly answer: Promise<string>
  /** The session whose tokens are handed out, if there are any. */
  readonly sessionId: string | undefined
  /** The key that they are bound to. */
  readonly dpopKey: DpopKey | undefined
  /** Whether the caller runs inside the user's function. */
  isInsideRefresh(): boolean
  /** For all that takes more than handing out a fresh token. */
  keeper(): Keeper
}

/** Who sees to it that there is a token to hand out. */
export interface Keeper {
  /** The session. */
  readonly held: HeldSession
  /** How the access token stands. */
  readonly served: HeldSession
  readonly desk: CycleDesk
  /** The wait that callers share now, if any waits. */
  sharedWait: SharedWait | undefined
  /** @throws ManagerClosedError */
  assertOpen(): void
  isServable(wish: Wish): boolean
  /** Behind a use: whatever is due is done in the background. */
  attend(): void
  look(): Promise<void>
  lookIfStale(): Promise<boolean>
  readonly refusal: TokenError | undefined
  board(request: Request): Promise<Landing>
}

/**
 * A token for one caller: the one at hand if it does, else that of the refresh which all share. It
 * waits no longer than its signal and `waitTimeoutMs` allow.
 *
 * Whatever ends a wait is judged anew from the top: the session may have become another one.
 *
 * @throws TokenError, or the signal's own reason
 * @internal
 */
export async function obtainToken(keeper: Keeper, request: Request): Promise<string> {
  const { held } = keeper
  const { signal } = request
  const deadline = monotonicNow() + keeper.desk.timing.waitTimeoutMs
  const wait = <T>(shared: Promise<T>) => waitFor(shared, deadline - monotonicNow(), signal)
  let sessionId = request.sessionId ?? held.sessionId

  for (;;) {
    signal?.throwIfAborted()
    keeper.assertOpen()
    assertSession(keeper, sessionId)
    if (!held.isKnown) {
      await wait(keeper.look())
      continue
    }
    const refusal = held.ended ?? (isServed(keeper, request) ? undefined : keeper.refusal)
    if (refusal) {
      if (await wait(keeper.lookIfStale())) continue
      throw refusal
    }
    sessionId ??= held.sessionId
    if (isServed(keeper, request)) return serve(keeper)

    let landing: Landing
    try {
      landing = await wait(keeper.board(request))
    } catch (error) {
      const isPassedOver = held.sessionId === sessionId && isOthersWish(request)
      if (isTokenError(error) && isPassedOver && isServed(keeper, request)) return serve(keeper)
      throw error
    }
    if (
      landing.token !== undefined &&
      (landing.isFromServer || (request.isForced && landing.isOther))
    ) {
      assertSession(keeper, sessionId)
      return landing.token
    }
  }
}

/** Whether the token at hand does, so that nothing is waited for. @internal */
export function isServed(keeper: Keeper, request: Request): boolean {
  return !request.isForced && keeper.isServable(request)
}

function serve(keeper: Keeper): string {
  keeper.attend()
  return keeper.served.token!
}

/** Who did not ask for another token is content with the one at hand when there is no other. */
function isOthersWish(request: Request): boolean {
  return !request.isForced && request.rejected === undefined
}

/** @throws LoginRequiredError if another session is in force than the caller's */
function assertSession({ held }: Keeper, sessionId: string | undefined): void {
  if (sessionId === undefined || held.sessionId === sessionId || held.ended || !held.isKnown) return
  throw sessionChanged()
}

function sessionChanged(): LoginRequiredError {
  return new LoginRequiredError('Another login took the place of the one this call began with', {
    reason: 'session-changed',
  })
}
