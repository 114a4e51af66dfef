import type { TokenManager, TokenManagerOptions, TokenSource } from '../../../src/index.js'
import type { SimulatedProcess } from './process.js'
import { OTHER_RESOURCE, REFUSED_RESOURCE, type Act, type Family } from './server.js'
import type { World } from './world.js'

const WAIT_MS = 20_000
/** What a late timer is given to read what is in the sockets, once for each time of freezing. */
const CATCH_UP_MS = 3_000
const LONG_MS = 90_000

interface Call {
  readonly what: string
  readonly startedAt: number
  readonly limitMs: number
  isSettled: boolean
}

/** A process with its manager, and the users who call it. */
export class Client {
  readonly process: SimulatedProcess
  isClosed = false
  /** The session that it worked with last. */
  family: Family | undefined
  /** The session of the last token that it gave to anybody. */
  served: Family | undefined
  /** Whether an API ever refused a token of its own. */
  wasRejected = false
  readonly #world: World
  readonly #manager: TokenManager
  /** The session's own access token that it gave out last. */
  #lastToken: string | undefined
  readonly #calls = new Set<Call>()
  /** Callers who found a usable token and must have it by the end of the step. */
  #served: { call: Call; isServed: boolean }[] = []

  constructor(world: World, process: SimulatedProcess) {
    this.#world = world
    this.process = process
    const { background, keepFresh, recheckMs, revokes } = world.options
    const options = {
      refresh: world.server.refreshFor(process),
      store: world.store.storeFor(process),
      keepFresh,
      ...(!background && { background }),
      ...(recheckMs !== undefined && { recheckMs }),
      ...(revokes && { revoke: world.server.revokeFor(process) }),
    } as TokenManagerOptions
    this.#manager = new process.core.TokenManager(options)
    this.#listen()
  }

  // What its users do

