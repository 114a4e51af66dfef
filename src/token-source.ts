import { optionError } from './checks.js'
import { hideFromInspect } from './inspect.js'
import { isSendable } from './tokens/token-set.js'

/**
 * What an adapter needs to get tokens. A `TokenManager` is a source, and so is a plain object with
 * the method `getAccessToken`.
 *
 * @public
 */
export interface TokenSource {
  /**
   * One synchronous read for adapters: the token to send now, its session and its prover.
   * `'inside'`: the caller runs inside this source's own refresh, and its request goes out without
   * a token. `undefined`: there is no token to send without waiting.
   */
  current?(): Credential | 'inside' | undefined

  /**
   * Waits for a credential to send.
   *
   * @param rejected - the credential that an API rejected with 401; the new one belongs to the same
   * session. `undefined`: any that may be sent, as with `getAccessToken`
   * @param options.isReplay - the request with this credential was already a replay: the call rejects
   * with a `NotReplayedError`, and the source remembers that a fresh token was rejected
   * @param options.claims - the claims that the API requires of the new token (a claims challenge), as
   * JSON text, for servers that issue such a token without the user
   * @param options.signal - ends this call's wait, never the refresh that others share
   * @throws LoginRequiredError `session-changed` if another login replaced the session
   */
  renew?(rejected: Credential | undefined, options?: RenewOptions): Promise<Credential>

  /**
   * The access token to send now. It waits for a refresh only if there is no usable token.
   *
   * @param options.minValidityMs - how long the token should still be valid, in milliseconds
   * @param options.signal - ends this call's wait, never the refresh that others share
   */
  getAccessToken(options?: { minValidityMs?: number; signal?: AbortSignal }): Promise<string>
}

/**
 * A source that belongs to a session, for adapters and for code that attaches tokens itself.
 *
 * @public
 */
export interface RenewableTokenSource extends TokenSource {
  current(): Credential | 'inside' | undefined
  renew(rejected: Credential | undefined, options?: RenewOptions): Promise<Credential>
  /** The ID of the session whose tokens are returned now, or `undefined` if there is none. */
  readonly sessionId: string | undefined
  /** The access token, or `undefined` if there is none that may be sent now. Never waits. */
  peek(): string | undefined
  /**
   * A new token. With `rejected`, any token other than that one: if it was already replaced, no
   * request is made.
   */
  refresh(options?: RefreshOptions): Promise<string>
}

/**
 * Belongs to one token. It makes a proof each time a request is sent, and learns from the responses.
 * The token is then sent as `DPoP <token>`, and the proof in the header `DPoP`.
 *
 * @public
 */
export interface TokenProver {
  /**
   * A new proof, for sending one request once.
   *
   * @param request.method - as it is sent, `GET`
   * @param request.url - absolute; query and fragment do not matter
   */
  prove(request: { method: string; url: string }): Promise<string>

  /**
   * Must be called with every response before anything else is done with it.
   *
   * @returns `true` if the request was refused only because of its proof: it may succeed if it is sent
   * once more, with another proof and the same token
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
  /** Makes the proofs, if the token is bound to a key (DPoP, RFC 9449). */
  readonly prover?: TokenProver | undefined
  /** When the token expires, in epoch milliseconds, if it is known. */
  readonly expiresAt?: number | undefined
  /** Other members of the token response (`TokenSet.extra`), such as the API's own host. */
  readonly extra?: Readonly<Record<string, unknown>> | undefined
}

/** @public */
export interface RenewOptions {
  isReplay?: boolean | undefined
  claims?: string | undefined
  signal?: AbortSignal | undefined
}

/** @public */
export interface RefreshOptions {
  /** The token that an API rejected with 401. */
  rejected?: string | undefined
  /** The session that the rejected token came from. */
  sessionId?: string | undefined
  /** Ends this call's wait, never the refresh that others share. */
  signal?: AbortSignal | undefined
}

/**
 * A source that always returns the same token, such as a CI variable or a personal access token. It
 * is never renewed: a 401 is passed on.
 *
 * @throws TokenOptionsError if the token cannot be sent in a header
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
