import type { FaultKind } from './check-fault.js'
import type { Endpoint } from './fault.js'

/**
 * How often things happened since the server was made or reset.
 *
 * @public
 */
export interface ServerStats {
  /** Token requests that arrived, whatever their outcome. */
  readonly tokenRequests: number
  /** Access tokens that the token endpoint issued, also where the response was lost. */
  readonly issued: number
  /** Of these: by a refresh token. */
  readonly refreshes: number
  /** Of these: by client credentials. */
  readonly clientCredentials: number
  /** How often a used refresh token was sent again and ended its session. */
  readonly reuse: number
  /** How often a used refresh token was accepted again within the grace period. */
  readonly reuseInGrace: number
  /** Token requests that the server itself refused; scripted faults do not count. */
  readonly rejected: number
  /** Sessions begun: by `login()`, by an authorization code, by a device code. */
  readonly logins: number
  /** Requests of any kind to which a scripted fault happened. */
  readonly faults: number
  readonly discoveryRequests: number
  /** Requests to the authorization endpoint. */
  readonly authorizationRequests: number
  /** Authorization requests that were pushed (RFC 9126). */
  readonly pushedRequests: number
  /** Logins begun on another device (RFC 8628). */
  readonly deviceRequests: number
  /** Requests to the revocation endpoint. */
  readonly revocations: number
  /** Requests to protected resources. */
  readonly apiRequests: number
  /** Of these: rejected by the server itself (401). */
  readonly apiRejections: number
}

/**
 * The grants that the server knows; `device_code` stands for its URN (RFC 8628 §3.4).
 *
 * @public
 */
export type GrantType =
  'refresh_token' | 'client_credentials' | 'authorization_code' | 'device_code'

/**
 * One request that the server received, without tokens, secrets and the query.
 *
 * @public
 */
export interface RequestRecord {
  /** When it arrived, in epoch milliseconds by the local clock. */
  readonly at: number
  readonly endpoint: Endpoint
  readonly method: string
  /** The path of its URL, without the query. */
  readonly path: string
  /** At the token endpoint; `other`: a grant that the server does not know. */
  readonly grantType?: GrantType | 'other'
  /** Whose token it was, once known. */
  readonly sub?: string
  /** What was scripted for it. */
  readonly fault?: FaultKind | 'hold'
  /**
   * `dropped`: the connection was broken; `aborted`: the caller gave up; `failed`: a handler of
   * the test threw.
   */
  readonly outcome: 'pending' | 'answered' | 'dropped' | 'aborted' | 'failed'
  /** The HTTP status, if there was a response. */
  readonly status?: number
}

export type Counters = { -readonly [K in keyof ServerStats]: number }
export type Entry = { -readonly [K in keyof RequestRecord]: RequestRecord[K] }

export function createCounters(): Counters {
  return {
    tokenRequests: 0,
    issued: 0,
    refreshes: 0,
    clientCredentials: 0,
    reuse: 0,
    reuseInGrace: 0,
    rejected: 0,
    logins: 0,
    faults: 0,
    discoveryRequests: 0,
    authorizationRequests: 0,
    pushedRequests: 0,
    deviceRequests: 0,
    revocations: 0,
    apiRequests: 0,
    apiRejections: 0,
  }
}