  get(minValidityMs?: number): void {
    const isPlain = minValidityMs === undefined
    const isUsable = isPlain && (this.#manager.peek() !== undefined || this.#hasGoodToken)
    const what = isPlain
      ? 'getAccessToken()'
      : `getAccessToken({ minValidityMs: ${minValidityMs} })`
    const options = isPlain ? undefined : { minValidityMs }
    const calledAt = this.#world.step
    let served: { call: Call; isServed: boolean } | undefined
    const call = this.#call(what, WAIT_MS, async () => {
      const token = await this.#manager.getAccessToken(options).catch((error: unknown) => {
        if (isPlain && isCoolDown(error)) this.#world.laws.refusedToAsk(this.process, this.family)
        throw error
      })
      if (served) served.isServed = true
      this.#lastToken = token
      this.#hand(token, calledAt)
      return 'a token'
    })
    if (!isUsable) return
    served = { call, isServed: false }
    this.#served.push(served)
  }

  /** A caller who gives up, or has done so before: nobody else is to notice. */
  getAborted(afterMs: number): void {
    const calledAt = this.#world.step
    const signal = afterMs === 0 ? AbortSignal.abort() : this.#signalAfter(afterMs)
    const what = `getAccessToken() with a signal that is aborted after ${afterMs} ms`
    this.#call(what, afterMs, async () => {
      this.#hand(await this.#manager.getAccessToken({ signal }), calledAt)
      return 'a token'
    })
  }

  #signalAfter(delayMs: number): AbortSignal {
    const controller = new AbortController()
    this.process.setTimer(() => controller.abort(), delayMs, false)
    return controller.signal
  }

  /** Whether it was closed and has nothing left to do. */
  get isGone(): boolean {
    return this.isClosed && this.#calls.size === 0
  }

  get hasUsableToken(): boolean {
    return this.#manager.peek() !== undefined
  }

  /** Asks once more when all trouble is over, and tells what came of it. */
  getAtLast(then: (result: string | Error) => void): void {
    const calledAt = this.#world.step
    this.#call('getAccessToken()', WAIT_MS, async () => {
      try {
        const token = await this.#manager.getAccessToken()
        this.#hand(token, calledAt)
        then(token)
        return 'a token'
      } catch (error) {
        // What began under another session is not served with this one's token; the next call is.
        if ((error as { reason?: string }).reason === 'session-changed') this.getAtLast(then)
        else then(error as Error)
        throw error
      }
    })
  }

  refresh(): void {
    const calledAt = this.#world.step
    this.#world.laws.isAskedToRefresh(this.process)
    this.#call('refresh()', WAIT_MS, async () => {
      this.#hand(await this.#manager.refresh(), calledAt)
      return 'a token'
    })
  }

  /** A request to the API, sent again after a 401 as the adapters do. */
  request(): void {
    this.#call('an API request', 3 * WAIT_MS, () => this.#apiRequest(this.#manager))
  }

  /** The same for another resource, whose tokens the same API takes. */
  resourceRequest(): void {
    const what = `an API request for ${OTHER_RESOURCE}`
    this.#call(what, 3 * WAIT_MS, async () =>
      this.#apiRequest(this.#manager.for({ resource: OTHER_RESOURCE })),
    )
  }

  resource(isRefused: boolean): void {
    const resource = isRefused ? REFUSED_RESOURCE : OTHER_RESOURCE
    const calledAt = this.#world.step
    this.#call(`for('${resource}').getAccessToken()`, WAIT_MS, async () => {
      const token = await this.#manager.for({ resource }).getAccessToken()
      this.#hand(token, calledAt)
      return 'a token'
    })
  }

  login(user: string): void {
    const act = this.#act('login', user)
    const tokens = this.#world.server.login(act)
    const family = this.#world.server.familyOf(tokens.access_token)!
    this.#call(`setTokens() with ${family.name}`, LONG_MS, async () => {
      try {
        return await this.#perform(act, () => this.#manager.setTokens(tokens))
      } finally {
        this.family = family
      }
    })
  }

  /** The tokens in force are handed in again: a callback that is called twice. */
  loginAgain(): void {
    this.#call('setTokens() with the tokens in force', LONG_MS, async () => {
      const tokens = await this.#manager.getTokens()
      if (!tokens) return 'nothing'
      const knows = this.#world.laws.history.knows(this.process)
      knows.isHandingIn = true
      this.#world.server.familyOfSet(tokens)!.wasHandedInAgain = true
      await this.#manager.setTokens(tokens).finally(() => (knows.isHandingIn = false))
      return 'done'
    })
  }

  logout(): void {
    const act = this.#act('logout', 'the user')
    this.#call('signOut()', LONG_MS, async () => {
      return this.#perform(act, () => this.#manager.signOut())
    })
  }

  read(): void {
    this.#call('getTokens()', WAIT_MS, async () =>
      (await this.#manager.getTokens()) ? 'tokens' : 'nothing',
    )
  }

  close(): void {
    if (this.isClosed) return
    this.isClosed = this.process.isClosing = true
    this.#call('close()', LONG_MS, async () => {
      await this.#manager.close()
      return 'done'
    })
  }

  // What is checked

  afterStep(): void {
    for (const { call, isServed } of this.#served) {
      if (isServed) continue
      const what = call.isSettled ? `${call.what} fails` : `${call.what} has to wait`
      this.#world.laws.notServed(this.process, what)
    }
    this.#served = []
    if (this.process.state !== 'running') return
    const { timesFrozen } = this.process
    const now = this.process.runningNow()
    for (const call of this.#calls) {
      const waitedMs = now - call.startedAt
      if (waitedMs > call.limitMs + CATCH_UP_MS * timesFrozen) {
        this.#world.laws.waitsTooLong(this.process, call.what, waitedMs)
      }
    }
  }

  /** Whether the token that it gave out last is good by all that is known outside. */
  get #hasGoodToken(): boolean {
    const { server, scheduler, store, options, hasClockTrouble } = this.#world
    const token = server.accessTokens.get(this.#lastToken ?? '')
    if (!token || hasClockTrouble || this.wasRejected || this.isClosed) return false
    if (!options.keepsAll && options.sharesGrant) return false // another login, as it looks, is the same
    if (options.oldPlace > 0 && store.setBackAt > -Infinity) return false // older releases cannot tell
    if (token.family !== this.served || this.served !== this.family) return false
    const marginMs = Math.min(10_000, 50 * options.lifetimeS) + 50
    const countedFrom = token.from?.startedAt ?? token.issuedAt
    return scheduler.now < countedFrom + options.lifetimeS * 1_000 - marginMs
  }

  #hand(token: string, calledAtStep: number): void {
    const { laws, server } = this.#world
    this.family = this.served = server.familyOf(token)
    laws.handedOut(this.process, token, calledAtStep)
  }

  async #perform(act: Act, run: () => Promise<void>): Promise<string> {
    try {
      await run()
      this.#world.laws.actEnds(act, true)
      return 'done'
    } catch (error) {
      this.#world.laws.actEnds(act, false)
      throw error
    }
  }

  #act(what: Act['what'], user: string): Act {
    const { laws, step, scheduler } = this.#world
    const count = laws.history.acts.length + 1
    const act: Act = {
      what,
      user,
      name: what === 'login' ? `the login of ${user} (act ${count})` : `the logout (act ${count})`,
      by: this.process,
      calledAt: step,
      calledAtMs: scheduler.now,
      settledAt: Infinity,
      wasShownStore: false,
      sawStore: false,
      savedAt: Infinity,
      isNoNews: false,
      replaced: new Set(),
      counts: false,
    }
    laws.actBegins(act)
    return act
  }

  #call(what: string, limitMs: number, run: () => Promise<string>): Call {
    const world = this.#world
    const { place } = this.process
    const call = { what, limitMs, startedAt: this.process.runningNow(), isSettled: false }
    this.#calls.add(call)
    world.tell(`process ${place}: ${what} is called`)
    const settle = (result: string) => {
      call.isSettled = true
      this.#calls.delete(call)
      world.tell(`process ${place}: ${what} gives ${result}`)
    }
    run().then(settle, (error: unknown) => settle(`an error: ${describe(error)}`))
    return call
  }

  async #apiRequest(source: TokenSource): Promise<string> {
    const { step } = this.#world
    if (!source.renew || !source.current) return this.#apiRequestOfOld(source as TokenManager)
    const now = source.current()
    const first = typeof now === 'object' ? now : await source.renew(undefined)
    this.#hand(first.token, step)
    if (await this.#askApi(first.token)) return 'success'
    const again = this.#world.step
    const second = await source.renew(first)
    this.#hand(second.token, again)
    this.#checkSameSession(first.token, second.token)
    if (await this.#askApi(second.token)) return 'success after a 401'
    await source.renew(second, { isReplay: true })
    return 'a 401'
  }

  async #apiRequestOfOld(source: TokenManager): Promise<string> {
    const { step } = this.#world
    const first = await source.getAccessToken()
    const sessionId = source.sessionId
    this.#hand(first, step)
    if (await this.#askApi(first)) return 'success'
    const again = this.#world.step
    const second = await source.refresh({ rejected: first, sessionId })
    this.#hand(second, again)
    this.#checkSameSession(first, second)
    if (await this.#askApi(second)) return 'success after a 401'
    source.replayRejected?.(second)
    return 'a 401'
  }

  #checkSameSession(one: string, other: string): void {
    const { laws, server } = this.#world
    const [from, to] = [server.familyOf(one)!, server.familyOf(other)!]
    if (from !== to) laws.otherSession(this.process, from, to)
  }

  #askApi(token: string): Promise<boolean> {
    const world = this.#world
    const { place } = this.process
    return new Promise((resolve) => {
      world.scheduler.after(world.latency(`API request by ${place}`), () => {
        const isAccepted = world.server.accepts(token)
        this.wasRejected ||= !isAccepted
        if (!isAccepted) world.tell(`the API answers 401 to process ${place}`)
        world.scheduler.after(world.latency(`API response to ${place}`), () =>
          this.process.receive(() => resolve(isAccepted)),
        )
      })
    })
  }

  #listen(): void {
    const { laws, server } = this.#world
    const manager = this.#manager
    const tell = (text: string) => this.#world.tell(`process ${this.process.place} ${text}`)
    manager.on('saveFailed', () => {
      laws.toldSaveFailed(this.process)
      tell('says that saving failed')
    })
    manager.on('adopted', () => {
      const { shown, shownSessionId } = laws.history.knows(this.process)
      if (manager.sessionId !== shownSessionId) {
        laws.toldReturn(this.process, this.family)
        return tell('goes back to what it had lost')
      }
      tell('adopts what it found')
      laws.toldAdopted(this.process)
      if (shown) this.family = server.families.find(({ act }) => act === shown)
    })
    manager.on('sessionEnded', ({ reason }) => {
      tell(`says that the session has ended: ${reason}`)
      laws.toldEnd(this.process, reason, this.family)
      this.served = undefined
    })
    manager.on('refreshed', ({ reason, resource }) => {
      laws.toldRefreshed(this.process, reason, this.family, resource !== undefined)
    })
  }
}

/** Whether the caller is told to wait, and nothing was asked of the server. */
export function isCoolDown(error: unknown): boolean {
  const { code, outcome, retryAfterMs } = error as Record<string, unknown>
  return code === 'ERR_REFRESH_UNAVAILABLE' && outcome === 'not-sent' && retryAfterMs !== undefined
}

function describe(error: unknown): string {
  const { name, reason, message } = error as Record<string, unknown>
  return reason === undefined
    ? `${String(name)}: ${String(message)}`
    : `${String(name)} (${String(reason)})`
}
