import type { Credential, TokenSource } from '../token-source.js'

/** A scheme that nobody has: an API that gets it by mistake refuses it. */
const SCHEME = 'tokenward-session'

interface Named {
  /** What the name stands for: a session, or a token where there is none. */
  readonly by: string
  readonly value: string
}

/** One string a source, made once. */
const named = new WeakMap<TokenSource, Named>()

/**
 * What stands in the token's header until the request is sent. It tells whose the request is to
 * what looks at requests above the adapter (a response cache, a deduplicator), shows no token, and
 * is worth nothing to anyone. The same for all requests of a session; where it is not known whose
 * a request is, like no other.
 *
 * @internal
 */
export function standInOf(source: TokenSource, credential: Credential | undefined): string {
  if (!credential?.token) return `${SCHEME} ${crypto.randomUUID()}`
  const { sessionId, token } = credential
  const by = sessionId ?? token
  const known = named.get(source)
  if (known?.by === by) return known.value
  const value = `${SCHEME} ${sessionId ?? crypto.randomUUID()}`
  named.set(source, { by, value })
  return value
}

/** @internal */
export function isStandIn(value: unknown): value is string {
  return typeof value === 'string' && value.startsWith(SCHEME)
}
