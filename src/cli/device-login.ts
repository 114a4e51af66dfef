import type { DeviceAuthorizationOptions } from '../oauth/login/device-authorization.js'
import type { OAuthClient } from '../oauth/oauth-client.js'
import type { CheckableStore } from '../stores/file/checkable-store.js'
import { step, withinBounds } from './bounds.js'
import type { LoginResult } from './browser-login.js'
import { checkDeviceLogin } from './login-options.js'

/**
 * What the user needs on the other device.
 *
 * @public
 */
export interface DeviceCode {
  /** The code that the user types there. */
  readonly userCode: string
  /** The URL that the user opens there. */
  readonly verificationUri: string
  /** The URL that includes the code, for a QR code, if the server sends one. */
  readonly verificationUriComplete?: string
  /** When the code expires, in epoch milliseconds. */
  readonly expiresAt: number
}

/**
 * Options of `deviceAuthorization`, such as `scope` and `resource`, are passed on to it unchanged.
 *
 * @public
 */
export interface DeviceLoginOptions extends DeviceAuthorizationOptions {
  /** What `oauthClient` returns. */
  client: Pick<OAuthClient, 'deviceAuthorization'>
  /**
   * Shows the code and the URL to the user. If it throws or rejects, the login fails. The login does
   * not wait for its result.
   */
  onCode: (code: DeviceCode) => unknown
  /** The store in which the login will be saved. It is checked before a code is shown. */
  store?: Pick<CheckableStore, 'check'> | undefined
  /**
   * The time limit for the whole login, in milliseconds.
   *
   * @default until the code expires
   */
  timeoutMs?: number | undefined
  /** Aborts the login, which then rejects with the signal's reason. */
  signal?: AbortSignal | undefined
}

/**
 * Logs the user in on another device (RFC 8628), for a machine without a browser. It polls the server
 * at the interval that the server asks for, until the user has decided or the code has expired.
 *
 * @example
 * await tokens.setTokens(
 *   await deviceLogin({
 *     client: oauth,
 *     onCode: ({ verificationUri, userCode }) => console.log(`${verificationUri}: ${userCode}`),
 *   }),
 * )
 *
 * @throws LoginError: `denied`, `expired`, `timeout`, `failed`
 * @throws TokenStoreError if the check of `store` fails
 * @throws TokenOptionsError if an option is bad
 * @throws RefreshRejectedError, RefreshUnavailableError, InvalidTokenResponseError as the client does
 * @public
 */
export async function deviceLogin(options: DeviceLoginOptions): Promise<LoginResult> {
  checkDeviceLogin(options)
  const { client, onCode, store, timeoutMs, signal, ...parameters } = options

  return withinBounds({ signal, timeoutMs }, async (signal) => {
    await step(signal, () => store?.check())
    const login = await step(signal, () => client.deviceAuthorization({ ...parameters, signal }))
    const { userCode, verificationUri, verificationUriComplete, expiresAt } = login
    const shown = async (): Promise<never> => {
      await onCode({ userCode, verificationUri, verificationUriComplete, expiresAt })
      return new Promise<never>(() => {})
    }
    return step(signal, () => Promise.race([shown(), login.poll({ signal })]))
  })
}
