import { jsonAnswer, textAnswer } from './answers.js'
import type { ServerState } from './server-state.js'

/**
 * The refusals that differ from server to server, by what they mean.
 *
 * - `dead-token`: the refresh token is unknown, expired or spent
 * - `revoked`: the user or an administrator has taken the access back
 * - `bad-client`: the client is unknown, or its credentials are wrong
 * - `bad-code`: the authorization code is unknown, spent or expired
 * - `throttled`: too many requests
 * - `resource-refused`: the user is needed for what was asked for, and the session goes on
 *
 * @public
 */
export type RefusalCase = (typeof REFUSAL_CASES)[number]

/** @internal */
export const REFUSAL_CASES = [
  'dead-token',
  'revoked',
  'bad-client',
  'bad-code',
  'throttled',
  'resource-refused',
] as const

/** One response as it is on the wire. */
export interface Refusal {
  readonly status: number
  /** Text as it is; an object as JSON. */
  readonly body: string | Readonly<Record<string, unknown>>
  readonly headers?: Readonly<Record<string, string>>
}

export type Refusals = Readonly<Partial<Record<RefusalCase, Refusal>>>

/** RFC 6749 §5.2, RFC 8707 §2, RFC 6585 §4. */
const STANDARD: Readonly<Record<RefusalCase, Refusal>> = {
  'dead-token': { status: 400, body: { error: 'invalid_grant' } },
  revoked: { status: 400, body: { error: 'invalid_grant' } },
  'bad-client': { status: 401, body: { error: 'invalid_client' } },
  'bad-code': { status: 400, body: { error: 'invalid_grant' } },
  throttled: { status: 429, body: '', headers: { 'retry-after': '1' } },
  'resource-refused': { status: 400, body: { error: 'interaction_required' } },
}

/** Of these, one that a provider does not know is said as the other. */
const FALLBACK: Readonly<Partial<Record<RefusalCase, RefusalCase>>> = { revoked: 'dead-token' }

/**
 * The refusal as the emulated server says it, else as RFC 6749 has it.
 *
 * @param more - what only the standard response says besides
 */
export function refuse(
  { settings, refusals }: Pick<ServerState, 'settings' | 'refusals'>,
  refusalCase: RefusalCase,
  more: { description?: string; headers?: Record<string, string> } = {},
): Response {
  const other = FALLBACK[refusalCase]
  const own = refusals[refusalCase] ?? (other && refusals[other])
  if (own) return answerOf(settings, own)
  const standard = STANDARD[refusalCase]
  const { description, headers } = more
  const body =
    typeof standard.body === 'string' || description === undefined
      ? standard.body
      : { ...standard.body, error_description: description }
  return answerOf(settings, { ...standard, body, headers: { ...standard.headers, ...headers } })
}

function answerOf(settings: ServerState['settings'], { status, body, headers }: Refusal): Response {
  if (typeof body === 'string') return textAnswer(settings, status, body, { ...headers })
  return jsonAnswer(settings, status, body, { ...headers })
}
