import type { Consent } from './consent.js'
import type { TestServerMetadata } from './discovery.js'
import type { Fault, FaultPlace } from './fault.js'
import type { Gate } from './gate.js'
import type { Introspection } from './introspection.js'
import type { LoopbackOptions, LoopbackServer } from './loopback.js'
import type { ApiHandler } from './protected-resource.js'
import type { RequestRecord, ServerStats } from './records.js'
import type { TokenResponse } from './issue.js'

/**
 * A scriptable authorization server for tests: a real one in how it treats tokens, and as bad as
 * the test wants it to be. It reads the time by `Date.now` and `setTimeout` alone, looked up when
 * called, so that fake timers govern it. `util.inspect` shows no token.
 *
 * @public
 */
export interface AuthorizationServer {
  /** The issuer identifier; the loopback address while the server listens. */
  readonly issuer: string
  /** The response of discovery. */
  readonly metadata: TestServerMetadata
  /** How often things happened: a snapshot. */
  readonly stats: ServerStats
  /** Every request so far, the oldest first, without secrets: a snapshot. */
  readonly requests: readonly RequestRecord[]
  /** How many scripted faults still wait for their request. */
  readonly scripted: number

  /**
   * Responds to any request by its path, whatever its host: discovery, `/authorize`, `/par`, `/token`,
   * `/revoke`, `/device_authorization`, `/device`, `/jwks`, `/api` and below; else 404.
   * Behind msw: `http.all('https://auth.example.com/*', mswResolver(server.handle))`.
   *
   * @throws TypeError as `fetch` does, where the script breaks the connection; the reason of the
   * request's signal, once it is aborted
   */
  handle(this: void, request: Request): Promise<Response>
  /** `handle` in the shape of `fetch`, for clients that take one. */
  fetch(this: void, input: string | URL | Request, init?: RequestInit): Promise<Response>
  /**
   * Serves over HTTP on 127.0.0.1 (Node, Bun, Deno).
   *
   * @throws TokenOptionsError if it listens already
   */
  listen(options?: LoopbackOptions): Promise<LoopbackServer & { readonly issuer: string }>

  /**
   * Begins a session, as a login would, and gives what the token endpoint would say; with `as`, in
   * the shape of that provider.
   */
  login(options?: LoginOptions): TokenResponse & { refresh_token: string }
  /**
   * Scripts what the user decides at the next logins, one decision each, in this order: at the
   * authorization endpoint, and at the page where the code of another device is typed.
   *
   * @throws TokenOptionsError if one is no decision
   */
  consent(...decisions: Consent[]): void
  /**
   * Types the code of another device, as the user does at `verification_uri`, and decides there.
   *
   * @param consent - by default the user agrees
   * @throws TokenOptionsError if no login waits for the code, or the decision is none
   */
  enterUserCode(userCode: string, consent?: Consent): void
  /**
   * Ends sessions at the server, with all their tokens.
   *
   * @param who - the `sub`, or any token of the session
   * @returns how many sessions ended
   */
  revokeSession(who: string): number
  /** From now on every API rejects this access token with 401, though it has not expired. */
  denyAccessToken(accessToken: string): void
  /** Whether an API would accept the access token now. */
  isValid(accessToken: string): boolean
  /** What the server knows of a token of either kind (the shape of RFC 7662 §2.2). */
  introspect(token: string): Introspection

  /** The protected resource under `/api`: responds with `{ sub, scope, method, path }`. */
  api(this: void, request: Request): Promise<Response>
  /**
   * A protected resource of your own: the handler meets only requests with a valid access token,
   * all others get a 401, as RFC 6750 §3 says.
   */
  protect(handler: ApiHandler): (request: Request) => Promise<Response>

  /**
   * Scripts what happens to the next requests, each fault one request, in this order.
   *
   * @throws TokenOptionsError if one is no fault
   */
  next(...faults: Fault[]): void
  /**
   * What happens to every request to that endpoint from now on, once the script is empty.
   *
   * @returns undoes it
   * @throws TokenOptionsError if it is no fault
   */
  always(fault: Fault): () => void
  /** Scripts that the next request is held until the test releases it. */
  hold(place?: FaultPlace): Gate
  /**
   * Forgets everything: sessions, tokens, script, counters and requests. Requests that wait inside
   * the server have their connection broken.
   */
  reset(): void
}

/** @public */
export interface LoginOptions {
  /** The user. @default 'user' */
  sub?: string
  /** @default the server's `scope` */
  scope?: string
  /**
   * How long this first access token is valid, in milliseconds; 0: expired from the start, which
   * the response's `expires_in: 0` need not tell a client, while `{ ...login, expires_at: 1 }` does.
   *
   * @default the server's `accessTokenLifetimeMs`
   */
  accessTokenLifetimeMs?: number
}
