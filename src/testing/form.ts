import { oauthError, jsonAnswer } from './answers.js'
import { refuseClient } from './client-authentication.js'
import type { Settings } from './options.js'

/** RFC 8707 allows several. */
const REPEATABLE = new Set(['resource', 'audience'])

/**
 * The form of a POST to one of the OAuth endpoints, its client authenticated, or the answer that
 * refuses it (RFC 6749 §3.2).
 */
export async function readForm(
  settings: Settings,
  request: Request,
): Promise<URLSearchParams | Response> {
  if (request.method !== 'POST') {
    return jsonAnswer(settings, 405, { error: 'invalid_request' }, { allow: 'POST' })
  }
  const type = request.headers.get('content-type') ?? ''
  if (!/^application\/x-www-form-urlencoded\s*(;|$)/i.test(type)) {
    return oauthError(settings, 'invalid_request', 'The body must be form-urlencoded')
  }
  const form = new URLSearchParams(await request.clone().text())
  const names = [...form.keys()].filter((name) => !REPEATABLE.has(name))
  if (new Set(names).size < names.length) {
    return oauthError(settings, 'invalid_request', 'A parameter is given more than once')
  }
  return refuseClient(settings, request, form) ?? form
}
