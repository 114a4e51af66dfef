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
