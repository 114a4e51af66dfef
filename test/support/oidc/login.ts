import * as openid from 'openid-client'
import { CLIENT, REDIRECT_URI, RESOURCE, SCOPE } from './provider.js'

/** What a web app has after a login: the client as openid-client sees it, and its tokens. */
export interface Login {
  readonly client: openid.Configuration
  readonly tokens: openid.TokenEndpointResponse
}

/**
 * Logs a user in as a browser would: the authorization code flow with PKCE, through the server's
 * own sign-in and consent pages.
 */
export async function logIn(issuer: string, userName: string): Promise<Login> {
  const client = await openid.discovery(
    new URL(issuer),
    CLIENT.clientId,
    undefined,
    openid.ClientSecretBasic(CLIENT.clientSecret),
    { execute: [openid.allowInsecureRequests] }, // eslint-disable-line @typescript-eslint/no-deprecated -- loopback
  )
  const pkceCodeVerifier = openid.randomPKCECodeVerifier()
  const expectedState = openid.randomState()
  const start = openid.buildAuthorizationUrl(client, {
    redirect_uri: REDIRECT_URI,
    scope: `openid offline_access ${SCOPE}`,
    resource: RESOURCE,
    prompt: 'consent', // OpenID Connect Core §11: or there is no offline_access
    state: expectedState,
    code_challenge: await openid.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
  })
  const callback = await browse(start, { login: userName, password: 'any' })
  const tokens = await openid.authorizationCodeGrant(
    client,
    callback,
    { pkceCodeVerifier, expectedState },
    { resource: RESOURCE },
  )
  return { client, tokens }
}

const MOST_PAGES = 20

/** Follows redirects and submits each page's form, until the server leads back to the app. */
async function browse(start: URL, answers: Record<string, string>): Promise<URL> {
  const cookies = new Map<string, string>()
  let url = start
  let form: URLSearchParams | undefined
  for (let pages = 0; pages < MOST_PAGES; pages++) {
    const page = await fetch(url, {
      method: form ? 'POST' : 'GET',
      body: form,
      headers: { cookie: [...cookies].map((pair) => pair.join('=')).join('; ') },
      redirect: 'manual',
    })
    keepCookies(cookies, page)
    const location = page.headers.get('location')
    if (location !== null) {
      url = new URL(location, url)
      form = undefined
      if (url.href.startsWith(REDIRECT_URI)) return url
    } else {
      const html = await page.text()
      const action = /<form[^>]* action="([^"]+)"/.exec(html)?.[1]
      if (action === undefined) throw new Error(`No form at ${url.pathname}: HTTP ${page.status}`)
      url = new URL(action, url)
      form = new URLSearchParams({ ...hiddenFields(html), ...answers })
    }
  }
  throw new Error(`The login did not end within ${MOST_PAGES} pages`)
}

function keepCookies(cookies: Map<string, string>, page: Response): void {
  for (const line of page.headers.getSetCookie()) {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
    if (value === '') cookies.delete(name)
    else cookies.set(name, value)
  }
}

function hiddenFields(html: string): Record<string, string> {
  const fields = html.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)
  return Object.fromEntries([...fields].map(([, name = '', value = '']) => [name, value]))
}
