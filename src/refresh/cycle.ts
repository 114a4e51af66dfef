import { monotonicNow } from '../clock.js'
import {
  isTokenError,
  LoginRequiredError,
  RefreshUnavailableError,
  type TokenError,
  type TokenStoreError,
} from '../errors.js'
import type { Timing } from '../options.js'
import { isSameRecord, storedSession } from '../stores/stored-session.js'
import type { Lease } from '../stores/token-store.js'
import type { Calls } from './calls.js'
import { commit } from './commit.js'
import type { Flight, Landing } from './flight.js'
import { endSession, takeStock, type Desk, type Stock } from './stock.js'
import { Tries } from './tries.js'

/** What a cycle works with. */
export interface CycleDesk extends Desk {
  readonly calls: Calls
  readonly timing: Timing
}

/** How much longer than another's whole cycle one waits for its lease. */
const LEASE_GRACE_MS = 5_000
const MAX_LEASES = 3

/**
 * The one refresh, as one transaction: lease, look, adopt or spend, save. Its commit point is the
 * save.
 *
 * @throws TokenError
 * @internal
 */
export async function refreshSession(desk: CycleDesk, flight: Flight): Promise<Landing> {
  const waitMs = desk.timing.cycleBudgetMs + LEASE_GRACE_MS
  for (let leases = 0; leases < MAX_LEASES; leases++) {
    const landing = await desk.store.exclusive((lease) => underLease(desk, flight, lease), waitMs)
    if (landing) return landing
  }
  throw new RefreshUnavailableError('The lease was lost again and again before anything was sent', {
    outcome: 'not-sent',
  })
}

/** @returns `undefined` if the lease was lost before anything was sent */
async function underLease(
  desk: CycleDesk,
  flight: Flight,
  lease: Lease,
): Promise<Landing | undefined> {
  const isWanted = () => !flight.isOrphan
  const tries = new Tries(desk.timing)
  for (;;) {
    const stock = await takeStock(desk, isWanted)
    if (!isWanted() || !flight.mustRenew || isAdopted(desk, flight))
      return landingOf(desk, flight, false)
    try {
      assertRenewable(desk, stock)
      if (!lease.isHeld()) return undefined
      if (await spend(desk, flight, stock, tries)) {
        return landingOf(desk, flight, true)
      }
      tries.lookAgain(superseded())
    } catch (error) {
      if (isTokenError(error, 'ERR_LOGIN_REQUIRED') && isEnd(desk, error)) {
        if (await endIfStill(desk, stock, error, isWanted)) throw error
        tries.lookAgain(error)
      } else {
        await tries.pauseAfter(error as TokenError)
      }
    }
  }
}

/** Something else is in force than at the start, and it is good enough for all who wait. */
function isAdopted(desk: CycleDesk, flight: Flight): boolean {
  const { held } = desk
  const { token } = held
  if (token === undefined || token === flight.startedWith || flight.rejected.has(token))
    return false
  return !held.isDue && held.meets({ minValidityMs: flight.minValidityMs })
}

function landingOf(desk: CycleDesk, flight: Flight, isFromServer: boolean): Landing {
  const { token } = desk.held
  return { token, isFromServer, isOther: isFromServer || token !== flight.startedWith }
}

/** @returns whether the answer is in force; `false`: somebody else changed the session */
async function spend(
  desk: CycleDesk,
  flight: Flight,
  stock: Stock,
  tries: Tries,
): Promise<boolean> {
  const reason = flight.reason === 'save' ? 'due' : flight.reason
  const startedAt = monotonicNow()
  desk.events.emit('refreshing', { reason })
  const answered = await desk.calls.send(stock, tries.timeoutMs)
  const isOurs = await commit(desk, answered.stock, answered.tokens, () => flight.isOrphan)
  if (isOurs) {
    const durationMs = monotonicNow() - startedAt
    const expiresAt = desk.held.record?.tokens?.expiresAt
    desk.events.emit('refreshed', { reason, durationMs, expiresAt })
  }
  return isOurs
}

function assertRenewable(desk: CycleDesk, stock: Stock): void {
  if (!desk.needsRefreshToken || stock.record?.tokens?.refreshToken) return
  throw new LoginRequiredError('The token has expired and there is no refresh token', {
    reason: 'no-refresh-token',
  })
}

function isEnd(desk: CycleDesk, error: LoginRequiredError): boolean {
  return desk.needsRefreshToken && error.reason !== 'no-refresh-token'
}

/**
 * The server refused the refresh token. That means something only for the one now in the store: a
 * loser of a race is refused too, and the winner's tokens are there.
 *
 * @returns `false` if the store holds something else by now
 */
async function endIfStill(
  desk: CycleDesk,
  spent: Stock,
  error: LoginRequiredError,
  isWanted: () => boolean,
): Promise<boolean> {
  const current = await desk.store.load()
  if (!isUnchanged(spent.stored, current)) return false
  const record = spent.record!
  const end = storedSession({ ...record, version: record.version + 1, tokens: null })
  try {
    if (!(await desk.store.save(end, current?.version))) return false
    if (isWanted()) endSession(desk, error.reason, end, { error })
  } catch (cause) {
    desk.events.emit('saveFailed', { error: cause as TokenStoreError })
    const unsaved = { replaces: current, isUsersAct: false }
    if (isWanted()) endSession(desk, error.reason, end, { error, unsaved })
  }
  return true
}

function isUnchanged(before: Stock['stored'], current: Stock['stored']): boolean {
  return before ? isSameRecord(current, before) : current === undefined
}

function superseded(): RefreshUnavailableError {
  return new RefreshUnavailableError('Others changed the session again and again meanwhile', {
    outcome: 'failed',
  })
}
