import { isTokenError, RefreshUnavailableError, type TokenError } from '../errors.js'
import type { RefreshReason } from '../events.js'
import type { StoredSession } from '../stores/token-store.js'
import type { Wish } from './held-session.js'

/** How a flight ended well: with a token from the server, or with what the store held. */
export interface Landing {
  token: string | undefined
  isFromServer: boolean
  /** Whether it is another token than the one in force when the flight began. */
  isOther: boolean
}

/**
 * One refresh that everybody shares, and what those who joined want of it. A login or logout turns
 * it into an orphan: who waits is let go at once, the request itself runs to its end, and its
 * result is no longer wanted.
 *
 * @internal
 */
export class Flight {
  /** For those who wait. */
  readonly landed: Promise<Landing>
  isOrphan = false
  /** Whether the server was asked. */
  wasSent = false
  /** The most that anybody who joined wants. */
  minValidityMs = 0
  readonly rejected = new Set<string>()

  readonly reason: RefreshReason
  /** What was in force when it began: anything else means that something was adopted. */
  readonly startedWith: StoredSession | undefined
  /** `false` while it was only begun to save what is unsaved. */
  mustRenew: boolean

  #land!: (landing: Landing) => void
  #fail!: (error: TokenError) => void

  constructor(reason: RefreshReason, startedWith: StoredSession | undefined, mustRenew: boolean) {
    this.reason = reason
    this.startedWith = startedWith
    this.mustRenew = mustRenew
    this.landed = new Promise((resolve, reject) => {
      this.#land = resolve
      this.#fail = reject
    })
    this.landed.catch(() => undefined) // a background flight has nobody who waits
  }

  join(wish: Wish): void {
    this.mustRenew = true
    this.minValidityMs = Math.max(this.minValidityMs, wish.minValidityMs ?? 0)
    if (wish.rejected !== undefined) this.rejected.add(wish.rejected)
  }

  land(landing: Landing): void {
    this.#land(landing)
  }

  fail(error: TokenError): void {
    this.#fail(error)
  }

  /** @param end - what ends the wait of those who share it; without, they judge anew */
  orphan(end?: TokenError): void {
    this.isOrphan = true
    if (end) this.#fail(end)
    else this.#land({ token: undefined, isFromServer: false, isOther: false })
  }
}

/**
 * How a flight failed, whatever was thrown.
 *
 * @internal
 */
export function asTokenError(thrown: unknown): TokenError {
  if (isTokenError(thrown)) return thrown
  return new RefreshUnavailableError('The refresh failed unexpectedly', { cause: thrown })
}
