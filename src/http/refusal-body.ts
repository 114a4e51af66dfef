import { isObject } from '../checks.js'
import type { Scrubber } from '../redact.js'

/** What the body of a refusal says, without secrets, as far as it is understood. */
export interface SaidInRefusal {
  readonly error: string | undefined
  readonly errorDescription: string | undefined
  /** The provider's own word for it, such as `AADSTS50173`. */
  readonly providerError: string | undefined
  /** Entra's word for what is to be done about it. */
  readonly suberror: string | undefined
  /** The claims that are asked for, as JSON text. */
  readonly claims: string | undefined
  /** A secret: it goes back to the server with what the user does next. */
  readonly mfaToken: string | undefined
  readonly scope: string | undefined
  /** All of it, scrubbed: an object, or text. */
  readonly body: unknown
}

/**
 * Words of other servers that mean nothing but a dead refresh token, each in several orders and
 * forms: GitHub's `bad_refresh_token`, Slack's `invalid_refresh_token` and `token_revoked`.
 */
const DEAD_TOKEN =
  /^(?:invalid_grant|token_revoked|(?:bad|invalid|expired|revoked|unknown)_refresh_?token|refresh_?token_(?:invalid|expired|revoked|not_found|already_used))$/i

/** @internal */
export function saysDeadToken(word: unknown): boolean {
  return typeof word === 'string' && DEAD_TOKEN.test(word)
}

/** @internal */
export function readRefusalBody(
  body: unknown,
  scrubber: Scrubber,
  from: { error?: unknown; errorDescription?: unknown } = {},
): SaidInRefusal {
  const members = isObject(body) ? (body as Record<string, unknown>) : {}
  const inner = isObject(members.error) ? (members.error as Record<string, unknown>) : {}
  const said = (...values: readonly unknown[]) => {
    const text = values.map(textOf).find((value) => value !== undefined)
    return text && scrubber.text(text)
  }
  // Believed wherever they stand: Supabase has `error_code`, HubSpot `status`.
  const dead = [members.error_code, members.code, members.status].find(saysDeadToken)
  const errorDescription = said(from.errorDescription, members.error_description, inner.message)
  return {
    error: said(dead, from.error, members.error, inner.code, inner.type, inner.status),
    errorDescription,
    providerError: entraCode(errorDescription) ?? said(members.error_code),
    suberror: said(members.suberror),
    claims: claimsOf(members.claims),
    mfaToken: textOf(members.mfa_token),
    scope: said(members.scope),
    body: scrubbed(body, scrubber),
  }
}

/** They go back to the server with the next login: a few hundred characters. */
const LONGEST_CLAIMS = 4_000

/** Whole or not at all. What an HTTP client has read may be too deep to be written, or no JSON. */
function claimsOf(value: unknown): string | undefined {
  try {
    const text = isObject(value) ? JSON.stringify(value) : textOf(value)
    return text !== undefined && text.length <= LONGEST_CLAIMS ? inAscii(text) : undefined
  } catch {
    return undefined
  }
}

/** The same JSON, of visible characters only. */
function inAscii(json: string): string {
  return json.replace(/[^\x20-\x7e]/g, (sign) => {
    return `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}

/** Numbers are words too where a server says so (Reddit's `"error": 400`). */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value)
  return typeof value === 'string' && value !== '' ? value : undefined
}

function entraCode(description: string | undefined): string | undefined {
  return /\bAADSTS\d{4,8}\b/.exec(description ?? '')?.[0]
}

const DEEPEST = 6
const MOST_MEMBERS = 50
const LONGEST_TEXT = 1_000
/** Whatever a token is called in a body, it is one. */
const SECRET_NAMES = /token$|secret|password|assertion/i

/** A copy that may be shown: bounded in depth, breadth and length, and without secrets. */
function scrubbed(value: unknown, scrubber: Scrubber, depth = 0): unknown {
  if (typeof value === 'string') return scrubber.text(value.slice(0, LONGEST_TEXT))
  if (!isObject(value)) return typeof value === 'function' ? undefined : value
  if (depth === DEEPEST) return '[...]'
  if (Array.isArray(value)) {
    return value.slice(0, MOST_MEMBERS).map((each) => scrubbed(each, scrubber, depth + 1))
  }
  const members = Object.entries(value).slice(0, MOST_MEMBERS)
  return Object.fromEntries(
    members.map(([name, each]) => {
      const isSecret = SECRET_NAMES.test(name) && typeof each === 'string'
      return [scrubber.text(name), isSecret ? '[redacted]' : scrubbed(each, scrubber, depth + 1)]
    }),
  )
}
