import { describe, expect, it } from 'vitest'
import { TokenOptionsError } from 'tokenward'
import { oauthClient } from 'tokenward/oauth'
import { createUrlRule, flawOfUrl, showUrl } from '../../../src/oauth/secure-url.js'
import { createTransport } from '../../../src/oauth/transport.js'
import { failureOf, json, refreshContext, stubFetch, TOKENS } from './support.js'

const NAMED = ['http://auth.internal:8080']
const flaw = (url: unknown) => flawOfUrl(url, new Set(NAMED))

describe('a URL that secrets may go to', () => {
  it.each([
    'https://auth.test/token',
    'https://auth.test:8443/token?tenant=1',
    'http://localhost/token',
    'http://LOCALHOST:3000/token',
    'http://127.0.0.1:3000/token',
    'http://127.255.1.2/token',
    'http://127.1/token',
    'http://0x7f.0.0.1/token',
    'http://[::1]:3000/token',
    'http://[0:0:0:0:0:0:0:1]/token',
    'http://auth.internal:8080/token',
  ])('is over TLS, on loopback or at a named origin: %s', (url) => {
    expect(flaw(url)).toBeUndefined()
  })

  it.each([
    'http://auth.test/token',
    'http://localhost.evil.test/token',
    'http://evil.localhost/token',
    'http://127.evil.test/token',
    'http://127.0.0.1.evil.test/token',
    'http://128.0.0.1/token',
    'http://0.0.0.0/token',
    'http://[::2]/token',
    'http://[::ffff:10.0.0.1]/token',
    'http://auth.internal/token',
    'http://auth.internal:80801/token',
    'http://auth.internal.evil.test:8080/token',
    'ftp://127.0.0.1/token',
    'file:///token',
    'javascript:alert(1)',
    'https://user:hush@auth.test/token',
    'http://hush@127.0.0.1/token',
    'https://auth.test/token#part',
    'https://auth.test/token#',
    '//auth.test/token',
    '/token',
    '',
    undefined,
    null,
    7,
  ])('is not %s', (url) => {
    expect(flaw(url)).toMatch(/^not /)
    expect(flaw(url)).not.toContain('hush')
  })

  it('is shown without what may be secret', () => {
    expect(showUrl(new URL('https://u:hush@auth.test/t?code=hush#hush'))).toBe(
      'https://auth.test/t',
    )
  })

  it('says how to allow plain http', () => {
    expect(flaw('http://auth.test/token')).toContain(
      'name http://auth.test in `allowInsecureRequests`',
    )
  })
})

describe('a client of a server over plain http', () => {
  const http = 'http://auth.test'

  it.each([
    { issuer: http },
    { tokenEndpoint: `${http}/token` },
    { metadata: { issuer: http, token_endpoint: `${http}/token` } },
  ])('is refused at construction: %j', (server) => {
    const make = () => oauthClient({ ...server, clientId: 'app' })
    expect(make).toThrow(TokenOptionsError)
    expect(make).toThrow(/must be an HTTPS URL, not plain HTTP \(http:\/\/auth\.test/)
  })

  it('works where its origin is named', async () => {
    const { fetch, sent } = stubFetch(({ url }) =>
      json(url.endsWith('/token') ? TOKENS : { issuer: http, token_endpoint: `${http}/token` }),
    )
    const oauth = oauthClient({
      issuer: http,
      clientId: 'app',
      fetch,
      allowInsecureRequests: [http],
    })
    await oauth.refreshToken()(refreshContext())
    expect(sent.map(({ url }) => url)).toEqual([
      `${http}/.well-known/openid-configuration`,
      `${http}/token`,
    ])
  })

  it('does not allow another origin than the named one', () => {
    const options = { tokenEndpoint: 'http://other.test/t', allowInsecureRequests: [http] }
    expect(() => oauthClient({ ...options, clientId: 'app' })).toThrow(TokenOptionsError)
  })
})

describe('metadata that name a token endpoint over plain http', () => {
  const insecure = () => {
    const { fetch, sent } = stubFetch(() =>
      json({ issuer: 'https://auth.test', token_endpoint: 'http://auth.test/token' }),
    )
    return { oauth: oauthClient({ issuer: 'https://auth.test', clientId: 'app', fetch }), sent }
  }

  it('are refused before anything secret is sent', async () => {
    const { oauth, sent } = insecure()
    const error = await failureOf(oauth.refreshToken()(refreshContext()))
    expect(error).toMatchObject({ code: 'ERR_REFRESH_REJECTED' })
    expect(error.message).toMatch(/not plain HTTP .*allowInsecureRequests/)
    expect(sent).toHaveLength(1)
  })

  it('are refused by those who look early', async () => {
    await expect(insecure().oauth.discover()).rejects.toThrow(/not plain HTTP/)
  })
})

describe('the door that every request leaves by', () => {
  it('checks each URL once more', async () => {
    const { fetch, sent } = stubFetch(() => json(TOKENS))
    const transport = createTransport(fetch, createUrlRule(new Set(NAMED), false))
    const request = { method: 'POST', headers: {}, body: 'refresh_token=RT1' }
    const call = transport('http://auth.test/token', request, undefined)
    await expect(call).rejects.toMatchObject({ code: 'ERR_REFRESH_REJECTED' })
    expect(sent).toHaveLength(0)
    await transport('http://auth.internal:8080/token', request, undefined)
    expect(sent).toHaveLength(1)
  })
})
