import { delay, monotonicNow, now, pause } from '../clock.js'
import {
  isTokenError,
  RefreshUnavailableError,
  type LoginRequiredError,
  type TokenError,
} from '../errors.js'
import type { TokenEvents } from '../events.js'
import type { Lease, StoredCoolDown } from '../stores/token-store.js'
import type { TokenSet } from '../tokens/token-set.js'
import type { AccessToken } from './access-token.js'
import type { SessionCore } from './core.js'
import type { Outcome, Refresh } from './refresh.js'
import { RetryPolicy } from './retry-policy.js'
import { endIfStill, saveTokens, type SaveResult } from './save.js'
import { assertMaySpend, isUnknown, markSpending, noteFailure } from './spend-mark.js'
import { loginRequired } from './state.js'
import { syncWithStore, type RefreshBase } from './sync.js'
import type { TokenRequests, TokenResult } from './token-requests.js'

/** How much longer than another's whole refresh one waits for its lease. */
const LEASE_GRACE_MS = 5_000
/** Of leases that were lost, or not waited for since other tokens came that do not serve. */
const MOST_LEASES = 8
/** Between two requests about which only one node of a server may be wrong. */
const DOUBT_MS = 500

/** What a refresh works on. */
export interface RefreshWork {
  readonly core: SessionCore
  readonly requests: TokenRequests
  readonly access: AccessToken
  readonly refresh: Refresh
}

/**
 * The one refresh, as one transaction: lease, read, adopt or spend, save. Its commit point is the
 * save. Callers are answered when it is over, or earlier where the save goes on.
 *
 * @throws TokenError
 * @internal
 */
export async function runRefresh(work: RefreshWork): Promise<Outcome> {
  const { core } = work
  const retry = new RetryPolicy(core.timing)
  const waitMs = core.timing.cycleBudgetMs + LEASE_GRACE_MS
  for (let leases = 0; leases < MOST_LEASES; leases++) {
    const task = (lease: Lease) => underLease(work, lease, retry)
    const outcome = await core.store.exclusive(task, waitMs, { orWhenChanged: true })
    if (outcome) return outcome
  }
  throw new RefreshUnavailableError('The lease was lost again and again before anything was sent', {
    outcome: 'not-sent',
  })
}

/** @returns `undefined` if the lease was lost before anything was sent */
async function underLease(
  work: RefreshWork,
  lease: Lease,
  retry: RetryPolicy,
): Promise<Outcome | undefined> {
  const { core, requests, access, refresh } = work
  const isWanted = () => !refresh.isSuperseded
  let sent: SentRequest | undefined
  let isDoubted = false
  for (;;) {
    await requests.saved()
    const base = await syncWithStore(core, isWanted)
    if (!isWanted() || !refresh.mustRenew || refresh.isSatisfiedBy(access, true)) {
      return inForce(work)
    }
    if (!lease.isHeld()) return refresh.isSatisfiedBy(access, false) ? inForce(work) : undefined
    if (access.standsByRejected()) return inForce(work)
    retry.begin()
    assertRenewable(core, base)
    if (await requests.waitForOther(access, retry.timeoutMs)) {
      retry.restart(changed())
      continue
    }
    const open = openRequests(base, sent)
    assertMaySpend(access, base, { open, sentAt: sent?.at }, retry.failure)
    const marked = await markSpending(core, base, open)
    // Nothing is awaited from here until the request is sent: what is found out now holds then.
    if (!isWanted()) return inForce(work)
    if (!marked || requests.isSaving || core.state.record !== marked.record) {
      retry.restart(changed())
      continue
    }
    if (!lease.isHeld()) return undefined
    const startedAt = monotonicNow()
    const result = await send(work, marked, retry.requestTimeoutMs())
    sent = { version: marked.record?.version, open, at: now(), error: result.error }
    if (result.tokens) {
      const saving = saveTokens(core, access, result.base, result.tokens, () => !isWanted())
      const saved = await requests.duringSave(saving)
      if (saved) return putInForce(work, saved, result.tokens, startedAt, retry)
      retry.restart(changed())
    } else if (isEnd(work, result.error)) {
      if (!isWanted()) throw result.error
      if (!isDoubted && !refresh.hasCallers && access.isUsable) {
        isDoubted = true // one node of a cluster may be behind: the good token is not given up yet
        await delay(DOUBT_MS)
        continue
      }
      if (await endIfStill(core, result.base, result.error, lease, isWanted)) throw result.error
      retry.restart(result.error)
    } else {
      await backOff(work, retry, marked, open, result.error)
    }
  }
}

