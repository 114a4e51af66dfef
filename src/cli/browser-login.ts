import { isTokenError } from '../errors.js'
import type {
  AuthorizationRequest,
  AuthorizationRequestOptions,
} from '../oauth/login/authorization-request.js'
import type { OAuthClient } from '../oauth/oauth-client.js'
import type { CheckableStore } from '../stores/file/checkable-store.js'
import { step, withinBounds } from './bounds.js'
import {
  openCallbackListener,
  type AuthorizationResponse,
  type CallbackListener,
} from './callback-listener.js'
import { outcomePage, type LoginOutcome, type LoginPage } from './callback-page.js'
import { leadUser } from './lead-user.js'
import { checkBrowserLogin } from './login-options.js'
import type { ListenAddress } from './loopback-server.js'
import { parseLoopbackUri } from './loopback-uri.js'
import { pastedResponse, pasteOnTerminal, type Paste } from './paste.js'

/**
 * Options of `authorizationRequest`, such as `scope`, `resource`, `prompt`, `loginHint` and
 * `parameters`, go there as they are. At least one of `open` and `onUrl` must be given.
 *
 * @public
 */
export interface BrowserLoginOptions extends Omit<AuthorizationRequestOptions, 'redirectUri'> {
  /** What `oauthClient` returns, for a native application, which has no secret (RFC 8252 §8.5). */
  client: Pick<OAuthClient, 'authorizationRequest' | 'authorizationCode'>
  /**
   * Shows the URL to the user, who may open it by hand. If it throws or rejects, the login fails. The
   * login does not wait for its result.
   */
  onUrl?: ((url: string) => unknown) | undefined
  /**
   * Opens the URL in the user's browser. If `open` throws, rejects or returns a child process that
   * cannot be started, the login fails, unless there is an `onUrl`. The login does not wait for its
   * result.
   *
   * @default openBrowser, if canOpenBrowser() returns true
   */
  open?: ((url: string) => unknown) | undefined
  /**
   * The redirect URI, as it is registered at the server: `http://127.0.0.1`, `http://[::1]` or
   * `http://localhost` with a path. Without a port, any free port is used (RFC 8252 §7.3). Of several
   * URIs, the first whose port is free is used. `localhost` is listened on in IPv4 and IPv6.
   *
   * @default 'http://127.0.0.1/callback'
   */
  redirectUri?: string | readonly string[] | undefined
  /**
   * The address to listen on, if it is not that of the redirect URI: `{ host: '0.0.0.0' }` in a
   * container whose port is published.
   *
   * @default the redirect URI's host and port
   */
  listen?: ListenAddress | undefined
  /**
   * Lets the user paste the address of the page where the browser ended, or the code; whichever
   * comes first, the browser or the paste, counts. `true` asks on stderr and reads stdin, if both
   * are a terminal. A function asks in its own way.
   *
   * @default false
   */
  paste?: boolean | Paste | undefined
  /** The store in which the login will be saved. It is checked before the browser opens. */
  store?: Pick<CheckableStore, 'check'> | undefined
  /**
   * The time limit for the whole login, in milliseconds. It is needed because nothing tells the
   * program that the browser was closed.
   *
   * @default 300_000
   */
  timeoutMs?: number | undefined
  /** Aborts the login, which then rejects with the signal's reason. */
  signal?: AbortSignal | undefined
  /** Your text for the page that the user sees at the end; `undefined` keeps the default text. */
  page?: ((outcome: LoginOutcome) => LoginPage | undefined) | undefined
}

/** The result of a login: pass it to `setTokens` or `saveLogin`. @public */
export type LoginResult = Awaited<ReturnType<OAuthClient['authorizationCode']>>

const DEFAULT_TIMEOUT_MS = 300_000
const DEFAULT_REDIRECT_URI = 'http://127.0.0.1/callback'

/**
 * Logs the user in with a browser, by the authorization code flow with PKCE. The response arrives on
 * a port of this machine (RFC 8252) or is pasted. Only the first response with this login's `state`
 * counts, whether it is a success or an error. When the promise settles, the user has seen the
 * outcome in the browser, and the port is free again.
 *
 * @example
 * await tokens.setTokens(
 *   await browserLogin({ client: oauth, onUrl: (url) => console.error(`Go to ${url}`) }),
 * )
 *
 * @throws LoginError `denied`, `issuer`, `timeout`, `port`, `failed`
 * @throws TokenStoreError if the check of `store` fails
 * @throws TokenOptionsError if an option is bad
 * @throws RefreshRejectedError, RefreshUnavailableError, InvalidTokenResponseError as the client does
 * @public
 */
export async function browserLogin(options: BrowserLoginOptions): Promise<LoginResult> {
  checkBrowserLogin(options)
  const { client, open, onUrl, redirectUri, listen, paste = false, page, ...others } = options
  const { timeoutMs = DEFAULT_TIMEOUT_MS, signal, store, ...parameters } = others
  const pageFor = (outcome: LoginOutcome) => outcomePage(outcome, page)

  return withinBounds({ signal, timeoutMs }, async (signal) => {
    await step(signal, () => store?.check())
    let request: AuthorizationRequest | undefined
    const listener = await openCallbackListener({
      uris: [redirectUri ?? DEFAULT_REDIRECT_URI].flat().map((uri) => parseLoopbackUri(uri)!),
      bind: listen ?? {},
      isExpected: (parameters) => parameters.get('state') === request?.state,
      secondPage: () => pageFor({ status: 'already-answered' }),
    })
    try {
      const begun = await step(signal, () =>
        client.authorizationRequest({ ...parameters, redirectUri: listener.redirectUri }),
      )
      request = begun
      const response = await step(signal, () =>
        Promise.race([
          firstResponse(listener, paste, begun, signal),
          leadUser({ open, onUrl }, begun),
        ]),
      )
      const exchange = step(signal, () =>
        client.authorizationCode(response.parameters, begun, { signal }),
      )
      await response.show(pageFor(await outcomeOf(exchange)))
      return await exchange
    } finally {
      await listener.close()
    }
  })
}

/** From the browser or from the terminal, whichever comes first. */
async function firstResponse(
  listener: CallbackListener,
  paste: boolean | Paste,
  request: AuthorizationRequest,
  signal: AbortSignal,
): Promise<AuthorizationResponse> {
  if (paste === false) return listener.response
  const asking = new AbortController()
  const stop = () => asking.abort()
  signal.addEventListener('abort', stop, { once: true })
  const pasting = pastedResponse(
    paste === true ? pasteOnTerminal : paste,
    request,
    asking.signal,
  ).then((parameters) => ({ parameters, show: () => Promise.resolve() }))
  try {
    return await Promise.race([listener.response, pasting])
  } finally {
    signal.removeEventListener('abort', stop)
    stop()
  }
}

function outcomeOf(exchange: Promise<unknown>): Promise<LoginOutcome> {
  return exchange.then(
    () => ({ status: 'signed-in' }),
    (error: unknown) => ({ status: 'failed', message: messageOf(error) }),
  )
}

/** An abort's reason is the caller's own, and not for the page. */
function messageOf(error: unknown): string {
  return isTokenError(error) ? error.message : 'The login was cancelled.'
}
