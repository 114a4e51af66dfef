import { monotonicNow } from '../clock.js'
import { RefreshUnavailableError, type TokenError } from '../errors.js'
import type { Renewal, RenewalRequest } from '../renewal.js'
import type { TokenSet } from '../tokens/token-set.js'
import { withTimeout } from '../wait.js'
import type { AccessToken } from './access-token.js'
import { takenAtItsWord } from './error-origin.js'
import { createReentryScope, type ReentryScope } from './reentry.js'
import type { RefreshBase } from './sync.js'

/** One call of the user's function, and what it was made from. */
export interface TokenRequest {
  readonly access: AccessToken
  readonly base: RefreshBase
  /** What an API wanted to be said of the token. */
  readonly claims: string | undefined
  readonly response: Promise<TokenSet>
  isSettled: boolean
  /** Nobody waits for it any more: its response will be a late one. */
  isAbandoned: boolean
}

/** What became of a request; its base may be an earlier one than that which was to be sent. */
export type TokenResult = { readonly base: RefreshBase } & (
  | { readonly tokens: TokenSet; readonly claims: string | undefined; readonly error?: undefined }
  | { readonly error: TokenError; readonly tokens?: undefined }
)

/**
 * Calls the user's function, never twice at once for one session. A call that ignores its signal
 * and outlives its time is waited for again by the next attempt. Its late response is not lost,
 * nor is a refresh token that came late without an access token.
 *
 * @internal
 */
export class TokenRequests {
  readonly #renewal: Renewal
  readonly #saveLate: (request: TokenRequest, tokens: TokenSet) => Promise<void>
  readonly #keepLate: (request: TokenRequest, error: TokenError) => Promise<void>
  #running: TokenRequest | undefined
  #scope: ReentryScope | undefined
  readonly #saves = new Set<Promise<void>>()

  constructor(
    renewal: Renewal,
    saveLate: (request: TokenRequest, tokens: TokenSet) => Promise<void>,
    keepLate: (request: TokenRequest, error: TokenError) => Promise<void>,
  ) {
    this.#renewal = renewal
    this.#saveLate = saveLate
    this.#keepLate = keepLate
  }

  /** Whether the caller runs inside the user's function. */
  isInside(): boolean {
    return this.#scope?.isInside() ?? false
  }

  /** Whether a response is being saved: what the store holds is about to change. */
  get isSaving(): boolean {
    return this.#saves.size > 0
  }

  /** Waits until no response is being saved. */
  async whenSavesEnded(): Promise<void> {
    await Promise.all(this.#saves)
  }

  /** Nobody else sends a request before this save has ended, whatever became of the lease. */
  async duringSave<T>(save: Promise<T>): Promise<T> {
    const ended = save.then(
      () => undefined,
      () => undefined,
    )
    this.#saves.add(ended)
    try {
      return await save
    } finally {
      this.#saves.delete(ended)
    }
  }

  /**
   * @param claims - what an API wants to be said of the token
   * @returns the tokens, or the error, and what they were made from, which may be an earlier
   * request's base
   */
  async send(
    access: AccessToken,
    base: RefreshBase,
    timeoutMs: number,
    claims?: string,
  ): Promise<TokenResult> {
    const controller = new AbortController()
    const request = this.joinable(base) ?? this.#start(access, base, claims, controller.signal)
    request.isAbandoned = false
    const abandon = () => {
      const error = timedOut(timeoutMs)
      this.#abandon(request)
      controller.abort(error)
      return error
    }
    const { base: sent, claims: asked } = request
    try {
      const tokens = await withTimeout(() => request.response, timeoutMs, abandon)
      return { tokens, claims: asked, base: sent }
    } catch (error) {
      return { error: error as TokenError, base: sent }
    }
  }

  /**
   * Waits for a request that outlived its time and was made for another access token: its response
   * is not ours, and two requests would spend one refresh token.
   *
   * @returns whether there was one
   */
  async waitForOther(access: AccessToken, timeoutMs: number): Promise<boolean> {
    const request = this.#running
    if (!request || request.isSettled || request.access === access) return false
    const settled = request.response.then(
      () => undefined,
      () => undefined,
    )
    await withTimeout(
      () => settled,
      timeoutMs,
      () => timedOut(timeoutMs),
    )
    return true
  }

  /** The call that is still running, if one is sent for this session now: it is waited for again. */
  joinable(base: RefreshBase): TokenRequest | undefined {
    const request = this.#running
    const isSameSession = request?.base.record?.sessionId === base.record?.sessionId
    return request && !request.isSettled && isSameSession ? request : undefined
  }

  #start(
    access: AccessToken,
    base: RefreshBase,
    claims: string | undefined,
    signal: AbortSignal,
  ): TokenRequest {
    const scope = createReentryScope()
    this.#scope = scope
    const tokens = base.record?.tokens ?? undefined
    const context = { tokens, ...access.parameters, claims, signal }
    const request: TokenRequest = {
      access,
      base,
      claims,
      response: scope.run(() => this.#send(context)),
      isSettled: false,
      isAbandoned: false,
    }
    this.#running = request
    const settle = () => {
      request.isSettled = true
      if (this.#running === request) this.#running = undefined
      if (this.#scope === scope) this.#scope = undefined
    }
    request.response.then(settle, settle)
    return request
  }

  async #send(context: RenewalRequest): Promise<TokenSet> {
    const since = monotonicNow()
    try {
      return await this.#renewal.send(context)
    } catch (error) {
      throw takenAtItsWord(error as TokenError, this, since)
    }
  }

  #abandon(request: TokenRequest): void {
    request.isAbandoned = true
    request.response.then(
      (tokens) => this.#late(request, () => this.#saveLate(request, tokens)),
      (error: unknown) => this.#late(request, () => this.#keepLate(request, error as TokenError)),
    )
  }

  #late(request: TokenRequest, save: () => Promise<void>): void {
    if (!request.isAbandoned) return // the next attempt waits for it
    request.isAbandoned = false
    void this.duringSave(save()).catch(() => undefined)
  }
}

function timedOut(timeoutMs: number): RefreshUnavailableError {
  return new RefreshUnavailableError(
    `The token request took longer than ${Math.round(timeoutMs)} ms`,
    { outcome: 'unknown' },
  )
}
