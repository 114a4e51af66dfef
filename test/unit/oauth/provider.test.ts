import { describe, expect, it } from 'vitest'
import { TokenOptionsError } from 'tokenward'
import { generateDpopKey, oauthClient, type Provider, type RequestShape } from 'tokenward/oauth'
import {
  acquireContext,
  failureOf,
  json,
  refreshContext,
  REDIRECT_URI,
  shownBy,
  stubFetch,
} from './support.js'

const TOKEN = 'https://api.test/oauth/token'
const ENDPOINTS = { token: TOKEN, authorization: 'https://api.test/authorize' }

function client(
  provider: Omit<Provider, 'name'>,
  body: unknown = { access_token: 'AT1' },
  more = {},
) {
  const stub = stubFetch(() => (typeof body === 'string' ? new Response(body) : json(body)))
  const oauth = oauthClient({
    provider: { name: 'Test', endpoints: ENDPOINTS, ...provider },
    clientId: 'app',
    clientSecret: 'p:ä',
    redirectUri: REDIRECT_URI,
    fetch: stub.fetch,
    ...more,
  })
  return { ...stub, oauth, refresh: () => oauth.refreshToken({ scope: 'a b' })(refreshContext()) }
}

describe('a request, described', () => {
  it('has other names, more and fewer parameters, and headers', async () => {
    const { refresh, sent, form } = client({
      clientAuth: 'client_secret_post',
      scopeSeparator: ',',
      tokenRequest: {
        parameterNames: { client_id: 'client_key' },
        parameters: { format: 'v2' },
        headers: { 'Notion-Version': '2022-06-28' },
      },
      refreshRequest: { parameters: { expiring: '1' }, omit: ['scope'] },
    })
    await refresh()
    expect(Object.fromEntries(form())).toEqual({
      grant_type: 'refresh_token',
      refresh_token: 'RT1',
      client_key: 'app',
      client_secret: 'p:ä',
      format: 'v2',
      expiring: '1',
    })
    expect(sent[0]!.headers).toMatchObject({ 'notion-version': '2022-06-28' })
  })

  it('separates scopes as the server does, and reads them so', async () => {
    const { refresh, form } = client({ scopeSeparator: ',' }, { access_token: 'AT1', scope: 'a,b' })
    expect(await refresh()).toMatchObject({ scope: 'a b' })
    expect(form().get('scope')).toBe('a,b')
  })

  it('is JSON (Feishu, Notion)', async () => {
    const { refresh, sent } = client({
      clientAuth: 'client_secret_post',
      tokenRequest: { body: 'json' },
    })
    await refresh()
    expect(sent[0]!.headers['content-type']).toBe('application/json')
    expect(JSON.parse(sent[0]!.body!)).toEqual({
      grant_type: 'refresh_token',
      refresh_token: 'RT1',
      scope: 'a b',
      client_id: 'app',
      client_secret: 'p:ä',
    })
  })

  it('is as the other requests are where its own members are undefined', async () => {
    const { refresh, sent } = client({
      tokenRequest: { endpoint: 'https://api.test/other', body: 'json' },
      refreshRequest: { endpoint: undefined, body: undefined, method: undefined, omit: undefined },
    })
    await refresh()
    expect(sent[0]).toMatchObject({ url: 'https://api.test/other', method: 'POST' })
    expect(JSON.parse(String(sent[0]!.body))).toMatchObject({ grant_type: 'refresh_token' })
  })

  it('is a GET at another URL (Instagram), with the token by another name', async () => {
    const { refresh, sent } = client({
      refreshTokens: 'access-token',
      refreshRequest: {
        method: 'GET',
        endpoint: 'https://graph.test/refresh_access_token',
        parameterNames: { refresh_token: 'access_token' },
        parameters: { grant_type: 'ig_refresh_token' },
        omit: ['client_id', 'scope'],
        clientAuth: 'none',
      },
    })
    await refresh()
    const { url, method, body, headers } = sent[0]!
    expect({ url, method, body }).toEqual({
      url: 'https://graph.test/refresh_access_token?access_token=RT1&grant_type=ig_refresh_token',
      method: 'GET',
      body: undefined,
    })
    expect(headers).not.toHaveProperty('content-type')
    expect(headers).not.toHaveProperty('authorization')
  })

  it('has raw Basic, for servers that do not decode', async () => {
    const { refresh, sent } = client({ clientAuth: 'client_secret_basic_raw' })
    await refresh()
    const [, credentials] = sent[0]!.headers.authorization!.split(' ')
    expect(Buffer.from(credentials!, 'base64').toString()).toBe('app:p:ä')
  })

  it('is built by a function where data cannot say it', async () => {
    const { refresh, form } = client({
      tokenRequest: {
        build: ({ headers, parameters }) => ({
          headers,
          parameters: { ...parameters, sign: `${String(parameters.refresh_token)}!` },
        }),
      },
    })
    await refresh()
    expect(form().get('sign')).toBe('RT1!')
  })

  it('of a public client needs no secret though the server has Basic', async () => {
    const { refresh, form } = client({ clientAuth: 'client_secret_basic' }, undefined, {
      clientSecret: undefined,
    })
    await refresh()
    expect(form().get('client_id')).toBe('app')
  })

  it('of a login has no PKCE where the server has none, and other parameters', async () => {
    const { oauth, form } = client({
      pkce: false,
      scopeSeparator: ',',
      authorizationRequest: {
        parameters: { access_type: 'offline', prompt: 'consent' },
        parameterNames: { client_id: 'client_key', scope: 'user_scope' },
      },
    })
    const request = await oauth
      .authorizationRequest({ scope: 'a b', parameters: { prompt: 'x' } })
      .catch((e: unknown) => e)
    expect(request).toBeInstanceOf(TokenOptionsError) // prompt has an option of its own
    const begun = await oauth.authorizationRequest({ scope: 'a b' })
    const query = Object.fromEntries(new URL(begun.url).searchParams)
    expect(query).toMatchObject({
      client_key: 'app',
      user_scope: 'a,b',
      access_type: 'offline',
      prompt: 'consent',
    })
    expect(query).not.toHaveProperty('code_challenge')
    expect(query).not.toHaveProperty('client_id')
    await oauth.authorizationCode(`${REDIRECT_URI}?code=C1&state=${begun.state}`, begun)
    expect(form().has('code_verifier')).toBe(false)
    expect(form().get('code')).toBe('C1')
  })

  it('of client credentials may differ from all others', async () => {
    const { oauth, refresh, sent, form } = client({
      clientAuth: 'client_secret_post',
      tokenRequest: { parameters: { format: 'v2' } },
      clientCredentialsRequest: {
        endpoint: 'https://api.test/app/token',
        parameters: { grant_type: 'client_credential' },
        parameterNames: { client_id: 'appid' },
        headers: { 'X-App': '1' },
      },
    })
    await oauth.clientCredentials({ scope: 'a' })(acquireContext())
    await refresh()
    expect(Object.fromEntries(form())).toEqual({
      grant_type: 'client_credential',
      scope: 'a',
      appid: 'app',
      client_secret: 'p:ä',
      format: 'v2',
    })
    expect(sent[0]).toMatchObject({ url: 'https://api.test/app/token', headers: { 'x-app': '1' } })
    expect(sent[1]!.url).toBe(TOKEN)
    expect(sent[1]!.headers).not.toHaveProperty('x-app')
  })

  it.each<[string, RequestShape]>([
    ['POST', { body: 'json' }],
    ['GET', { method: 'GET' }],
  ])('is proved as what it is, a %s, at the endpoint that it goes to (DPoP)', async (htm, how) => {
    const { oauth, sent } = client(
      { refreshRequest: { ...how, endpoint: 'https://api.test/renew' } },
      { access_token: 'AT1', token_type: 'DPoP' },
    )
    const { tokens, ...context } = refreshContext()
    const dpopKey = await generateDpopKey()
    await oauth.refreshToken()({ ...context, tokens: { ...tokens, dpopKey } })
    const claims = sent[0]!.headers.dpop!.split('.')[1]!
    expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({
      htm,
      htu: 'https://api.test/renew',
    })
  })

  it('in a URL shows no token where the connection fails', async () => {
    const { oauth } = client(
      {
        refreshRequest: { method: 'GET', parameterNames: { refresh_token: 'fb_exchange_token' } },
      },
      undefined,
      {
        fetch: async (url: string) => {
          throw new TypeError(`Failed to fetch ${url}`)
        },
      },
    )
    const { tokens, ...context } = refreshContext()
    const refreshToken = 'q+7/ä='
    const error = await failureOf(oauth.refreshToken()({ ...context, refreshToken, tokens }))
    expect(error).toMatchObject({ code: 'ERR_REFRESH_UNAVAILABLE' })
    expect(shownBy(error)).not.toMatch(/q\+7|q%2B7/)
    expect(shownBy(error)).not.toMatch(/p:ä|p%3A/)
  })

  it("revokes at the provider's endpoint, in its own way", async () => {
    const { oauth, sent } = client({
      endpoints: { ...ENDPOINTS, revocation: 'https://api.test/revoke' },
      revocationRequest: { body: 'json', clientAuth: 'client_secret_post' },
    })
    await oauth.revoke()({ tokens: refreshContext().tokens, signal: acquireContext().signal })
    expect(sent[0]!.url).toBe('https://api.test/revoke')
    expect(JSON.parse(sent[0]!.body!)).toMatchObject({ token: 'RT1', client_secret: 'p:ä' })
  })
})

