import { withKept, type TokenSet } from '../tokens/token-set.js'
import type { StoredSession } from '../stores/token-store.js'
import type { Unsaved } from './claim.js'
import type { Flight } from './flight.js'
import type { HeldSession } from './held-session.js'

/** What a token request asks for beside the session's own tokens (RFC 8707, RFC 6749 §6). */
export interface TargetParameters {
  readonly resource?: string | readonly string[]
  readonly scope?: string
}

/**
 * For whom a refresh gets an access token: the session itself, or one of the resources that share
 * its refresh token.
 */
export interface Target {
  readonly parameters: TargetParameters
  /** The access token in force for it. */
  readonly token: string | undefined
  /** The record that holds it. */
  readonly record: StoredSession | undefined
  /**
   * Whether something else than at the start is in force, good enough for all who wait. Who may not
   * renew it now takes one that is due, as any caller does (law 7).
   */
  isServedBy(flight: Flight, mayRenew: boolean): boolean
  /** The session's tokens once this answer is in. */
  sessionTokens(tokens: TokenSet | null | undefined, answer: TokenSet): TokenSet
  /** Puts the answer, and the record that it made, in force. */
  hold(record: StoredSession, answer: TokenSet, unsaved?: Unsaved): void
}

/**
 * The session's own access token, which is kept in its record.
 *
 * @internal
 */
export class SessionTarget implements Target {
  readonly parameters: TargetParameters = NO_PARAMETERS
  readonly #held: HeldSession

  constructor(held: HeldSession) {
    this.#held = held
  }

  get token(): string | undefined {
    return this.#held.token
  }

  get record(): StoredSession | undefined {
    return this.#held.record
  }

  isServedBy(flight: Flight, mayRenew: boolean): boolean {
    const { token } = this
    if (token === undefined || !isOther(this.record, flight)) return false
    if (mayRenew && this.#held.isDue) return false
    if (flight.rejected.has(token)) return false
    return this.#held.meets({ minValidityMs: flight.minValidityMs })
  }

  sessionTokens(tokens: TokenSet | null | undefined, answer: TokenSet): TokenSet {
    return withKept(tokens, answer)
  }

  hold(record: StoredSession, _answer: TokenSet, unsaved?: Unsaved): void {
    this.#held.hold(record, 'server', unsaved)
  }
}

const NO_PARAMETERS: TargetParameters = {}

/**
 * Whether the record has another access token than the one in force when the flight began, or gives
 * it another life. A refresh for another resource brings neither, nor does another process's where
 * a store keeps the refresh token alone.
 *
 * @internal
 */
export function isOther(record: StoredSession | undefined, { startedWith }: Flight): boolean {
  const [began, is] = [startedWith?.tokens, record?.tokens]
  return is?.accessToken !== began?.accessToken || is?.expiresAt !== began?.expiresAt
}
