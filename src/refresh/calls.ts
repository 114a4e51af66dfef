import { RefreshUnavailableError, type TokenError } from '../errors.js'
import type { Renewal } from '../renewal.js'
import type { TokenSet } from '../tokens/token-set.js'
import { withTimeout } from '../wait.js'
import { ReentryScope } from './reentry.js'
import type { Stock } from './stock.js'
import type { Target } from './target.js'

/** One call of the user's function, and what it was made from. */
export interface Call {
  readonly target: Target
  readonly stock: Stock
  readonly answer: Promise<TokenSet>
  isSettled: boolean
  /** Nobody waits for it any more: its answer will be a late one. */
  isAbandoned: boolean
}

/** What became of a call; its stock may be an earlier one than that which was to be sent. */
export type Answered = { readonly stock: Stock } & (
  | { readonly tokens: TokenSet; readonly error?: undefined }
  | { readonly error: TokenError; readonly tokens?: undefined }
)

/**
 * Calls the user's function, never twice at once for one session: a call that ignores its signal
 * and outlives its time is waited for again by the next try, and its late answer is not lost.
 *
 * @internal
 */
export class Calls {
  readonly #renewal: Renewal
  readonly #onLateAnswer: (call: Call, tokens: TokenSet) => Promise<void>
  #running: Call | undefined
  #scope: ReentryScope | undefined
  /** The savings of late answers. */
  readonly #landings = new Set<Promise<void>>()

  constructor(renewal: Renewal, onLateAnswer: (call: Call, tokens: TokenSet) => Promise<void>) {
    this.#renewal = renewal
    this.#onLateAnswer = onLateAnswer
  }

  /** Whether the caller runs inside the user's function. */
  isInside(): boolean {
    return this.#scope?.isInside() ?? false
  }

  /** Whether a late answer is being saved: what the store holds is about to be spent news. */
  get isLanding(): boolean {
    return this.#landings.size > 0
  }

  /** When no late answer is being saved. */
  async landed(): Promise<void> {
    await Promise.all(this.#landings)
  }

  /**
   * @returns the answer, or the error, and what it was made from, which may be an earlier call's
   */
  async send(target: Target, stock: Stock, timeoutMs: number): Promise<Answered> {
    const controller = new AbortController()
    const call = this.#joinable(stock) ?? this.#start(target, stock, controller.signal)
    call.isAbandoned = false
    const abandon = () => {
      const error = timeout(timeoutMs)
      this.#abandon(call)
      controller.abort(error)
      return error
    }
    try {
      return { tokens: await withTimeout(() => call.answer, timeoutMs, abandon), stock: call.stock }
    } catch (error) {
      return { error: error as TokenError, stock: call.stock }
    }
  }

  /**
   * Waits for a call that outlived its time and was made for another target: its answer is not
   * ours, and two calls would spend one refresh token.
   *
   * @returns whether there was one
   */
  async otherSettled(target: Target, timeoutMs: number): Promise<boolean> {
    const call = this.#running
    if (!call || call.isSettled || call.target === target) return false
    const settled = call.answer.then(
      () => undefined,
      () => undefined,
    )
    await withTimeout(
      () => settled,
      timeoutMs,
      () => timeout(timeoutMs),
    )
    return true
  }

  #joinable(stock: Stock): Call | undefined {
    const call = this.#running
    const isSameSession = call?.stock.record?.sessionId === stock.record?.sessionId
    return call && !call.isSettled && isSameSession ? call : undefined
  }

  #start(target: Target, stock: Stock, signal: AbortSignal): Call {
    const scope = new ReentryScope()
    this.#scope = scope
    const request = { tokens: stock.record?.tokens ?? undefined, ...target.parameters, signal }
    const call: Call = {
      target,
      stock,
      answer: scope.run(() => this.#renewal.send(request)),
      isSettled: false,
      isAbandoned: false,
    }
    this.#running = call
    const settle = () => {
      call.isSettled = true
      if (this.#running === call) this.#running = undefined
      if (this.#scope === scope) this.#scope = undefined
    }
    call.answer.then(settle, settle)
    return call
  }

  #abandon(call: Call): void {
    call.isAbandoned = true
    call.answer.then(
      (tokens) => {
        if (!call.isAbandoned) return // the next try waits for it
        call.isAbandoned = false
        const landing = this.#onLateAnswer(call, tokens).finally(() =>
          this.#landings.delete(landing),
        )
        this.#landings.add(landing)
      },
      () => undefined,
    )
  }
}

function timeout(timeoutMs: number): RefreshUnavailableError {
  return new RefreshUnavailableError(
    `The token request took longer than ${Math.round(timeoutMs)} ms`,
    {
      outcome: 'unknown',
    },
  )
}
