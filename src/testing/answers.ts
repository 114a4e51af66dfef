import { serverNow } from './ledger.js'
import type { Settings } from './settings.js'

/** Responses as the server writes them: JSON, with a `Date` by its own clock. */
export function jsonAnswer(
  settings: Settings,
  status: number,
  body: Record<string, unknown>,
  headers: Record<string, string> = {},
): Response {
  return textAnswer(settings, status, writeJson(body), {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    ...headers,
  })
}

/** An error of RFC 6749 §5.2. */
export function oauthError(
  settings: Settings,
  error: string,
  description?: string,
  options: { status?: number; headers?: Record<string, string> } = {},
): Response {
  const body = { error, ...(description !== undefined && { error_description: description }) }
  return jsonAnswer(settings, options.status ?? statusOf(error), body, options.headers)
}

export function textAnswer(
  settings: Settings,
  status: number,
  body: string | null,
  headers: Record<string, string> = {},
): Response {
  const date = new Date(serverNow(settings)).toUTCString()
  // RFC 9110 §15: these have no content, and the Response constructor insists on it.
  const hasContent = ![204, 205, 304].includes(status)
  return new Response(hasContent ? body : null, { status, headers: { date, ...headers } })
}

/**
 * JSON, save that a top-level number that JSON has no form for (`NaN`, `Infinity`) stands there
 * bare, as Python's servers write it: clients must survive a response that is not quite JSON.
 */
function writeJson(body: Record<string, unknown>): string {
  const members = Object.entries(body)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => {
      const text = typeof value === 'number' ? String(value) : JSON.stringify(value)
      return `${JSON.stringify(name)}:${text}`
    })
  return `{${members.join(',')}}`
}

function statusOf(error: string): number {
  if (error === 'invalid_client') return 401
  if (error === 'server_error') return 500
  return error === 'temporarily_unavailable' ? 503 : 400
}
