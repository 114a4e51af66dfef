import { delay, monotonicNow, now } from '../clock.js'
import {
  isTokenError,
  RefreshUnavailableError,
  type LoginRequiredError,
  type TokenError,
} from '../errors.js'
import type { Lease } from '../stores/token-store.js'
import type { Outcome } from './access-token.js'
import { Attempts } from './attempts.js'
import type { SessionCore } from './core.js'
import { keepRotated } from './keep-rotated.js'
import type { RefreshWork } from './refresh-work.js'
import { endIfStill, saveTokens } from './save.js'
import { markSpending, noteFailure } from './spend-mark.js'
import { loginRequired } from './login-required.js'
import { forResource, putInForce, whenSaved } from './put-in-force.js'
import { syncWithStore, type RefreshBase } from './sync.js'
import type { TokenResult } from './token-requests.js'

/** How much longer than another's whole refresh one waits for its lease. */
const LEASE_GRACE_MS = 5_000
/** Who waits in vain is told that another holds the lease, and not that no token came in time. */
const CALLERS_SHARE = 0.95
/** Of leases that were lost, or not waited for since other tokens came that do not serve. */
const MOST_LEASES = 8
/** Between two requests about which only one node of a server may be wrong. */
const DOUBT_MS = 500

/**
 * The one refresh, as one transaction: lease, read, adopt or spend, save. Its commit point is the
 * save. Callers get their result when it is over, or earlier where the save goes on.
 *
 * @throws TokenError
 * @internal
 */
export async function runRefresh(work: RefreshWork): Promise<Outcome> {
  const { core } = work
  const attempts = new Attempts(work)
  const waitMs = leaseWaitMs(work)
  try {
    for (let leases = 0; leases < MOST_LEASES; leases++) {
      await attempts.takeTurn()
      // While another process has the lease, the task also runs when other tokens are stored:
      // without the lease, to adopt them. Where they will not do, it waits for the lease again.
      const task = (lease: Lease) => underLease(work, lease, attempts)
      const outcome = await core.store.exclusive(task, waitMs, { wakeOnChange: true })
      if (outcome) return outcome
    }
  } finally {
    attempts.turn?.leave()
  }
  throw new RefreshUnavailableError(
    'The lease was lost several times before the token request was sent',
    {
      outcome: 'not-sent',
    },
  )
}

/** Long enough for another's whole refresh; where a caller is waiting, no longer than the caller. */
function leaseWaitMs({ core, refresh }: RefreshWork): number {
  const longestMs = core.timing.cycleBudgetMs + LEASE_GRACE_MS
  const isForCaller = refresh.reason !== 'due' && refresh.reason !== 'timer'
  return isForCaller ? Math.min(longestMs, CALLERS_SHARE * core.timing.waitTimeoutMs) : longestMs
}

/** @returns `undefined` if there is no lease, or none any more, before anything was sent */
async function underLease(
  work: RefreshWork,
  lease: Lease,
  attempts: Attempts,
): Promise<Outcome | undefined> {
  const { core, requests, access, refresh } = work
  const { retry } = attempts
  const isWanted = () => !refresh.isSuperseded
  for (;;) {
    await requests.whenSavesEnded()
    const base = await syncWithStore(core, isWanted)
    if (!isWanted() || !refresh.mustRenew || refresh.isSatisfiedBy(access)) {
      return inForce(work)
    }
    if (!lease.isHeld()) return refresh.isServedBy(access) ? inForce(work) : undefined
    if (access.standsByRejected()) return inForce(work)
    retry.begin()
    assertRenewable(core, base)
    if (await requests.waitForOther(access, retry.timeoutMs)) {
      retry.restart(changed())
      continue
    }
    if (core.endpoint && !attempts.turn) return undefined // a caller joined what was only to save
    const isSent = requests.joinable(base) !== undefined // earlier: nothing more is spent
    const open = attempts.open(base, isSent)
    if (!isSent && (await attempts.isReadyLate(base, open))) continue
    const marked = isSent ? base : await markSpending(core, base, open)
    // Nothing is awaited from here until the request is sent: what is found out now holds then.
    if (!isWanted()) return inForce(work)
    if (!marked || requests.isSaving || core.state.record !== marked.record) {
      retry.restart(changed())
      continue
    }
    const { tooLate } = retry
    if (!lease.isHeld() || tooLate) {
      if (!isSent) await noteFailure(core, marked, notSent(), open, undefined)
      if (tooLate) throw tooLate
      return undefined
    }
    const startedAt = monotonicNow()
    const result = await send(work, marked, retry.timeoutMs)
    attempts.turn?.ended(result.error)
    attempts.sent = { version: marked.record?.version, open, at: now(), error: result.error }
    if (result.tokens) {
      const { base, tokens } = result
      const saving = saveTokens(
        core,
        access,
        base,
        tokens,
        () => !isWanted(),
        (saved) => putInForce(work, saved, result, startedAt),
      )
      const saved = await requests.duringSave(saving)
      if (saved) return whenSaved(work, saved, tokens, retry)
      retry.restart(changed())
    } else if (isEnd(work, result.error)) {
      if (!isWanted()) throw result.error
      if (!attempts.isDoubted && !refresh.hasCallers && access.isUsable) {
        attempts.isDoubted = true // one node of a cluster may be behind: the good token is not given up yet
        await delay(DOUBT_MS)
        continue
      }
      if (await endIfStill(core, result.base, result.error, lease, isWanted)) throw result.error
      retry.restart(result.error)
    } else {
      const rotated = await keepRotated(work, result.base, result.error, () => !isWanted())
      await attempts.backOff(rotated ?? marked, open, result.error)
    }
  }
}

async function send(
  { core, requests, access, refresh }: RefreshWork,
  base: RefreshBase,
  timeoutMs: number,
): Promise<TokenResult> {
  refresh.wasSent = true
  core.apply({ type: 'sending', event: { reason: refresh.reason, ...forResource(access) } })
  return requests.send(access, base, timeoutMs, refresh.claims)
}

/** What is in force by now is all that callers get. */
function inForce({ access, refresh }: RefreshWork): Outcome {
  return { token: access.token, isFromServer: false, isOther: refresh.isNews(access.tokens) }
}

function assertRenewable({ needsRefreshToken }: SessionCore, { record }: RefreshBase): void {
  if (!needsRefreshToken || record?.tokens?.refreshToken) return
  throw loginRequired('no-refresh-token')
}

/** Whether the server's word ends the session: only what it says of the session's own refresh. */
function isEnd({ core, access }: RefreshWork, error: TokenError): error is LoginRequiredError {
  if (!core.needsRefreshToken || access !== core.own) return false
  return isTokenError(error, 'ERR_LOGIN_REQUIRED') && error.reason !== 'no-refresh-token'
}

/** What the mark foresaw did not come about. */
function notSent(): RefreshUnavailableError {
  return new RefreshUnavailableError('The lease or the time was over before anything was sent', {
    outcome: 'not-sent',
  })
}

function changed(): RefreshUnavailableError {
  return new RefreshUnavailableError(
    'The session kept changing during the refresh, which gave up after 5 attempts',
    { outcome: 'failed' },
  )
}
