import { describe, expect, it } from 'vitest'
import { oauthClient } from 'tokenward/oauth'
import { acquireContext, failureOf, ISSUER, json, METADATA, refreshContext, stubFetch, TOKEN_ENDPOINT, TOKENS } from './support.js' // prettier-ignore

async function requestWith(metadata: object, options: object = { clientSecret: 'hush' }) {
  const stub = stubFetch(() => json(TOKENS))
  const oauth = oauthClient({
    metadata: { ...METADATA, ...metadata },
    clientId: 'app',
    ...options,
    fetch: stub.fetch,
  })
  await oauth.refreshToken()(refreshContext())
  return { headers: stub.sent[0]!.headers, form: stub.form(), url: stub.sent[0]!.url }
}

/** How a request says who it comes from. */
const methodOf = ({ headers, form }: Awaited<ReturnType<typeof requestWith>>) => {
  if (headers.authorization) return 'basic'
  if (form.has('client_assertion')) return 'assertion'
  return form.has('client_secret') ? 'post' : 'none'
}

describe('a client that does not say how it authenticates', () => {
  it.each<[string, object, string]>([
    ['Basic, where the metadata say nothing (RFC 8414 §2)', {}, 'basic'],
    ['the body, where they have nothing else', { m: ['client_secret_post'] }, 'post'],
    ['Basic, where they have both', { m: ['client_secret_post', 'client_secret_basic'] }, 'basic'],
    ['an assertion, where they have that', { m: ['none', 'client_secret_jwt'] }, 'assertion'],
    ['Basic, where they have nothing that fits', { m: ['private_key_jwt'] }, 'basic'],
    ['Basic, where they say rubbish', { m: 'client_secret_post' }, 'basic'],
  ])('uses %s', async (_, { m }: { m?: unknown }, expected) => {
    const metadata = { token_endpoint_auth_methods_supported: m }
    const options = { clientSecret: 'a-secret-that-is-long-enough-to-sign' }
    expect(methodOf(await requestWith(metadata, options))).toBe(expected)
  })

  it('uses what it says, whatever the metadata have', async () => {
    const metadata = { token_endpoint_auth_methods_supported: ['client_secret_post'] }
    const options = { clientSecret: 'hush', clientAuth: 'client_secret_basic' }
    expect(methodOf(await requestWith(metadata, options))).toBe('basic')
  })

  it('is public without credentials', async () => {
    const metadata = { token_endpoint_auth_methods_supported: ['client_secret_post'] }
    expect(methodOf(await requestWith(metadata, {}))).toBe('none')
  })

  it('goes by the metadata of the endpoint that it speaks to', async () => {
    const { fetch, form } = stubFetch(() => json({}))
    const metadata = {
      ...METADATA,
      revocation_endpoint: `${ISSUER}/revoke`,
      token_endpoint_auth_methods_supported: ['client_secret_basic'],
      revocation_endpoint_auth_methods_supported: ['client_secret_post'],
    }
    const oauth = oauthClient({ metadata, clientId: 'app', clientSecret: 'hush', fetch })
    await oauth.revoke()({ tokens: refreshContext().tokens, signal: acquireContext().signal })
    expect(form().get('client_secret')).toBe('hush')
  })
})

describe('an assertion that is made elsewhere', () => {
  it('is asked for at each request, and sent as RFC 7523 has it', async () => {
    let count = 0
    const { fetch, form } = stubFetch(() => json(TOKENS))
    const clientAssertion = async () => `assertion-${++count}`
    const oauth = oauthClient({ metadata: METADATA, clientId: 'app', clientAssertion, fetch })
    await oauth.clientCredentials()(acquireContext())
    await oauth.refreshToken()(refreshContext())
    expect(Object.fromEntries(form(1))).toEqual({
      grant_type: 'refresh_token',
      refresh_token: 'RT1',
      client_id: 'app',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: 'assertion-2',
    })
  })

  it('that cannot be had was not sent; what is none is refused; neither is shown', async () => {
    const { fetch, sent } = stubFetch(() => json(TOKENS))
    const make = (clientAssertion: () => Promise<string>) =>
      oauthClient({ tokenEndpoint: TOKEN_ENDPOINT, clientId: 'app', clientAssertion, fetch })
    const failing = make(() => Promise.reject(new Error('KMS is away')))
    expect(await failureOf(failing.clientCredentials()(acquireContext()))).toMatchObject({
      code: 'ERR_REFRESH_UNAVAILABLE',
      outcome: 'not-sent',
    })
    const empty = make(() => Promise.resolve(''))
    expect(await failureOf(empty.clientCredentials()(acquireContext()))).toMatchObject({
      code: 'ERR_TOKEN_OPTIONS',
    })
    expect(sent).toEqual([])
  })

  it('is not shown where the server quotes it', async () => {
    const { fetch } = stubFetch(() => json({ error: 'odd', error_description: 'bad a7' }, { status: 400 })) // prettier-ignore
    const oauth = oauthClient({
      tokenEndpoint: TOKEN_ENDPOINT,
      clientId: 'app',
      clientAssertion: () => Promise.resolve('a7'),
      fetch,
    })
    const error = await failureOf(oauth.clientCredentials()(acquireContext()))
    expect(error.errorDescription).toBe('bad [redacted]')
  })
})

describe('what a server on the network names', () => {
  it.each(['http://127.0.0.1:4711/token', 'http://localhost/token', 'http://[::1]/token'])(
    'is never plain http on this machine: %s',
    async (token_endpoint) => {
      const { fetch, sent } = stubFetch(() => json({ issuer: ISSUER, token_endpoint }))
      const oauth = oauthClient({ issuer: ISSUER, clientId: 'app', clientSecret: 'hush', fetch })
      const error = await failureOf(oauth.refreshToken()(refreshContext()))
      expect(error).toMatchObject({ code: 'ERR_REFRESH_REJECTED' })
      expect(error.message).toMatch(/plain HTTP .*allowInsecureRequests/)
      expect(sent.every(({ body }) => body === undefined)).toBe(true)
    },
  )

  it('may be where the server itself is on this machine, or where it was named', async () => {
    const here = 'http://127.0.0.1:4711'
    for (const [issuer, allowInsecureRequests] of [
      [here, []],
      [ISSUER, [here]],
    ] as const) {
      const { fetch } = stubFetch(({ url }) =>
        json(url.includes('well-known') ? { issuer, token_endpoint: `${here}/token` } : TOKENS),
      )
      const oauth = oauthClient({ issuer, clientId: 'app', allowInsecureRequests, fetch })
      await expect(oauth.refreshToken()(refreshContext())).resolves.toMatchObject({
        accessToken: 'AT1',
      })
    }
  })
})
