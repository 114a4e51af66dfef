import { LoginError } from '../errors.js'
import { check, checkValue, optionError } from '../checks.js'
import type { OAuthClient } from '../oauth/oauth-client.js'
import { step, withinBounds } from './bounds.js'
import { browserLogin, type BrowserLoginOptions, type LoginResult } from './browser-login.js'
import { deviceLogin, type DeviceLoginOptions } from './device-login.js'
import { checkBrowserLogin, checkDeviceLogin } from './login-options.js'
import { canOpenBrowser } from './open-browser.js'

/** The options of `browserLogin`, and `onCode` to show a device code. @public */
export interface TerminalLoginOptions extends Omit<BrowserLoginOptions, 'client' | 'onUrl'> {
  /** What `oauthClient` returns. */
  client: BrowserLoginOptions['client'] & Pick<OAuthClient, 'discover' | 'deviceAuthorization'>
  /** Shows the URL to the user: see `browserLogin`. */
  onUrl: (url: string) => unknown
  /** Shows the code and the URL to the user: see `deviceLogin`. */
  onCode: DeviceLoginOptions['onCode']
  /**
   * Forces one way to log in, for a user who asks for it.
   *
   * @default the browser if one can be opened, otherwise the device flow if the server supports it,
   * otherwise the browser with `paste` if there is a terminal
   */
  method?: 'browser' | 'device' | undefined
  /** @default true */
  paste?: BrowserLoginOptions['paste'] | undefined
}

/**
 * Logs the user in, in a way that works where the program runs. On a desktop, it opens the browser.
 * Over SSH, in a container or without a display, the user logs in on another device, or in the
 * browser of another machine, and then pastes the address of the last page.
 *
 * @example
 * await tokens.setTokens(
 *   await terminalLogin({
 *     client: oauth,
 *     onUrl: (url) => console.error(`If no browser opens, go to ${url}`),
 *     onCode: ({ verificationUri, userCode }) =>
 *       console.error(`Go to ${verificationUri} and enter ${userCode}`),
 *   }),
 * )
 *
 * @throws LoginError as browserLogin and deviceLogin; `no-browser` if there is no browser, no
 * device flow and no terminal to paste into
 * @throws TokenStoreError if the check of `store` fails
 * @throws TokenOptionsError if an option is bad
 * @public
 */
export async function terminalLogin(options: TerminalLoginOptions): Promise<LoginResult> {
  checkBrowserLogin(options, OWNER)
  checkDeviceLogin(options, OWNER)
  if (options.method !== undefined) checkValue(OWNER, 'method', options.method, aMethod)
  if (options.onUrl === undefined) throw optionError(OWNER, 'onUrl', 'a function', undefined)
  const { method, onCode, store, ...others } = options
  await withinBounds(options, (signal) => step(signal, () => store?.check()))
  const browserOptions = { paste: true, ...others }
  if ((method ?? (await bestMethod(browserOptions))) === 'browser') {
    return browserLogin(browserOptions)
  }
  const { client, scope, resource, audience, timeoutMs, signal } = options
  return deviceLogin({ client, onCode, scope, resource, audience, timeoutMs, signal })
}

const OWNER = 'terminalLogin'
const aMethod = check("'browser' or 'device'", (value) => value === 'browser' || value === 'device')

/** @throws LoginError `no-browser` */
async function bestMethod(
  options: Pick<TerminalLoginOptions, 'client' | 'open' | 'paste' | 'signal'>,
): Promise<'browser' | 'device'> {
  if (options.open !== undefined || canOpenBrowser()) return 'browser'
  const { client, signal } = options
  const server = await withinBounds({ signal, timeoutMs: undefined }, (signal) =>
    step(signal, () => client.discover()),
  )
  if (server.device_authorization_endpoint !== undefined) return 'device'
  if (canPaste(options.paste)) return 'browser'
  throw new LoginError(
    'There is no browser here, no terminal to paste into, and the server has no device flow: log in on a machine with a browser, or run this in a terminal',
    { reason: 'no-browser' },
  )
}

function canPaste(paste: BrowserLoginOptions['paste']): boolean {
  if (typeof paste === 'function') return true
  return paste !== false && process.stdin.isTTY && process.stderr.isTTY
}
