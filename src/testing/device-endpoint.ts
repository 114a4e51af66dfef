import { TokenOptionsError } from '../errors.js'
import { jsonAnswer, textAnswer } from './answers.js'
import { checkConsent, isDenial, type Consent } from './consent.js'
import { audienceOf, readForm } from './form.js'
import { baseOf } from './issuer.js'
import { randomText, type DeviceLogin } from './ledger.js'
import type { ServerState } from './server-state.js'

const LIFETIME_MS = 600_000

/** Begins a login on another device (RFC 8628 §3.1). */
export async function answerDeviceAuthorization(
  state: ServerState,
  request: Request,
): Promise<Response> {
  const { settings, ledger, issuer, paths } = state
  const form = await readForm(state, request)
  if (form instanceof Response) return form

  const deviceCode = `dc_${randomText()}`
  const userCode = randomUserCode()
  ledger.deviceLogins.set(deviceCode, {
    userCode,
    clientId: form.get('client_id') ?? settings.client?.id ?? null,
    scope: form.get('scope') ?? settings.scope,
    audience: audienceOf(form),
    expiresAt: Date.now() + LIFETIME_MS,
    intervalMs: settings.deviceIntervalMs,
    polledAt: -Infinity,
  })
  const page = baseOf(issuer) + paths.device
  return jsonAnswer(settings, 200, {
    device_code: deviceCode,
    user_code: userCode,
    verification_uri: page,
    verification_uri_complete: `${page}?user_code=${userCode}`,
    expires_in: LIFETIME_MS / 1000,
    interval: settings.deviceIntervalMs / 1000,
  })
}

/** The page that the user opens (RFC 8628 §3.3): who comes with a code decides as scripted. */
export function answerDevicePage(state: ServerState, request: Request): Response {
  const userCode = new URL(request.url).searchParams.get('user_code')
  if (userCode === null) return page(state, 200, 'Add user_code to this address.')
  const login = deviceLoginOf(state, userCode)
  if (!login) return page(state, 404, 'There is no such code.')
  const consent = state.consents.shift() ?? {}
  login.consent = consent
  return page(state, 200, isDenial(consent) ? 'You said no.' : 'Your device is connected.')
}

/** @throws TokenOptionsError if no login waits for the code, or the consent is none */
export function enterUserCode(state: ServerState, userCode: string, consent: Consent = {}): void {
  checkConsent(consent)
  const login = deviceLoginOf(state, userCode)
  if (!login) throw new TokenOptionsError('enterUserCode: no login waits for this code')
  login.consent = consent
}

/** People type codes in their own way (RFC 8628 §6.1). */
function deviceLoginOf({ ledger }: ServerState, userCode: string): DeviceLogin | undefined {
  const plain = (code: string) => code.toUpperCase().replace(/[^A-Z0-9]/g, '')
  return [...ledger.deviceLogins.values()].find(
    (login) => plain(login.userCode) === plain(userCode) && Date.now() < login.expiresAt,
  )
}

/** RFC 8628 §6.1: letters that cannot be taken for another, and that spell no word. */
function randomUserCode(): string {
  const letters = 'BCDFGHJKLMNPQRSTVWXZ'
  const bytes = crypto.getRandomValues(new Uint8Array(8))
  const code = Array.from(bytes, (byte) => letters[byte % letters.length]).join('')
  return `${code.slice(0, 4)}-${code.slice(4)}`
}

function page({ settings }: ServerState, status: number, text: string): Response {
  return textAnswer(settings, status, `<!doctype html><title>Device</title><p>${text}`, {
    'content-type': 'text/html; charset=utf-8',
  })
}
