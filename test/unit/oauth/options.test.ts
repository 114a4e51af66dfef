import { describe, expect, it, vi } from 'vitest'
import { TokenOptionsError } from 'tokenward'
import { oauthClient, type OAuthClientOptions } from 'tokenward/oauth'
import {
  acquireContext,
  ISSUER,
  METADATA,
  refreshContext,
  TOKEN_ENDPOINT,
  TOKENS,
} from './support.js'

const build = (options: object) => () => oauthClient(options as OAuthClientOptions)
const good = { tokenEndpoint: TOKEN_ENDPOINT, clientId: 'app' }

describe('making a client', () => {
  it.each([
    ['an issuer', { issuer: ISSUER, clientId: 'app' }],
    ['an issuer with a path', { issuer: `${ISSUER}/tenant/1`, clientId: 'app' }],
    ['a token endpoint', good],
    ['a token endpoint with a query', { ...good, tokenEndpoint: `${TOKEN_ENDPOINT}?tenant=1` }],
    ['metadata', { metadata: METADATA, clientId: 'app' }],
    ['absent options as undefined', { ...good, issuer: undefined, clientSecret: undefined }],
    ['none for a public client', { ...good, clientAuth: 'none' }],
  ])('takes %s, and makes no request', (_, options) => {
    const fetch = vi.spyOn(globalThis, 'fetch')
    expect(build(options)).not.toThrow()
    expect(fetch).not.toHaveBeenCalled()
  })

  it.each<[string, object | undefined, RegExp]>([
    ['no options', undefined, /oauthClient: `options` must be an object, got undefined/],
    ['no server', { clientId: 'app' }, /exactly one of `issuer`, .* must be given, got none/],
    [
      'two servers',
      { ...good, issuer: ISSUER },
      /exactly one of .* must be given, got `issuer` and `tokenEndpoint`/,
    ],
    [
      'an unknown option',
      { ...good, client_id: 'app' },
      /unknown option `client_id`. The options are/,
    ],
    ['an inherited name', { ...good, toString: 1 }, /unknown option `toString`/],
    [
      'no clientId',
      { tokenEndpoint: TOKEN_ENDPOINT },
      /`clientId` must be a non-empty string, got undefined/,
    ],
    ['an empty clientId', { ...good, clientId: '' }, /`clientId` must be .* got an empty string/],
    ['a clientId of another type', { ...good, clientId: 7 }, /`clientId` must be .* got a number/],
    ['null for a secret', { ...good, clientSecret: null }, /`clientSecret` must be .* got null/],
    [
      'an empty secret',
      { ...good, clientSecret: '' },
      /`clientSecret` must be .* got an empty string/,
    ],
    [
      'half a character',
      { ...good, clientSecret: 'a\ud800' },
      /`clientSecret` must be .* got half a character/,
    ],
    [
      'fetch that is no function',
      { ...good, fetch: {} },
      /`fetch` must be a function, got an object/,
    ],
    [
      'an issuer of another type',
      { issuer: 1, clientId: 'app' },
      /`issuer` must be .* got a number/,
    ],
    [
      'an issuer that is no URL',
      { issuer: 'auth.test', clientId: 'app' },
      /`issuer` must be an HTTPS URL/,
    ],
    [
      'an issuer with a query',
      { issuer: `${ISSUER}?a`, clientId: 'app' },
      /`issuer` must be .* query/,
    ],
    [
      'metadata of another type',
      { metadata: 'x', clientId: 'app' },
      /`metadata` must be an object/,
    ],
    [
      'null metadata',
      { metadata: null, clientId: 'app' },
      /`metadata` must be an object, got null/,
    ],
    [
      'metadata without an issuer',
      { metadata: { token_endpoint: TOKEN_ENDPOINT }, clientId: 'app' },
      /`metadata.issuer` must be a non-empty string, got undefined/,
    ],
    [
      'metadata without a token endpoint',
      { metadata: { issuer: ISSUER }, clientId: 'app' },
      /`metadata.token_endpoint` must be an HTTPS URL, not undefined/,
    ],
  ])('refuses %s, saying so', (_, options, message) => {
    const make = build(options as object)
    expect(make).toThrow(TokenOptionsError)
    expect(make).toThrow(message)
  })
})

