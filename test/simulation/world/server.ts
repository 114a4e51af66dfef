import type { LeaseHolder } from './lease.js'
import type { SimulatedProcess } from './process.js'
import { GRACE_MS } from './options.js'
import type { World } from './world.js'

/** A login or logout of a user, at one process. */
export interface Act {
  readonly what: 'login' | 'logout'
  readonly user: string
  readonly name: string
  readonly by: SimulatedProcess
  /** The step in which it was called, and the time. */
  readonly calledAt: number
  readonly calledAtMs: number
  /** The step in which the call settled; `Infinity`: not yet. */
  settledAt: number
  /** Whether its process read the store in the meantime, for whatever. */
  wasShownStore: boolean
  /** Whether it could be written on what was read: who could not replaces whatever is there. */
  sawStore: boolean
  /** The step since which the store has held it, or had; `Infinity`: it never did. */
  savedAt: number
  /** A login with the very refresh token that is in force: by law 4 no new login. */
  isNoNews: boolean
  /** What its process had seen in the store by then. */
  readonly replaced: Set<Act>
  /** Whether it was saved, or has to be: see `isLater`. */
  counts: boolean
}

/** All that descends from one login: RFC 9700 calls it a family. */
export interface Family {
  readonly name: string
  /** The last login that it was given to. */
  act: Act
  generation: number
  revokedBy: 'reuse' | 'client' | 'server' | undefined
  current: RefreshToken
  /** Whether its tokens were handed in once more, by somebody who may have had old ones. */
  wasHandedInAgain: boolean
  /** Whether it is nobody's fault that its current refresh token was lost. */
  isLossExcused: boolean | undefined
}

export interface RefreshToken {
  readonly value: string
  readonly family: Family
  readonly generation: number
  spentAt: number | undefined
  /** The request that spent it. */
  spentBy: TokenRequest | undefined
  readonly presented: TokenRequest[]
}

export interface AccessToken {
  readonly value: string
  readonly family: Family
  /** The request that brought it; `undefined`: a login. */
  readonly from: TokenRequest | undefined
  readonly issuedAt: number
  readonly expiresAt: number
  readonly generation: number
  isRevoked: boolean
}

/** One call of the user's `refresh`, from beginning to end. */
export interface TokenRequest {
  readonly number: number
  readonly by: SimulatedProcess
  readonly token: RefreshToken
  readonly resource: string | undefined
  readonly startedAt: number
  /** The lease under which it was sent. */
  readonly lease: LeaseHolder | undefined
  endedAt: number | undefined
  outcome: 'under way' | 'refreshed' | 'refused' | 'failed' | 'not-sent' | 'unknown'
  /** When the response with the tokens reached a process that was alive. */
  deliveredAt: number | undefined
  isTimedOut: boolean
  /** Whether its response waits in the socket of a frozen process. */
  isInSocket: boolean
  retryAfterMs: number | undefined
}

interface TokenTexts {
  readonly accessToken: string
  readonly refreshToken?: string
}

interface WireTokens {
  readonly access_token: string
  readonly refresh_token?: string
  readonly token_type: 'Bearer'
  readonly expires_in?: number
}

type Response = { readonly tokens: WireTokens } | { readonly refusal: Refusal }

interface Refusal {
  readonly status: number
  readonly error?: string
  readonly headers?: Record<string, string>
}

/** A resource whose tokens the server refuses, though the session is well. */
export const REFUSED_RESOURCE = 'https://refused.example'
export const OTHER_RESOURCE = 'https://other.example'

/** An authorization server, and the API that its tokens are for. */
export class SimulatedServer {
  readonly refreshTokens = new Map<string, RefreshToken>()
  readonly accessTokens = new Map<string, AccessToken>()
  readonly requests: TokenRequest[] = []
  readonly families: Family[] = []
  /** Until then it answers 503, or the API answers 401 to everything. */
  unavailableUntil = 0
  deniesUntil = 0
  readonly #world: World
  readonly #grants = new Map<string, Family>()

  constructor(world: World) {
    this.#world = world
  }

  /** The user signs in: the token response that an app then hands to `setTokens`. */
  login(act: Act): WireTokens {
    const { sharesGrant } = this.#world.options
    const known = sharesGrant ? this.#grants.get(act.user) : undefined
    const family = known && !known.revokedBy ? known : this.#newFamily(act)
    const stored = this.#world.store.record?.tokens?.refreshToken
    act.isNoNews = family === known && stored === family.current.value
    family.act = act
    this.#grants.set(act.user, family)
    return this.#issue(family, undefined, undefined)
  }

  /** Whether a request is under way whose response never comes. */
  get hasEndlessRequest(): boolean {
    return this.requests.some(({ outcome }) => outcome === 'under way')
  }

  /** Whether the API takes this token. */
  accepts(value: string): boolean {
    const token = this.accessTokens.get(value)
    const { now } = this.#world.scheduler
    if (!token || token.isRevoked || now < this.deniesUntil) return false
    const { livesShorter, lifetimeS } = this.#world.options
    const lifeMs = lifetimeS * (livesShorter ? 500 : 1_000)
    return !token.family.revokedBy && now < token.issuedAt + lifeMs
  }

