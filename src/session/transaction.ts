import { delay, monotonicNow } from '../clock.js'
import {
  isTokenError,
  RefreshUnavailableError,
  type LoginRequiredError,
  type TokenError,
} from '../errors.js'
import type { Lease } from '../stores/token-store.js'
import { Attempts } from './attempts.js'
import type { SessionCore, UnfinishedSave } from './core.js'
import { keepRotated } from './keep-rotated.js'
import type { RefreshWork } from './refresh.js'
import { endIfStill, saveTokens, type Saved } from './save.js'
import { markSpending, noteFailure } from './spend-mark.js'
import { loginRequired } from './login-required.js'
import { forResource, putInForce, whenSaved } from './put-in-force.js'
import { syncWithStore, type RefreshBase } from './sync.js'
import type { Outcome } from './wait-request.js'

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
  if (core.unfinishedSave) await assertSaved(core.unfinishedSave)
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
    { outcome: 'not-sent' },
  )
}

/** Another refresh of this process has the lease, and saves what it brought. */
async function assertSaved({ tryNow }: UnfinishedSave): Promise<void> {
  const error = await tryNow()
  if (error) throw error
}

/** Long enough for another's whole refresh; where a caller is waiting, no longer than the caller. */
function leaseWaitMs({ core, refresh }: RefreshWork): number {
  const longestMs = core.timing.cycleBudgetMs + LEASE_GRACE_MS
  const isForCaller = refresh.reason !== 'due' && refresh.reason !== 'timer'
  return isForCaller ? Math.min(longestMs, CALLERS_SHARE * core.timing.waitTimeoutMs) : longestMs
}

/** A token request that can be sent. */
interface Prepared {
  /** What it is made from, with the mark in it; `undefined` if the session changed at the mark. */
  readonly base: RefreshBase | undefined
  /** Whether it was sent earlier and still runs: it is waited for again, and nothing more is spent. */
  readonly isRunning: boolean
  /** How many requests with this refresh token have an unknown outcome, without this one. */
  readonly unresolved: number
}

/** @returns `undefined` if there is no lease, or none any more, before anything was sent */
async function underLease(
  work: RefreshWork,
  lease: Lease,
  attempts: Attempts,
): Promise<Outcome | undefined> {
  const { core, requests, refresh } = work
  for (;;) {
    const prepared = await prepare(work, lease, attempts)
    if (prepared === 'look-again') continue
    if (prepared === 'no-lease') return undefined
    // Nothing is awaited from here until the request is sent: what is found out now holds then.
    if (prepared === 'in-force' || refresh.isSuperseded) return outcomeInForce(work)
    const { base, isRunning, unresolved } = prepared
    if (!base || requests.isSaving || core.state.record !== base.record) {
      attempts.restart(changed())
      continue
    }
    const { tooLate } = attempts
    if (!lease.isHeld() || tooLate) {
      if (!isRunning) await noteFailure(core, base, notSent(), unresolved, undefined)
      if (tooLate) throw tooLate
      return undefined
    }
    const outcome = await spend(work, lease, attempts, base, unresolved)
    if (outcome) return outcome
  }
}

/** Finds out, before anything is sent, whether a request is needed and may be sent; and marks it. */
async function prepare(
  work: RefreshWork,
  lease: Lease,
  attempts: Attempts,
): Promise<Prepared | 'in-force' | 'no-lease' | 'look-again'> {
  const { core, requests, access, refresh } = work
  await requests.whenSavesEnded()
  if (refresh.isSuperseded) return 'in-force'
  const base = await syncWithStore(core, () => refresh.isSuperseded)
  const isWanted = !refresh.isSuperseded && refresh.mustRenew
  if (!isWanted || refresh.isSatisfiedBy(access)) return 'in-force'
  if (!lease.isHeld()) return refresh.isServedBy(access) ? 'in-force' : 'no-lease'
  if (access.reinstateIfJustIssued()) return 'in-force'
  attempts.begin()
  assertRenewable(core, base)
  if (await requests.waitForOther(access, attempts.timeoutMs)) {
    attempts.restart(changed())
    return 'look-again'
  }
  if (core.endpoint && !attempts.turn) return 'no-lease' // a caller joined what was only to save
  const isRunning = requests.joinable(base) !== undefined
  const unresolved = attempts.unresolved(base, isRunning)
  if (isRunning) return { base, isRunning, unresolved }
  if (await attempts.isReadyLate(base, unresolved)) return 'look-again'
  return { base: await markSpending(core, base, unresolved), isRunning, unresolved }
}

/** @returns `undefined` if there is to be another attempt */
async function spend(
  work: RefreshWork,
  lease: Lease,
  attempts: Attempts,
  base: RefreshBase,
  unresolved: number,
): Promise<Outcome | undefined> {
  const { core, requests, access, refresh } = work
  const isSuperseded = () => refresh.isSuperseded
  const startedAt = monotonicNow()
  refresh.wasSent = true
  core.apply({ type: 'sending', event: { reason: refresh.reason, ...forResource(access) } })
  const result = await requests.send(access, base, attempts.timeoutMs, refresh.demand.claims)
  attempts.ended(base, unresolved, result.error)
  if (result.tokens) {
    const put = (saved: Saved) => putInForce(work, saved, result, startedAt)
    const saving = saveTokens(core, access, result.base, result.tokens, isSuperseded, put)
    const saved = await requests.duringSave(saving)
    if (saved) return whenSaved(work, saved, result.tokens, attempts)
    attempts.restart(changed())
  } else if (isEnd(work, result.error)) {
    if (refresh.isSuperseded) throw result.error
    if (attempts.mayDoubtEnd()) await delay(DOUBT_MS)
    else if (await endIfStill(core, result.base, result.error, lease, isSuperseded)) {
      throw result.error
    } else attempts.restart(result.error)
  } else {
    const rotated = await keepRotated(work, result.base, result.error, isSuperseded)
    await attempts.backOff(rotated ?? base, unresolved, result.error)
  }
  return undefined
}

/** What is in force by now is all that callers get. */
function outcomeInForce({ access, refresh }: RefreshWork): Outcome {
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