describe('the client authentication', () => {
  it.each<[string, object, RegExp]>([
    [
      'a method that needs a secret, without one',
      { clientAuth: 'client_secret_basic' },
      /`clientSecret` must be a string for `clientAuth: 'client_secret_basic'`, got undefined/,
    ],
    [
      'a secret that would not be sent',
      { clientAuth: 'none', clientSecret: 'hush-hush' },
      /`clientAuth` is 'none', which sends no secret, but there is a `clientSecret`/,
    ],
    [
      'a method that is not supported',
      { clientAuth: 'client_secret_cookie', clientSecret: 'hush-hush' },
      /`clientAuth` must be one of client_secret_basic, .*, got another string/,
    ],
    [
      'a secret in the wrong place',
      { clientAuth: 'hush-hush' },
      /`clientAuth` must be one of .*, got another string/,
    ],
    ['an inherited name', { clientAuth: 'toString' }, /`clientAuth` must be one of/],
    ['another type', { clientAuth: ['none'] }, /`clientAuth` must be one of .*, got an array/],
  ])('refuses %s, never showing a secret', (_, options, message) => {
    const make = build({ ...good, ...options })
    expect(make).toThrow(TokenOptionsError)
    expect(make).toThrow(message)
    expect(make).not.toThrow(/hush/)
  })
})

describe('allowInsecureRequests', () => {
  it.each([
    'http://auth.internal',
    true,
    [true],
    ['*'],
    ['auth.internal'],
    ['https://auth.internal'],
    ['http://auth.internal/path'],
    ['http://user@auth.internal'],
  ])('wants an array of http origins, not %j', (allowInsecureRequests) => {
    expect(build({ ...good, allowInsecureRequests })).toThrow(
      /`allowInsecureRequests` must be an array of origins/,
    )
  })

  it.each(['http://auth.internal:8080', 'http://auth.internal:8080/', 'http://10.0.0.1'])(
    'takes %s',
    (origin) => expect(build({ ...good, allowInsecureRequests: [origin] })).not.toThrow(),
  )
})

describe('the options of a grant', () => {
  const oauth = oauthClient(good)

  it.each<[object, RegExp]>([
    [{ scope: '' }, /`scope` must be .* got an empty string/],
    [{ scope: ['read'] }, /`scope` must be .* got an array/],
    [{ scope: 'read  write' }, /`scope` must be scopes separated by single spaces/],
    [{ scope: 'ré' }, /`scope` must be /],
    [{ scopes: 'read' }, /refreshToken: unknown option `scopes`. The options are: scope,/],
  ])('are checked when the refresh grant is made: %j', (options, message) => {
    const make = () => oauth.refreshToken(options)
    expect(make).toThrow(TokenOptionsError)
    expect(make).toThrow(message)
  })

  it.each<[object, RegExp]>([
    [{ scope: 1 }, /`scope` must be .* got 1/],
    [{ resource: 'api' }, /`resource` must be an absolute URI .* got another string/],
    [
      { resource: 'https://api.test/#part' },
      /`resource` must be an absolute URI without a fragment/,
    ],
    [{ resource: 7 }, /`resource` must be .* got 7/],
    [{ resource: ['https://api.test/', ''] }, /`resource` must be .* got an array/],
    [{ audience: [] }, /`audience` must be .* got an empty array/],
    [{ audience: '' }, /`audience` must be .* got an empty string/],
    [{ foo: 1 }, /clientCredentials: unknown option `foo`/],
  ])('are checked when the client credentials grant is made: %j', (options, message) => {
    const make = () => oauth.clientCredentials(options)
    expect(make).toThrow(TokenOptionsError)
    expect(make).toThrow(message)
  })

  it('may be null by mistake, and say so', () => {
    expect(() => oauth.refreshToken(null as never)).toThrow(/`options` must be an object, got null/)
  })
})

describe('calling a grant', () => {
  it.each([undefined, '', 7])('wants a refresh token, not %j', async (refreshToken) => {
    const refresh = oauthClient(good).refreshToken()
    const call = refresh({ ...refreshContext(), refreshToken: refreshToken as string })
    await expect(call).rejects.toThrow(/`refreshToken` must be a non-empty string/)
    await expect(call).rejects.toBeInstanceOf(TokenOptionsError)
  })

  it('tells a fetch that gives no Response from a server that does not answer', async () => {
    for (const answer of [undefined, {}, { status: 200, headers: {} }, { status: '200' }]) {
      const oauth = oauthClient({ ...good, fetch: async () => answer as never })
      const call = oauth.clientCredentials()(acquireContext())
      await expect(call).rejects.toThrow(/`fetch` must be a function that resolves to a Response/)
    }
  })

  it('needs no signal', async () => {
    const oauth = oauthClient({ ...good, fetch: async () => Response.json(TOKENS) })
    const call = oauth.clientCredentials()({} as { signal: AbortSignal })
    await expect(call).resolves.toMatchObject({ accessToken: 'AT1' })
  })

  it('looks globalThis.fetch up when it sends', async () => {
    const acquire = oauthClient(good).clientCredentials()
    vi.spyOn(globalThis, 'fetch').mockResolvedValue(Response.json({ access_token: 'AT9' }))
    await expect(acquire(acquireContext())).resolves.toMatchObject({ accessToken: 'AT9' })
  })
})