  /** The user's `refresh` function, in this process. */
  refreshFor(process: SimulatedProcess) {
    return (context: { refreshToken: string; resource?: unknown; signal: AbortSignal }) => {
      const { resource } = context
      const request = this.#begin(process, context.refreshToken, resource as string | undefined)
      return new Promise((resolve, reject) => {
        if (!this.#world.options.ignoresSignal) {
          context.signal.addEventListener('abort', () => {
            if (request.outcome !== 'under way') return
            request.isTimedOut = true
            if (request.isInSocket) this.#world.laws.responseIgnored(request)
            this.#end(request, 'unknown')
            reject(context.signal.reason as Error)
          })
        }
        this.#send(request, resolve, reject)
      })
    }
  }

  /** The user's `revoke` function, in this process. */
  revokeFor(process: SimulatedProcess) {
    return (context: { tokens: TokenTexts }) => {
      const { refreshToken } = context.tokens
      const world = this.#world
      const family = this.familyOfSet(context.tokens)
      if (!family) return Promise.resolve()
      world.tell(`process ${process.place} asks the server to revoke ${family.name}`)
      world.laws.revoking(process, family)
      return new Promise<void>((resolve) => {
        world.scheduler.after(world.latency(`revocation by ${process.place}`), () => {
          if (refreshToken) family.revokedBy ??= 'client'
          process.receive(resolve)
        })
      })
    }
  }

  /** A store may hold no access token. */
  familyOfSet({ refreshToken, accessToken }: TokenTexts): Family | undefined {
    return this.familyOf(refreshToken ?? accessToken)
  }

  familyOf(value: string): Family | undefined {
    return (this.refreshTokens.get(value) ?? this.accessTokens.get(value))?.family
  }

