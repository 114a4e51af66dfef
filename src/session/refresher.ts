import { monotonicNow, whenOver } from '../clock.js'
import { runDetached } from '../detached.js'
import { isTokenError, TokenOptionsError, type TokenError } from '../errors.js'
import type { RefreshReason } from '../events.js'
import type { AccessToken } from './access-token.js'
import { coolDownAfter } from './attempts.js'
import { isOver, leftMs, refusalIn } from './cool-down.js'
import type { SessionCore } from './core.js'
import { markAsTold } from './error-origin.js'
import { asTokenError, Refresh, type RefreshWork } from './refresh.js'
import type { TokenRequests } from './token-requests.js'
import { tracedRefresh } from './traced-refresh.js'
import type { Outcome, SharedRefresh, WaitRequest } from './wait-request.js'

/** No token is renewed by a timer more often than this, however short it lives. */
const LEAST_INTERVAL_MS = 1_000
/** When saving is tried again by itself: soon, then less and less often. */
const FIRST_SAVE_MS = 1_000
const LONGEST_SAVE_MS = 60_000

/**
 * Begins refreshes: one at a time for each access token, by a caller, behind a use, or by the timer.
 *
 * @internal
 */
export class Refresher {
  readonly #core: SessionCore
  readonly #requests: TokenRequests
  readonly #keepFresh: boolean
  readonly #active = new Set<AccessToken>()
  /** While something is unsaved: how often the timer tried to save it, and since when it waits. */
  #saving: { readonly tries: number; readonly since: number } | undefined
  /** When the session's own token was last to be renewed, by the monotonic clock. */
  #renewedAt = -Infinity
  #cancelTimer: (() => void) | undefined

  constructor(core: SessionCore, requests: TokenRequests, keepFresh: boolean) {
    this.#core = core
    this.#requests = requests
    this.#keepFresh = keepFresh
  }

  /** Why a caller may not begin one now, if so. One under way may always be shared. */
  refusal({ refreshing, coolDown }: AccessToken): TokenError | undefined {
    if (refreshing?.mustRenew) return undefined
    const { endpoint, timing } = this.#core
    return refusalIn(coolDown) ?? endpoint?.refusal(timing.waitTimeoutMs)
  }

  /**
   * The refresh that a caller shares: the one under way, or a new one.
   *
   * @throws TokenOptionsError if the caller is that refresh itself
   */
  join(access: AccessToken, request: WaitRequest): Promise<Outcome> {
    if (this.#requests.isInside()) throw insideRefresh()
    const refresh = access.refreshing ?? this.start(access, reasonFor(access, request))
    refresh.join(request)
    return refresh.outcome
  }

  /** @param mustRenew - `false`: only to save what is unsaved, unless a caller joins */
  start(access: AccessToken, reason: RefreshReason, mustRenew = true): Refresh {
    const refresh = new Refresh(reason, access, mustRenew)
    access.refreshing = refresh
    if (mustRenew && access === this.#core.own) this.#renewedAt = monotonicNow()
    this.#active.add(access)
    const work = { core: this.#core, requests: this.#requests, access, refresh }
    void this.#core.track(this.#run(work))
    return refresh
  }

  /** A login or logout was made here: it takes the place of whatever is under way. */
  supersedeAll(end?: TokenError): void {
    for (const access of this.#active) {
      access.refreshing?.supersede(end)
      access.clearCoolDown()
    }
    this.#active.clear()
    this.#core.own.clearCoolDown()
  }

  /** Saves what is unsaved, and no more unless someone joins who wants a token. */
  save(): SharedRefresh {
    const { own } = this.#core
    return own.refreshing ?? this.start(own, 'due', false)
  }

  /** Sets the timer again, after whatever may have changed when it is due. */
  schedule(): void {
    this.#countSaves()
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
    const isNeeded = this.#keepFresh || this.#core.state.unsaved !== undefined
    if (!isNeeded || this.#remainingMs() === Infinity) return
    this.#cancelTimer = runDetached(() =>
      whenOver(
        () => this.#remainingMs(),
        () => this.#wake(),
      ),
    )
  }

  #wake(): void {
    const { state, own } = this.#core
    if (this.#remainingMs() > 0) return this.schedule()
    if (state.unsaved && !this.#core.unfinishedSave && this.#saveInMs() <= 0) {
      this.#saving = { tries: (this.#saving?.tries ?? 0) + 1, since: monotonicNow() }
      this.save()
    } else {
      this.start(own, 'timer')
    }
  }

  #remainingMs(): number {
    const { state, own, unfinishedSave } = this.#core
    if (state.isClosed || own.refreshing) return Infinity
    const isToSave = state.unsaved && !unfinishedSave
    return Math.min(isToSave ? this.#saveInMs() : Infinity, this.#renewInMs())
  }

  #saveInMs(): number {
    const { tries = 0, since = monotonicNow() } = this.#saving ?? {}
    return since + Math.min(FIRST_SAVE_MS * 2 ** tries, LONGEST_SAVE_MS) - monotonicNow()
  }

  /** From the failure on, whatever is read in the meantime. */
  #countSaves(): void {
    if (!this.#core.state.unsaved) this.#saving = undefined
    else this.#saving ??= { tries: 0, since: monotonicNow() }
  }

  #renewInMs(): number {
    const { own } = this.#core
    if (!this.#keepFresh || own.token === undefined) return Infinity
    const restMs = this.#renewedAt + LEAST_INTERVAL_MS - monotonicNow()
    return Math.max(own.dueInMs, leftMs(own.coolDown), restMs)
  }

  async #run(work: RefreshWork): Promise<void> {
    const { access, refresh } = work
    const startedAt = monotonicNow()
    try {
      refresh.answer(await tracedRefresh(work))
    } catch (thrown) {
      const error = asTokenError(thrown)
      if (!refresh.isSuperseded && refresh.mustRenew) this.#failed(work, error, startedAt)
      refresh.fail(markAsTold(error, this.#requests))
    } finally {
      if (!access.refreshing) this.#active.delete(access)
      this.schedule()
    }
  }

  #failed(work: RefreshWork, error: TokenError, startedAt: number): void {
    const { core, access, refresh } = work
    coolDownAfter(work, error)
    const event = {
      reason: refresh.reason,
      durationMs: Math.round(monotonicNow() - startedAt),
      error,
      retryInMs: isTokenError(error, 'ERR_LOGIN_REQUIRED')
        ? undefined
        : Math.ceil(leftMs(access.coolDown)),
      resource: access.parameters.resource,
    }
    core.apply({ type: 'refresh-failed', event })
    const { own } = core
    const mayBeEnd = access !== own && isTokenError(error, 'ERR_LOGIN_REQUIRED')
    const mayAsk = !own.isUsable && !own.refreshing && isOver(own.coolDown)
    if (mayBeEnd && !core.state.ended && mayAsk) {
      this.start(own, 'due') // its response tells whether the session itself is over
    }
  }
}

function reasonFor(access: AccessToken, { isForced }: WaitRequest): RefreshReason {
  if (isForced) return 'forced'
  if (access.token === undefined) return 'missing'
  return access.isRejected ? 'rejected' : 'expired'
}

function insideRefresh(): TokenOptionsError {
  return new TokenOptionsError(
    '`refresh` asked its own manager for a token and would wait for itself: make that request ' +
      'with `{ tokens: false }` or through an instance without tokens',
  )
}
