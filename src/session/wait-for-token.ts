import { monotonicNow } from '../clock.js'
import { heard, type Channel } from '../diagnostics/channels.js'
import type { WaitMessage } from '../diagnostics/messages.js'
import { isTokenError, RefreshUnavailableError } from '../errors.js'
import { throwIfAborted, untilAborted, withTimeout } from '../wait.js'
import type { AccessToken } from './access-token.js'
import type { SessionCore } from './core.js'
import { markAsTold } from './error-origin.js'
import type { Refresher } from './refresher.js'
import type { TokenRequests } from './token-requests.js'
import type { Outcome, SharedWait, TokenRequirements, WaitRequest } from './wait-request.js'
import { loginRequired } from './login-required.js'

/** What a wait needs of the session. */
export interface WaitableSession {
  readonly core: SessionCore
  readonly refresher: Refresher
  readonly requests: TokenRequests
  /** @throws ManagerClosedError */
  assertOpen(): void
  /** Whether the token may be handed out now, to whoever requires this. */
  isServable(access: AccessToken, requirements: TokenRequirements): boolean
  /** Whether a plain caller is neither served nor refused at once. */
  mustWait(access: AccessToken): boolean
  /** Behind a use: whatever is due is done in the background. */
  attend(access: AccessToken): void
  /** Reads the store without the lease. */
  read(): Promise<void>
  /** @returns whether the store was read, so that it is worth to judge again */
  readIfStale(): Promise<boolean>
}

/** The share of `waitTimeoutMs` in which a wait may be joined: whoever joins has so much less. */
const JOINABLE_SHARE = 0.01

/**
 * A token for one caller: the one at hand if it does, else that of the refresh which all share. It
 * waits no longer than its signal and `waitTimeoutMs` allow. If anyone listens on the channel
 * `tokenward:wait`, the wait of a caller who cannot be served at once is told there.
 *
 * @throws TokenError, or the signal's own reason
 * @internal
 */
export function waitForToken(
  session: WaitableSession,
  access: AccessToken,
  request: WaitRequest,
): Promise<string> {
  const channel = heard('wait')
  return !channel || isServed(session, access, request)
    ? share(session, access, request)
    : traced(channel, session, access, request)
}

/**
 * Who requires just a token, and has no signal of its own, shares the wait of those who came a
 * moment before. Ten thousand callers at the end of a token cost one timer and one promise.
 */
function share(
  session: WaitableSession,
  access: AccessToken,
  request: WaitRequest,
): Promise<string> {
  if (!isPlain(request) || !session.mustWait(access)) return obtain(session, access, request)
  const shared = access.sharedWait
  const isAlike = shared && shared.sessionId === session.core.sessionId
  if (isAlike && monotonicNow() < shared.joinableUntil) return shared.token
  const wait: SharedWait = {
    token: obtain(session, access, request).finally(() => {
      if (access.sharedWait === wait) access.sharedWait = undefined
    }),
    sessionId: session.core.sessionId,
    joinableUntil: monotonicNow() + session.core.timing.waitTimeoutMs * JOINABLE_SHARE,
  }
  access.sharedWait = wait
  return wait.token
}

/** Whether it requires just a token, and can share another caller's wait. */
function isPlain(request: WaitRequest): boolean {
  const { isForced, rejected, minValidityMs, sessionId, claims, signal } = request
  return !(isForced || rejected || minValidityMs || sessionId || claims || signal)
}

/** Whatever ends a wait is judged again from the top: the session may have become another one. */
async function obtain(
  session: WaitableSession,
  access: AccessToken,
  request: WaitRequest,
): Promise<string> {
  const { core } = session
  const { signal } = request
  const deadline = monotonicNow() + core.timing.waitTimeoutMs
  const wait = <T>(shared: Promise<T>) =>
    withTimeout(() => untilAborted(shared, signal), deadline - monotonicNow(), tooLong)
  let sessionId = request.sessionId ?? core.sessionId

  for (;;) {
    throwIfAborted(signal)
    session.assertOpen()
    assertSession(session, sessionId)
    if (!core.state.storeRead) {
      await wait(session.read())
      continue
    }
    const served = isServed(session, access, request)
    const refusal = core.state.ended ?? (served ? undefined : session.refresher.refusal(access))
    if (refusal) {
      if (await wait(session.readIfStale())) continue
      throw markAsTold(refusal, session.requests)
    }
    sessionId ??= core.sessionId
    if (served) return serve(session, access)

    let outcome: Outcome
    try {
      outcome = await wait(session.refresher.join(access, request))
    } catch (error) {
      const isSameSession = core.sessionId === sessionId
      const mayServe = isTokenError(error) && isSameSession && isContent(request)
      if (mayServe && isServed(session, access, request)) return serve(session, access)
      throw error
    }
    const isOfSession =
      core.sessionId !== undefined && core.sessionId === (sessionId ?? core.sessionId)
    if (isOfSession && isAnswer(access, request, outcome)) return outcome.token!
  }
}

/** Whether the outcome is the caller's result as it is; else the caller judges what is in force. */
function isAnswer(access: AccessToken, request: WaitRequest, outcome: Outcome): boolean {
  if (outcome.token === undefined || !access.maySay(request.claims)) return false
  if (outcome.isFromServer || (request.isForced && outcome.isOther)) return true
  return outcome.token === request.rejected && access.areRejectionsIgnored
}

/** Whether the token at hand does, so that nothing is waited for. */
function isServed(session: WaitableSession, access: AccessToken, request: WaitRequest): boolean {
  return !request.isForced && session.isServable(access, request)
}

function serve(session: WaitableSession, access: AccessToken): string {
  session.attend(access)
  return access.token!
}

/** Who did not ask for another token is content with the one at hand when there is no other. */
function isContent(request: WaitRequest): boolean {
  return !request.isForced && request.rejected === undefined
}

/** @throws LoginRequiredError if another session is in force than the caller's */
function assertSession({ core }: WaitableSession, sessionId: string | undefined): void {
  const { ended, storeRead } = core.state
  if (sessionId === undefined || core.sessionId === sessionId || ended || !storeRead) return
  throw loginRequired('session-changed')
}

async function traced(
  channel: Channel,
  session: WaitableSession,
  access: AccessToken,
  request: WaitRequest,
): Promise<string> {
  const startedAt = monotonicNow()
  const publish = (outcome: WaitMessage['outcome'], error?: WaitMessage['error']) => {
    const { sessionId } = session.core
    const durationMs = monotonicNow() - startedAt
    channel.publish({ sessionId, durationMs, outcome, error } satisfies WaitMessage)
  }
  try {
    const token = await share(session, access, request)
    publish('served')
    return token
  } catch (thrown) {
    if (isTokenError(thrown)) publish('failed', thrown)
    else publish('aborted') // all else is the reason of the caller's own signal
    throw thrown
  }
}

function tooLong(): RefreshUnavailableError {
  return new RefreshUnavailableError(
    'There was no new token within `waitTimeoutMs`. The refresh goes on in the background',
    { outcome: 'unknown' },
  )
}
