import { oauthError } from './answers.js'
import { refuse } from './refusal.js'
import type { ServerState } from './server-state.js'

interface Credentials {
  readonly method: 'client_secret_basic' | 'client_secret_post' | 'none'
  readonly id: string | null
  readonly secret: string | null
}

/** What is wrong with the client's authentication (RFC 6749 §2.3), as the response to give. */
export function refuseClient(
  state: ServerState,
  request: Request,
  form: URLSearchParams,
): Response | undefined {
  const { settings } = state
  const { client } = settings
  if (!client) return undefined
  const authorization = request.headers.get('authorization')
  if (authorization !== null && form.has('client_secret')) {
    return oauthError(settings, 'invalid_request', 'Two ways of client authentication at once')
  }
  const given = authorization === null ? fromForm(form) : fromBasic(authorization)
  const isKnown =
    given !== undefined &&
    client.auth.includes(given.method) &&
    given.id === client.id &&
    (client.secret === undefined || given.secret === client.secret)
  if (isKnown) return undefined
  // RFC 6749 §5.2: who tried the header is answered in its scheme.
  const headers: Record<string, string> =
    authorization === null ? {} : { 'www-authenticate': 'Basic realm="token"' }
  const description = 'Unknown client or wrong credentials'
  return refuse(state, 'bad-client', { description, headers })
}

function fromForm(form: URLSearchParams): Credentials {
  const secret = form.get('client_secret')
  const method = secret === null ? 'none' : 'client_secret_post'
  return { method, id: form.get('client_id'), secret }
}

/** RFC 6749 §2.3.1: both halves are form-urlencoded before they are joined. */
function fromBasic(authorization: string): Credentials | undefined {
  const [, encoded] = /^basic +([\w+/=-]+)$/i.exec(authorization) ?? []
  if (encoded === undefined) return undefined
  try {
    const [id = '', ...rest] = atob(encoded).split(':')
    const secret = formDecode(rest.join(':'))
    return { method: 'client_secret_basic', id: formDecode(id), secret }
  } catch {
    return undefined
  }
}

/** @throws URIError if a percent sign starts no escape */
function formDecode(text: string): string {
  return decodeURIComponent(text.replaceAll('+', ' '))
}
