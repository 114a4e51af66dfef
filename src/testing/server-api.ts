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
 * A scriptable authorization server for tests. It treats tokens like a real server, and a test can
 * script its faults. It uses the current global `Date.now` and `setTimeout`, so fake timers control
 * it. `util.inspect` shows no token.
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
  /** How many scripted faults are still queued. */
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
  /** `handle` with the signature of `fetch`, for clients that accept one. */
  fetch(this: void, input: string | URL | Request, init?: RequestInit): Promise<Response>
  /**
   * Serves over HTTP on 127.0.0.1 (Node, Bun, Deno).
   *
   * @throws TokenOptionsError if it listens already
   */
  listen(options?: LoopbackOptions): Promise<LoopbackServer & { readonly issuer: string }>

  /**
   * Begins a session, as a login would, and returns the response of the token endpoint; with `as`, in
   * the shape of that provider.
   */
  login(options?: LoginOptions): TokenResponse & { refresh_token: string }
  /**
   * Scripts what the user decides at the next logins, one decision each, in this order: at the
   * authorization endpoint, and at the page where the code of another device is typed.
   *
   * @throws TokenOptionsError if a decision is not valid
   */
  consent(...decisions: Consent[]): void
  /**
   * Types the code of another device, as the user does at `verification_uri`, and decides there.
   *
   * @param consent - by default the user agrees
   * @throws TokenOptionsError if no login waits for the code, or the decision is not valid
   */
  enterUserCode(userCode: string, consent?: Consent): void
  /**
   * Ends sessions at the server, with all their tokens.
   *
   * @param who - the `sub`, or any token of the session
   * @returns how many sessions ended
   */
  revokeSession(who: string): number
  /** From now on, every API rejects this access token with 401, although it has not expired. */
  denyAccessToken(accessToken: string): void
  /** Whether an API would accept the access token now. */
  isValid(accessToken: string): boolean
  /** What the server knows about an access token or a refresh token (as in RFC 7662 §2.2). */
  introspect(token: string): Introspection

  /** The protected resource under `/api`: responds with `{ sub, scope, method, path }`. */
  api(this: void, request: Request): Promise<Response>
  /**
   * A protected resource of your own: the handler gets only requests with a valid access token. All
   * others get a 401 (RFC 6750 §3).
   */
  protect(handler: ApiHandler): (request: Request) => Promise<Response>

  /**
   * Queues faults for the next requests, one for each request, in this order.
   *
   * @throws TokenOptionsError if a fault is not valid
   */
  next(...faults: Fault[]): void
  /**
   * Applies a fault to every request to that endpoint, as soon as no fault is queued any more.
   *
   * @returns a function that removes the fault
   * @throws TokenOptionsError if the fault is not valid
   */
  always(fault: Fault): () => void
  /** Scripts that the next request is held until the test releases it. */
  hold(place?: FaultPlace): Gate
  /**
   * Deletes everything: sessions, tokens, scripted faults, counters and requests. It breaks the
   * connections of requests in progress.
   */
  reset(): void
}

/** @public */
export interface LoginOptions {
  /** The user. @default 'user' */
  sub?: string | undefined
  /** @default the server's `scope` */
  scope?: string | undefined
  /**
   * How long this first access token is valid, in milliseconds. With 0, it has expired from the start.
   * A client may not understand the response's `expires_in: 0`; `{ ...login, expires_at: 1 }` works.
   *
   * @default the server's `accessTokenLifetimeMs`
   */
  accessTokenLifetimeMs?: number | undefined
}
