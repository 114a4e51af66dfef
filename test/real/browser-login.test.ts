import { inspect } from 'node:util'
import type { Browser, Page } from 'playwright-core'
import { LoginError, TokenManager } from 'tokenward'
import { browserLogin, type BrowserLoginOptions } from 'tokenward/cli'
import { oauthClient } from 'tokenward/oauth'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { launchChromium, noChromium } from '../support/chromium.js'
import {
  startAuthorizationServer,
  type AuthorizationServer,
} from '../support/oidc/authorization-server.js'
import { LOCALHOST_REDIRECT_URI } from '../support/oidc/clients.js'
import { RESOURCE, SCOPE } from '../support/oidc/provider.js'

describe.skipIf(noChromium)(
  `browserLogin in Chromium${noChromium ? `: ${noChromium}` : ''}`,
  () => {
    let server: AuthorizationServer
    let chromium: Browser
    let page: Page

    beforeAll(async () => void (chromium = await launchChromium()))
    afterAll(() => chromium?.close())

    beforeEach(async () => {
      server = await startAuthorizationServer({ accessTokenTtl: 300 })
      page = await (await chromium.newContext()).newPage()
    })
    afterEach(async () => {
      await page.context().close()
      await server.stop()
    })

    function begin(options: Partial<BrowserLoginOptions> = {}) {
      const client = oauthClient({ issuer: server.issuer, ...server.clients.none })
      const login = browserLogin({
        client,
        open: (url) => page.goto(url),
        scope: `openid offline_access ${SCOPE}`,
        resource: RESOURCE,
        prompt: 'consent',
        timeoutMs: 60_000,
        ...options,
      })
      login.catch(() => {})
      return { client, login }
    }

    async function signIn(name: string): Promise<void> {
      await page.getByPlaceholder('Enter any login').fill(name)
      await page.getByPlaceholder('and password').fill('any')
      await page.getByRole('button', { name: 'Sign-in' }).click()
    }

    const consent = () => page.getByRole('button', { name: 'Continue' }).click()
    const heading = () => page.getByRole('heading', { level: 1 }).textContent()

    it("a login at the server's own pages: the terminal has its tokens, the user a page that says so", async () => {
      const requested: string[] = []
      page.on('request', (request) => requested.push(request.url()))
      const complaints: string[] = []
      page.on('console', (message) =>
        complaints.push(`${message.location().url} ${message.text()}`),
      )
      const { client, login } = begin()
      await signIn('alice')
      await consent()
      const result = await login

      expect(result).toMatchObject({
        accessToken: expect.any(String),
        refreshToken: expect.any(String),
        idToken: expect.any(String),
        scope: expect.stringContaining(SCOPE),
      })
      await page.waitForURL(/^http:\/\/127\.0\.0\.1:\d+\/callback\?/)
      expect(await heading()).toBe('You are logged in')
      expect(await page.textContent('p')).toBe('You may close this window.')
      // The page itself asked for nothing, and Chromium had nothing to complain about.
      expect(requested.at(-1)).toBe(page.url())
      expect(complaints.filter((text) => text.startsWith(page.url()))).toEqual([])

      const tokens = new TokenManager({ refresh: client.refreshToken() })
      await tokens.setTokens(result)
      expect(await tokens.getAccessToken()).toBe(result.accessToken)
      expect(await tokens.refresh()).not.toBe(result.accessToken)
      await tokens.close()

      // Nothing listens any more: a reload finds nobody.
      await expect(page.reload()).rejects.toThrow('ERR_CONNECTION_REFUSED')
    })

    it('a user who says no: a LoginError, and a page that says why', async () => {
      const { login } = begin()
      await signIn('alice')
      await page.getByRole('link', { name: /Cancel/ }).click()
      const error: unknown = await login.catch((thrown: unknown) => thrown)

      expect(error).toBeInstanceOf(LoginError)
      expect(error).toMatchObject({ reason: 'denied', error: 'access_denied' })
      await page.waitForURL(/^http:\/\/127\.0\.0\.1:\d+\/callback\?/)
      expect(await heading()).toBe('The login failed')
      const state = new URL(page.url()).searchParams.get('state')!
      expect(inspect(error, { depth: 9 })).not.toContain(state)
    })

    it('a user who closes the window: a LoginError when the time is up', async () => {
      const { login } = begin({ timeoutMs: 1_500 })
      await page.getByPlaceholder('Enter any login').waitFor()
      await page.close()
      await expect(login).rejects.toMatchObject({ code: 'ERR_LOGIN', reason: 'timeout' })
    })

    it('comes back to localhost, in whichever address family the browser looks for it', async () => {
      const { login } = begin({ redirectUri: LOCALHOST_REDIRECT_URI })
      await signIn('alice')
      await consent()
      expect(await login).toMatchObject({ accessToken: expect.any(String) })
      await page.waitForURL(/^http:\/\/localhost:\d+\/login\/done\?/)
      expect(await heading()).toBe('You are logged in')
    })

    it('comes back with a form where the server is asked for one', async () => {
      const { login } = begin({ parameters: { response_mode: 'form_post' } })
      await signIn('alice')
      await consent()
      expect(await login).toMatchObject({ accessToken: expect.any(String) })
      await page.waitForURL(/^http:\/\/127\.0\.0\.1:\d+\/callback$/)
      expect(await heading()).toBe('You are logged in')
    })

    // pup#465: the browser is on another machine, where nobody listens
    it('is done by pasting the address at which a browser elsewhere ended', async () => {
      let pasted!: (address: string) => void
      const { login } = begin({
        open: () => {},
        onUrl: async (url) => {
          const start = new URL(url)
          const redirectUri = start.searchParams.get('redirect_uri')!
          const end = await server.userAgent('alice').browseBackTo(redirectUri, start)
          pasted(end.href)
        },
        paste: () => new Promise<string>((resolve) => (pasted = resolve)),
      })
      expect(await login).toMatchObject({ accessToken: expect.any(String) })
    })

    it("an older window's response is told so, and the login goes on", async () => {
      let redirectUri = ''
      const { login } = begin({
        open: (url) => {
          redirectUri = new URL(url).searchParams.get('redirect_uri')!
          return page.goto(url)
        },
      })
      await signIn('alice')
      const other = await page.context().newPage()
      const older = await other.goto(`${redirectUri}?code=older&state=older`)
      expect(older!.status()).toBe(400)
      expect(await other.textContent('h1')).toBe('This is another login')
      await consent()
      expect(await login).toMatchObject({ accessToken: expect.any(String) })
    })

    it('two logins at once in one browser, and each has its own tokens', async () => {
      const other = await page.context().newPage()
      const first = begin()
      await signIn('alice')
      await page.getByRole('button', { name: 'Continue' }).waitFor()
      const second = begin({ open: (url) => other.goto(url) })
      await other.getByRole('button', { name: 'Continue' }).click()
      await consent()
      const [one, two] = await Promise.all([first.login, second.login])
      expect(one.accessToken).not.toBe(two.accessToken)
    })
  },
)
