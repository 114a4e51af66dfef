import { now, steadyClock } from '../clock.js'
import type { Timing } from '../timing.js'
import { freshnessOf, NO_TOKEN, type Freshness } from '../tokens/freshness.js'
import type { TokenSet } from '../tokens/token-set.js'

/** Where a token came from: how far its times and the server's word about it can be relied on. */
export type TokenOrigin = 'login' | 'refresh' | 'refresh-elsewhere'

/** What is in force, whose it is, and by which instants it is judged. */
export interface Held {
  readonly tokens: TokenSet | undefined
  /** One for everyone while the token is the same. */
  readonly promise: Promise<string> | undefined
  /** The session that they were got for. */
  readonly sessionId: string | undefined
  /** The last token of the session before, and that session. */
  readonly former: { readonly token: string; readonly sessionId: string } | undefined
  readonly origin: TokenOrigin
  readonly freshness: Freshness
  readonly now: () => number
}

/** @internal */
export const NOTHING: Held = {
  tokens: undefined,
  promise: undefined,
  sessionId: undefined,
  former: undefined,
  origin: 'login',
  freshness: NO_TOKEN,
  now,
}

/** Other tokens are put in force, or the same once more; or they are taken away. @internal */
export function heldAfter(
  before: Held,
  next: Pick<Held, 'tokens' | 'sessionId' | 'origin'>,
  timing: Timing,
): Held {
  const { tokens, sessionId } = next
  const isNew = tokens?.accessToken !== before.tokens?.accessToken
  // The same token goes on by the same clock, which may have been set meanwhile.
  const judged = isNew || isNewLife(tokens, before.tokens) ? judgedNow(tokens, timing) : before
  const { freshness, now } = judged
  const promise = isNew ? tokens && Promise.resolve(tokens.accessToken) : before.promise
  return { ...next, promise, former: formerAfter(before, sessionId), freshness, now }
}

function judgedNow(tokens: TokenSet | undefined, timing: Timing): Pick<Held, 'freshness' | 'now'> {
  return { freshness: tokens ? freshnessOf(tokens, timing) : NO_TOKEN, now: steadyClock() }
}

/** Whether the same token was given out once more, to end at another time. */
function isNewLife(tokens: TokenSet | undefined, before: TokenSet | undefined): boolean {
  return tokens?.expiresAt !== before?.expiresAt || tokens?.issuedAt !== before?.issuedAt
}

function formerAfter({ tokens, sessionId, former }: Held, nextId: string | undefined) {
  const isOver = tokens !== undefined && sessionId !== undefined && sessionId !== nextId
  return isOver ? { token: tokens.accessToken, sessionId } : former
}