describe('an endpoint of each session', () => {
  const shop: Omit<Provider, 'name'> = {
    endpoints: {
      token: 'https://{shop}/admin/oauth/access_token',
      authorization: 'https://{shop}/admin/oauth/authorize',
    },
    variables: { shop: /[a-z0-9][a-z0-9-]*\.myshopify\.com/ },
  }

  it('comes from the client', async () => {
    const { refresh, sent } = client(shop, undefined, { variables: { shop: 'a.myshopify.com' } })
    await refresh()
    expect(sent[0]!.url).toBe('https://a.myshopify.com/admin/oauth/access_token')
  })

  it('comes from the login, and is kept with its tokens for the refresh', async () => {
    const { oauth, sent } = client(shop)
    const begun = await oauth.authorizationRequest({ variables: { shop: 'b.myshopify.com' } })
    expect(begun.url).toContain('https://b.myshopify.com/admin/oauth/authorize?')
    const stored = JSON.parse(JSON.stringify(begun)) as typeof begun
    const tokens = await oauth.authorizationCode(
      `${REDIRECT_URI}?code=C1&state=${begun.state}`,
      stored,
    )
    expect(tokens.extra).toEqual({ shop: 'b.myshopify.com' })
    await oauth.refreshToken()({ ...refreshContext(), tokens })
    expect(sent.map(({ url }) => url)).toEqual([
      'https://b.myshopify.com/admin/oauth/access_token',
      'https://b.myshopify.com/admin/oauth/access_token',
    ])
  })

  it.each([
    'evil.test/a.myshopify.com',
    'evil.test#a.myshopify.com',
    'user@evil.test/a.myshopify.com',
    'a.myshopify.com.evil.test',
    'a.myshopify.com:8443',
    'evil.test',
    'a.myshopify.com\n',
    '',
    7,
  ])('is refused where the value would lead elsewhere: %j', async (value) => {
    const variables = { shop: value }
    expect(() => client(shop, undefined, { variables })).toThrow(TokenOptionsError)
    const { oauth, sent } = client(shop)
    const login = oauth.authorizationRequest({ variables: variables as { shop: string } })
    await expect(login).rejects.toThrow(TokenOptionsError)
    const { tokens, ...context } = refreshContext()
    const planted = { ...tokens, extra: variables }
    await expect(oauth.refreshToken()({ ...context, tokens: planted })).rejects.toThrow(/shop/)
    expect(sent).toEqual([])
  })

  it('is asked for where nobody gave it', async () => {
    const { refresh, sent } = client(shop)
    await expect(refresh()).rejects.toThrow(/needs the variable `shop`/)
    expect(sent).toEqual([])
  })
})

