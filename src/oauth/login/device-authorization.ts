import { deviceAuthorizationRequest } from 'oauth4webapi'
import { aSignal, checkOptions } from '../../checks.js'
import { monotonicNow, now } from '../../clock.js'
import { InvalidTokenResponseError, TokenOptionsError } from '../../errors.js'
import { foreignText } from '../../foreign-text.js'
import { hideFromInspect } from '../../inspect.js'
import type { TokenSet } from '../../tokens/token-set.js'
import { readEndpointAnswer } from '../endpoint-answer.js'
import { grantParameters, TARGET_CHECKS } from '../grant-parameters.js'
import type { TargetOptions } from '../grant.js'
import { flawOfPage, parseUrl } from '../secure-url.js'
import type { Sender } from '../sender.js'
import type { TokenRequester } from '../token-request.js'
import { withinAttempt } from './attempt.js'
import { boundedInterval, pollForTokens, type DeviceCode } from './device-poll.js'
import type { IdTokenCheck } from './id-token.js'

/** @public */
export interface DeviceAuthorizationOptions extends TargetOptions {
  /** Aborts the request for a code. `poll` has a separate signal. */
  signal?: AbortSignal | undefined
}

/**
 * A login that the user completes on another device (RFC 8628 §3.2).
 *
 * @public
 */
export interface DeviceAuthorization {
  /** The code that the user types on the other device. */
  readonly userCode: string
  /** The URL that the user opens there. */
  readonly verificationUri: string
  /** The URL that includes the code, for a QR code, if the server sends one. */
  readonly verificationUriComplete?: string
  /** When the code expires, in epoch milliseconds. */
  readonly expiresAt: number
  /** The interval between two requests of `poll`, in milliseconds. */
  readonly intervalMs: number
  /**
   * Polls the server until the user has decided, at the interval that the server asks for, and more
   * slowly after `slow_down` and after each failed request.
   *
   * @throws LoginError `denied`, `expired`, `aborted`, `failed`
   * @throws RefreshRejectedError for a refusal that waiting does not fix
   */
  poll(options?: { signal?: AbortSignal }): Promise<TokenSet>
}

const OWNER = 'deviceAuthorization'

/** RFC 8628 §3.2. */
const DEFAULT_INTERVAL_SECONDS = 5
/** Of a server that does not say, though it must. */
const DEFAULT_LIFETIME_SECONDS = 300
/** Nobody takes longer to type a code; and it stays a time of day. */
const LONGEST_LIFETIME_SECONDS = 24 * 60 * 60

/** @internal */
export interface DeviceLogin {
  readonly send: Sender
  readonly requestTokens: TokenRequester
  readonly checkIdToken: IdTokenCheck
  readonly insecureOrigins: ReadonlySet<string> | undefined
}

/** @internal */
export async function beginDeviceLogin(
  { send, requestTokens, checkIdToken, insecureOrigins }: DeviceLogin,
  options: DeviceAuthorizationOptions = {},
): Promise<DeviceAuthorization> {
  checkOptions(OWNER, options, { ...TARGET_CHECKS, signal: aSignal })
  const { scope, resource, audience, signal } = options
  const parameters = grantParameters({ scope, resource, audience })
  const { fields, sentAt } = await withinAttempt(signal, async (attempt) => {
    const sent = await send({
      endpoint: 'device_authorization_endpoint',
      purpose: 'device',
      secrets: [],
      signal: attempt,
      request: (wire) =>
        deviceAuthorizationRequest(
          wire.server,
          wire.client,
          wire.authenticate,
          parameters,
          wire.options,
        ),
    })
    const fields = await readEndpointAnswer('device authorization endpoint', sent)
    return { fields, sentAt: sent.sentAt }
  })
  const code = readCode(fields, sentAt, insecureOrigins)
  const resources = [resource ?? []].flat()
  const deviceCode: DeviceCode = {
    deviceCode: code.deviceCode,
    resource: resources.length === 1 ? resources : [],
    intervalMs: code.intervalMs,
    deadline: monotonicNow() + code.expiresAt - now(),
  }

  let polls = 0
  const authorization: DeviceAuthorization = {
    userCode: code.userCode,
    verificationUri: code.verificationUri,
    ...(code.verificationUriComplete && { verificationUriComplete: code.verificationUriComplete }),
    expiresAt: code.expiresAt,
    intervalMs: code.intervalMs,
    poll: async (pollOptions = {}) => {
      checkOptions('poll', pollOptions, { signal: aSignal })
      if (polls > 0) throw new TokenOptionsError('poll() is already running: wait for its result')
      polls += 1
      try {
        return await pollForTokens(deviceCode, requestTokens, checkIdToken, pollOptions)
      } finally {
        polls -= 1
      }
    },
  }
  return Object.freeze(
    hideFromInspect(authorization, () => `DeviceAuthorization { at: ${showPage(code)} }`),
  )
}

function showPage({ verificationUri }: { verificationUri: string }): string {
  return new URL(verificationUri).origin
}

type Code = Omit<DeviceAuthorization, 'poll'> & { readonly deviceCode: string }

function readCode(
  fields: Record<string, unknown>,
  sentAt: number,
  insecureOrigins: ReadonlySet<string> | undefined,
): Code {
  const deviceCode = text(fields.device_code)
  // What cannot be seen, nobody types either.
  const userCode = foreignText(text(fields.user_code) ?? '')
  // Google's name for it, of a draft.
  const verificationUri = text(fields.verification_uri) ?? text(fields.verification_url)
  if (!deviceCode || !userCode || !verificationUri) {
    throw new InvalidTokenResponseError(
      'The device authorization endpoint responded without device_code, user_code or verification_uri (RFC 8628 §3.2)',
    )
  }
  const flaw = flawOfPage(verificationUri, insecureOrigins)
  if (flaw) {
    throw new InvalidTokenResponseError(
      `The device authorization endpoint returned a bad verification_uri: it must be an HTTPS URL, ${flaw}`,
    )
  }
  const complete = text(fields.verification_uri_complete)
  return {
    deviceCode,
    userCode,
    verificationUri: parseUrl(verificationUri)!.href,
    verificationUriComplete:
      complete && !flawOfPage(complete, insecureOrigins) ? parseUrl(complete)!.href : undefined,
    expiresAt:
      sentAt +
      Math.min(seconds(fields.expires_in, DEFAULT_LIFETIME_SECONDS), LONGEST_LIFETIME_SECONDS) *
        1000,
    intervalMs: boundedInterval(seconds(fields.interval, DEFAULT_INTERVAL_SECONDS) * 1000),
  }
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** Also as a string; what is no time at all is as if it were absent. */
function seconds(value: unknown, fallback: number): number {
  const number = typeof value === 'string' ? Number(value) : value
  const isTime = typeof number === 'number' && Number.isFinite(number) && number > 0
  return isTime ? number : fallback
}
