import type { TokenError } from '../errors.js'

/** What a caller requires of a token. */
export interface TokenRequirements {
  minValidityMs?: number | undefined
  /** The token that it must not be. */
  rejected?: string | undefined
  /** What an API wants to be said of it, as JSON text: asked for where a request is made for it. */
  claims?: string | undefined
}

/** What one caller requires, and for how long it waits. */
export interface WaitRequest extends TokenRequirements {
  /** The current token will not do, whatever its state. */
  isForced?: boolean
  /** The session that the caller began with; by default the one in force now. */
  sessionId?: string | undefined
  signal?: AbortSignal | undefined
}

/** One wait for all callers who require the same. */
export interface SharedWait {
  readonly token: Promise<string>
  /** The session that it began under. */
  readonly sessionId: string | undefined
  /** From here on a caller begins another, by the monotonic clock. */
  readonly joinableUntil: number
}

/** How a refresh ended well: with a token from the server, or with what the store held. */
export interface Outcome {
  readonly token: string | undefined
  readonly isFromServer: boolean
  /** Whether it is another token than the one in force when the refresh began. */
  readonly isOther: boolean
}

/** A refresh under way, as far as others have to do with it. */
export interface SharedRefresh {
  /** `false` while it was only begun to save what is unsaved. */
  readonly mustRenew: boolean
  /** Whether the server was asked. */
  readonly wasSent: boolean
  readonly outcome: Promise<Outcome>
  /** A caller shares it, with what it requires. */
  join(requirements: TokenRequirements): void
  /** A login or logout takes its place. */
  supersede(end?: TokenError): void
}