describe('a response, described', () => {
  it.each<[string, Omit<Provider, 'name'>, unknown, object]>([
    [
      'nested under a path of its own',
      { tokenResponse: { within: ['result.tokens', 'other'] } },
      { result: { tokens: { access_token: 'AT1', refresh_token: 'RT2' } } },
      { accessToken: 'AT1', refreshToken: 'RT2' },
    ],
    [
      'by other names',
      { tokenResponse: { names: { access_token: 'jwt', refresh_token: ['none', 'renew.token'] } } },
      { jwt: 'AT1', renew: { token: 'RT2' } },
      { accessToken: 'AT1', refreshToken: 'RT2' },
    ],
    [
      "Slack's user token, nested in authed_user",
      {},
      {
        ok: true,
        authed_user: { access_token: 'xoxe-1', refresh_token: 'RT2', token_type: 'user' },
      },
      { accessToken: 'xoxe-1', refreshToken: 'RT2', tokenType: 'user' },
    ],
    [
      'in data, in camel case',
      {},
      { data: { accessToken: 'AT1', refreshToken: 'RT2', expiresIn: '60' } },
      { accessToken: 'AT1', refreshToken: 'RT2', expiresAt: expect.any(Number) as number },
    ],
    [
      "eBay's token_type",
      {},
      { access_token: 'AT1', token_type: 'User Access Token' },
      {
        tokenType: 'User Access Token',
      },
    ],
    [
      'a form (GitHub)',
      {},
      'access_token=AT1&refresh_token=RT2&token_type=bearer&scope=',
      {
        accessToken: 'AT1',
        refreshToken: 'RT2',
      },
    ],
    [
      "Salesforce's instance_url, and Slack's team",
      { extra: ['instance_url', 'team.id', 'absent'] },
      { access_token: 'AT1', instance_url: 'https://x.my.salesforce.com', team: { id: 'T1' } },
      { extra: { instance_url: 'https://x.my.salesforce.com', 'team.id': 'T1' } },
    ],
    [
      'what a function makes of it',
      { tokenResponse: { read: (body) => ({ access_token: String(body.t).toUpperCase() }) } },
      { t: 'at1' },
      { accessToken: 'AT1' },
    ],
    [
      "Feishu's code 0",
      { errors: { code: 'code', description: 'msg' } },
      { code: 0, access_token: 'AT1' },
      { accessToken: 'AT1' },
    ],
  ])('%s', async (_, provider, body, expected) => {
    expect(await client(provider, body).refresh()).toMatchObject(expected)
  })

  it.each<[string, Omit<Provider, 'name'>, object, number]>([
    ["QuickBooks'", {}, { x_refresh_token_expires_in: 8_726_400 }, 8_726_400_000],
    ["GitHub's, LinkedIn's", {}, { refresh_token_expires_in: '15811200' }, 15_811_200_000],
    ["Keycloak's", {}, { refresh_expires_in: 1800 }, 1_800_000],
    ['none for an offline token of Keycloak', {}, { refresh_expires_in: 0 }, NaN],
    ['what the documentation says', { assumedRefreshTokenLifetimeMs: 5_000 }, {}, 5_000],
  ])('with the refresh token’s end: %s', async (_, provider, members, lifetimeMs) => {
    const body = { access_token: 'AT1', refresh_token: 'RT2', ...members }
    const tokens = await client(provider, body).refresh()
    expect(tokens.refreshTokenExpiresAt).toBe(
      Number.isNaN(lifetimeMs) ? undefined : tokens.issuedAt + lifetimeMs,
    )
  })

  it('with a lifetime in milliseconds (Fiserv), or none but the documented one', async () => {
    const inMs = { tokenResponse: { lifetimeUnit: 'milliseconds' } } as const
    const fiserv = await client(inMs, { access_token: 'AT1', expires_in: 60_000 }).refresh()
    expect(fiserv.expiresAt).toBe(fiserv.issuedAt + 60_000)
    const github = await client({ assumedLifetimeMs: 28_800_000 }).refresh()
    expect(github.expiresAt).toBe(github.issuedAt + 28_800_000)
  })

  it('of a token that is exchanged while it lives (Meta): it is its own refresh token', async () => {
    const body = { access_token: 'AT1', expires_in: 5_184_000 }
    const tokens = await client({ refreshTokens: 'access-token' }, body).refresh()
    expect(tokens).toMatchObject({
      refreshToken: 'AT1',
      refreshTokenExpiresAt: tokens.issuedAt + 5_184_000_000,
    })
  })

  it('of a short-lived token, which a login exchanges at once (Instagram)', async () => {
    const { fetch, sent } = stubFetch(({ url }) =>
      json(url.includes('/access_token?') ? { access_token: 'LONG' } : { access_token: 'SHORT' }),
    )
    const exchange: Provider['exchangeRequest'] = {
      method: 'GET',
      endpoint: 'https://graph.test/access_token',
      parameterNames: { subject_token: 'access_token' },
      parameters: { grant_type: 'ig_exchange_token' },
    }
    const provider = { name: 'I', endpoints: ENDPOINTS, exchangeRequest: exchange } as const
    const oauth = oauthClient({ provider, clientId: 'app', redirectUri: REDIRECT_URI, fetch })
    const begun = await oauth.authorizationRequest()
    const tokens = await oauth.authorizationCode(
      `${REDIRECT_URI}?code=C1&state=${begun.state}`,
      begun,
    )
    expect(tokens.accessToken).toBe('LONG')
    expect(sent[1]!.url).toContain('access_token=SHORT&')
  })
})

