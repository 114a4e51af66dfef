import { TokenManager, toTokenSet, type TokenSet } from 'tokenward'
import { attachTokens } from 'tokenward/axios'
import type { Provider } from 'tokenward/oauth'
import * as presets from 'tokenward/providers'
import axios from 'axios'
import { describe, expect, it, onTestFinished } from 'vitest'
import { answered, UNKNOWN } from './support.js'

const read = (provider: Provider, body: unknown) => answered(provider, body).refresh()
const lifetimeOf = ({ expiresAt, issuedAt }: TokenSet) => expiresAt! - issuedAt

/** The headers that a request to an API has with these tokens. */
async function sentWith(tokens: TokenSet, options: Parameters<typeof attachTokens>[2] = {}) {
  const manager = new TokenManager({ refresh: () => Promise.reject(), initialTokens: tokens })
  onTestFinished(() => manager.close())
  const instance = axios.create({
    baseURL: 'https://api.example.com',
    adapter: async (config) => ({
      data: config.headers.toJSON(),
      status: 200,
      statusText: 'OK',
      headers: {},
      config,
    }),
  })
  const { data } = await attachTokens(instance, manager, options).get<Record<string, string>>('/')
  return data
}

describe('a success', () => {
  it.each(['User Access Token', 'Application Access Token'])(
    'of eBay has the type %s, and is sent as Bearer',
    async (token_type) => {
      const body = { access_token: 'AT1', refresh_token: 'RT1', token_type, expires_in: 7200 }
      const tokens = await read(presets.ebay({ ruName: 'Acme' }), body)
      expect(tokens).toMatchObject({ refreshToken: 'RT1', tokenType: token_type })
      expect(await sentWith(tokens)).toMatchObject({ Authorization: 'Bearer AT1' })
    },
  )

  it.each(['bot', 'user'])('of Slack has the type %s', async (token_type) => {
    const tokens = await read(presets.slack(), { ok: true, access_token: 'AT1', token_type })
    expect(await sentWith(tokens)).toMatchObject({ Authorization: 'Bearer AT1' })
  })

  it('of Slack has the user’s token nested in one response and flat in another', async () => {
    const own = { access_token: 'xoxp-1', refresh_token: 'RT1', expires_in: 43_200 }
    for (const body of [
      { ok: true, authed_user: own },
      { ok: true, ...own },
    ]) {
      const tokens = await read(presets.slack({ token: 'user' }), body)
      expect(tokens).toMatchObject({ accessToken: 'xoxp-1', refreshToken: 'RT1' })
      expect(lifetimeOf(tokens)).toBe(43_200_000)
    }
  })

  it('of Salesforce says no lifetime and the host of the API, which may change with a refresh', async () => {
    const body = (host: string) => ({
      access_token: 'AT1',
      instance_url: `https://${host}.my.salesforce.com`,
      id: 'https://login.salesforce.com/id/00D/005',
      issued_at: '1278448101416',
      token_type: 'Bearer',
    })
    const provider = presets.salesforce({ sessionTimeoutMs: 900_000 })
    const first = await read(provider, body('first'))
    expect(lifetimeOf(first)).toBe(900_000)
    const { refresh } = answered(provider, body('moved'))
    const moved = await refresh({ ...first, refreshToken: 'RT1' })
    expect(moved.extra).toMatchObject({ instance_url: 'https://moved.my.salesforce.com' })
  })

  it('of Zoho says the domain of the API', async () => {
    const body = { access_token: 'AT1', api_domain: 'https://www.zohoapis.eu', expires_in: 3600 }
    expect((await read(presets.zoho(), body)).extra).toEqual({
      api_domain: 'https://www.zohoapis.eu',
    })
  })

  it.each([
    ['QuickBooks', presets.quickbooks(), 'x_refresh_token_expires_in'],
    ['LinkedIn', presets.linkedin(), 'refresh_token_expires_in'],
    ['GitHub', presets.githubApp(), 'refresh_token_expires_in'],
    ['Keycloak', presets.keycloak({ url: 'https://sso.test', realm: 'a' }), 'refresh_expires_in'],
  ])('of %s says how long the refresh token lives', async (_, provider, member) => {
    const body = { access_token: 'AT1', refresh_token: 'RT1', expires_in: 60, [member]: 7200 }
    const tokens = await read(provider, body)
    expect(tokens.refreshTokenExpiresAt! - tokens.issuedAt).toBe(7_200_000)
  })

  it('of Fiserv counts in milliseconds', async () => {
    const fiserv = { ...UNKNOWN, tokenResponse: { lifetimeUnit: 'milliseconds' } } as const
    expect(lifetimeOf(await read(fiserv, { access_token: 'AT1', expires_in: 900_000 }))).toBe(
      900_000,
    )
  })

  it('of TikTok has scopes with commas, and its requests a client_key', async () => {
    const { refresh, sent } = answered(presets.tiktok(), {
      access_token: 'AT1',
      scope: 'user.info.basic,video.list',
    })
    expect((await refresh()).scope).toBe('user.info.basic video.list')
    expect(sent[0]!.form.get('client_key')).toBe('a-client')
    expect(sent[0]!.form.has('client_id')).toBe(false)
  })

  it('of Feishu has code 0, and its requests are JSON', async () => {
    const { refresh, sent } = answered(presets.feishu(), { code: 0, access_token: 'AT1' })
    expect((await refresh()).accessToken).toBe('AT1')
    expect(JSON.parse(sent[0]!.body!)).toMatchObject({ grant_type: 'refresh_token' })
  })

  it('of Shopify is of the shop, is sent in a header of its own, and expires if that was asked for', async () => {
    const { logIn, sent } = answered(presets.shopify(), { access_token: 'AT1' })
    const login = { variables: { shop: 'a-shop.myshopify.com' } }
    const { asked, tokens } = await logIn(login)
    expect(asked.host).toBe('a-shop.myshopify.com')
    expect(sent[0]!.url.host).toBe('a-shop.myshopify.com')
    expect(sent[0]!.form.get('expiring')).toBe('1')
    const headers = await sentWith(tokens, {
      header: 'X-Shopify-Access-Token',
      format: (token) => token,
    })
    expect(headers).toMatchObject({ 'X-Shopify-Access-Token': 'AT1' })
    expect(headers).not.toHaveProperty('Authorization')
  })

  it('of Notion comes for JSON and Basic, with a version', async () => {
    const { refresh, sent } = answered(presets.notion(), { access_token: 'AT1' })
    await refresh()
    const { headers, body } = sent[0]!
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'notion-version': expect.stringMatching(/^\d{4}-\d\d-\d\d$/) as string,
      authorization: expect.stringMatching(/^Basic /) as string,
    })
    expect(JSON.parse(body!)).not.toHaveProperty('client_secret')
  })

  it('of GitHub comes for credentials in the body, and is JSON if that is accepted', async () => {
    const { refresh, sent } = answered(presets.githubApp(), { access_token: 'AT1' })
    await refresh()
    expect(sent[0]!.headers.accept).toBe('application/json')
    expect(sent[0]!.form.get('client_secret')).toBe('a-secret')
  })
})

