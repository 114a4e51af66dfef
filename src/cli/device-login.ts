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
  /** What to type there. */
  readonly userCode: string
  /** Where. */
  readonly verificationUri: string
  /** The same with the code in it, for a QR code, if the server gives one. */
  readonly verificationUriComplete?: string
  /** When the code ends, in epoch milliseconds. */
  readonly expiresAt: number
}

/**
 * Options of `deviceAuthorization`, such as `scope` and `resource`, go there as they are.
 *
 * @public
 */
export interface DeviceLoginOptions extends DeviceAuthorizationOptions {
  /** What `oauthClient` made. */
  client: Pick<OAuthClient, 'deviceAuthorization'>
  /** Shows the code and the URL. If it throws or rejects, the login fails; it is not waited for. */
  onCode: (code: DeviceCode) => unknown
  /** Where the login will be saved: what is wrong with it is said before a code is shown. */
  store?: Pick<CheckableStore, 'check'>
  /**
   * How long all of it may take, in milliseconds.
   *
   * @default until the code expires
   */
  timeoutMs?: number
  /** Ends the login; what it rejects with is the signal's own reason. */
  signal?: AbortSignal
}

/**
 * Logs the user in on another device (RFC 8628): for a machine without a browser. Asks the server
 * at the interval it asks for, until the user has decided or the code has expired.
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
 * @throws TokenStoreError as the `check` of `store` does
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