describe('a description with a flaw', () => {
  it.each<[object, RegExp]>([
    [{ endpoint: {} }, /`provider` has an unknown field `endpoint`. The fields are: name, issuer/],
    [
      { endpoints: { tokens: 'x' } },
      /`endpoints` that has an unknown field `tokens`. The fields are: authoriz/,
    ],
    [{ refreshRequest: { header: {} } }, /`refreshRequest` that has an unknown field `header`/],
    [
      { tokenRequest: { body: 'xml' } },
      /`tokenRequest` that has a `body` that must be one of form, json/,
    ],
    [{ errors: { endsSessions: [] } }, /`errors` that has an unknown field `endsSessions`/],
    [{ errors: { endsSession: 'invalid_code' } }, /`endsSession` that must be an array/],
    [{ errors: { endsSession: [{ error: {} }] } }, /`error` that must be a text, number, boolean/],
    [{ tokenResponse: { names: { accessToken: 'x' } } }, /unknown field `accessToken`/],
    [{ clientAuth: 'basic' }, /`clientAuth` that must be a method of client authentication/],
    [{ variables: { shop: '.*' } }, /`shop` that must be a regular expression/],
    [{ endpoints: { token: 'http://api.test/token' } }, /provider\.endpoints\.token.*plain HTTP/],
    [{ endpoints: {} }, /`provider` must have an `issuer` or `endpoints.token`/],
    [{ assumedLifetimeMs: 0 }, /`assumedLifetimeMs` that must be a number of milliseconds above 0/],
  ])('is refused when the client is made: %j', (flawed, message) => {
    const make = () => client(flawed)
    expect(make).toThrow(TokenOptionsError)
    expect(make).toThrow(message)
  })

  it('names the placeholders that are known', () => {
    expect(() => client({}, undefined, { variables: { shop: 'x' } })).toThrow(
      /unknown variable `shop`. The variables are: none/,
    )
  })
})

it('shows the name of the provider, and no secret', async () => {
  const { oauth } = client({})
  expect(String(oauth)).not.toContain('p:ä')
  const { inspect } = await import('node:util')
  expect(inspect(oauth)).toBe(
    'OAuthClient { server: Test, clientId: app, clientAuth: by the metadata }',
  )
})

it('needs one server', async () => {
  const error = await failureOf(
    (async () => client({}, undefined, { issuer: 'https://auth.test' }))(),
  )
  expect(error.message).toMatch(
    /exactly one of .* and `provider` must be given, got `issuer` and `provider`/,
  )
})
