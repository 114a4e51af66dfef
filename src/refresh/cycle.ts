import { monotonicNow } from '../clock.js'
import {
  isTokenError,
  LoginRequiredError,
  RefreshUnavailableError,
  type TokenError,
} from '../errors.js'
import type { Timing } from '../timing.js'
import type { Proving } from '../proving.js'
import type { Lease } from '../stores/token-store.js'
import type { Calls } from './calls.js'
import { commit } from './commit.js'
import type { Flight, Landing } from './flight.js'
import { endIfStill } from './end.js'
import { rehearse } from './rehearsal.js'
import { takeStock, type Desk, type Stock } from './stock.js'
import { isOther, type Target } from './target.js'
import { Tries } from './tries.js'

/** What a cycle works with. */
export interface CycleDesk extends Desk {
  readonly calls: Calls
  readonly timing: Timing
  readonly proving: Proving
}

/** How much longer than another's whole cycle one waits for its lease. */
const LEASE_GRACE_MS = 5_000
/** Of leases that were lost, or not waited for since other tokens came that do not serve. */
const MAX_WAITS = 8

/**
 * The one refresh, as one transaction: lease, look, adopt or spend, save. Its commit point is the
 * save.
 *
 * @throws TokenError
 * @internal
 */
export async function refreshSession(
  desk: CycleDesk,
  target: Target,
  flight: Flight,
): Promise<Landing> {
  const waitMs = desk.timing.cycleBudgetMs + LEASE_GRACE_MS
  const tries = new Tries(desk.timing)
  for (let waits = 0; waits < MAX_WAITS; waits++) {
    const task = (lease: Lease) => underLease(desk, target, flight, lease, tries)
    const landing = await desk.store.exclusive(task, waitMs, { orWhenChanged: true })
    if (landing) return landing
  }
  throw new RefreshUnavailableError('The lease was lost again and again before anything was sent', {
    outcome: 'not-sent',
  })
}

/** @returns `undefined` if the lease was lost before anything was sent */
async function underLease(
  desk: CycleDesk,
  target: Target,
  flight: Flight,
  lease: Lease,
  tries: Tries,
): Promise<Landing | undefined> {
  const isWanted = () => !flight.isOrphan
  for (;;) {
    await desk.calls.landed()
    const stock = await takeStock(desk, isWanted)
    if (!isWanted() || !flight.mustRenew || target.isServedBy(flight, true)) {
      return landingOf(target, flight, false)
    }
    if (!lease.isHeld()) {
      return target.isServedBy(flight, false) ? landingOf(target, flight, false) : undefined
    }
    tries.begin()
    assertRenewable(desk, stock)
    if (await desk.calls.otherSettled(target, tries.timeoutMs)) {
      tries.lookAgain(superseded())
      continue
    }
    const isTaken = await rehearse(desk, stock)
    // From here until it is sent nothing is waited for: what is found out now still holds then.
    if (!isWanted()) return landingOf(target, flight, false)
    if (!isTaken || desk.calls.isLanding || desk.held.record !== stock.record) {
      tries.lookAgain(superseded()) // a login, or a late answer, came between the look and now
      continue
    }
    if (!lease.isHeld()) return undefined
    const timeoutMs = tries.requestTimeoutMs()
    const startedAt = monotonicNow()
    const { reason } = flight
    flight.wasSent = true
    const { resource } = target.parameters
    desk.events.emit('refreshing', { reason, resource })
    const answered = await desk.calls.send(target, stock, timeoutMs)
    const { error } = answered
    if (error === undefined) {
      if (await commit(desk, target, answered.stock, answered.tokens, () => flight.isOrphan)) {
        const durationMs = monotonicNow() - startedAt
        const { expiresAt } = answered.tokens
        desk.events.emit('refreshed', { reason, durationMs, expiresAt, resource })
        return landingOf(target, flight, true)
      }
      tries.lookAgain(superseded())
    } else if (!isEnd(desk, error)) {
      await tries.pauseAfter(error)
    } else {
      if (!isWanted() || (await endIfStill(desk, answered.stock, error, isWanted))) throw error
      tries.lookAgain(error)
    }
  }
}

function landingOf(target: Target, flight: Flight, isFromServer: boolean): Landing {
  const { token, record } = target
  return { token, isFromServer, isOther: isFromServer || isOther(record, flight) }
}

function assertRenewable(desk: CycleDesk, stock: Stock): void {
  if (!desk.needsRefreshToken || stock.record?.tokens?.refreshToken) return
  throw new LoginRequiredError('The token has expired and there is no refresh token', {
    reason: 'no-refresh-token',
  })
}

function isEnd(desk: CycleDesk, error: TokenError): error is LoginRequiredError {
  const { needsRefreshToken } = desk
  return (
    needsRefreshToken &&
    isTokenError(error, 'ERR_LOGIN_REQUIRED') &&
    error.reason !== 'no-refresh-token'
  )
}

function superseded(): RefreshUnavailableError {
  return new RefreshUnavailableError('Others changed the session again and again meanwhile', {
    outcome: 'failed',
  })
}