interface SentRequest {
  readonly version: number | undefined
  readonly open: number
  /** When it ended, epoch milliseconds. */
  readonly at: number
  readonly error: TokenError | undefined
}

/** How many requests with the refresh token at hand have an unknown outcome. */
function openRequests({ stored }: RefreshBase, sent: SentRequest | undefined): number {
  const isOurs = sent?.error && !isUnknown(sent.error) && sent.version === stored?.version
  return isOurs ? sent.open : (stored?.spending?.attempts ?? 0)
}

async function send(
  { core, requests, access, refresh }: RefreshWork,
  base: RefreshBase,
  timeoutMs: number,
): Promise<TokenResult> {
  refresh.wasSent = true
  core.apply({ type: 'sending', event: { reason: refresh.reason, ...forResource(access) } })
  return requests.send(access, base, timeoutMs)
}

/** @throws the error, once the store says how it ended, if there is no next attempt */
async function backOff(
  work: RefreshWork,
  retry: RetryPolicy,
  base: RefreshBase,
  open: number,
  failure: TokenError,
): Promise<void> {
  try {
    await retry.backOff(failure)
  } catch (error) {
    const coolDown = coolDownAfter(work, error as TokenError)
    await noteFailure(work.core, base, error as TokenError, open, coolDown)
    throw error
  }
}

/**
 * @returns what all who share the store are to wait for; a refusal of one resource is its own
 * @internal
 */
export function coolDownAfter(
  { core, access, refresh }: RefreshWork,
  error: TokenError,
): StoredCoolDown | undefined {
  if (refresh.isSuperseded || !refresh.mustRenew || core.state.ended) return undefined
  if (!access.coolDown.isOver) return undefined // it has just begun, or was found in the store
  const bindsCallers = refresh.wasSent && (refresh.hasCallers || !access.isUsable)
  const coolDown = access.coolDown.fail(error, bindsCallers)
  return access === core.own ? coolDown : undefined
}

/** Callers are answered once the tokens are saved, or cannot be for now: then saving goes on. */
async function putInForce(
  { core, access, refresh }: RefreshWork,
  { record, error }: NonNullable<SaveResult>,
  tokens: TokenSet,
  startedAt: number,
  retry: RetryPolicy,
): Promise<Outcome> {
  const { reason } = refresh
  const durationMs = monotonicNow() - startedAt
  const { expiresAt } = tokens
  const event = { reason, durationMs, expiresAt, ...forResource(access) }
  holdTokens(core, access, { record, error, event }, tokens)
  const outcome = { token: access.token, isFromServer: true, isOther: true }
  if (!error) return outcome
  refresh.answer(outcome)
  try {
    await keepSaving(core, () => !refresh.isSuperseded, retry)
  } finally {
    core.saving = undefined
  }
  return outcome
}

/**
 * Saves what could not be saved at once, as long as the lease makes that safe: whoever gets it next
 * would spend the spent refresh token. One more attempt is made at once where somebody needs it.
 */
async function keepSaving(
  core: SessionCore,
  isWanted: () => boolean,
  retry: RetryPolicy,
): Promise<void> {
  for (let failures = 0; core.state.unsaved && isWanted(); failures++) {
    const pauseMs = retry.savePauseMs(failures)
    if (pauseMs === undefined) return
    const { over, end } = pause(pauseMs)
    core.saving = { hurry: end }
    await over
    await syncWithStore(core, isWanted).catch(() => undefined)
  }
}

/**
 * Puts in force what the server has just given out.
 *
 * @internal
 */
export function holdTokens(
  core: SessionCore,
  access: AccessToken,
  saved: NonNullable<SaveResult> & { event?: TokenEvents['refreshed'] },
  tokens: TokenSet,
): void {
  const isOwn = access === core.own
  core.apply({ type: 'refreshed', ...saved, isOwn })
  if (!isOwn) access.hold(tokens, core.sessionId, 'refresh')
  access.confirm()
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

function forResource({ parameters }: AccessToken) {
  return { resource: parameters.resource }
}

function changed(): RefreshUnavailableError {
  return new RefreshUnavailableError(
    'The session kept changing during the refresh, which gave up after 5 attempts',
    { outcome: 'failed' },
  )
}
