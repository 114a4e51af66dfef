import { monotonicNow } from '../clock.js'
import { isServed, obtainToken, type Keeper, type Request } from './obtain.js'

/** One wait for all callers who want the same of it. */
export interface SharedWait {
  readonly token: Promise<string>
  /** The session that it began under. */
  readonly sessionId: string | undefined
  /** From here on a caller begins another, by the monotonic clock. */
  readonly joinableUntil: number
}

/** Who joins has so much less than its `waitTimeoutMs` left, at most. */
const LATEST_JOIN = 0.01

/**
 * `obtainToken`; who wants just a token, and has no signal of its own, shares the wait of those who
 * came a moment before. Ten thousand callers at the end of a token cost one timer and one promise.
 *
 * @throws as `obtainToken`
 * @internal
 */
export function obtainShared(keeper: Keeper, request: Request): Promise<string> {
  const isAlike = isPlain(request) && isToWait(keeper, request)
  return isAlike ? (joinable(keeper) ?? begin(keeper, request)) : obtainToken(keeper, request)
}

function isPlain({ isForced, rejected, minValidityMs, sessionId, signal }: Request): boolean {
  return !isForced && !(rejected ?? minValidityMs ?? sessionId ?? signal)
}

/** Neither served nor refused at once; who runs inside the refresh must not wait for it. */
function isToWait(keeper: Keeper, request: Request): boolean {
  const { held, desk } = keeper
  if (held.isClosed || held.ended || isServed(keeper, request)) return false
  return !desk.calls.isInside() && keeper.refusal === undefined
}

function joinable({ sharedWait, held }: Keeper): Promise<string> | undefined {
  if (!sharedWait || sharedWait.sessionId !== held.sessionId) return undefined
  return monotonicNow() < sharedWait.joinableUntil ? sharedWait.token : undefined
}

function begin(keeper: Keeper, request: Request): Promise<string> {
  const { held, desk } = keeper
  const wait: SharedWait = {
    token: obtainToken(keeper, request).finally(() => {
      if (keeper.sharedWait === wait) keeper.sharedWait = undefined
    }),
    sessionId: held.sessionId,
    joinableUntil: monotonicNow() + desk.timing.waitTimeoutMs * LATEST_JOIN,
  }
  keeper.sharedWait = wait
  return wait.token
}
