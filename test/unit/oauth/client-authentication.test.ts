import { describe, expect, it } from 'vitest'
import { oauthClient } from 'tokenward/oauth'
import { createAuthorizationServer } from 'tokenward/testing'
import { acquireContext, ODD_SECRET, recordingEndpoint, refreshContext } from './support.js'

/** RFC 6749 appendix B: urlencoded as UTF-8, a space is a plus. */
const ENCODED_SECRET = 'p%3Aa%2Fs%2Bs+%25%C3%A9'

describe('a client with a secret', () => {
  it('authenticates by Basic, each half form-urlencoded, so that odd characters survive', async () => {
    const { url, received } = await recordingEndpoint()
    const oauth = oauthClient({
      tokenEndpoint: url,
      clientId: 'app:1/é',
      clientSecret: ODD_SECRET,
    })
    await oauth.refreshToken()(refreshContext())

    const [scheme, credentials] = received[0]!.headers.authorization!.split(' ')
    expect(scheme).toBe('Basic')
    expect(Buffer.from(credentials!, 'base64').toString()).toBe(
      `app%3A1%2F%C3%A9:${ENCODED_SECRET}`,
    )
    expect(received[0]!.body).not.toContain('client_secret')
  })

  it('escapes in Basic what must be escaped and no more: some servers do not decode (glewlwyd)', async () => {
    const { url, received } = await recordingEndpoint()
    const clientId = 'c0ffee-1_a.b*c'
    const oauth = oauthClient({ tokenEndpoint: url, clientId, clientSecret: '-_.*+%: ü~!' })
    await oauth.refreshToken()(refreshContext())

    const [, credentials] = received[0]!.headers.authorization!.split(' ')
    expect(Buffer.from(credentials!, 'base64').toString()).toBe(
      `${clientId}:-_.*%2B%25%3A+%C3%BC%7E%21`,
    )
  })

  it('authenticates by Basic at a server that decodes, whatever is in id and secret', async () => {
    const client = { clientId: 'app-_.*+%: ü', clientSecret: '-_.*+%: ü&=~!"\'()' }
    const server = createAuthorizationServer({ ...client, clientAuth: 'client_secret_basic' })
    const oauth = oauthClient({ issuer: server.issuer, ...client, fetch: server.fetch })
    await expect(oauth.clientCredentials()(acquireContext())).resolves.toMatchObject({
      tokenType: 'Bearer',
    })
  })

  it('sends no credentials in the body and the URL when it authenticates by Basic', async () => {
    const { url, received } = await recordingEndpoint()
    const oauth = oauthClient({ tokenEndpoint: url, clientId: 'app', clientSecret: 's3cret' })
    await oauth.refreshToken()(refreshContext())
    expect(received[0]!.body).toBe('refresh_token=RT1&grant_type=refresh_token')
  })

  it('authenticates in the body by client_secret_post', async () => {
    const { url, received } = await recordingEndpoint()
    const oauth = oauthClient({
      tokenEndpoint: url,
      clientId: 'app',
      clientSecret: ODD_SECRET,
      clientAuth: 'client_secret_post',
    })
    await oauth.refreshToken()(refreshContext())

    expect(received[0]!.headers.authorization).toBeUndefined()
    expect(received[0]!.body).toContain(`client_id=app&client_secret=${ENCODED_SECRET}`)
    expect(received[0]!.headers['content-type']).toBe(
      'application/x-www-form-urlencoded;charset=UTF-8',
    )
  })
})

describe('a public client', () => {
  it('names itself in the body and authenticates by nothing', async () => {
    const { url, received } = await recordingEndpoint()
    await oauthClient({ tokenEndpoint: url, clientId: 'app' }).refreshToken()(refreshContext())

    expect(received[0]!.headers.authorization).toBeUndefined()
    expect(received[0]!.body).toBe('refresh_token=RT1&grant_type=refresh_token&client_id=app')
  })
})

describe('the token request', () => {
  it('carries an odd refresh token and the scope unharmed', async () => {
    const { url, received } = await recordingEndpoint()
    const oauth = oauthClient({ tokenEndpoint: url, clientId: 'app' })
    await oauth.refreshToken({ scope: 'read write' })(refreshContext(undefined, ODD_SECRET))

    expect(received[0]!.method).toBe('POST')
    expect(received[0]!.headers.accept).toBe('application/json')
    expect(received[0]!.body).toContain(`refresh_token=${ENCODED_SECRET}&scope=read+write`)
  })

  it('asks for client credentials, with each resource and audience', async () => {
    const { url, received } = await recordingEndpoint()
    const oauth = oauthClient({ tokenEndpoint: url, clientId: 'app', clientSecret: 's3cret' })
    const acquire = oauth.clientCredentials({
      scope: 'read',
      resource: ['https://a.test/', 'urn:b'],
      audience: 'api',
    })
    await acquire(acquireContext())
    await acquire(acquireContext())

    const form = new URLSearchParams(received[1]!.body)
    expect(form.getAll('grant_type')).toEqual(['client_credentials'])
    expect(form.getAll('resource')).toEqual(['https://a.test/', 'urn:b'])
    expect(form.getAll('audience')).toEqual(['api'])
    expect(form.getAll('scope')).toEqual(['read'])
    expect(form.has('refresh_token')).toBe(false)
  })

  it('is a fresh one at each call', async () => {
    const { url, received } = await recordingEndpoint()
    const refresh = oauthClient({ tokenEndpoint: url, clientId: 'app' }).refreshToken()
    await refresh(refreshContext(undefined, 'RT1'))
    await refresh(refreshContext(undefined, 'RT2'))
    expect(received.map(({ body }) => new URLSearchParams(body).getAll('refresh_token'))).toEqual([
      ['RT1'],
      ['RT2'],
    ])
  })
})
