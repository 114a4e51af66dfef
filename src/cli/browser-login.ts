import { isTokenError } from '../errors.js'
import type { AuthorizationRequestOptions } from '../oauth/login/authorization-request.js'
import type { OAuthClient } from '../oauth/oauth-client.js'
import { step, withinBounds } from './bounds.js'
import { openCallbackListener } from './callback-listener.js'
import { outcomePage, type LoginOutcome, type LoginPage } from './callback-page.js'
import { checkBrowserLogin } from './login-options.js'
import { openBrowser } from './open-browser.js'

/**
 * Options of `authorizationRequest`, such as `scope`, `resource` and `prompt`, go there as they are.
 *
 * @public
 */
export interface BrowserLoginOptions extends Omit<AuthorizationRequestOptions, 'redirectUri'> {
  /** What `oauthClient` made: of a native application, which has no secret (RFC 8252 §8.5). */
  client: Pick<OAuthClient, 'authorizationRequest' | 'authorizationCode'>
  /**
   * Opens the URL in the user's browser, or shows it to them. If it throws, rejects, or returns a
   * child process that cannot be started, the login fails; else what it returns is not waited for.
   */
  open: (url: string) => unknown
  /**
   * The port of 127.0.0.1 to listen on, for a server that wants to know it beforehand.
   *
   * @default one that is free, as RFC 8252 §7.3 has it
   */
  port?: number
  /**
   * The path of the redirect URI; registered at the server as `http://127.0.0.1/callback`.
   *
   * @default '/callback'
   */
  redirectPath?: string
  /**
   * How long all of it may take, in milliseconds: nobody tells us that the browser was closed.
   *
   * @default 300_000: time to find a password, and codes live no longer
   */
  timeoutMs?: number
  /** Ends the login; what it rejects with is the signal's own reason. */
  signal?: AbortSignal
  /** Other words for the page that the user sees at the end; `undefined` keeps ours. */
  page?: (outcome: LoginOutcome) => LoginPage | undefined
}

/** What a login brings, and `setTokens` takes. @public */
export type LoginResult = Awaited<ReturnType<OAuthClient['authorizationCode']>>

const DEFAULT_TIMEOUT_MS = 300_000

/**
 * Logs the user in with their browser: the authorization code flow with PKCE, answered at a port of
 * 127.0.0.1 (RFC 8252). The first answer counts, good or bad. When this settles, the user has been
 * told in the browser and nothing listens any more.
 *
 * @example
 * await tokens.setTokens(await browserLogin({ client: oauth, open: (url) => spawn('open', [url]) }))
 *
 * @throws LoginError: `denied`, `state`, `issuer`, `timeout`, `port`, `failed`
 * @throws TokenOptionsError if an option is bad
 * @throws RefreshRejectedError, RefreshUnavailableError, InvalidTokenResponseError as the client does
 * @public
 */
export async function browserLogin(options: BrowserLoginOptions): Promise<LoginResult> {
  checkBrowserLogin(options)
  const { client, open, port = 0, redirectPath = '/callback', page, ...others } = options
  const { timeoutMs = DEFAULT_TIMEOUT_MS, signal, ...parameters } = others
  const pageFor = (outcome: LoginOutcome) => outcomePage(outcome, page)

  return withinBounds({ signal, timeoutMs }, async (signal) => {
    const listener = await openCallbackListener({
      port,
      path: redirectPath,
      secondPage: () => pageFor({ status: 'already-answered' }),
    })
    try {
      const { redirectUri } = listener
      const request = await step(signal, () =>
        client.authorizationRequest({ ...parameters, redirectUri }),
      )
      const answer = await step(signal, () =>
        Promise.race([listener.answer, openBrowser(open, request)]),
      )
      const exchange = step(signal, () => client.authorizationCode(answer.url, request, { signal }))
      await answer.show(pageFor(await outcomeOf(exchange)))
      return await exchange
    } finally {
      await listener.close()
    }
  })
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
