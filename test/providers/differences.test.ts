import type { TokenSet } from 'tokenward'
import { salesforce, slack } from 'tokenward/providers'
import type { AuthorizationServer, EmulatedProvider } from 'tokenward/testing'
import { describe, expect, it } from 'vitest'
import { PRESETS, type Preset } from './presets.js'
import { connected, logIn } from './support.js'

function presetOf(name: EmulatedProvider): Preset {
  return PRESETS.find((preset) => preset.name === name)!
}

/** Looks at the next token request, and lets it go on. */
function watched(server: AuthorizationServer): () => Promise<Seen> {
  const seen: Request[] = []
  server.next({
    respond: (request, answer) => {
      seen.push(request)
      return answer()
    },
  })
  return async () => {
    const request = seen[0]!
    const text = await request.clone().text()
    return { url: new URL(request.url), request, text, form: new URLSearchParams(text) }
  }
}

interface Seen {
  readonly url: URL
  readonly request: Request
  readonly text: string
  readonly form: URLSearchParams
}

/** A login, and what was sent to redeem its code. */
async function redeemed(preset: Preset): Promise<{ tokens: TokenSet; sent: Seen }> {
  const { server, oauth } = connected(preset)
  const sent = watched(server)
  const tokens = await logIn(server, oauth)
  return { tokens, sent: await sent() }
}

/** A refresh after a login, and what was sent for it. */
async function refreshed(preset: Preset): Promise<{ tokens: TokenSet; sent: Seen }> {
  const { server, oauth } = connected(preset)
  const first = await logIn(server, oauth)
  const sent = watched(server)
  const { refreshToken = '' } = first
  const { signal } = new AbortController()
  const tokens = await oauth.refreshToken()({ refreshToken, tokens: first, signal })
  return { tokens, sent: await sent() }
}

const basicOf = ({ request }: Seen) => atob(request.headers.get('authorization')!.split(' ')[1]!)

describe('what is sent', () => {
  it('Slack: scopes with commas at the login, Basic, no PKCE', async () => {
    const { oauth } = connected(presetOf('slack'))
    const { searchParams } = new URL((await oauth.authorizationRequest({ scope: 'a b' })).url)
    expect(searchParams.get('scope')).toBe('a,b')
    expect(searchParams.has('code_challenge')).toBe(false)
    const { sent } = await redeemed(presetOf('slack'))
    expect(basicOf(sent)).toBe('a-client:a-secret')
    expect(sent.form.has('code_verifier')).toBe(false)
  })

  it('TikTok: client_key in the place of client_id, everywhere', async () => {
    const { oauth } = connected(presetOf('tiktok'))
    const { searchParams } = new URL((await oauth.authorizationRequest()).url)
    expect(searchParams.get('client_key')).toBe('a-client')
    const { sent } = await refreshed(presetOf('tiktok'))
    expect(sent.form.get('client_key')).toBe('a-client')
    expect(sent.form.has('client_id')).toBe(false)
  })

  it('Feishu and Atlassian: JSON, with the credentials in it', async () => {
    for (const name of ['feishu', 'atlassian'] as const) {
      const { sent } = await refreshed(presetOf(name))
      expect(sent.request.headers.get('content-type')).toMatch(/^application\/json/)
      expect(JSON.parse(sent.text)).toMatchObject({
        grant_type: 'refresh_token',
        client_id: 'a-client',
        client_secret: 'a-secret',
      })
    }
  })

  it('Notion: JSON, Basic and its version', async () => {
    const { sent } = await refreshed(presetOf('notion'))
    expect(sent.request.headers.get('notion-version')).toBe('2022-06-28')
    expect(basicOf(sent)).toBe('a-client:a-secret')
    expect(JSON.parse(sent.text)).not.toHaveProperty('client_secret')
  })

  it('Shopify: to the shop of the session, and expiring tokens at the login alone', async () => {
    const login = await redeemed(presetOf('shopify'))
    expect(login.sent.url.host).toBe('a-shop.myshopify.com')
    expect(login.sent.form.get('expiring')).toBe('1')
    const { sent } = await refreshed(presetOf('shopify'))
    expect(sent.form.has('expiring')).toBe(false)
  })

  it('eBay: its name for the redirect URI', async () => {
    const { sent } = await redeemed(presetOf('ebay'))
    expect(sent.form.get('redirect_uri')).toBe('Acme-AcmeApp-PRD-abcdefghi')
  })

  it('Meta: the access token itself, in a query', async () => {
    const { sent } = await refreshed(presetOf('meta'))
    expect(sent.request.method).toBe('GET')
    expect(sent.url.searchParams.get('grant_type')).toBe('fb_exchange_token')
    expect(sent.url.searchParams.get('fb_exchange_token')).toMatch(/^at_/)
    expect(sent.url.searchParams.has('refresh_token')).toBe(false)
  })

  it('Reddit: the user agent of the app', async () => {
    const { sent } = await refreshed(presetOf('reddit'))
    expect(sent.request.headers.get('user-agent')).toBe('acme/1.0')
  })

  it('Google and Dropbox: that the session outlives the browser', async () => {
    const of = async (name: EmulatedProvider) => {
      const { oauth } = connected(presetOf(name))
      return new URL((await oauth.authorizationRequest()).url).searchParams
    }
    expect((await of('google')).get('access_type')).toBe('offline')
    expect((await of('dropbox')).get('token_access_type')).toBe('offline')
  })
})

describe('what is kept', () => {
  it('Salesforce: the host of the API, and a lifetime that nobody says', async () => {
    const preset = {
      ...presetOf('salesforce'),
      provider: salesforce({ sessionTimeoutMs: 900_000 }),
    }
    const { tokens } = await refreshed(preset)
    expect(tokens.extra).toMatchObject({ instance_url: 'https://acme.my.salesforce.com' })
    expect(tokens.expiresAt! - tokens.issuedAt).toBe(900_000)
  })

  it('Slack: the team', async () => {
    const { tokens } = await redeemed(presetOf('slack'))
    expect(tokens.extra).toMatchObject({ 'team.id': 'T9TK3CUKW', 'authed_user.id': 'U1234' })
  })

  it('Slack: the user’s token of a login that gives two, where that is wanted', async () => {
    const preset = { ...presetOf('slack'), provider: slack({ token: 'user' }) }
    const { server, oauth } = connected(preset)
    server.next({
      override: {
        authed_user: { id: 'U1234', access_token: 'xoxp-the-users', expires_in: 43_200 },
      },
    })
    expect((await logIn(server, oauth)).accessToken).toBe('xoxp-the-users')
  })

  it('QuickBooks: the company, which the redirect names', async () => {
    const { tokens } = await redeemed(presetOf('quickbooks'))
    expect(tokens.extra).toEqual({ realmId: '4620816365049178370' })
  })

  it('Zoho: the domain of the API', async () => {
    const { tokens } = await refreshed(presetOf('zoho'))
    expect(tokens.extra).toEqual({ api_domain: 'https://www.zohoapis.com' })
  })

  it.each([
    ['quickbooks', 8_726_400],
    ['githubApp', 15_897_600],
    ['keycloak', 1_800],
    ['tiktok', 31_536_000],
    ['linkedin', 31_536_000],
  ] as const)('%s: how long the refresh token lives', async (name, seconds) => {
    const { tokens } = await refreshed(presetOf(name))
    expect(tokens.refreshTokenExpiresAt! - tokens.issuedAt).toBe(seconds * 1000)
  })
})
