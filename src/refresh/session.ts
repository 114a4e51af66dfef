import { isTokenError, TokenOptionsError } from '../errors.js'
import type { TokenManagerOptions } from '../options.js'
import { Proving } from '../proving.js'
import { timingOf } from '../timing.js'
import type { DpopKey } from '../tokens/dpop-key.js'
import { freshnessOf } from '../tokens/freshness.js'
import { readTokens } from '../tokens/to-token-set.js'
import { tokenSet, type TokenFields } from '../tokens/token-set.js'
import type { Kept } from './obtain.js'
import { SessionKeeper } from './session-keeper.js'

/** What a pool must know of its managers. */
export interface Upkeep {
  /** Whether something is under way, or unsaved. */
  readonly isBusy: boolean
  readonly isClosed: boolean
  /** Waits until nothing is under way and, if that can be had, nothing is unsaved. */
  settle(): Promise<void>
}

/** Of who has done nothing yet. */
const AT_REST: Upkeep = { isBusy: false, isClosed: false, settle: () => Promise.resolve() }

/**
 * A manager's session: a seed, which is all that it takes to hand out a fresh token, and no more
 * until somebody needs more. There may be a hundred thousand that nobody uses: it has no private
 * method, since each costs a field.
 *
 * @internal
 */
export class Session implements Kept {
  /** Whose it is. */
  owner: object | undefined
  readonly #options: TokenManagerOptions
  #seed: TokenFields | undefined
  /** Up to here the seed's token is handed out, epoch milliseconds. */
  #freshUntil = -Infinity
  #answer: Promise<string> | undefined
  #sessionId: string | undefined
  #keeper: SessionKeeper | undefined

  /** @throws TokenOptionsError if the `initialTokens` are none */
  constructor(options: TokenManagerOptions) {
    this.#options = { ...options, initialTokens: undefined }
    this.#seed = seedOf(options)
    const seed = this.inForce
    if (seed) this.#freshUntil = freshnessOf(seed, timingOf(options)).dueAt
    if (options.keepFresh) this.keeper()
  }

  /** Whoever does more than hand out the fresh token; made when first asked for. */
  keeper(): SessionKeeper {
    if (this.#keeper) return this.#keeper
    const seed = this.#seed && tokenSet(this.#seed)
    this.#keeper = new SessionKeeper(this.#options, seed, this.#sessionId)
    this.#keeper.owner = this.owner
    this.#seed = undefined
    this.#answer = undefined
    return this.#keeper
  }

  get upkeep(): Upkeep {
    return this.#keeper ?? AT_REST
  }

  get attentionAt(): number {
    return this.#keeper ? this.#keeper.held.attentionAt : this.#freshUntil
  }

  get token(): string | undefined {
    return this.#keeper ? this.#keeper.held.token : this.inForce?.accessToken
  }

  get answer(): Promise<string> {
    return this.#keeper ? this.#keeper.held.answer : (this.#answer ??= Promise.resolve(this.token!))
  }

  get sessionId(): string | undefined {
    if (this.#keeper) return this.#keeper.held.sessionId
    return this.inForce && (this.#sessionId ??= crypto.randomUUID())
  }

  get dpopKey(): DpopKey | undefined {
    return this.#keeper ? this.#keeper.held.record?.tokens?.dpopKey : this.inForce?.dpopKey
  }

  isInsideRefresh(): boolean {
    return this.#keeper?.desk.calls.isInside() ?? false
  }

  /** What a store holds outranks the seed; a memory that nobody else sees holds the seed itself. */
  get inForce(): TokenFields | undefined {
    return this.#options.store ? undefined : this.#seed
  }
}

function seedOf(options: TokenManagerOptions): TokenFields | undefined {
  const { initialTokens } = options
  if (initialTokens === undefined) return undefined
  try {
    const seed = readTokens(initialTokens, {})
    return seed.dpopKey ? new Proving(options).checked(seed) : seed
  } catch (error) {
    const why = isTokenError(error) ? error.message : 'not readable'
    throw new TokenOptionsError(`\`initialTokens\`: ${why}`)
  }
}
