import { optionError } from './checks.js'
import { hideFromInspect } from './inspect.js'
import { isSendable } from './tokens/token-set.js'

/**
 * What adapters need of whoever has the token. A `TokenManager` is one; so is a plain object with
 * `getAccessToken`.
 *
 * @public
 */
export interface TokenSource {
  /**
   * One synchronous read for adapters: the token to send now, whose it is and what proves it.
   * `'inside'`: the caller runs inside this source's own refresh, and its request goes out without
   * a token. `undefined`: there is no token to send without waiting.
   */
  current?(): Credential | 'inside' | undefined

  /**
   * Waits for a credential to send.
   *
   * @param rejected - the credential that an API responded with 401; the new one is of the same
   * session. `undefined`: any that may be sent, as `getAccessToken`
   * @param options.isReplay - the request with this credential was a replay already: rejects with a
   * `NotReplayedError`, and remembers that a fresh token was rejected
   * @param options.claims - what the API wants to be said of the new token (a claims challenge), as
   * JSON text: for the token request, where the server gives such a token without the user
   * @param options.signal - ends this call's wait, never the refresh that others share
   * @throws LoginRequiredError `session-changed` if another login took the session's place
   */
  renew?(rejected: Credential | undefined, options?: RenewOptions): Promise<Credential>

  /**
   * The access token to send now; waits for a refresh only where there is none to send.
   *
   * @param options.minValidityMs - how long the token should still be valid, in milliseconds
   * @param options.signal - ends this call's wait, never the refresh that others share
   */
  getAccessToken(options?: { minValidityMs?: number; signal?: AbortSignal }): Promise<string>
}

/**
 * A source over a session: what an adapter needs, and what user code may ask for itself.
 *
 * @public
 */
export interface RenewableTokenSource extends TokenSource {
  current(): Credential | 'inside' | undefined
  renew(rejected: Credential | undefined, options?: RenewOptions): Promise<Credential>
  /** Names the session whose tokens are handed out now, `undefined` while there is none. */
  readonly sessionId: string | undefined
  /** The access token, if it may be sent now. Never waits. */
  peek(): string | undefined
  /**
   * A renewed token. With `rejected`, one other than that: a token that was replaced already costs
   * nothing.
   */
  refresh(options?: RefreshOptions): Promise<string>
}

/**
 * Goes with one token: proves each sending of each request, and learns from the responses. The
 * token's header is then `DPoP <token>`, and the proof goes in the header `DPoP`.
 *
 * @public
 */
export interface TokenProver {
  /**
   * A proof for one sending of one request: never the same twice.
   *
   * @param request.method - as it is sent, `GET`
   * @param request.url - absolute; query and fragment do not matter
   */
  prove(request: { method: string; url: string }): Promise<string>

  /**
   * To be told of every response, before anything else is made of it.
   *
   * @returns `true` if the request was refused for its proof alone: sent once more, with another
   * proof and the same token, it may do
   */
  onResponse(response: ResponseInfo): boolean
}

/** The response to a request that had a proof. @public */
export interface ResponseInfo {
  /** Where the request was sent. */
  readonly url: string
  readonly status: number
  /** A header of the response, or its lines; the name in lower case. */
  readonly header: (name: string) => string | readonly string[] | null | undefined
}

/** A token to send, the session that it belongs to, and what proves it. @public */
export interface Credential {
  readonly token: string
  readonly sessionId?: string | undefined
  /** Where the token is bound to a key (DPoP, RFC 9449). */
  readonly prover?: TokenProver | undefined
  /** When the token ends, in epoch milliseconds, as far as it is known. */
  readonly expiresAt?: number | undefined
  /** What else the token response said (`TokenSet.extra`): the API's own host, for example. */
  readonly extra?: Readonly<Record<string, unknown>> | undefined
}

/** @public */
export interface RenewOptions {
  isReplay?: boolean
  claims?: string
  signal?: AbortSignal
}

/** @public */
export interface RefreshOptions {
  /** The token that an API responded with 401. */
  rejected?: string
  /** The session that the rejected token came from. */
  sessionId?: string
  /** Ends this call's wait, never the refresh that others share. */
  signal?: AbortSignal
}

/**
 * A source that always gives the same token: a CI variable, a personal access token. It is never
 * renewed: a 401 is passed on.
 *
 * @throws TokenOptionsError if the token cannot stand in a header
 * @public
 */
export function fixedToken(token: string): TokenSource {
  if (!isSendable(token)) {
    throw optionError('fixedToken', 'token', 'a non-empty string of visible ASCII', token)
  }
  const promise = Promise.resolve(token)
  const credential = Object.freeze({ token })
  return hideFromInspect(
    { getAccessToken: () => promise, current: () => credential },
    () => 'TokenSource { fixed }',
  )
}