describe('a token without a refresh token, which is exchanged while it lives', () => {
  const exchanged = (of: string, grantType: string, endpoint: string): Provider => ({
    ...UNKNOWN,
    name: of,
    refreshTokens: 'access-token',
    refreshRequest: {
      method: 'GET',
      endpoint,
      clientAuth: 'none',
      omit: ['client_id'],
      parameters: { grant_type: grantType },
      parameterNames: { refresh_token: 'access_token' },
    },
  })
  const instagram = exchanged(
    'Instagram',
    'ig_refresh_token',
    'https://graph.instagram.com/refresh_access_token',
  )
  const threads = exchanged(
    'Threads',
    'th_refresh_token',
    'https://graph.threads.net/refresh_access_token',
  )

  it.each([
    ['Facebook', presets.meta(), 'fb_exchange_token', 'graph.facebook.com'],
    ['Instagram', instagram, 'access_token', 'graph.instagram.com'],
    ['Threads', threads, 'access_token', 'graph.threads.net'],
  ])('of %s is sent in a query, and the answer is its own refresh token', async (...row) => {
    const [, provider, parameter, host] = row
    const { refresh, sent } = answered(provider, { access_token: 'AT1', expires_in: 5_184_000 })
    const tokens = await refresh({ ...toTokenSet({ access_token: 'AT0' }), refreshToken: 'AT0' })
    expect(tokens).toMatchObject({ accessToken: 'AT1', refreshToken: 'AT1' })
    const { url, method } = sent[0]!
    expect([method, url.host, url.searchParams.get(parameter)]).toEqual(['GET', host, 'AT0'])
  })
})

describe('a stored login', () => {
  const AT = Date.parse('2026-11-28T12:00:00Z')

  it.each<[string, object]>([
    ['expires_at as ISO text', { expires_at: new Date(AT).toISOString() }],
    ['expires_at as a Date', { expires_at: new Date(AT) }],
    ['expires_at in seconds', { expires_at: AT / 1000 }],
    ['expires_at in milliseconds', { expires_at: AT }],
    ['created_at and expires_in', { created_at: AT / 1000 - 3600, expires_in: 3600 }],
    ['issued_at and expires_in', { issued_at: String(AT - 3_600_000), expires_in: 3600 }],
    ['expiry_date of googleapis', { expiry_date: AT }],
    ['expires', { expires: AT / 1000 }],
  ])('is read by %s', (_, members) => {
    expect(toTokenSet({ access_token: 'AT0', ...members }).expiresAt).toBe(AT)
  })
})