  #newFamily(act: Act): Family {
    const name = `${act.user}'s session ${this.families.length + 1}`
    const family = { name, act, generation: 0, revokedBy: undefined } as unknown as Family
    family.current = this.#newRefreshToken(family)
    this.families.push(family)
    return family
  }

  #newRefreshToken(family: Family): RefreshToken {
    family.generation += 1
    const { generation } = family
    const value = `refresh-${this.families.indexOf(family) + 1 || this.families.length + 1}-${generation}`
    const token: RefreshToken = {
      value,
      family,
      generation,
      spentAt: undefined,
      spentBy: undefined,
      presented: [],
    }
    this.refreshTokens.set(value, token)
    return token
  }

  #issue(
    family: Family,
    from: TokenRequest | undefined,
    refreshToken: RefreshToken | undefined,
  ): WireTokens {
    const { lifetimeS, saysLifetime } = this.#world.options
    const { now } = this.#world.scheduler
    const value = `access-${this.accessTokens.size + 1}`
    const { generation } = refreshToken ?? family.current
    this.accessTokens.set(value, {
      value,
      family,
      from,
      issuedAt: now,
      expiresAt: now + lifetimeS * 1_000,
      generation,
      isRevoked: false,
    })
    const sent = refreshToken ?? family.current
    const isNews = sent !== from?.token
    return {
      access_token: value,
      ...(isNews && { refresh_token: sent.value }),
      token_type: 'Bearer',
      ...(saysLifetime && { expires_in: lifetimeS }),
    }
  }

  #begin(process: SimulatedProcess, value: string, resource: string | undefined): TokenRequest {
    const token = this.refreshTokens.get(value)
    if (!token) throw new Error(`no such refresh token: ${value}`)
    const request: TokenRequest = {
      number: this.requests.length + 1,
      by: process,
      token,
      resource,
      startedAt: this.#world.scheduler.now,
      lease: this.#world.store.leaseOf(process),
      endedAt: undefined,
      outcome: 'under way',
      deliveredAt: undefined,
      isTimedOut: false,
      isInSocket: false,
      retryAfterMs: undefined,
    }
    const what = resource === undefined ? '' : ` for ${resource}`
    this.#world.tell(
      `process ${process.place} sends ${nameOf(token)} to the server${what} (request ${request.number})`,
    )
    this.#world.laws.requestStarts(request)
    this.requests.push(request)
    token.presented.push(request)
    this.#world.reaches('request', process.place)
    return request
  }

  #send(
    request: TokenRequest,
    resolve: (tokens: WireTokens) => void,
    reject: (error: unknown) => void,
  ): void {
    const world = this.#world
    const { by } = request
    const name = world.decisions.next(`token request by ${by.place}`)
    const fault = this.#faultOf(name)
    const thereMs = world.latency(`${name} there`) + (fault === 'arrives late' ? 11_000 : 0)
    const isVeryLate = world.decisions.isSo(`${name} very late`, 0.5)
    const lateMs = fault === 'response late' ? (isVeryLate ? 40_000 : 14_000) : 0
    const backMs = world.latency(`${name} back`) + lateMs
    const fail = (outcome: 'not-sent' | 'unknown', error: object) => {
      by.receive(() => {
        if (request.outcome !== 'under way') return
        this.#end(request, outcome)
        reject(error)
      })
    }
    if (fault === 'refused connection') {
      world.tell(`request ${request.number} cannot connect`)
      world.scheduler.after(thereMs, () =>
        fail('not-sent', failure('connect refused', 'ECONNREFUSED')),
      )
      return
    }
    world.scheduler.after(thereMs, () => {
      if (fault === 'lost') {
        world.tell(`request ${request.number} is lost on its way`)
        return fail('unknown', failure('reset', 'ECONNRESET'))
      }
      const response = this.#answer(request, fault)
      if (fault === 'sent twice') this.#answer(request, undefined)
      if (fault === 'response lost') {
        world.tell(`the response to request ${request.number} is lost`)
        world.scheduler.after(backMs, () => fail('unknown', failure('reset', 'ECONNRESET')))
        return
      }
      if (fault === 'never answers') {
        world.tell(`the response to request ${request.number} never comes`)
        return
      }
      world.scheduler.after(backMs, () => {
        request.isInSocket = by.state === 'frozen'
        by.receive(() => this.#deliver(request, response, resolve, reject))
      })
    })
  }

  #deliver(
    request: TokenRequest,
    response: Response,
    resolve: (tokens: WireTokens) => void,
    reject: (error: unknown) => void,
  ): void {
    const isLate = request.outcome !== 'under way'
    if (isLate && !this.#world.options.ignoresSignal) return // nobody reads it any more
    const { place } = request.by
    if ('tokens' in response) {
      request.deliveredAt = this.#world.scheduler.now
      this.#world.tell(`process ${place} receives the tokens of request ${request.number}`)
      this.#end(request, 'refreshed')
      this.#world.laws.received(request, response.tokens.access_token)
      return resolve(response.tokens)
    }
    const { status, error } = response.refusal
    this.#world.tell(
      `process ${place} receives ${status} ${error ?? ''} for request ${request.number}`,
    )
    this.#end(request, error === 'invalid_grant' ? 'refused' : 'failed')
    const after = response.refusal.headers?.['retry-after']
    if (after) request.retryAfterMs = Number(after) * 1_000
    reject(Object.assign(new Error('refused'), response.refusal))
  }

  #end(request: TokenRequest, outcome: TokenRequest['outcome']): void {
    request.outcome = outcome
    request.endedAt = this.#world.scheduler.now
  }

  #faultOf(name: string) {
    const share = this.#world.options.serverFaults / 10
    return this.#world.decisions.weighted(`${name} fault`, undefined, [
      [share, 'refused connection' as const],
      [share, 'lost' as const],
      [share * 2, 'response lost' as const],
      [share, 'never answers' as const],
      [share, 'arrives late' as const],
      [share, 'response late' as const],
      [share / 2, 'sent twice' as const],
      [share, 'too many' as const],
      [share / 2, 'too many, later' as const],
      [share, 'unavailable' as const],
    ])
  }

  /** What the server makes of it. */
  #answer(request: TokenRequest, fault: string | undefined): Response {
    const world = this.#world
    const { token, resource } = request
    const { family } = token
    if (fault === 'too many' || fault === 'too many, later') {
      const after = fault === 'too many' ? 3 : 40
      world.tell(`the server answers request ${request.number}: 429, Retry-After: ${after}`)
      return { refusal: { status: 429, headers: { 'retry-after': String(after) } } }
    }
    if (fault === 'unavailable' || world.scheduler.now < this.unavailableUntil) {
      return { refusal: { status: 503 } }
    }
    if (family.revokedBy) return { refusal: { status: 400, error: 'invalid_grant' } }
    if (resource === REFUSED_RESOURCE) {
      return { refusal: { status: 400, error: 'invalid_grant' } }
    }
    if (world.options.rotation === 'keeps') return this.#grant(request, token)
    if (token.spentAt === undefined) {
      token.spentAt = world.scheduler.now
      token.spentBy = request
      family.current = this.#newRefreshToken(family)
      world.tell(
        `the server takes ${nameOf(token)} and gives out ${nameOf(family.current)} (request ${request.number})`,
      )
      return this.#grant(request, family.current)
    }
    const ageMs = world.scheduler.now - token.spentAt
    if (world.options.rotation === 'rotates-with-grace' && ageMs < GRACE_MS) {
      const successor = [...this.refreshTokens.values()].find(
        (other) => other.family === family && other.generation === token.generation + 1,
      )!
      if (successor.spentAt === undefined) return this.#grant(request, successor)
    }
    if (world.options.detectsReuse) {
      family.revokedBy = 'reuse'
      world.tell(`the server sees ${nameOf(token)} for the second time and revokes ${family.name}`)
    }
    world.laws.reuseDetected(request)
    return { refusal: { status: 400, error: 'invalid_grant' } }
  }

  #grant(request: TokenRequest, refreshToken: RefreshToken): Response {
    return { tokens: this.#issue(refreshToken.family, request, refreshToken) }
  }
}

export function nameOf(token: RefreshToken): string {
  return `refresh token ${token.generation} of ${token.family.name}`
}

function failure(message: string, code: string): object {
  return Object.assign(new Error(message), { code })
}
