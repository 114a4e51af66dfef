import { now } from '../clock.js'
import type { Credential } from '../token-source.js'
import type { DpopKey } from '../tokens/dpop-key.js'
import type { AccessToken } from './access-token.js'
import type { DpopBinding } from '../dpop-binding.js'
import type { WaitableSession } from './wait-for-token.js'

/** What hands out needs of the session. */
export interface ServingSession extends WaitableSession {
  readonly proving: DpopBinding
  /** While the clock stands between these two, the own token is handed out without a second thought. */
  readonly fastFrom: number
  readonly fastUntil: number
  /** An API rejected the token with 401. */
  reject(access: AccessToken, token: string): void
  /** The API rejected the replay with the token too (401). */
  rejectReplay(access: AccessToken, token: string): void
}

/** What adapters are told of a token. */
export type TokenFacts = Pick<Credential, 'expiresAt' | 'extra'>

/** Where a source gets its access token: the session's own (a `LazySession`), or one resource's. */
export interface TokenSupply {
  /** Whether the token may be handed out without a second thought. */
  readonly isFast: boolean
  readonly token: string | undefined
  /** One promise for everyone while the token is the same. */
  readonly promise: Promise<string>
  /** The session whose tokens are handed out, if there are any. */
  readonly sessionId: string | undefined
  /** The key that they are bound to. */
  readonly dpopKey: DpopKey | undefined
  /** When the token ends, epoch milliseconds, and what else its response said. */
  readonly facts: TokenFacts
  /** Whether the caller runs inside the user's function. */
  isInsideRefresh(): boolean
  /** For all that takes more than handing out a fresh token. */
  session(): ServingSession
  access(): AccessToken
}

/**
 * One resource's access token.
 *
 * @internal
 */
export function supplyFor(session: ServingSession, access: AccessToken): TokenSupply {
  const { core } = session
  return {
    get isFast() {
      const at = now()
      const isFast = at < session.fastUntil && at >= session.fastFrom
      return isFast && !access.isDue && session.isServable(access, {})
    },
    get token() {
      return access.sessionId === core.sessionId ? access.token : undefined
    },
    get promise() {
      return access.promise
    },
    get sessionId() {
      return core.sessionId
    },
    get dpopKey() {
      return core.own.tokens?.dpopKey
    },
    get facts() {
      return { ...tokenFactsOf(core.own.tokens), expiresAt: access.tokens?.expiresAt }
    },
    isInsideRefresh: () => session.requests.isInside(),
    session: () => session,
    access: () => access,
  }
}

const NO_FACTS: TokenFacts = Object.freeze({})

/** @internal */
export function tokenFactsOf(tokens: TokenFacts | undefined): TokenFacts {
  return tokens ?? NO_FACTS
}
