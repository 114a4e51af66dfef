import { now } from '../clock.js'
import type { DpopKey } from '../tokens/dpop-key.js'
import type { AccessToken } from './access-token.js'
import type { Session } from './session.js'

/** An access token that is handed out: the session's own, or one resource's. */
export interface HandedOut {
  /** Whether the token may be handed out without a second thought. */
  readonly isFast: boolean
  readonly token: string | undefined
  /** One promise for everybody while the token is the same. */
  readonly promise: Promise<string>
  /** The session whose tokens are handed out, if there are any. */
  readonly sessionId: string | undefined
  /** The key that they are bound to. */
  readonly dpopKey: DpopKey | undefined
  /** Whether the caller runs inside the user's function. */
  isInsideRefresh(): boolean
  /** For all that takes more than handing out a fresh token. */
  session(): Session
  access(): AccessToken
}

/**
 * One resource's access token.
 *
 * @internal
 */
export function handedOutFor(session: Session, access: AccessToken): HandedOut {
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
    isInsideRefresh: () => session.requests.isInside(),
    session: () => session,
    access: () => access,
  }
}
