import { now } from '../clock.js'
import { isTokenError, TokenOptionsError } from '../errors.js'
import type { TokenManagerOptions } from '../options.js'
import { DpopBinding } from '../dpop-binding.js'
import { timingOf } from '../timing.js'
import type { DpopKey } from '../tokens/dpop-key.js'
import { refreshAtOf } from '../tokens/freshness.js'
import { readTokens } from '../tokens/to-token-set.js'
import { tokenSet, type TokenFields } from '../tokens/token-set.js'
import type { AccessToken } from './access-token.js'
import { tokenFactsOf, type TokenSupply, type TokenFacts } from './token-supply.js'
import { Session } from './session.js'

/** What a pool must know of its managers. */
export interface Lifecycle {
  /** Whether something is under way, unsaved, or to be waited for. */
  readonly isBusy: boolean
  readonly isClosed: boolean
  /** Waits until nothing is under way and, if that can be had, nothing is unsaved. */
  settle(): Promise<void>
}

/** Of who has done nothing yet. */
const AT_REST: Lifecycle = { isBusy: false, isClosed: false, settle: () => Promise.resolve() }

/**
 * A manager's session: its initial tokens, which are all that it takes to hand out a fresh one, and
 * no more until someone needs more. There may be a hundred thousand that nobody uses: it has no
 * private method, since each costs a field.
 *
 * @internal
 */
export class LazySession implements TokenSupply {
  /** Whose it is. */
  owner: object | undefined
  readonly #options: TokenManagerOptions
  #initialTokens: TokenFields | undefined
  /** Up to here the initial token is handed out, epoch milliseconds. */
  #freshUntil = -Infinity
  #promise: Promise<string> | undefined
  #sessionId: string | undefined
  #session: Session | undefined

  /**
   * @param options - a copy for this session alone, which keeps the initial tokens no longer
   * @throws TokenOptionsError if the `initialTokens` are none
   */
  constructor(options: TokenManagerOptions) {
    this.#options = options
    this.#initialTokens = readInitialTokens(options)
    options.initialTokens = undefined
    const tokens = this.inForce
    if (tokens) this.#freshUntil = refreshAtOf(tokens, timingOf(options))
    if (options.keepFresh) this.session()
  }

  session(): Session {
    if (this.#session) return this.#session
    const seed = this.#initialTokens && tokenSet(this.#initialTokens)
    this.#session = new Session(this.#options, seed, this.#sessionId)
    this.#session.owner = this.owner
    this.#initialTokens = undefined
    this.#promise = undefined
    return this.#session
  }

  access(): AccessToken {
    return this.session().core.own
  }

  get lifecycle(): Lifecycle {
    return this.#session ?? AT_REST
  }

  get isFast(): boolean {
    const session = this.#session
    if (!session) return now() < this.#freshUntil
    const at = now()
    return at < session.fastUntil && at >= session.fastFrom
  }

  get token(): string | undefined {
    return this.#session ? this.#session.core.own.token : this.inForce?.accessToken
  }

  get promise(): Promise<string> {
    if (this.#session) return this.#session.core.own.promise
    return (this.#promise ??= Promise.resolve(this.token!))
  }

  get sessionId(): string | undefined {
    if (this.#session) return this.#session.core.sessionId
    return this.inForce && (this.#sessionId ??= crypto.randomUUID())
  }

  get dpopKey(): DpopKey | undefined {
    return this.#session ? this.#session.core.own.tokens?.dpopKey : this.inForce?.dpopKey
  }

  get facts(): TokenFacts {
    return tokenFactsOf(this.#session ? this.#session.core.own.tokens : this.inForce)
  }

  isInsideRefresh(): boolean {
    return this.#session?.requests.isInside() ?? false
  }

  /** What a store holds outranks them; a memory that nobody else sees holds them itself. */
  get inForce(): TokenFields | undefined {
    return this.#options.store ? undefined : this.#initialTokens
  }
}

function readInitialTokens(options: TokenManagerOptions): TokenFields | undefined {
  const { initialTokens } = options
  if (initialTokens === undefined) return undefined
  try {
    const tokens = readTokens(initialTokens)
    return tokens.dpopKey ? new DpopBinding(options).checked(tokens) : tokens
  } catch (error) {
    const why = isTokenError(error) ? error.message : 'they cannot be read'
    throw new TokenOptionsError(`\`initialTokens\`: ${why}`)
  }
}
