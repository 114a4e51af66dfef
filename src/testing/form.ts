import { oauthError, jsonAnswer } from './answers.js'
import { refuseClient } from './client-authentication.js'
import type { Emulation, RequestStyle } from './emulation.js'
import type { ServerState } from './server-state.js'
import type { Settings } from './settings.js'

/** RFC 8707 allows several. */
const REPEATABLE = new Set(['resource', 'audience'])

/**
 * The parameters of a request to one of the OAuth endpoints, its client authenticated, or the
 * response that refuses it (RFC 6749 §3.2).
 */
export async function readForm(
  state: ServerState,
  request: Request,
): Promise<URLSearchParams | Response> {
  const { settings, emulation } = state
  const style = emulation?.request ?? {}
  const form = await readParameters(settings, request, style)
  if (form instanceof Response) return form
  const missing = style.headers?.find((name) => !request.headers.has(name))
  if (missing !== undefined) {
    return oauthError(settings, 'invalid_request', `The header ${missing} is missing`)
  }
  const names = [...form.keys()].filter((name) => !REPEATABLE.has(name))
  if (new Set(names).size < names.length) {
    return oauthError(settings, 'invalid_request', 'A parameter is given more than once')
  }
  const standard = standardNames(form, emulation)
  return refuseClient(state, request, standard) ?? standard
}

async function readParameters(
  settings: Settings,
  request: Request,
  style: RequestStyle,
): Promise<URLSearchParams | Response> {
  if (request.method === 'GET' && style.get) return new URL(request.url).searchParams
  if (request.method !== 'POST') {
    return jsonAnswer(settings, 405, { error: 'invalid_request' }, { allow: 'POST' })
  }
  const type = request.headers.get('content-type') ?? ''
  const body = await request.clone().text()
  if (/^application\/x-www-form-urlencoded\s*(;|$)/i.test(type)) return new URLSearchParams(body)
  if (style.json && /^application\/json\s*(;|$)/i.test(type)) return ofJson(settings, body)
  const wanted = style.json ? 'JSON or form-urlencoded' : 'form-urlencoded'
  return oauthError(settings, 'invalid_request', `The body must be ${wanted}`)
}

function ofJson(settings: Settings, body: string): URLSearchParams | Response {
  try {
    return new URLSearchParams(JSON.parse(body) as Record<string, string>)
  } catch {
    return oauthError(settings, 'invalid_request', 'The body must be a JSON object')
  }
}

/** An emulated server's own names as those of RFC 6749. */
export function standardNames(
  form: URLSearchParams,
  emulation: Emulation | undefined,
): URLSearchParams {
  const standard = new URLSearchParams(form)
  const move = (from: string, to: string) => {
    const value = standard.get(from)
    if (value === null) return
    standard.delete(from)
    standard.set(to, value)
  }
  move(emulation?.request?.clientId ?? 'client_id', 'client_id')
  const { exchange } = emulation ?? {}
  if (exchange?.grantType === form.get('grant_type')) {
    standard.set('grant_type', 'refresh_token')
    move(exchange.parameter, 'refresh_token')
  }
  return standard
}

/** What the tokens are for: RFC 8707's `resource` and its older cousin `audience`. */
export function audienceOf(form: URLSearchParams): string[] {
  return [...form.getAll('resource'), ...form.getAll('audience')]
}

/** What was granted without a scope is bound to none. */
export function isWithin(asked: string | undefined, granted: string | undefined): boolean {
  if (asked === undefined || granted === undefined) return true
  const allowed = new Set(granted.split(' '))
  return asked.split(' ').every((scope) => allowed.has(scope))
}
