import { withTimeout } from '../clock.js'
import { RefreshUnavailableError } from '../errors.js'
import type { Renewal } from '../renewal.js'
import type { TokenSet } from '../tokens/token-set.js'
import { ReentryScope } from './reentry.js'
import type { Stock } from './stock.js'

/** One call of the user's function, and what it was made from. */
export interface Call {
  readonly stock: Stock
  readonly answer: Promise<TokenSet>
  isSettled: boolean
  /** Nobody waits for it any more: its answer will be a late one. */
  isAbandoned: boolean
}

/**
 * Calls the user's function, never twice at once for one session: a call that ignores its signal
 * and outlives its time is waited for again by the next try, and its late answer is not lost.
 *
 * @internal
 */
export class Calls {
  readonly #renewal: Renewal
  readonly #onLateAnswer: (call: Call, tokens: TokenSet) => void
  #running: Call | undefined
  #scope: ReentryScope | undefined

  constructor(renewal: Renewal, onLateAnswer: (call: Call, tokens: TokenSet) => void) {
    this.#renewal = renewal
    this.#onLateAnswer = onLateAnswer
  }

  /** Whether the caller runs inside the user's function. */
  isInside(): boolean {
    return this.#scope?.isInside() ?? false
  }

  /**
   * @returns the answer and what it was made from, which may be an earlier call's
   * @throws TokenError
   */
  async send(stock: Stock, timeoutMs: number): Promise<{ tokens: TokenSet; stock: Stock }> {
    const controller = new AbortController()
    const call = this.#joinable(stock) ?? this.#start(stock, controller.signal)
    call.isAbandoned = false
    const abandon = () => {
      const error = timeout(timeoutMs)
      this.#abandon(call)
      controller.abort(error)
      return error
    }
    return { tokens: await withTimeout(() => call.answer, timeoutMs, abandon), stock: call.stock }
  }

  #joinable(stock: Stock): Call | undefined {
    const call = this.#running
    const isSameSession = call?.stock.record?.sessionId === stock.record?.sessionId
    return call && !call.isSettled && isSameSession ? call : undefined
  }

  #start(stock: Stock, signal: AbortSignal): Call {
    const scope = new ReentryScope()
    this.#scope = scope
    const call: Call = {
      stock,
      answer: scope.run(() => this.#renewal.send(stock.record?.tokens ?? undefined, signal)),
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
        this.#onLateAnswer(call, tokens)
      },
      () => undefined,
    )
  }
}

function timeout(timeoutMs: number): RefreshUnavailableError {
  return new RefreshUnavailableError(`The token request took longer than ${timeoutMs} ms`, {
    outcome: 'unknown',
  })
}
