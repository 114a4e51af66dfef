import type { RefusalCase } from './refusal.js'

/**
 * The parts of the server that faults can be scripted for.
 *
 * @public
 */
export type Endpoint = (typeof ENDPOINTS)[number]

/** @internal */
export const ENDPOINTS = [
  'token',
  'revocation',
  'discovery',
  'authorization',
  'pushed-authorization',
  'device-authorization',
  'api',
] as const

/**
 * What happens to one request, instead of or around its ordinary response. Exactly one action, and:
 *
 * - `at`: for the next request to which endpoint. Default `token`.
 * - `when`: whether it happens before the server has processed the request (nothing is spent,
 *   nothing is issued) or after (all is done, the response is lost). Default `before`.
 * - `delayMs`: how long the server takes first, in milliseconds. Default 0.
 *
 * @public
 */
export type Fault = FaultPlace & FaultAction

/** @public */
export interface FaultPlace {
  at?: Endpoint
  when?: 'before' | 'after'
  delayMs?: number
}

/** @public */
export type FaultAction =
  | PassFault
  | DelayFault
  | HangFault
  | DropFault
  | StatusFault
  | OAuthErrorFault
  | RefuseFault
  | HtmlFault
  | OmitFault
  | OverrideFault
  | RespondFault

/** No fault: this request gets its ordinary response. @public */
export interface PassFault {
  pass: true
}

/** The ordinary response, after `delayMs`. @public */
export interface DelayFault {
  delayMs: number
}

/** No response, until the caller gives up or the server is reset. @public */
export interface HangFault {
  hang: true
}

/**
 * The connection breaks: `handle` rejects as `fetch` does, with a `TypeError` whose cause has the
 * code `ECONNRESET`; a server on loopback destroys the socket.
 *
 * @public
 */
export interface DropFault {
  drop: true
}

/** A bare HTTP response. @public */
export interface StatusFault {
  /** From 200 to 599. */
  status: number
  /** `Retry-After`: a number is seconds; a date is written as it is, by the server's clock. */
  retryAfter?: number | Date
  /** Text as it is; anything else as JSON. @default '' */
  body?: unknown
  headers?: Record<string, string>
}

/**
 * An error of RFC 6749 §5.2, with its own status: 401 for `invalid_client`, 500 for
 * `server_error`, 503 for `temporarily_unavailable`, else 400.
 *
 * @public
 */
export interface OAuthErrorFault {
  error: OAuthErrorCode
  /** The `error_description`. */
  description?: string
  status?: number
  retryAfter?: number | Date
}

/**
 * A refusal by its meaning. With the server's option `as`, it has the code, the status and the shape
 * that this provider uses.
 *
 * @public
 */
export interface RefuseFault {
  refuse: RefusalCase
}

/** @public */
export type OAuthErrorCode =
  | 'invalid_request'
  | 'invalid_client'
  | 'invalid_grant'
  | 'unauthorized_client'
  | 'unsupported_grant_type'
  | 'invalid_scope'
  | 'invalid_target'
  | 'server_error'
  | 'temporarily_unavailable'
  | 'slow_down'
  | (string & {})

/** 200 with a web page, as a captive portal sends it: `true`, or the page. @public */
export interface HtmlFault {
  html: true | string
}

/** The ordinary success without these fields. @public */
export interface OmitFault {
  omit: readonly string[]
}

/**
 * The ordinary success with these fields changed: an `expires_in` that is a string, negative, or
 * `NaN` (written bare, as some servers do), another `token_type`, another `issuer` at discovery.
 *
 * @public
 */
export interface OverrideFault {
  override: Readonly<Record<string, unknown>>
}

/** Any response. The second parameter processes the request and returns the ordinary one. @public */
export interface RespondFault {
  respond: (request: Request, answer: () => Promise<Response>) => Response | Promise<Response>
}
